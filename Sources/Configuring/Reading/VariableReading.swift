import Diagnostics
import HCL
import Values

/// `variable` blocks.
extension ConfigurationLoader {
    private static let reserved = [
        "source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals",
    ]

    mutating func readVariable(_ block: Block) {
        let name = block.labels[0].text
        if let first = module.variables[name] {
            diagnostics.append(
                .duplicate(
                    "Duplicate variable declaration",
                    "A variable named \"\(name)\" was already declared. Variable names must be unique within a module.",
                    first.range, at: block.headerRange))
            return
        }
        if Self.reserved.contains(name) {
            diagnostics.append(
                .error(
                    "Invalid variable name",
                    "The variable name \"\(name)\" is reserved due to its special meaning inside module blocks.",
                    at: block.labels[0].range))
            return
        }
        var fields = BlockFields(block, of: "variable \"\(name)\"")
        var constraint = TypeConstraint.exactly(.dynamic)
        let type = fields.take("type")
        if let type {
            constraint = TypeExpression.constraint(type.expression, &fields.problems) ?? constraint
        }
        let isNullable = fields.flag("nullable") ?? true
        let isSensitive = fields.flag("sensitive") ?? false
        let description = fields.text("description") ?? ""
        var defaultValue: Value?
        if let attribute = fields.take("default") {
            defaultValue = read(default: attribute, constraint, isNullable: isNullable, &fields.problems)
        }
        if let ephemeral = fields.take("ephemeral") {
            fields.problems.append(
                .error(
                    "Not supported yet", "Ephemeral variables are not supported by this version of flinkform.",
                    at: ephemeral.nameRange))
        }
        var validations: [CheckRule] = []
        for inner in block.body.blocks {
            guard inner.type == "validation" else {
                fields.problems.append(
                    .error(
                        "Unsupported block type",
                        "Blocks of type \"\(VisibleText.escaped(inner.type))\" are not expected here.\(Suggestion.phrase(inner.type, among: ["validation"]))",
                        at: inner.typeRange))
                continue
            }
            validations += read(validation: inner, of: name, &fields.problems)
        }
        diagnostics += fields.finish(["type", "default", "description", "sensitive", "nullable"])
        module.variables[name] = InputVariable(
            name: name, constraint: constraint, defaultValue: defaultValue, description: description,
            isSensitive: isSensitive, isNullable: isNullable, hasType: type != nil, validations: validations,
            range: block.headerRange)
    }

    private func read(
        default attribute: Attribute, _ constraint: TypeConstraint, isNullable: Bool, _ problems: inout [Diagnostic]
    ) -> Value? {
        let value = attribute.expression.evaluate(in: .constant, diagnostics: &problems)
        if value.isNull, !isNullable {
            problems.append(
                .error(
                    "Invalid default value for variable", "A null default value is not valid when nullable=false.",
                    at: attribute.expression.range))
            return nil
        }
        do {
            return try constraint.apply(to: value)
        } catch {
            problems.append(
                .error(
                    "Invalid default value for variable",
                    "This default value is not compatible with the variable's type constraint: \(error.shown(value, constraint.type)).",
                    at: attribute.expression.range))
            return nil
        }
    }

    private func read(validation block: Block, of name: String, _ problems: inout [Diagnostic]) -> [CheckRule] {
        read(rule: block, of: "variable \"\(name)\"", &problems).filter { rule in
            if rule.condition.traversals.contains(where: { $0.root == "var" && $0.attributes.first == name }) {
                return true
            }
            problems.append(
                .error(
                    "Invalid reference in variable validation",
                    "The condition for variable \"\(name)\" must refer to var.\(name) in order to test incoming values.",
                    at: rule.condition.range))
            return false
        }
    }
}

