import Diagnostics
import HCL
import Values

/// The arguments of a block of the language itself, taken one by one; what is left over is reported.
struct BlockFields {
    private let construct: String
    private var attributes: [Attribute]
    var problems: [Diagnostic] = []

    init(_ block: Block, of construct: String) {
        self.construct = construct
        attributes = block.body.attributes
    }

    /// Takes an argument, if it is there.
    mutating func take(_ name: String) -> Attribute? {
        guard let place = attributes.firstIndex(where: { $0.name == name }) else { return nil }
        return attributes.remove(at: place)
    }

    /// Takes a true or false that can be told without evaluating names.
    mutating func flag(_ name: String) -> Bool? { constant(name, .bool, "true or false")?.bool }

    /// Takes a string that can be told without evaluating names.
    mutating func text(_ name: String) -> String? { constant(name, .string, "a string")?.string }

    /// Takes a constant; nil when it is not there, null, or faulty, which is reported.
    private mutating func constant(_ name: String, _ type: ValueType, _ expected: String) -> Value? {
        guard let attribute = take(name) else { return nil }
        let before = problems.count
        let value = attribute.expression.evaluate(in: .constant, diagnostics: &problems)
        guard problems.count == before, !value.isNull else { return nil }
        if let converted = try? value.converted(to: type) { return converted }
        problems.append(
            .error(
                "Unsuitable value type", "The value of \"\(name)\" must be \(expected), written out.",
                at: attribute.expression.range))
        return nil
    }

    /// The problems so far, and one for each argument that nobody took.
    func finish(_ known: [String]) -> [Diagnostic] {
        let rest = attributes.map { attribute in
            Diagnostic.error(
                "Unsupported argument",
                "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected here.\(Suggestion.phrase(attribute.name, among: known))",
                at: attribute.nameRange)
        }
        return (problems + rest).map { $0.inside(construct) }
    }
}

/// What names may look like.
enum Identifier {
    /// Whether a text is a name of the language.
    static func isValid(_ text: String) -> Bool {
        if let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.allSatisfy(isPlain) { return true }
        guard let first = text.unicodeScalars.first, first.properties.isIDStart || first == "_" else { return false }
        return text.unicodeScalars.allSatisfy { $0.properties.isIDContinue || $0 == "-" }
    }

    /// Whether a byte is a letter, a digit or an underscore of ASCII: then nothing needs to be looked up.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }

    /// Whether a text is `[hostname/][namespace/]name`.
    static func isProviderSource(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty
                && part.unicodeScalars.allSatisfy { $0.properties.isIDContinue || $0 == "-" || $0 == "." || $0 == ":" }
        }
    }
}
