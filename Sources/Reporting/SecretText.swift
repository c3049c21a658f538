package import Configuring
package import Diagnostics
import JSON
package import Planning

/// A key with its secret, on its way to whoever uses it.
package struct ExposedKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// Its id, which is the user name that clients want.
    package var id: String
    /// Its secret, which is the password.
    package var secret: String
    /// Its address; nil for one that the state does not have.
    package var address: InstanceAddress?
    /// What the state has of it; nil likewise.
    package var object: ObjectState?

    /// Makes it of its parts.
    package init(id: String, secret: String, address: InstanceAddress? = nil, object: ObjectState? = nil) {
        (self.id, self.secret, self.address, self.object) = (id, secret, address, object)
    }

    /// A name of small letters, digits and dashes: resource and instance key, or the id.
    package var name: String {
        guard let address else { return Self.slug(id) }
        switch address.key {
        case .none: return Self.slug(address.resource.name)
        case .index(let index): return Self.slug("\(address.resource.name)-\(index)")
        case .key(let key): return Self.slug("\(address.resource.name)-\(key)")
        }
    }

    private static func slug(_ text: String) -> String {
        let letters = text.lowercased().unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? Character(scalar) : "-"
        }
        return String(letters).split(separator: "-").joined(separator: "-")
    }

    /// The id alone.
    package var description: String { id }
    /// Nothing, so that no dump shows the secret.
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }

    // MARK: - What it is for

    /// What a key opens, as far as its clients differ.
    fileprivate enum Purpose: Hashable {
        /// Flink in a region of a cloud.
        case flink(cloud: String, region: String, environment: String)
        /// A Kafka cluster.
        case kafka
        /// The Schema Registry of an environment.
        case schemaRegistry
        /// Confluent Cloud itself.
        case cloud
        /// Something else, or nothing that is known.
        case other
    }

    fileprivate var purpose: Purpose {
        guard let object else { return .other }
        guard let resource = object.attributes["managed_resource"]?.only else { return .cloud }
        let (version, kind) = (resource["api_version"]?.string ?? "", resource["kind"]?.string ?? "")
        switch (version.split(separator: "/").first, kind) {
        case ("fcpm", "Region"):
            let parts = (resource["id"]?.string ?? "").split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return .other }
            return .flink(
                cloud: parts[0], region: parts[1], environment: resource["environment"]?.only?["id"]?.string ?? "")
        case ("cmk", _): return .kafka
        case ("srcm", _): return .schemaRegistry
        default: return .other
        }
    }
}

extension JSONValue {
    /// The object that it is, or that it has as its only element, as state keeps blocks.
    fileprivate var only: JSONObject? { object ?? (array?.count == 1 ? array?[0].object : nil) }
}

