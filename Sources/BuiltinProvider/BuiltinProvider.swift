package import Applying
package import Configuring
package import Diagnostics
package import Planning
package import Values

/// The provider that is part of the program itself: its objects live in the state, and no cloud is asked.
///
/// Terraform has it under the address `terraform.io/builtin/terraform`.
package struct BuiltinProvider: Provider {
    private let surroundings: Surroundings
    private let reader: any OutputsReader

    /// Makes the provider; ids come from the surroundings' chance, and the states of others through the reader.
    package init(surroundings: Surroundings, reader: any OutputsReader) {
        self.surroundings = surroundings
        self.reader = reader
    }

    /// Its local name.
    package static let name = "terraform"

    /// What it offers, as values; `check` says what is wrong with a backend that a state is to be read from.
    package static func schema(checking check: @escaping RemoteStateSource.BackendCheck) -> ProviderSchema {
        ProviderSchema(
            name: name, source: "terraform.io/builtin/terraform",
            configuration: Schema(block: BlockSchema(attributes: [])),
            resourceTypes: [ValueResource.typeName: ValueResource.schema],
            dataSources: [RemoteStateSource.typeName: RemoteStateSource.schema(checking: check)], isBuiltin: true)
    }

    /// Its objects live in the state alone.
    package var place: ProviderPlace? { nil }

    /// Every object is as state has it.
    package func read(_ requests: [ReadRequest]) async -> [ReadAnswer] { requests.map { .object($0.prior) } }

    /// Reads the state of another configuration, the only thing outside that it knows.
    package func readData(type: String, configuration: Value) async throws(Diagnostic) -> Value {
        guard type == RemoteStateSource.typeName else { throw .unknownType(type) }
        return try await RemoteStateSource.read(configuration, with: reader)
    }

    /// Nothing is looked for, since nothing can be found outside of the state.
    package func find(
        type: String, like fingerprints: [Fingerprint], matching: Set<String>?
    ) async throws(Diagnostic) -> Findings { Findings(found: [], serverTime: 0) }

    /// Nothing is outside of the state.
    package func list(type: String, owner: String?) async throws(Diagnostic) -> [RemoteObject] { [] }

    /// Gives the object its id.
    package func create(type: String, planned: Value) async -> CreateAnswer {
        .created(ValueResource.applied(planned, id: surroundings.uuid()), secret: nil)
    }

    /// Takes the arguments over.
    package func update(type: String, prior: Value, planned: Value) async throws(Diagnostic) -> Value {
        ValueResource.applied(planned)
    }

    /// There is nothing to be done.
    package func delete(type: String, prior: Value) async throws(Diagnostic) {}

    /// There is nothing to be done.
    package func delete(type: String, id: String, like fingerprint: Fingerprint?) async throws(Diagnostic) {}

    /// It can be used at once.
    package func awaitReady(type: String, object: Value, secret: String?) async -> Readiness { .ready }

    /// An object of that id, which says nothing else: whatever the id is, as in Terraform.
    package func importObject(type: String, id: String) async throws(Diagnostic) -> ImportedObject {
        ImportedObject(object: ValueResource.schema.object(id: id), id: id)
    }

    /// It has no secrets.
    package func check(secret: String, of object: Value, type: String) async throws(Diagnostic) -> [Diagnostic] { [] }

    /// It has no connections.
    package func close() async {}
}

extension Diagnostic {
    fileprivate static func unknownType(_ type: String) -> Diagnostic {
        .error("Unknown type", "There is no data source \"\(VisibleText.escaped(type))\". This is a bug in flinkform.")
    }
}
