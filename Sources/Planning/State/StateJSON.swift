package import Configuring
import Diagnostics
package import JSON

/// Why a state file cannot be read.
package enum StateFileError: Error, Hashable, Sendable {
    /// It is not what a state file looks like; a sentence says where.
    case malformed(String)
    /// It is of another format version.
    case version(Int)
}

/// The state file, format version 4, byte for byte as Terraform writes it; what is ours comes last.
extension State {
    /// The format version.
    package static let formatVersion = 4
    /// Serials are smaller, so that the next one can always be counted.
    private static let serialLimit = 1 << 53

    /// Reads a state file.
    package init(json: JSONValue) throws(StateFileError) {
        guard let top = json.object else { throw .malformed("A state file holds one JSON object.") }
        guard let version = top["version"]?.int else { throw .malformed("The member \"version\" is missing.") }
        guard version == State.formatVersion else { throw .version(version) }
        guard let lineage = top["lineage"]?.string, let serial = top["serial"]?.int,
            (0..<State.serialLimit).contains(serial)
        else {
            throw .malformed("The members \"lineage\" and \"serial\" are missing or not of the right kind.")
        }
        self.init(lineage: lineage)
        self.serial = serial
        terraformVersion = top["terraform_version"]?.string ?? State.terraformVersion
        for (name, output) in try Self.members(top["outputs"], "outputs") {
            outputs[name] = OutputState(
                value: output["value"] ?? .null, type: output["type"] ?? "dynamic",
                isSensitive: output["sensitive"]?.bool ?? false)
        }
        var addresses = AddressReader()
        for resource in try Self.items(top["resources"], "resources") { try read(resource, &addresses) }
        if let results = top["check_results"], !results.isNull { checkResults = results }
        if let ours = top["flinkform"], let organization = ours["organization"]?.string,
            let endpoint = ours["endpoint"]?.string
        {
            origin = Origin(
                organization: organization, endpoint: endpoint, secretStore: ours["secret_store"]?.string,
                run: ours["run"]?.string ?? "")
        }
        readAdoptions(top["flinkform"]?["adopted"])
    }

    /// Takes the adoptions that the file names, and those that only its objects remember.
    private mutating func readAdoptions(_ json: JSONValue?) {
        for adoption in (json?.array ?? []).compactMap(AdoptedState.init(json:)) { note(adoption) }
        var remembered: [AdoptedState] = []
        for resource in resources.values {
            for instance in resource.instances.values {
                if let adoption = instance.current?.record.adopted { remembered.append(adoption) }
                remembered += instance.deposed.values.compactMap(\.record.adopted)
            }
        }
        for adoption in remembered
        where adoptions.first(where: { $0.lineage == adoption.lineage }).map({ $0.serial < adoption.serial }) ?? true {
            note(adoption)
        }
    }

    /// The items of an array that may be left out; anything else there is no state, rather than an empty one.
    private static func items(_ json: JSONValue?, _ name: String) throws(StateFileError) -> [JSONValue] {
        guard let json, !json.isNull else { return [] }
        guard let items = json.array else { throw .malformed("The member \"\(name)\" is not an array.") }
        return items
    }

    private static func members(_ json: JSONValue?, _ name: String) throws(StateFileError) -> JSONObject {
        guard let json, !json.isNull else { return [:] }
        guard let members = json.object else { throw .malformed("The member \"\(name)\" is not an object.") }
        return members
    }