/// Keys with their secrets as texts that programs read.
///
/// The only text of this module that has secrets: it goes to where the user said.
package struct SecretText: Sendable {
    private let format: SecretFormat
    private let machine: String?

    /// Makes a text of a format; `machine` is the host of a netrc, nil for what each key tells.
    package init(_ format: SecretFormat, machine: String? = nil) {
        (self.format, self.machine) = (format, machine)
    }

    /// The text of some keys; throws when the format cannot hold them, without any of the secrets.
    package func text(_ keys: [ExposedKey]) throws(Diagnostic) -> String {
        switch format {
        case .json: json(keys)
        case .dotenv: try joined(keys, distinct: { Self.variable($0.name) }, dotenv)
        case .kubernetes: try joined(keys, distinct: \.name, separator: "---\n", kubernetes)
        case .properties: try properties(keys)
        case .netrc: try netrc(keys)
        }
    }

    private func joined(
        _ keys: [ExposedKey], distinct name: (ExposedKey) -> String, separator: String = "",
        _ one: (ExposedKey) throws(Diagnostic) -> String
    ) throws(Diagnostic) -> String {
        var names: [String: ExposedKey] = [:]
        var texts: [String] = []
        for key in keys {
            if let other = names.updateValue(key, forKey: name(key)) { throw .sameName(name(key), other, key) }
            texts.append(try one(key))
        }
        return texts.joined(separator: separator)
    }

    // MARK: - JSON

    private func json(_ keys: [ExposedKey]) -> String {
        var members = JSONObject()
        for key in keys {
            members[key.address?.description ?? key.id] = ["id": .string(key.id), "secret": .string(key.secret)]
        }
        return JSONValue.object(members).text(.indented) + "\n"
    }

    // MARK: - dotenv

    /// A name of capital letters, digits and underscores that does not begin with a digit.
    private static func variable(_ name: String) -> String {
        let text = name.uppercased().replacing("-", with: "_")
        return text.first?.isNumber == true ? "_" + text : text
    }

    private func dotenv(_ key: ExposedKey) throws(Diagnostic) -> String {
        let name = Self.variable(key.name)
        return
            "\(name)_API_KEY=\(try Self.quoted(key.id, key))\n\(name)_API_SECRET=\(try Self.quoted(key.secret, key))\n"
    }

    /// A value as shells and all readers of such files take it: bare, or in single quotes, in which nothing is special.
    private static func quoted(_ text: String, _ key: ExposedKey) throws(Diagnostic) -> String {
        if !text.isEmpty, text.utf8.allSatisfy({ isAlphanumeric($0) || Array("+/=_.:,@%-".utf8).contains($0) }) {
            return text
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x27 && $0 != 0x5C }) else {
            throw .unwritable(
                key, "dotenv", "readers do not agree on how quotes, backslashes and line breaks are written")
        }
        return "'\(text)'"
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20)
    }

    // MARK: - Kubernetes

    private func kubernetes(_ key: ExposedKey) -> String {
        // Base64 and the name need no quotes in YAML, but for names that YAML would read as numbers.
        """
        apiVersion: v1
        kind: Secret
        metadata:
          name: "\(String(key.name.prefix(253)))"
        type: Opaque
        data:
          api-key: "\(Base64Words.encoded(key.id))"
          api-secret: "\(Base64Words.encoded(key.secret))"

        """
    }

    // MARK: - Properties

    private func properties(_ keys: [ExposedKey]) throws(Diagnostic) -> String {
        guard keys.count <= 1 else { throw .oneKeyOnly(keys.count) }
        guard let key = keys.first else { return "" }
        var lines: [(String, String)]
        switch key.purpose {
        case .flink(let cloud, let region, let environment):
            lines = [
                ("client.cloud", cloud), ("client.region", region), ("client.flink-api-key", key.id),
                ("client.flink-api-secret", key.secret), ("client.environment-id", environment),
            ]
            if let organization = key.object?.record.organization {
                lines.append(("client.organization-id", organization))
            }
        case .kafka:
            // Two escapes: that of the login module's quoted text, then that of the properties.
            func inner(_ text: String) -> String {
                text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            }
            let login =
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"\(inner(key.id))\" password=\"\(inner(key.secret))\";"
            lines = [("security.protocol", "SASL_SSL"), ("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", login)]
        case .schemaRegistry:
            lines = [
                ("basic.auth.credentials.source", "USER_INFO"), ("basic.auth.user.info", "\(key.id):\(key.secret)"),
            ]
        case .cloud, .other: lines = [("api.key", key.id), ("api.secret", key.secret)]
        }
        return lines.map { "\($0.0)=\(Self.propertyValue($0.1))\n" }.joined()
    }

    /// A value as `java.util.Properties` reads it, in any encoding: what is not ASCII is escaped.
    private static func propertyValue(_ text: String) -> String {
        var result = ""
        for (index, unit) in text.utf16.enumerated() {
            switch unit {
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0x20 where index == 0: result += "\\ "
            case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }

    // MARK: - netrc

    private func netrc(_ keys: [ExposedKey]) throws(Diagnostic) -> String {
        var hosts: [String: ExposedKey] = [:]
        var text = ""
        for key in keys {
            guard let host = machine ?? host(of: key) else { throw .noMachine(key) }
            if let other = hosts.updateValue(key, forKey: host) { throw .sameName(host, other, key) }
            text +=
                "machine \(try Self.token(host, key)) login \(try Self.token(key.id, key)) password \(try Self.token(key.secret, key))\n"
        }
        return text
    }

    private func host(of key: ExposedKey) -> String? {
        switch key.purpose {
        case .flink(let cloud, let region, _): return "flink.\(region).\(cloud).confluent.cloud"
        case .cloud:
            guard let endpoint = key.object?.record.endpoint, let start = endpoint.firstRange(of: "://") else {
                return nil
            }
            return String(endpoint[start.upperBound...].prefix { $0 != "/" && $0 != ":" })
        case .kafka, .schemaRegistry, .other: return nil
        }
    }

    /// A word that every reader of netrc files takes alike; only some know quotes.
    private static func token(_ text: String, _ key: ExposedKey) throws(Diagnostic) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C && $0 != 0x23 }
        guard isPlain else {
            throw .unwritable(key, "netrc", "readers do not agree on how spaces, quotes, backslashes and # are written")
        }
        return text
    }
}

/// Base64 with padding, RFC 4648.
private enum Base64Words {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                result.append(place > group.count ? UInt8(ascii: "=") : alphabet[bits >> (18 - 6 * place) & 63])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func sameName(_ name: String, _ first: ExposedKey, _ second: ExposedKey) -> Diagnostic {
        .error(
            "Two keys of one name",
            "\(VisibleText.escaped(first.id)) and \(VisibleText.escaped(second.id)) would both be \"\(VisibleText.escaped(name))\" in this format. Write them one by one, or choose another format."
        )
    }

    fileprivate static func unwritable(_ key: ExposedKey, _ format: String, _ reason: String) -> Diagnostic {
        .error(
            "Secret does not fit the format",
            "The secret of \(VisibleText.escaped(key.id)) has characters that cannot be written as \(format): \(reason). Choose another format, such as json."
        )
    }

    fileprivate static func oneKeyOnly(_ count: Int) -> Diagnostic {
        .error(
            "One key at a time",
            "Properties are of one client, which has one key, and \(count) keys were named. Name one key by its address or id."
        )
    }

    fileprivate static func noMachine(_ key: ExposedKey) -> Diagnostic {
        .error(
            "Host is not known",
            "A netrc says for which host a login is, and the key \(VisibleText.escaped(key.id)) does not tell. Name it: -machine=HOST, or machine = \"HOST\" in a deliver block."
        )
    }
}
