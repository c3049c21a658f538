import Configuring
import Diagnostics
package import JSON

/// A state file that Terraform wrote, format version 4, read so that nothing in it is in the way.
///
/// It is kept as it was read, whatever flinkform does not know included.
package struct TerraformState: Sendable, CustomReflectable {
    /// Its lineage.
    package let lineage: String
    /// Its serial.
    package let serial: Int
    /// The whole file.
    private(set) var json: JSONValue

    /// Reads a state file; throws when it is none, or of another format version.
    package init(json: JSONValue) throws(StateFileError) {
        guard let version = json["version"]?.int else {
            throw .malformed("The member \"version\" is missing.")
        }
        guard version == State.formatVersion else { throw .version(version) }
        guard let lineage = json["lineage"]?.string, let serial = json["serial"]?.int, serial >= 0 else {
            throw .malformed("The members \"lineage\" and \"serial\" are missing or not of the right kind.")
        }
        for name in ["resources", "outputs"] {
            guard let member = json[name], !member.isNull else { continue }
            guard name == "resources" ? member.array != nil : member.object != nil else {
                throw .malformed("The member \"\(name)\" is not of the right kind.")
            }
        }
        self.lineage = lineage
        self.serial = serial
        self.json = json
    }

    /// Lineage and serial alone, so that no dump shows a secret.
    package var customMirror: Mirror { Mirror(self, children: ["lineage": lineage, "serial": serial]) }

    /// Whether flinkform wrote it last.
    package var isOurs: Bool { json["flinkform"] != nil }

    /// Whether it has resources, data sources among them.
    package var hasResources: Bool { json["resources"]?.array?.isEmpty == false }

    /// The output values, by name.
    package var outputs: JSONObject { json["outputs"]?.object ?? [:] }

    /// The file's bytes, laid out as Terraform does.
    package func fileBytes() -> [UInt8] { json.bytes(.indented) + [0x0A] }

    // MARK: - Objects

    /// An object in the file, as it stands there.
    struct Entry {
        /// The resource that it is in.
        let resource: JSONValue
        /// The object.
        let instance: JSONValue

        var mode: ResourceMode? { resource["mode"]?.string.flatMap(ResourceMode.init(rawValue:)) }
        var type: String { resource["type"]?.string ?? "" }
        /// The key of a deposed object; nil for a current one.
        var deposed: String? { instance["deposed"]?.string }

        /// The address; nil when the file does not say it as it should.
        var address: InstanceAddress? {
            guard let module = ModuleAddress(stateText: resource["module"]?.string ?? ""), let mode,
                let name = resource["name"]?.string, !type.isEmpty
            else { return nil }
            let key: InstanceKey
            switch instance["index_key"] {
            case nil, .null: key = .none
            case .number(let number):
                guard let index = number.int, index >= 0 else { return nil }
                key = .index(index)
            case .string(let text): key = .key(text)
            default: return nil
            }
            return InstanceAddress(ResourceAddress(module, mode: mode, type: type, name: name), key)
        }

        /// What to call the object, whatever it is.
        var name: String {
            let module = resource["module"]?.string.map { $0 + "." } ?? ""
            let address =
                address?.description
                ?? module + (mode == .data ? "data." : "") + "\(type).\(resource["name"]?.string ?? "")"
                + (instance["index_key"].map { "[\($0.text(.compact))]" } ?? "")
            return address + (deposed.map { " (deposed object \($0))" } ?? "")
        }
    }

    /// All objects, in the order of the file.
    var entries: [Entry] {
        (json["resources"]?.array ?? []).flatMap { resource in
            (resource["instances"]?.array ?? []).map { Entry(resource: resource, instance: $0) }
        }
    }

    /// Changes each object in the file.
    mutating func updateEntries(_ update: (Entry) -> JSONValue) {
        guard var top = json.object, let resources = top["resources"]?.array else { return }
        top["resources"] = .array(
            resources.map { resource in
                guard var members = resource.object, let instances = resource["instances"]?.array else {
                    return resource
                }
                members["instances"] = .array(
                    instances.map { update(Entry(resource: resource, instance: $0)) })
                return .object(members)
            })
        json = .object(top)
    }

    /// Puts other output values in the place of those that are there.
    mutating func setOutputs(_ outputs: JSONObject) {
        guard var top = json.object else { return }
        top["outputs"] = .object(outputs)
        json = .object(top)
    }

    /// The same content with the next serial.
    package func withNextSerial() throws(StateFileError) -> TerraformState {
        guard var top = json.object else { return self }
        top["serial"] = .number(JSONNumber(serial + 1))
        return try TerraformState(json: .object(top))
    }
}

/// A provider as a state file names it: `provider["registry.terraform.io/confluentinc/confluent"]`, or with `.ALIAS` behind it.
struct ProviderReference {
    /// The provider's address: host, namespace and name.
    let source: String
    /// The alias of its configuration; nil for the default one.
    let alias: String?

    /// Reads a reference; nil when it is none.
    init?(stateText text: String) {
        guard text.hasPrefix("provider[\""), let end = text.firstRange(of: "\"]") else { return nil }
        source = String(text[text.index(text.startIndex, offsetBy: 10)..<end.lowerBound])
        let rest = text[end.upperBound...]
        guard rest.isEmpty || rest.hasPrefix(".") else { return nil }
        alias = rest.isEmpty ? nil : String(rest.dropFirst())
    }

    /// Whether it is that provider, from whichever registry: Terraform's and OpenTofu's have the same ones.
    func isProvider(_ other: String) -> Bool {
        func name(_ source: String) -> Substring? {
            source.firstIndex(of: "/").map { source[source.index(after: $0)...] }
        }
        return name(source) == name(other)
    }
}
