package import Configuring
package import JSON

/// What this tool knows of the objects it manages: the content of the state file, format version 4.
///
/// Attributes are kept as JSON, as they are on disk; planning decodes them with the schema of their type. No secret is ever in
/// here: where the cloud's answer had one, there is a null.
package struct State: Hashable, Sendable {
    /// Identifies the history this state belongs to; made once, kept for good.
    ///
    /// A UUID as text.
    package var lineage: String
    /// Rises by one with each changed snapshot that is written; 0 before the first.
    package var serial: Int
    /// The Terraform version written into the file.
    package var terraformVersion: String
    /// The root module's output values, by name.
    package var outputs: [String: OutputState]
    /// Resources by address; only those with instances.
    package var resources: [ResourceAddress: ResourceState]
    /// Whether it is written even when there is nothing in it; no part of what is written.
    package var isKept = false
    /// The results of checks, passed through as they were read; nil is written as null.
    package var checkResults: JSONValue?
    /// Where the objects live; nil when nothing was ever created, or Terraform wrote the file last.
    package var origin: Origin?
    /// The Terraform states that were taken over, each once; sorted by lineage.
    package internal(set) var adoptions: [AdoptedState]

    /// An empty state of a lineage, serial 0.
    package init(lineage: String) {
        self.lineage = lineage
        self.serial = 0
        self.terraformVersion = State.terraformVersion
        self.outputs = [:]
        self.resources = [:]
        self.checkResults = nil
        self.origin = nil
        self.adoptions = []
    }

    /// The version of Terraform whose state format and language this tool follows.
    package static let terraformVersion = "1.11.4"

    /// The object of an instance: the current one, or the deposed one of a key; nil when there is none.
    package func object(at address: InstanceAddress, deposed: String?) -> ObjectState? {
        let instance = resources[address.resource]?.instances[address.key]
        return deposed.map { instance?.deposed[$0] } ?? instance?.current
    }

    /// The current object of an instance, or nil.
    package subscript(address: InstanceAddress) -> ObjectState? {
        resources[address.resource]?.instances[address.key]?.current
    }

    /// The addresses of all instances with a current or a deposed object, sorted.
    package var instanceAddresses: [InstanceAddress] {
        resources.keys.sorted().flatMap { resource in
            (resources[resource]?.instances.keys.sorted() ?? []).map { InstanceAddress(resource, $0) }
        }
    }
}

/// Where the objects of a state live; apply refuses another place before anything is compared.
package struct Origin: Hashable, Sendable {
    /// The organisation's id, a UUID.
    package var organization: String
    /// The base URL of the API.
    package var endpoint: String
    /// The random id of the secret store that holds the secrets; nil before the first secret.
    package var secretStore: String?
    /// The id of the run that wrote the state last.
    package var run: String

    /// Makes an origin.
    package init(organization: String, endpoint: String, secretStore: String?, run: String) {
        self.organization = organization
        self.endpoint = endpoint
        self.secretStore = secretStore
        self.run = run
    }
}

/// A Terraform state that was taken over, as it was then.
package struct AdoptedState: Hashable, Sendable {
    /// Its lineage.
    package var lineage: String
    /// Its serial; a higher one means that Terraform has written it since.
    package var serial: Int
    /// Whether nothing but data sources stayed in it.
    package var isWhole: Bool

    /// Makes it of its parts.
    package init(lineage: String, serial: Int, isWhole: Bool) {
        self.lineage = lineage
        self.serial = serial
        self.isWhole = isWhole
    }
}

/// An output value in state.
package struct OutputState: Hashable, Sendable {
    /// The value; a secret in it is null.
    package var value: JSONValue
    /// Its type, as Terraform writes types in JSON.
    package var type: JSONValue
    /// Whether the configuration calls it sensitive.
    package var isSensitive: Bool

    /// Makes an output; a null in a sensitive one may stand for a secret that was left out.
    package init(value: JSONValue, type: JSONValue, isSensitive: Bool) {
        self.value = value
        self.type = type
        self.isSensitive = isSensitive
    }
}

/// A resource in state.
package struct ResourceState: Hashable, Sendable {
    /// The provider as the file spells it, such as `provider["registry.terraform.io/confluentinc/confluent"]`.
    package var provider: String
    /// Its instances by key.
    package var instances: [InstanceKey: InstanceState]

    /// Makes a resource's state.
    package init(provider: String, instances: [InstanceKey: InstanceState] = [:]) {
        self.provider = provider
        self.instances = instances
    }
}

