import Diagnostics
import HCL
import Values

/// The arguments and blocks in a block of the settings, taken one by one; what is left over is reported.
///
/// A value is written out, or is `env("NAME")`, the value of an environment variable.
struct SettingFields {
    private let construct: String
    private let headerRange: SourceRange
    private var attributes: [Attribute]
    private var blocks: [Block]
    private var known: [String] = []
    private var missing: Set<String> = []
    private var problems: [Diagnostic] = []

    init(_ block: Block) {
        construct = ([block.type] + block.labels.map { "\"\(VisibleText.escaped($0.text))\"" }).joined(separator: " ")
        headerRange = block.headerRange
        (attributes, blocks) = (block.body.attributes, block.body.blocks)
    }

    // MARK: - Values

    /// Takes a text that may stand in an environment variable.
    mutating func text(_ name: String) -> SettingText? {
        guard let attribute = take(name) else { return nil }
        if let variable = variable(attribute) { return variable }
        guard let text = constant(attribute, "text or env(\"NAME\")")?.string else { return nil }
        return SettingText(.written(text), at: attribute.expression.range)
    }

    /// Takes a text that has to stand in an environment variable, since nobody but its owner may read it.
    mutating func credential(_ name: String) -> SettingText? {
        guard let attribute = take(name) else { return nil }
        if let variable = variable(attribute) { return variable }
        report(
            "Secret in the settings",
            "The settings are files that are shared, so \"\(name)\" is not written there. Put it into an environment variable and name that: \(name) = env(\"NAME\")",
            at: attribute.expression.range)
        return nil
    }

    /// Takes a text that is written out and not empty.
    mutating func name(_ name: String) -> String? {
        guard let attribute = take(name) else { return nil }
        guard let text = constant(attribute, "text, written out")?.string else { return nil }
        if !text.isEmpty { return text }
        report("Unsuitable value", "\"\(name)\" must not be empty.", at: attribute.expression.range)
        return nil
    }

    /// Takes one of some words.
    mutating func choice(_ name: String, _ words: [String]) -> String? {
        guard let attribute = take(name) else { return nil }
        guard let text = constant(attribute, "one of \(words.joined(separator: ", "))")?.string else { return nil }
        if words.contains(text) { return text }
        report(
            "Unsuitable value",
            "\"\(name)\" is one of \(words.joined(separator: ", ")).\(Suggestion.phrase(text, among: words))",
            at: attribute.expression.range)
        return nil
    }

    /// Takes a program and its arguments: a list of texts, the first not empty.
    mutating func words(_ name: String) -> [String]? {
        guard let attribute = take(name) else { return nil }
        var ignored: [Diagnostic] = []
        let value = attribute.expression.evaluate(in: .constant, diagnostics: &ignored)
        let words = value.elements?.compactMap { $0.isNull ? nil : $0.string } ?? []
        if ignored.isEmpty, words.count == value.elements?.count, words.first?.isEmpty == false { return words }
        report(
            "Unsuitable value type",
            "\"\(name)\" is a list of texts, written out: the program and its arguments. No shell takes part: \(name) = [\"/usr/bin/program\", \"argument\"]",
            at: attribute.expression.range)
        return nil
    }

    /// Takes a number of seconds, from 1 to a day.
    mutating func seconds(_ name: String) -> Int? {
        guard let attribute = take(name) else { return nil }
        var ignored: [Diagnostic] = []
        let value = attribute.expression.evaluate(in: .constant, diagnostics: &ignored)
        if ignored.isEmpty, let text = (try? value.converted(to: .string))?.string, let number = Int(text),
            (1...86_400).contains(number)
        {
            return number
        }
        report(
            "Unsuitable value", "\"\(name)\" is a whole number of seconds, from 1 to 86400.",
            at: attribute.expression.range)
        return nil
    }

    /// Takes a list of resources and instances, written as references.
    mutating func keys(_ name: String) -> [DeliveredKey]? {
        guard let attribute = take(name) else { return nil }
        guard let items = attribute.expression.staticItems, !items.isEmpty else {
            report(
                "Unsuitable value type",
                "\"\(name)\" is a list of resources or instances: \(name) = [confluent_api_key.app, confluent_api_key.team[\"a\"]]",
                at: attribute.expression.range)
            return nil
        }
        return items.compactMap { item in
            do throws(Diagnostic) {
                guard let traversal = item.asTraversal else {
                    throw .error(
                        "Invalid address", "This is no reference to a resource, such as confluent_api_key.app.")
                }
                let address = try InstanceAddress(traversal, of: item.text)
                return DeliveredKey(
                    resource: address.resource, instance: address.key == .none ? nil : address.key, range: item.range)
            } catch {
                report(error.summary, error.detail, at: item.range)
                return nil
            }
        }
    }

    /// `env("NAME")`; nil for anything else.
    private func variable(_ attribute: Attribute) -> SettingText? {
        guard let call = attribute.expression.staticCall, call.name == "env", call.arguments.count == 1 else {
            return nil
        }
        var ignored: [Diagnostic] = []
        guard let name = call.arguments[0].evaluate(in: .constant, diagnostics: &ignored).string, !name.isEmpty else {
            return nil
        }
        return SettingText(.variable(name), at: attribute.expression.range)
    }

    /// A text that can be told without evaluating names; nil, and reported, when it is none.
    private mutating func constant(_ attribute: Attribute, _ expected: String) -> Value? {
        var ignored: [Diagnostic] = []
        let value = attribute.expression.evaluate(in: .constant, diagnostics: &ignored)
        if ignored.isEmpty, value.string != nil { return value }
        report(
            "Unsuitable value type", "The value of \"\(attribute.name)\" must be \(expected).",
            at: attribute.expression.range)
        return nil
    }

    private mutating func take(_ name: String) -> Attribute? {
        known.append(name)
        guard let place = attributes.firstIndex(where: { $0.name == name }) else {
            missing.insert(name)
            return nil
        }
        return attributes.remove(at: place)
    }

    // MARK: - Blocks

    /// Takes a block without labels, of which there may be one.
    mutating func block(_ name: String) -> SettingFields? {
        known.append(name)
        guard let place = blocks.firstIndex(where: { $0.type == name }) else { return nil }
        let block = blocks.remove(at: place)
        if let label = block.labels.first {
            report("Extraneous label", "No labels are expected for \(name) blocks.", at: label.range)
        }
        return SettingFields(block)
    }

    /// Takes over what a block in this one has to report.
    mutating func finish(_ inner: SettingFields) { problems += inner.finish() }

    // MARK: - Problems

    /// The value; reports it when the argument is not there.
    mutating func required<Result>(_ name: String, _ value: Result?) -> Result? {
        if value == nil, missing.contains(name) {
            report("Missing required argument", "The argument \"\(name)\" is required, but no definition was found.")
        }
        return value
    }

    /// Adds a problem, with the block's beginning unless another place is given.
    mutating func report(_ summary: String, _ detail: String, at range: SourceRange? = nil) {
        problems.append(.error(summary, detail, at: range ?? headerRange))
    }

    /// The problems, and one for each argument and block that nobody took.
    func finish() -> [Diagnostic] {
        let rest =
            attributes.map { attribute in
                Diagnostic.error(
                    "Unsupported argument",
                    "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected here.\(Suggestion.phrase(attribute.name, among: known))",
                    at: attribute.nameRange)
            }
            + blocks.map { block in
                Diagnostic.error(
                    "Unsupported block type",
                    "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected here.\(Suggestion.phrase(block.type, among: known))",
                    at: block.typeRange)
            }
        return (problems + rest).map { $0.inside(construct) }
    }
}
