import JSON

/// The `private` field of an instance: Base64 of a JSON object, in which ours is one member and the provider's stay.
extension ObjectRecord {
    /// Reads the field; what cannot be read is kept as nothing.
    init(stateText text: String?) {
        self.init()
        guard let text, let bytes = Base64.decoded(text), let json = try? JSONValue(parsing: bytes) else { return }
        guard var object = json.object else {
            foreign = json
            return
        }
        if let ours = object["flinkform"] {
            organization = ours["organization"]?.string
            endpoint = ours["endpoint"]?.string
            secretStore = ours["secret_store"]?.string
            isSecretKnown = ours["secret_known"]?.bool ?? true
            for (name, mark) in ours["delivered"]?.object ?? [:] { deliveries[name] = mark.string }
            adopted = ours["adopted"].flatMap(AdoptedState.init(json:))
            // What is no object has no members to put ours among.
            foreign = ours["private"]
        }
        object["flinkform"] = nil
        if !object.isEmpty { foreign = .object(object) }
    }

    /// The field's text; nil when there is nothing to write.
    var stateText: String? {
        var ours = JSONObject()
        if let organization { ours["organization"] = .string(organization) }
        if let endpoint { ours["endpoint"] = .string(endpoint) }
        if let secretStore { ours["secret_store"] = .string(secretStore) }
        if !isSecretKnown { ours["secret_known"] = false }
        if !deliveries.isEmpty {
            ours["delivered"] = .object(
                JSONObject(deliveries.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        if let adopted { ours["adopted"] = adopted.json }
        guard !ours.isEmpty else { return foreign.map { Base64.encoded($0.bytes(.compact)) } }
        if let foreign, foreign.object == nil { ours["private"] = foreign }
        var object = foreign?.object ?? [:]
        object["flinkform"] = .object(ours)
        return Base64.encoded(JSONValue.object(object).bytes(.compact))
    }
}
