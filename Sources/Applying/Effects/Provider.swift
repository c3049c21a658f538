package import Configuring
package import Diagnostics
package import Planning
package import Values

/// Makes a provider ready for use: credentials are checked, the organisation is found.
///
/// The configuration is the value of the `provider` block, marks and all; throws a `Diagnostic` for bad arguments, wrong
/// credentials or an unreachable cloud.
package typealias ProviderSource =
    @Sendable (_ provider: String, _ configuration: Value) async throws(Diagnostic) -> any Provider

/// A cloud and what can be done there.
///
/// One value serves a whole run and is called concurrently.
///
/// Objects are values of the type that the schema implies; a secret is null in every object that is passed in or out. All calls
/// are retried inside as far as that is safe; what is thrown is final and readable.
package protocol Provider: Sendable {
    /// Where the objects live; nil when that is the state alone.
    var place: ProviderPlace? { get }

    /// Reads many objects as they are now: with few list calls where that is cheaper, then one by one what a list did not show.
    ///
    /// Answers in the order of the requests. Gone is only what was proven gone.
    func read(_ requests: [ReadRequest]) async -> [ReadAnswer]

    /// Reads a data source; throws what the user is to be told.
    func readData(type: String, configuration: Value) async throws(Diagnostic) -> Value

    /// Finds the objects at the cloud whose fingerprint agrees in every part named in `matching`, as the cloud lists them now.
    ///
    /// One call answers many requests of one owner from one listing.
    func find(type: String, like fingerprints: [Fingerprint], matching: Set<String>?) async throws(Diagnostic)
        -> Findings

    /// Lists all objects of a type that these credentials see, as far as the cloud has a list of them; sorted by id.
    ///
    /// `owner` narrows the list to the objects of one account where the cloud can do that.
    func list(type: String, owner: String?) async throws(Diagnostic) -> [RemoteObject]

    /// Makes an object. Never repeated by itself when the answer is not clear.
    ///
    /// Not cancelled by cancelling the task: once sent, its answer is waited for.
    func create(type: String, planned: Value) async -> CreateAnswer

    /// Changes an object in place and returns what it is then.
    func update(type: String, prior: Value, planned: Value) async throws(Diagnostic) -> Value

    /// Destroys an object; one that is proven gone already is a success.
    func delete(type: String, prior: Value) async throws(Diagnostic)

    /// Destroys an object of which only the id and the fingerprint are known; one that is proven gone already is a success.
    func delete(type: String, id: String, like fingerprint: Fingerprint?) async throws(Diagnostic)

    /// Waits until a new object can be used, or the provider's limit has passed.
    ///
    /// `secret` is nil for types without one.
    func awaitReady(type: String, object: Value, secret: String?) async -> Readiness

    /// Finds the object that an import id means; throws what the user is to be told.
    func importObject(type: String, id: String) async throws(Diagnostic) -> ImportedObject

    /// Checks a secret that a user gave for an existing object; throws when it cannot be right.
    ///
    /// A warning is returned when it could not be tried.
    func check(secret: String, of object: Value, type: String) async throws(Diagnostic) -> [Diagnostic]

    /// Lets connections go; nothing is asked afterwards.
    func close() async
}

/// Where a provider's objects live.
package struct ProviderPlace: Hashable, Sendable {
    /// The organisation's id.
    package let organization: String
    /// The base URL of the API.
    package let endpoint: String

    /// Makes a place.
    package init(organization: String, endpoint: String) {
        self.organization = organization
        self.endpoint = endpoint
    }
}

/// An object to read again.
package struct ReadRequest: Hashable, Sendable {
    /// The resource type.
    package let type: String
    /// The object as state knows it.
    package let prior: Value
    /// What is known of the object when no state knows more than its id; nil when `prior` says all.
    package let fingerprint: Fingerprint?

    /// Makes a request.
    package init(type: String, prior: Value, fingerprint: Fingerprint? = nil) {
        self.type = type
        self.prior = prior
        self.fingerprint = fingerprint
    }
}

/// What reading an object gave.
package enum ReadAnswer: Sendable {
    /// It is like this now.
    case object(Value)
    /// It is proven gone.
    case gone
    /// It could not be read; nothing is known of it.
    case failed(Diagnostic)
}

/// What making an object gave.
package enum CreateAnswer: Sendable {
    /// It was made; the secret is shown this once. Nil for types without one.
    case created(Value, secret: String?)
    /// It was certainly not made.
    case refused(Diagnostic)
    /// It may have been made: the answer was lost or unreadable.
    case ambiguous(Diagnostic)
}

/// Objects found by what they look like.
package struct Findings: Sendable {
    /// One object found.
    package struct Found: Hashable, Sendable {
        /// Its id.
        package let id: String
        /// The id that `import` takes.
        package let importID: String
        /// What it looks like.
        package let fingerprint: Fingerprint
        /// When it was created, seconds since 1970 by the cloud's clock; nil when the cloud did not say.
        package let createdAt: Int?
        /// The object, as reading it would give it.
        package let object: Value

        /// Makes a finding.
        package init(id: String, importID: String, fingerprint: Fingerprint, createdAt: Int?, object: Value) {
            self.id = id
            self.importID = importID
            self.fingerprint = fingerprint
            self.createdAt = createdAt
            self.object = object
        }
    }

    /// All objects that agree, sorted by id.
    package let found: [Found]
    /// The cloud's clock before the listing, seconds since 1970.
    package let serverTime: Int

    /// Makes findings.
    package init(found: [Found], serverTime: Int) {
        self.found = found
        self.serverTime = serverTime
    }
}

/// Whether a new object can be used.
package enum Readiness: Sendable {
    /// It can.
    case ready
    /// It cannot yet, or that could not be found out; a sentence says more. The object is there all the same.
    case notReady(String)
}

/// An object found for import.
package struct ImportedObject: Sendable {
    /// The object.
    package let object: Value
    /// Its id.
    package let id: String

    /// Makes an imported object.
    package init(object: Value, id: String) {
        self.object = object
        self.id = id
    }
}
