import Applying
import JSON

/// What is in the file of a secret store, and how it and the lines of its journal are written.
struct SecretFileContent: Sendable {
    /// Why bytes are no content.
    enum Failure: Error, Hashable {
        /// They are not what a store writes.
        case unreadable(String)
        /// The entries are encrypted, and no key is configured.
        case encrypted
        /// The entries are in clear, and a key is configured.
        case clear
        /// What is configured makes another key.
        case otherKey
    }

    /// Makes the cipher that a store's head speaks of; nil when no key is configured.
    typealias CipherSource = (_ header: CipherHeader, _ store: String) throws(Failure) -> SecretCipher

    /// The store's random id.
    var id: String
    /// The entries by key.
    var entries: [String: SecretEntry] = [:]
    /// What they are encrypted with; nil means that they are in clear.
    var cipher: SecretCipher?
    /// Whether a run was interrupted before it folded its journal.
    var isJournaled = false

    /// A store without entries, in clear.
    init(id: String) { self.id = id }

    // MARK: - The file

    /// The bytes of the file.
    func bytes() throws(SecretCipher.Failure) -> [UInt8] {
        var secrets = JSONObject()
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) { secrets[key] = try coded(entry) }
        var json: JSONObject = ["version": cipher == nil ? 1 : 2, "id": .string(id)]
        if let cipher { json["encryption"] = cipher.header.json }
        json["secrets"] = .object(secrets)
        return JSONValue.object(json).bytes(.indented) + [0x0A]
    }

    /// Reads the bytes of a file.
    init(_ bytes: [UInt8], cipher source: CipherSource?) throws(Failure) {
        guard let json = try? JSONValue(parsing: bytes), let version = json["version"]?.int else {
            throw .unreadable("It is not a whole secret store")
        }
        guard version == 1 || version == 2 else { throw .unreadable("A newer version of flinkform wrote it") }
        guard let id = json["id"]?.string, let secrets = json["secrets"]?.object else {
            throw .unreadable("It is not a whole secret store")
        }
        self.id = id
        cipher = try Self.cipher(version == 1 ? JSONValue?.none : json["encryption"] ?? .null, id, source)
        for (key, member) in secrets { entries[key] = try entry(key, member) }
    }

    /// What an encrypted store's head says of the key; nil for one in clear, throws for what is no store.
    static func header(of bytes: [UInt8]) throws(Failure) -> CipherHeader? {
        guard let json = try? JSONValue(parsing: bytes), let version = json["version"]?.int else {
            throw .unreadable("It is not a whole secret store")
        }
        guard version == 2 else { return nil }
        return json["encryption"].flatMap(CipherHeader.init(json:))
    }

    private static func cipher(_ json: JSONValue?, _ id: String, _ source: CipherSource?) throws(Failure)
        -> SecretCipher?
    {
        guard let json else {
            if source != nil { throw .clear }
            return nil
        }
        guard let header = CipherHeader(json: json) else {
            throw .unreadable("It does not say how it is encrypted, or in a way of a newer version")
        }
        guard let source else { throw .encrypted }
        return try source(header, id)
    }

    // MARK: - The journal

    /// The first line of a journal.
    var journalHeader: JSONObject {
        var header: JSONObject = ["secrets": "flinkform 1", "id": .string(id)]
        if let cipher {
            header["secrets"] = "flinkform 2"
            header["encryption"] = cipher.header.json
        }
        return header
    }

    /// A line that adds an entry, or replaces it.
    func record(putting entry: SecretEntry) throws(SecretCipher.Failure) -> JSONValue {
        ["key": .string(entry.key), "put": try coded(entry)]
    }

    /// A line that takes an entry out.
    func record(removing key: String) -> JSONValue { ["key": .string(key)] }

    /// The content that a journal alone is about.
    init(_ journal: JournalFile.Content, cipher source: CipherSource?) throws(Failure) {
        guard let kind = journal.header["secrets"]?.string, kind == "flinkform 1" || kind == "flinkform 2",
            let id = journal.header["id"]?.string
        else { throw .unreadable("Another version of flinkform wrote it") }
        self.id = id
        cipher = try Self.cipher(
            kind == "flinkform 1" ? JSONValue?.none : journal.header["encryption"] ?? .null, id, source)
        try replay(journal)
    }

    /// Takes over what a journal has.
    mutating func replay(_ journal: JournalFile.Content) throws(Failure) {
        guard journal.header["id"]?.string == id else { throw .unreadable("It belongs to another secret store") }
        guard journal.header["secrets"] == journalHeader["secrets"] else {
            throw .unreadable("Another version of flinkform wrote it, or it is not encrypted like the store")
        }
        guard journal.header["encryption"]?["key"] == journalHeader["encryption"]?["key"] else {
            throw .unreadable("It is encrypted with another key than the secret store")
        }
        for record in journal.records {
            guard let key = record["key"]?.string else { throw .unreadable("A record in it is damaged") }
            entries[key] = if let put = record["put"] { try entry(key, put) } else { nil }
        }
        isJournaled = true
    }

    // MARK: - Entries

    private func coded(_ entry: SecretEntry) throws(SecretCipher.Failure) -> JSONValue {
        guard let cipher else { return entry.json }
        return ["sealed": .string(Base64.encoded(try cipher.seal(entry.json.bytes(.compact), as: entry.key)))]
    }

    private func entry(_ key: String, _ json: JSONValue) throws(Failure) -> SecretEntry {
        var json = json
        if let cipher {
            guard let sealed = json["sealed"]?.string.flatMap(Base64.decoded),
                let bytes = try? cipher.open(sealed, as: key), let opened = try? JSONValue(parsing: bytes)
            else { throw .unreadable("An entry in it is damaged, or was moved there from elsewhere") }
            json = opened
        }
        guard let entry = SecretEntry(key: key, json: json) else { throw .unreadable("An entry in it is damaged") }
        return entry
    }
}

extension SecretEntry {
    /// The entry without its key.
    var json: JSONValue {
        var object: JSONObject = ["secret": .string(secret)]
        if let intent { object["intent"] = .string(intent) }
        object["stored"] = .string(stored)
        return .object(object)
    }

    /// Reads what `json` writes; nil when it is not that.
    init?(key: String, json: JSONValue) {
        guard let secret = json["secret"]?.string else { return nil }
        self.init(key: key, secret: secret, intent: json["intent"]?.string, stored: json["stored"]?.string ?? "")
    }
}
