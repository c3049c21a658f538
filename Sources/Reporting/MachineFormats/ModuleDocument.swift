import Configuring
import JSON
import Values

/// One object of a state, or one that is planned, as the machine formats show it.
struct ResourceDocument {
    /// The instance.
    var address: InstanceAddress
    /// The provider's source address.
    var provider: String
    /// The version of its schema; nil leaves it out.
    var schemaVersion: Int
    /// The object.
    var value: Value
    /// The resources that must outlive it.
    var dependencies: [ResourceAddress] = []
    /// Whether it must be replaced.
    var isTainted = false
    /// The key of a deposed object.
    var deposed: String?

    /// The object as JSON.
    var json: JSONValue {
        var object = address.identity
        object["provider_name"] = .string(provider)
        object["schema_version"] = .number(JSONNumber(schemaVersion))
        // What is forgotten has none, nor has an object of which nothing is known.
        let known = value.isNull ? nil : ValueMirror.known(value)
        if known?.object?.isEmpty != true { object["values"] = known }
        object["sensitive_values"] = ValueMirror.sensitive(value)
        if !dependencies.isEmpty {
            object["depends_on"] = .array(dependencies.map(\.description).sorted().map { .string($0) })
        }
        if isTainted { object["tainted"] = true }
        if let deposed { object["deposed_key"] = .string(deposed) }
        return .object(object)
    }
}

extension InstanceAddress {
    /// The members that name an instance, the module aside.
    var identity: JSONObject {
        var object: JSONObject = [
            "address": .string(description), "mode": .string(resource.mode.rawValue), "type": .string(resource.type),
            "name": .string(resource.name),
        ]
        if let index = key.json { object["index"] = index }
        return object
    }
}

extension InstanceKey {
    /// The key as JSON; nil for an instance without one.
    var json: JSONValue? {
        switch self {
        case .none: nil
        case .index(let index): .number(JSONNumber(index))
        case .key(let key): .string(key)
        }
    }
}

/// The objects of a module, and of those that it calls.
struct ModuleDocument {
    private let resources: [ModuleAddress: [ResourceDocument]]
    private let children: [ModuleAddress: [ModuleAddress]]

    /// Makes it of all objects there are, in their order.
    init(_ resources: [ResourceDocument]) {
        self.resources = Dictionary(grouping: resources) { $0.address.resource.module }
        var children: [ModuleAddress: Set<ModuleAddress>] = [:]
        for module in self.resources.keys {
            var inner = module
            while let outer = inner.parent, children[outer, default: []].insert(inner).inserted { inner = outer }
        }
        self.children = children.mapValues { modules in modules.sorted { $0.description < $1.description } }
    }

    /// Writes the root module.
    func write(into writer: inout JSONWriter) { write(.root, into: &writer) }

    private func write(_ module: ModuleAddress, into writer: inout JSONWriter) {
        writer.beginObject()
        if let own = resources[module] {
            writer.key("resources")
            writer.beginArray()
            for resource in own { writer.value(resource.json) }
            writer.endArray()
        }
        if !module.isRoot {
            writer.key("address")
            writer.string(module.description)
        }
        if let inner = children[module] {
            writer.key("child_modules")
            writer.beginArray()
            for child in inner { write(child, into: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }
}