    private mutating func read(_ json: JSONValue, _ addresses: inout AddressReader) throws(StateFileError) {
        let module = json["module"]?.string ?? ""
        guard let module = ModuleAddress(stateText: module) else {
            throw .malformed("It has a resource in \(VisibleText.escaped(module)), which is no address of a module.")
        }
        guard let mode = json["mode"]?.string.flatMap(ResourceMode.init(rawValue:)), let type = json["type"]?.string,
            let name = json["name"]?.string, let provider = json["provider"]?.string
        else { throw .malformed("A resource lacks its mode, type, name or provider.") }
        let address = ResourceAddress(module, mode: mode, type: type, name: name)
        var resource = resources[address] ?? ResourceState(provider: provider)
        for instance in try Self.items(json["instances"], "instances") {
            let key: InstanceKey
            switch instance["index_key"] {
            case nil, .null: key = .none
            case .number(let number):
                guard let index = number.int, index >= 0 else {
                    throw .malformed(
                        "An instance of \(address) has the index \(number.literal), which is not a whole number.")
                }
                key = .index(index)
            case .string(let text): key = .key(text)
            default: throw .malformed("An instance of \(address) has an index that is neither a number nor a string.")
            }
            guard let attributes = instance["attributes"]?.object else {
                throw .malformed("An instance of \(address) has no attributes.")
            }
            let object = ObjectState(instance, attributes, &addresses)
            var place = resource.instances[key] ?? InstanceState()
            let deposed = instance["deposed"]?.string
            guard deposed.map({ place.deposed[$0] == nil }) ?? (place.current == nil) else {
                throw .malformed("It has the same object of \(InstanceAddress(address, key)) twice.")
            }
            if let deposed { place.deposed[deposed] = object } else { place.current = object }
            resource.instances[key] = place
        }
        if !resource.instances.isEmpty { resources[address] = resource }
    }

    // MARK: - Writing

    /// The file's bytes, with the final newline.
    package func fileBytes() -> [UInt8] {
        var writer = JSONWriter(.indented)
        write(into: &writer)
        return writer.bytes + [0x0A]
    }

    /// Writes the state as one object.
    package func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("version")
        writer.int(State.formatVersion)
        writer.key("terraform_version")
        writer.string(terraformVersion)
        writer.key("serial")
        writer.int(serial)
        writer.key("lineage")
        writer.string(lineage)
        writer.key("outputs")
        writer.value(.object(JSONObject(outputs.sorted { $0.key < $1.key }.map { ($0, $1.json) })))
        writer.key("resources")
        writer.beginArray()
        for (address, resource) in resources.sorted(by: { Self.isBefore($0.key, $1.key) }) {
            Self.write(address, resource, into: &writer)
        }
        writer.endArray()
        writer.key("check_results")
        writer.value(checkResults ?? .null)
        var ours = origin?.json.object ?? [:]
        if !adoptions.isEmpty { ours["adopted"] = .array(adoptions.map(\.json)) }
        if !ours.isEmpty {
            writer.key("flinkform")
            writer.value(.object(ours))
        }
        writer.endObject()
    }

    /// The order of Terraform's files: modules by their texts.
    private static func isBefore(_ left: ResourceAddress, _ right: ResourceAddress) -> Bool {
        left.module == right.module ? left < right : left.module.description < right.module.description
    }

    private static func write(_ address: ResourceAddress, _ resource: ResourceState, into writer: inout JSONWriter) {
        writer.beginObject()
        if !address.module.isRoot {
            writer.key("module")
            writer.string(address.module.description)
        }
        for (key, text) in [
            ("mode", address.mode.rawValue), ("type", address.type), ("name", address.name),
            ("provider", resource.provider),
        ] {
            writer.key(key)
            writer.string(text)
        }
        writer.key("instances")
        writer.beginArray()
        for (key, instance) in resource.instances.sorted(by: { $0.key < $1.key }) {
            if let current = instance.current { writer.value(current.json(key, deposed: nil)) }
            for (deposed, object) in instance.deposed.sorted(by: { $0.key < $1.key }) {
                writer.value(object.json(key, deposed: deposed))
            }
        }
        writer.endArray()
        writer.endObject()
    }
}

extension Origin {
    /// As state, journal and plan write it.
    package var json: JSONValue {
        var object: JSONObject = ["organization": .string(organization), "endpoint": .string(endpoint)]
        if let secretStore { object["secret_store"] = .string(secretStore) }
        object["run"] = .string(run)
        return .object(object)
    }
}

extension AdoptedState {
    /// As state files keep it.
    var json: JSONValue {
        ["lineage": .string(lineage), "serial": .number(JSONNumber(serial)), "whole": .bool(isWhole)]
    }