/// Type expressions, such as `map(object({ id = string, name = optional(string, "x") }))`.
enum TypeExpression {
    /// The constraint that an expression stands for; nil, with a report, when it is none.
    static func constraint(
        _ expression: Expression, _ problems: inout [Diagnostic], depth: Int = 0
    ) -> TypeConstraint? {
        func fail(_ detail: String, _ range: SourceRange? = nil) -> TypeConstraint? {
            problems.append(.error("Invalid type specification", detail, at: range ?? expression.range))
            return nil
        }
        guard depth < 100 else { return fail("The type is nested too deeply.") }
        if let word = expression.asKeyword {
            switch word {
            case "string": return .exactly(.string)
            case "number": return .exactly(.number)
            case "bool": return .exactly(.bool)
            case "any": return .exactly(.dynamic)
            case "list", "set", "map":
                return fail(
                    "The \(word) type constructor requires one argument specifying the element type, as in \(word)(string)."
                )
            case "object", "tuple":
                return fail("The \(word) type constructor requires one argument specifying its parts.")
            default:
                return fail(
                    "The keyword \"\(VisibleText.escaped(word))\" is not a valid type specification.\(Suggestion.phrase(word, among: ["string", "number", "bool", "any", "list", "set", "map", "object", "tuple"]))"
                )
            }
        }
        if let text = expression.literal?.string, ["string", "list", "map"].contains(text) {
            return fail("Write the type without quotes: \(text == "string" ? text : text + "(string)").")
        }
        guard let call = expression.staticCall else {
            return fail(
                "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string)."
            )
        }
        guard call.arguments.count == 1, let argument = call.arguments.first else {
            return fail("The \(call.name) type constructor requires one argument.")
        }
        switch call.name {
        case "list": return Self.constraint(argument, &problems, depth: depth + 1).map { .list($0) }
        case "set": return Self.constraint(argument, &problems, depth: depth + 1).map { .set($0) }
        case "map": return Self.constraint(argument, &problems, depth: depth + 1).map { .map($0) }
        case "tuple":
            guard let items = argument.staticItems else {
                return fail("Tuple type constructor requires a list of element types.", argument.range)
            }
            let elements = items.map { Self.constraint($0, &problems, depth: depth + 1) }
            return elements.contains(nil) ? nil : .tuple(elements.compactMap { $0 })
        case "object": return object(argument, &problems, depth)
        case "optional":
            return fail("Keyword \"optional\" is valid only as a modifier for object type attributes.", call.nameRange)
        default:
            return fail(
                "Keyword \"\(VisibleText.escaped(call.name))\" is not a valid type constructor.", call.nameRange)
        }
    }

    private static func object(
        _ argument: Expression, _ problems: inout [Diagnostic], _ depth: Int
    ) -> TypeConstraint? {
        guard let pairs = argument.staticPairs else {
            problems.append(
                .error(
                    "Invalid type specification",
                    "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.",
                    at: argument.range))
            return nil
        }
        var attributes: [String: TypeConstraint.Attribute] = [:]
        var isWhole = true
        for (key, value) in pairs {
            guard let name = key.literal?.string ?? key.asKeyword else {
                problems.append(
                    .error(
                        "Invalid type specification", "Object constructor map keys must be attribute names.",
                        at: key.range))
                isWhole = false
                continue
            }
            if let attribute = attribute(value, &problems, depth) {
                attributes[name] = attribute
            } else {
                isWhole = false
            }
        }
        return isWhole ? .object(attributes) : nil
    }

    /// A type, or `optional(TYPE)`, or `optional(TYPE, DEFAULT)`.
    private static func attribute(
        _ value: Expression, _ problems: inout [Diagnostic], _ depth: Int
    ) -> TypeConstraint.Attribute? {
        guard let call = value.staticCall, call.name == "optional" else {
            return constraint(value, &problems, depth: depth + 1).map { TypeConstraint.Attribute($0) }
        }
        guard (1...2).contains(call.arguments.count) else {
            problems.append(
                .error(
                    "Invalid type specification",
                    "The optional modifier takes a type, and perhaps a default value.", at: value.range))
            return nil
        }
        guard let inner = constraint(call.arguments[0], &problems, depth: depth + 1) else { return nil }
        guard call.arguments.count == 2 else { return TypeConstraint.Attribute(inner, isOptional: true) }
        let given = call.arguments[1].evaluate(in: .constant, diagnostics: &problems)
        do throws(ValueError) {
            return TypeConstraint.Attribute(inner, isOptional: true, defaultValue: try inner.apply(to: given))
        } catch {
            problems.append(
                .error(
                    "Invalid default value for optional attribute",
                    "This default value is not compatible with the attribute's type constraint: \(error.shown(given, inner.type)).",
                    at: call.arguments[1].range))
            return nil
        }
    }
}
