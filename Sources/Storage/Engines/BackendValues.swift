import Diagnostics

/// What a backend was given: its block's arguments, and what the environment adds.
struct BackendValues {
    private let kind: String
    private let values: [String: String]

    /// Gathers values; an empty environment variable counts as not set.
    init(_ kind: String, _ table: [BackendArgument], given: [String: String], environment: [String: String]) {
        self.kind = kind
        var values = given
        for argument in table where given[argument.name] == nil {
            values[argument.name] = argument.environment.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        self.values = values
    }

    /// A text; nil when it is not given or empty.
    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Whether there is a value, or a part of one.
    func has(_ name: String) -> Bool {
        text(name) != nil || values.keys.contains { $0.hasPrefix(name + ".") }
    }

    /// The elements of a list, or the one text in its place.
    func list(_ name: String) -> [String] {
        if let one = text(name) { return [one] }
        return (0..<values.count).compactMap { text("\(name).\($0)") }
    }

    /// A text that must be there.
    func required(_ name: String, _ remedy: String) throws(Diagnostic) -> String {
        guard let text = text(name) else { throw problem("\(name) is missing", remedy) }
        return text
    }

    /// A truth value, in the spellings that Terraform takes; false when it is not given.
    func flag(_ name: String) throws(Diagnostic) -> Bool {
        guard let text = text(name) else { return false }
        if ["1", "t", "T", "true", "True", "TRUE"].contains(text) { return true }
        if ["0", "f", "F", "false", "False", "FALSE"].contains(text) { return false }
        throw problem("\(name) is \"\(VisibleText.escaped(text))\"", "It must be true or false.")
    }

    /// A whole number from zero; nil when it is not given.
    func number(_ name: String) throws(Diagnostic) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), (0...86_400).contains(number) else {
            throw problem("\(name) is \"\(VisibleText.escaped(text))\"", "It must be a whole number from 0 to 86400.")
        }
        return number
    }

    /// What is wrong with a value, and what to do.
    func problem(_ what: String, _ remedy: String) -> Diagnostic {
        .error("Invalid backend configuration", "Backend \"\(kind)\": \(what). \(remedy)")
    }
}
