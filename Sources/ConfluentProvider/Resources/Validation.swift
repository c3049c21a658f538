import Values

/// Checks of known values that several types have; each answers a sentence about what is wrong, or nil.
enum Validation {
    /// The text is not empty.
    static func notEmpty(_ value: Value) -> String? {
        value.string?.isEmpty == true ? "The value must not be empty. Leave the argument out instead." : nil
    }

    /// The text is one of these.
    static func oneOf(_ allowed: [String]) -> @Sendable (Value) -> String? {
        { value in
            guard let text = value.string, !allowed.contains(text) else { return nil }
            let quoted = allowed.map { "\"\($0)\"" }
            let list =
                quoted.dropLast().joined(separator: ", ") + (quoted.count > 1 ? " or " : "") + (quoted.last ?? "")
            return "The value must be \(list)."
        }
    }

    /// The text begins with this.
    static func beginning(with prefix: String, as example: String) -> @Sendable (Value) -> String? {
        { value in
            guard let text = value.string, !text.hasPrefix(prefix) || text.count == prefix.count else { return nil }
            return "The value must begin with \"\(prefix)\", such as \"\(example)\"."
        }
    }
}