/// A resource instance in state: its object, and those that a new one took the place of.
package struct InstanceState: Hashable, Sendable {
    /// The object in use; nil when only deposed ones are left.
    package var current: ObjectState?
    /// Objects to destroy once their successor is there, by deposed key (eight hexadecimal digits).
    package var deposed: [String: ObjectState]

    /// Makes an instance's state.
    package init(current: ObjectState? = nil, deposed: [String: ObjectState] = [:]) {
        self.current = current
        self.deposed = deposed
    }
}

/// One object at the cloud, as state remembers it.
package struct ObjectState: Hashable, Sendable {
    /// The version of the type's schema that wrote the attributes.
    package var schemaVersion: Int
    /// Its attributes; null where a secret would be.
    package var attributes: JSONObject
    /// The paths of sensitive values, as the file spells them.
    package var sensitiveAttributes: [JSONValue]
    /// What flinkform and the provider remember beside the attributes.
    package var record: ObjectRecord
    /// The resources that must outlive it; sorted.
    package var dependencies: [ResourceAddress]
    /// Whether its replacement is made before it is destroyed.
    package var createBeforeDestroy: Bool
    /// Whether it must be replaced.
    package var isTainted: Bool

    /// Makes an object's state.
    package init(
        schemaVersion: Int, attributes: JSONObject, sensitiveAttributes: [JSONValue] = [],
        record: ObjectRecord = ObjectRecord(), dependencies: [ResourceAddress] = [],
        createBeforeDestroy: Bool = false, isTainted: Bool = false
    ) {
        self.schemaVersion = schemaVersion
        self.attributes = attributes
        self.sensitiveAttributes = sensitiveAttributes
        self.record = record
        self.dependencies = dependencies
        self.createBeforeDestroy = createBeforeDestroy
        self.isTainted = isTainted
    }

    /// The object's id at the cloud: its attribute `id`, or nil.
    package var id: String? { attributes["id"]?.string }
}

/// What is kept in an instance's `private` field, which survives when Terraform writes the file.
///
/// Safety depends on it: it says at which place an object lives, whatever became of the state's own `origin`.
package struct ObjectRecord: Hashable, Sendable {
    /// The organisation's id; nil for objects without a cloud, or that Terraform made.
    package var organization: String?
    /// The base URL of the API; nil likewise.
    package var endpoint: String?
    /// The random id of the secret store that was given the secret; nil when there is none.
    package var secretStore: String?
    /// False when the object's secret was never known here: imported without it.
    package var isSecretKnown: Bool
    /// Who was handed the secret, by name, with a mark of what was done with it.
    package var deliveries: [String: String] = [:]
    /// The Terraform state that the object was taken over from; nil when it did not come from one.
    ///
    /// It is in the state's own list, too, which Terraform drops when it writes the file.
    package var adopted: AdoptedState?
    /// What is in `private` and not ours, kept as it was.
    package var foreign: JSONValue?

    /// Makes a record.
    package init(
        organization: String? = nil, endpoint: String? = nil, secretStore: String? = nil,
        isSecretKnown: Bool = true, adopted: AdoptedState? = nil, foreign: JSONValue? = nil
    ) {
        self.organization = organization
        self.endpoint = endpoint
        self.secretStore = secretStore
        self.isSecretKnown = isSecretKnown
        self.adopted = adopted
        self.foreign = foreign
    }
}

extension State {
    /// All managed objects, deposed ones included; in no order.
    package var objects: [ObjectState] {
        resources.filter { $0.key.mode == .managed }.values.flatMap { resource in
            resource.instances.values.flatMap { [$0.current].compactMap { $0 } + $0.deposed.values }
        }
    }

    /// The ids of all managed objects, deposed ones included.
    package var objectIDs: Set<String> { Set(objects.compactMap(\.id)) }

    /// Takes the results of conditions, in place of those of the run before.
    package mutating func record(_ checks: CheckResults) { checkResults = checks.json }

    /// Remembers that a Terraform state was taken over, in the place of what was remembered of its lineage.
    package mutating func note(_ adoption: AdoptedState) {
        adoptions.removeAll { $0.lineage == adoption.lineage }
        adoptions.append(adoption)
        adoptions.sort { $0.lineage < $1.lineage }
    }
}
