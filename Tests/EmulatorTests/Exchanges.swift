import JSON

/// A recorded conversation with the cloud: requests, and what each must be answered.
///
/// In expected texts `{{name}}` stands for text that is not known beforehand: it takes what it meets, and must be the
/// same wherever the name appears again, in later requests, too. Names that begin with `time`, `key`, `secret` or
/// `request` take only what looks like one.
struct Exchanges {
    /// What an answer has that it should not, or the other way round.
    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    /// The exchanges in their order.
    let items: [JSONValue]
    private var known: [String: String]

    init(_ document: JSONValue, known: [String: String]) {
        items = document["exchanges"]?.array ?? []
        self.known = known
    }

    /// The text with every known name replaced.
    func filled(_ text: String) -> String {
        known.reduce(text) { $0.replacing("{{\($1.key)}}", with: $1.value) }
    }

    /// The value with every known name in its texts replaced.
    func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): return .string(filled(text))
        case .array(let items): return .array(items.map(filled))
        case .object(let object):
            return .object(JSONObject(object.map { ($0.key, filled($0.value)) }))
        case .null, .bool, .number: return value
        }
    }

    /// Compares what came with what was expected and learns the names that appear for the first time.
    mutating func match(_ actual: JSONValue, _ expected: JSONValue, at path: String = "") throws {
        switch (actual, expected) {
        case (.string(let actual), .string(let expected)):
            try match(text: actual, expected, at: path)
        case (.array(let actual), .array(let expected)):
            guard actual.count == expected.count else {
                throw Difference(description: "\(path): \(actual.count) elements instead of \(expected.count)")
            }
            for (index, pair) in zip(actual, expected).enumerated() {
                try match(pair.0, pair.1, at: "\(path)/\(index)")
            }
        case (.object(let actual), .object(let expected)):
            guard Set(actual.keys) == Set(expected.keys) else {
                throw Difference(
                    description: "\(path): members \(actual.keys.sorted()) instead of \(expected.keys.sorted())")
            }
            for (key, value) in expected {
                try match(actual[key] ?? .null, value, at: "\(path)/\(key)")
            }
        default:
            guard actual == expected else {
                throw Difference(description: "\(path): \(actual.text(.compact)) instead of \(expected.text(.compact))")
            }
        }
    }

    /// Compares texts; each name in the expected one takes as little as it can.
    mutating func match(text actual: String, _ expected: String, at path: String) throws {
        let difference = Difference(description: "\(path): \"\(actual)\" instead of \"\(filled(expected))\"")
        var rest = Substring(actual)
        var pattern = Substring(filled(expected))
        while let open = pattern.firstRange(of: "{{"), let close = pattern.firstRange(of: "}}") {
            let literal = pattern[..<open.lowerBound]
            guard rest.hasPrefix(literal) else { throw difference }
            rest = rest.dropFirst(literal.count)
            let name = String(pattern[open.upperBound..<close.lowerBound])
            pattern = pattern[close.upperBound...]
            let stop = pattern.first.flatMap { rest.firstIndex(of: $0) } ?? rest.endIndex
            let value = String(rest[..<stop])
            guard Exchanges.looksRight(value, name) else { throw difference }
            known[name] = value
            rest = rest[stop...]
            pattern = Substring(filled(String(pattern)))
        }
        guard rest == pattern else { throw difference }
    }

    private static func looksRight(_ value: String, _ name: String) -> Bool {
        if name.hasPrefix("time") {
            let shape = value.map { $0.isNumber ? "9" : $0 }
            return String(shape) == "9999-99-99T99:99:99.999999Z"
        }
        if name.hasPrefix("key") { return value.utf8.count == 16 && value.allSatisfy { $0.isUppercase || $0.isNumber } }
        if name.hasPrefix("secret") { return value.utf8.count == 64 && value.hasPrefix("cflt") }
        if name.hasPrefix("request") { return value.utf8.count == 32 && value.allSatisfy(\.isHexDigit) }
        return !value.isEmpty
    }
}
