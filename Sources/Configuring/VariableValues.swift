package import Diagnostics
package import HCL
import JSON
package import Values

/// Where the value of an input variable comes from.
package enum VariableSource: Sendable {
    /// An environment variable, such as `TF_VAR_name`; the prefix is what its name has before that of the input variable.
    case environment(name: String, text: String, prefix: String = "TF_VAR_")
    /// A file of values, `*.tfvars` or `*.tfvars.json`.
    case file(name: String, bytes: [UInt8])
    /// `-var name=text`, or what a user typed.
    case argument(name: String, text: String)
    /// A value that is converted already, as a plan holds it.
    case value(name: String, Value)
}

/// The values of all input variables.
package struct VariableValues: Sendable {
    /// Variable name to value, converted and marked; one that is faulty or missing is unknown.
    package var values: [String: Value]
    /// The names of those set from outside.
    package var set: Set<String>
    /// Their values as they were given, before they were converted.
    package var given: [String: Value] = [:]
    /// The required ones that nothing set, in the order of their names.
    package var missing: [String]

    /// Makes values of their parts.
    package init(values: [String: Value], set: Set<String>, missing: [String]) {
        self.values = values
        self.set = set
        self.missing = missing
    }
}

extension Configuration {
    /// Gives each input variable its value.
    ///
    /// - Parameters:
    ///   - sources: Where values come from; later ones go before earlier ones.
    ///   - diagnostics: Problems are added here; missing variables are none, since they can still be asked for.
    package mutating func resolveVariables(
        _ sources: [VariableSource], diagnostics: inout [Diagnostic]
    ) -> VariableValues {
        var given: [String: (value: Value, range: SourceRange?)] = [:]
        for source in sources {
            switch source {
            case .environment(let name, let text, let prefix):
                guard let variable = variables[name] else { continue }
                given[name] = value(text, variable, from: "<environment \(prefix)\(name)>", &diagnostics)
            case .argument(let name, let text):
                guard let variable = variables[name] else {
                    diagnostics.append(undeclared(argument: name))
                    continue
                }
                given[name] = value(text, variable, from: "<value for var.\(name)>", &diagnostics)
            case .value(let name, let value): given[name] = (value, nil)
            case .file(let name, let bytes):
                for (key, entry) in read(name, bytes, &diagnostics) { given[key] = entry }
            }
        }
        var result = VariableValues(values: [:], set: [], missing: [])
        for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
            if let entry = given[name] {
                result.set.insert(name)
                result.given[name] = entry.value
                // A line that holds a sensitive value is not shown.
                let range = variable.isSensitive ? nil : entry.range
                result.values[name] = variable.converted(entry.value, at: range, diagnostics: &diagnostics)
            } else if let fallback = variable.defaultValue {
                result.values[name] = fallback
            } else {
                result.missing.append(name)
                result.values[name] = .unknown(variable.constraint.type)
            }
            if variable.isSensitive { result.values[name] = result.values[name]?.withMarks(.sensitive) }
        }
        return result
    }

    /// What comes of the rules of an input variable.
    ///
    /// - Parameters:
    ///   - variable: The variable.
    ///   - module: The instance of its module.
    ///   - scope: With the variable's value, and whatever else its rules refer to.
    package func validate(
        _ variable: InputVariable, of module: ModuleAddress, in scope: Scope
    ) -> [CheckRule.Result] {
        let call = call(of: module)
        let argument = call?.arguments.first { $0.name == variable.name }
        return variable.validations.map { rule in
            var result = rule.evaluate(in: scope, .validation, of: "variable \"\(variable.name)\"")
            guard result.status == .fail, let last = result.diagnostics.indices.last else { return result }
            // Whoever gave the value is to change it.
            result.diagnostics[last].summary = "Invalid value for variable"
            result.diagnostics[last].subject = argument?.expression.range ?? variable.range
            result.diagnostics[last].construct = argument == nil ? nil : call?.construct
            result.diagnostics[last].detail +=
                "\n\nThis was checked by the validation rule at \(place(of: rule.range))."
            return result
        }
    }

    /// The diagnostic of a required variable that nothing set.
    package func missingVariable(_ name: String) -> Diagnostic {
        .error(
            "No value for required variable",
            "The root module input variable \"\(name)\" is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable.",
            at: variables[name]?.range)
    }

    private func undeclared(argument name: String) -> Diagnostic {
        .error(
            "Value for undeclared variable",
            "A variable named \"\(VisibleText.escaped(name))\" was assigned on the command line, but the root module does not declare a variable of that name.\(Suggestion.phrase(name, among: variables.keys)) To use this value, add a \"variable\" block to the configuration."
        )
    }

    /// A text as a value: as it stands for primitive types and where no type is said, as an expression for any other.
    private mutating func value(
        _ text: String, _ variable: InputVariable, from place: String, _ diagnostics: inout [Diagnostic]
    ) -> (Value, SourceRange?) {
        let type = variable.constraint.type
        if type.isPrimitive || !variable.hasType { return (.string(text), nil) }
        // The file holds the text, which may be sensitive: its place is named, and not shown.
        let shown = variable.isSensitive ? Array("(sensitive value)".utf8) : Array(text.utf8)
        let file = files.add(name: place, bytes: shown)
        let (expression, problems) = SyntaxTree.parseExpression(Array(text.utf8), file: file)
        var all = problems
        let value = expression.evaluate(in: .constant, diagnostics: &all)
        if variable.isSensitive, let first = all.first {
            all = [
                .error(
                    first.summary,
                    "The value given for the sensitive variable \"\(variable.name)\" is not a valid expression. It is not shown."
                )
            ]
        }
        diagnostics += all
        return (value, nil)
    }

    // MARK: - Files

    private mutating func read(
        _ name: String, _ bytes: [UInt8], _ diagnostics: inout [Diagnostic]
    ) -> [(String, (value: Value, range: SourceRange?))] {
        let file = files.add(name: name, bytes: bytes)
        var entries: [(String, (value: Value, range: SourceRange?))] = []
        if name.hasSuffix(".json") {
            do {
                let json = try JSONValue(parsing: bytes)
                guard let object = json.object else {
                    diagnostics.append(
                        .error(
                            "Invalid variable file",
                            "The file \"\(name)\" must hold one JSON object: a member for each variable."))
                    return []
                }
                for (key, member) in object { entries.append((key, (try Value(impliedFrom: member), nil))) }
            } catch {
                diagnostics.append(
                    .error("Invalid variable file", "The file \"\(name)\" is not JSON that can be read: \(error)."))
                return []
            }
        } else {
            let (tree, problems) = SyntaxTree.parse(bytes, file: file)
            diagnostics += problems
            for block in tree.body.blocks {
                diagnostics.append(
                    .error(
                        "Unexpected block", "Blocks are not allowed in a file of variable values.", at: block.typeRange)
                )
            }
            for attribute in tree.body.attributes {
                let value = attribute.expression.evaluate(in: .constant, diagnostics: &diagnostics)
                entries.append((attribute.name, (value, attribute.expression.range)))
            }
        }
        let undeclared = entries.map(\.0).filter { variables[$0] == nil }
        diagnostics += undeclared.prefix(Self.undeclaredShown).map { self.undeclared($0, file: name) }
        if undeclared.count > Self.undeclaredShown {
            diagnostics.append(
                .warning(
                    "Values for undeclared variables",
                    "In addition to the other similar warnings shown, the file \"\(VisibleText.escaped(name))\" sets \(undeclared.count - Self.undeclaredShown) more variables that are not declared."
                ))
        }
        return entries
    }

    /// So many variables of a file that are not declared are named.
    private static let undeclaredShown = 2

    /// Without a place, since the line there holds a value that may be a password.
    private func undeclared(_ name: String, file: String) -> Diagnostic {
        .warning(
            "Value for undeclared variable",
            "The root module does not declare a variable named \"\(VisibleText.escaped(name))\" but a value was found in file \"\(VisibleText.escaped(file))\".\(Suggestion.phrase(name, among: variables.keys)) If you meant to use this value, add a \"variable\" block to the configuration."
        )
    }
}

extension InputVariable {
    /// A value that was given, as the variable takes it: of its type, and not null if it may not be; unknown, and reported, when
    /// it cannot be.
    ///
    /// - Parameters:
    ///   - value: What was given.
    ///   - range: Where that stands; nil for what must not be shown, or has no place.
    ///   - diagnostics: Problems are added here.
    package func converted(
        _ value: Value, at range: SourceRange?, diagnostics: inout [Diagnostic]
    ) -> Value {
        if value.isNull, !isNullable {
            if let fallback = defaultValue { return fallback }
            diagnostics.append(
                .error(
                    "Required variable not set",
                    "The given value is not suitable for var.\(name): required variable may not be set to null.",
                    at: range ?? self.range))
            return .unknown(constraint.type)
        }
        do {
            return try constraint.apply(to: value)
        } catch {
            let shown = isSensitive ? value.withMarks(.sensitive) : value
            diagnostics.append(
                .error(
                    "Invalid value for input variable",
                    "The given value is not suitable for var.\(name): \(error.shown(shown, constraint.type)).",
                    at: range ?? self.range))
            return .unknown(constraint.type)
        }
    }
}
