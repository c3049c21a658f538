package import Configuring
package import JSON

/// Journal records as JSON objects, one a line.
extension JournalRecord {
    /// The record as an object.
    package var json: JSONValue {
        switch self {
        case .opened(let intent): ["record": "opened", "intent": intent.json]
        case .missed(let id, let time): ["record": "missed", "intent": .string(id), "at": .number(JSONNumber(time))]
        case .settled(let id): ["record": "settled", "intent": .string(id)]
        case .recorded(let address, let object, let provider, let intent):
            [
                "record": "recorded", "address": address.json, "object": object.json(address.key, deposed: nil),
                "provider": .string(provider), "intent": intent.map { .string($0) } ?? .null,
            ]
        case .deposed(let address, let key): ["record": "deposed", "address": address.json, "key": .string(key)]
        case .restored(let address, let key): ["record": "restored", "address": address.json, "key": .string(key)]
        case .removed(let address, let deposed):
            ["record": "removed", "address": address.json, "key": deposed.map { .string($0) } ?? .null]
        case .moved(let moves):
            ["record": "moved", "moves": .array(moves.map(\.json))]
        case .delivered(let address, let recipient, let mark):
            ["record": "delivered", "address": address.json, "to": .string(recipient), "mark": .string(mark)]
        case .origin(let origin): ["record": "origin", "origin": origin.json]
        case .outputs(let outputs):
            [
                "record": "outputs",
                "outputs": .object(JSONObject(outputs.sorted { $0.key < $1.key }.map { ($0, $1.json) })),
            ]
        }
    }

    /// Reads a record; nil when it is not one that this version knows.
    package init?(json: JSONValue) {
        let address = json["address"].flatMap(InstanceAddress.init(json:))
        switch json["record"]?.string {
        case "opened":
            guard let intent = json["intent"].flatMap(Intent.init(json:)) else { return nil }
            self = .opened(intent)
        case "missed":
            guard let id = json["intent"]?.string, let time = json["at"]?.int else { return nil }
            self = .missed(intent: id, at: time)
        case "settled":
            guard let id = json["intent"]?.string else { return nil }
            self = .settled(intent: id)
        case "recorded":
            guard let address, let object = json["object"], let attributes = object["attributes"]?.object,
                let provider = json["provider"]?.string
            else { return nil }
            self = .recorded(
                address, ObjectState(object, attributes), provider: provider, intent: json["intent"]?.string)
        case "deposed":
            guard let address, let key = json["key"]?.string else { return nil }
            self = .deposed(address, key: key)
        case "restored":
            guard let address, let key = json["key"]?.string else { return nil }
            self = .restored(address, key: key)
        case "removed":
            guard let address else { return nil }
            self = .removed(address, deposed: json["key"]?.string)
        case "moved":
            let moves = json["moves"]?.array?.compactMap(Plan.Move.init(json:))
            guard let moves, moves.count == json["moves"]?.array?.count else { return nil }
            self = .moved(moves)
        case "delivered":
            guard let address, let recipient = json["to"]?.string, let mark = json["mark"]?.string else { return nil }
            self = .delivered(address, to: recipient, mark: mark)
        case "origin":
            guard let origin = json["origin"].flatMap(Origin.init(json:)) else { return nil }
            self = .origin(origin)
        case "outputs":
            guard let members = json["outputs"]?.object else { return nil }
            var outputs: [String: OutputState] = [:]
            for (name, output) in members {
                outputs[name] = OutputState(
                    value: output["value"] ?? .null, type: output["type"] ?? "dynamic",
                    isSensitive: output["sensitive"]?.bool ?? false)
            }
            self = .outputs(outputs)
        default: return nil
        }
    }
}

extension Plan.Move {
    /// The two addresses.
    var json: JSONValue { [from.json, to.json] }

    /// Reads what `json` writes; nil when it is not that.
    init?(json: JSONValue) {
        guard let pair = json.array, pair.count == 2, let from = InstanceAddress(json: pair[0]),
            let to = InstanceAddress(json: pair[1])
        else { return nil }
        self.init(from: from, to: to)
    }
}

extension Origin {
    /// Reads what `json` writes; nil when it is not that.
    package init?(json: JSONValue) {
        guard let organization = json["organization"]?.string, let endpoint = json["endpoint"]?.string else {
            return nil
        }
        self.init(
            organization: organization, endpoint: endpoint, secretStore: json["secret_store"]?.string,
            run: json["run"]?.string ?? "")
    }
}

extension InstanceAddress {
    /// The parts of the address.
    package var json: JSONValue {
        var object: JSONObject = [
            "mode": .string(resource.mode.rawValue), "type": .string(resource.type), "name": .string(resource.name),
        ]
        if !resource.module.isRoot { object["module"] = .string(resource.module.description) }
        switch key {
        case .none: break
        case .index(let index): object["index"] = .number(JSONNumber(index))
        case .key(let text): object["index"] = .string(text)
        }
        return .object(object)
    }

    /// Reads what `json` writes; nil when it is not that.
    package init?(json: JSONValue) {
        guard let mode = json["mode"]?.string.flatMap(ResourceMode.init(rawValue:)), let type = json["type"]?.string,
            let name = json["name"]?.string, let module = ModuleAddress(stateText: json["module"]?.string ?? "")
        else { return nil }
        let key: InstanceKey
        switch json["index"] {
        case .number(let number):
            guard let index = number.int else { return nil }
            key = .index(index)
        case .string(let text): key = .key(text)
        default: key = .none
        }
        self.init(ResourceAddress(module, mode: mode, type: type, name: name), key)
    }
}

extension Intent {
    /// The intent as journal and plan write it.
    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id), "address": address.json, "provider": .string(provider),
            "organization": .string(organization), "endpoint": .string(endpoint),
            "fingerprint": .object(
                JSONObject(fingerprint.parts.sorted { $0.key < $1.key }.map { ($0, .string($1)) })),
            "known": .array(known.map { .string($0) }), "opened_at": .number(JSONNumber(openedAt)),
            "missed_at": missedAt.map { .number(JSONNumber($0)) } ?? .null,
        ]
        if !isManaged { object["managed"] = false }
        return .object(object)
    }

    /// Reads what `json` writes; nil when it is not that.
    package init?(json: JSONValue) {
        guard let id = json["id"]?.string, let address = json["address"].flatMap(InstanceAddress.init(json:)),
            let provider = json["provider"]?.string, let organization = json["organization"]?.string,
            let endpoint = json["endpoint"]?.string, let parts = json["fingerprint"]?.object,
            let openedAt = json["opened_at"]?.int
        else { return nil }
        var fingerprint: [String: String] = [:]
        for (name, part) in parts { fingerprint[name] = part.string }
        self.init(
            id: id, address: address, provider: provider, organization: organization, endpoint: endpoint,
            isManaged: json["managed"]?.bool ?? true, fingerprint: Fingerprint(fingerprint),
            known: (json["known"]?.array ?? []).compactMap(\.string),
            openedAt: openedAt, missedAt: json["missed_at"]?.int)
    }
}
