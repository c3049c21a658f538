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

/// Base64 with padding, RFC 4648.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let first = bytes[index]
            let second = index + 1 < bytes.count ? bytes[index + 1] : 0
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            result.append(alphabet[Int(first >> 2)])
            result.append(alphabet[Int((first & 3) << 4 | second >> 4)])
            result.append(index + 1 < bytes.count ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            result.append(index + 2 < bytes.count ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
            index += 3
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes of a text; nil when it is not Base64.
    static func decoded(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte) else { return nil }
            buffer = buffer << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return (text.utf8.count % 4 == 0 && padding <= 2) ? result : nil
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
