import JSON

/// An encrypted file in OpenTofu's layout, version `v0`.
///
/// A JSON object: `meta` has, by the name of each key provider, what the key was made with, as JSON in Base64; `encrypted_data`
/// is the nonce, the encrypted bytes and the tag, in Base64; a state's serial and lineage stay readable beside them.
struct Envelope: Sendable {
    /// What ties a state's envelope to its content.
    struct Identity: Hashable, Sendable {
        var serial: Int
        var lineage: String
    }

    /// Nil for anything but a state.
    var identity: Identity?
    /// What each key was made with, by name.
    var metadata: [String: [UInt8]]
    /// Nonce, encrypted bytes and tag.
    var sealed: [UInt8]

    static let version = "v0"

    /// Whether some JSON is an envelope, of whatever version and however damaged.
    static func isEnvelope(_ json: JSONValue) -> Bool {
        json["encryption_version"] != nil || json["encrypted_data"] != nil
    }

    init(identity: Identity?, metadata: [String: [UInt8]], sealed: [UInt8]) {
        self.identity = identity
        self.metadata = metadata
        self.sealed = sealed
    }

    /// Reads an envelope; nil when it is damaged.
    init?(json: JSONValue) {
        guard let metadata = Self.metadata(json), let sealed = json["encrypted_data"]?.string.flatMap(Base64.decoded)
        else { return nil }
        self.metadata = metadata
        self.sealed = sealed
        if let serial = json["serial"]?.int, let lineage = json["lineage"]?.string {
            identity = Identity(serial: serial, lineage: lineage)
        }
    }

    /// Reads what keys were made with.
    static func metadata(_ json: JSONValue) -> [String: [UInt8]]? {
        guard let object = json["meta"]?.object else { return nil }
        var metadata: [String: [UInt8]] = [:]
        for (name, value) in object {
            guard let bytes = value.string.flatMap(Base64.decoded) else { return nil }
            metadata[name] = bytes
        }
        return metadata
    }

    /// What keys were made with, as JSON.
    static func json(_ metadata: [String: [UInt8]]) -> JSONValue {
        .object(
            JSONObject(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string(Base64.encoded($0.value))) }))
    }

    /// The envelope as a file.
    var bytes: [UInt8] {
        var object = JSONObject()
        if let identity {
            object["serial"] = .number(JSONNumber(identity.serial))
            object["lineage"] = .string(identity.lineage)
        }
        object["meta"] = Self.json(metadata)
        object["encrypted_data"] = .string(Base64.encoded(sealed))
        object["encryption_version"] = .string(Self.version)
        return JSONValue.object(object).bytes(.compact)
    }
}