    /// Reads what `json` writes; nil when it is not that.
    init?(json: JSONValue) {
        guard let lineage = json["lineage"]?.string, let serial = json["serial"]?.int else { return nil }
        self.init(lineage: lineage, serial: serial, isWhole: json["whole"]?.bool ?? false)
    }
}

extension OutputState {
    /// As state, journal and plan write it.
    package var json: JSONValue {
        var object: JSONObject = ["value": value, "type": type]
        if isSensitive { object["sensitive"] = true }
        return .object(object)
    }
}

extension ObjectState {
    /// Reads an instance of a state file.
    package init(_ json: JSONValue, _ attributes: JSONObject) {
        var addresses = AddressReader()
        self.init(json, attributes, &addresses)
    }

    fileprivate init(_ json: JSONValue, _ attributes: JSONObject, _ addresses: inout AddressReader) {
        var dependencies: [ResourceAddress] = []
        for item in json["dependencies"]?.array ?? [] {
            if let text = item.string, let address = addresses.address(text) { dependencies.append(address) }
        }
        self.init(
            schemaVersion: json["schema_version"]?.int ?? 0, attributes: attributes,
            sensitiveAttributes: json["sensitive_attributes"]?.array ?? [],
            record: ObjectRecord(stateText: json["private"]?.string), dependencies: dependencies.sorted(),
            createBeforeDestroy: json["create_before_destroy"]?.bool ?? false,
            isTainted: json["status"]?.string == "tainted")
    }

    /// The object as an instance of a state file.
    package func json(_ key: InstanceKey, deposed: String?) -> JSONValue {
        var object = JSONObject()
        switch key {
        case .none: break
        case .index(let index): object["index_key"] = .number(JSONNumber(index))
        case .key(let text): object["index_key"] = .string(text)
        }
        if isTainted { object["status"] = "tainted" }
        if let deposed { object["deposed"] = .string(deposed) }
        object["schema_version"] = .number(JSONNumber(schemaVersion))
        object["attributes"] = .object(attributes)
        object["sensitive_attributes"] = .array(sensitiveAttributes)
        if let text = record.stateText { object["private"] = .string(text) }
        if !dependencies.isEmpty {
            // By their text, as Terraform sorts them: `data.` among the types.
            object["dependencies"] = .array(dependencies.map(\.description).sorted().map { .string($0) })
        }
        if createBeforeDestroy { object["create_before_destroy"] = true }
        return .object(object)
    }
}

/// Reads addresses of which many are alike: each text once.
private struct AddressReader {
    private var known: [String: ResourceAddress?] = [:]

    /// The address that `dependencies` spells; nil when it is none.
    mutating func address(_ text: String) -> ResourceAddress? {
        if let address = known[text] { return address }
        let address = ResourceAddress(stateText: text)
        known[text] = .some(address)
        return address
    }
}

extension ModuleAddress {
    /// Reads an address as state files spell it, with keys; the empty text is the root module.
    init?(stateText text: String) {
        if text.isEmpty {
            self = .root
            return
        }
        // A resource behind it makes it an address that users type, too.
        guard let address = try? InstanceAddress(parsing: text + ".type.name"),
            address.resource.module.description == text
        else { return nil }
        self = address.resource.module
    }
}

extension ResourceAddress {
    /// Reads an address as `dependencies` spells it: `TYPE.NAME` or `data.TYPE.NAME`, after modules without keys.
    init?(stateText text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...]
        var module = ModuleAddress.root
        while parts.count > 3, parts.first == "module" {
            module = module.child(parts[parts.startIndex + 1])
            parts = parts.dropFirst(2)
        }
        switch (parts.count, parts.first) {
        case (3, "data"):
            self.init(module, mode: .data, type: parts[parts.startIndex + 1], name: parts[parts.startIndex + 2])
        case (2, _):
            self.init(module, mode: .managed, type: parts[parts.startIndex], name: parts[parts.startIndex + 1])
        default: return nil
        }
    }
}
