package import Diagnostics
package import HCL
import JSON
package import Values

/// Where the value of an input variable comes from.
package enum VariableSource: Sendable {
    /// An environment variable `TF_VAR_name`.
    case environment(name: String, text: String)
    /// A file of values, `*.tfvars` or `*.tfvars.json`.
    case file(name: String, bytes: [UInt8])
    /// `-var name=text`, or what a user typed.
    case argument(name: String, text: String)
}

/// The values of all input variables.
package struct VariableValues: Sendable {
    /// Variable name to value, converted and marked; one that is faulty or missing is unknown.
    package var values: [String: Value]
    /// The names of those set from outside.
    package var set: Set<String>
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
        _ sources: [VariableSource], functions: FunctionTable, diagnostics: inout [Diagnostic]
    ) -> VariableValues {
        var given: [String: (value: Value, range: SourceRange?)] = [:]
        for source in sources {
            switch source {
            case .environment(let name, let text):
                guard let variable = variables[name] else { continue }
                given[name] = value(text, variable, from: "<environment TF_VAR_\(name)>", &diagnostics)
            case .argument(let name, let text):
                guard let variable = variables[name] else {
                    diagnostics.append(undeclared(argument: name))
                    continue
                }
                given[name] = value(text, variable, from: "<value for var.\(name)>", &diagnostics)
            case .file(let name, let bytes):
                for (key, entry) in read(name, bytes, &diagnostics) { given[key] = entry }
            }
        }
        var result = VariableValues(values: [:], set: [], missing: [])
        for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
            if let entry = given[name] {
                result.set.insert(name)
                result.values[name] = converted(entry.value, variable, entry.range, &diagnostics)
            } else if let fallback = variable.defaultValue {
                result.values[name] = fallback
            } else {
                result.missing.append(name)
                result.values[name] = .unknown(variable.constraint.type)
            }
            if variable.isSensitive { result.values[name] = result.values[name]?.withMarks(.sensitive) }
        }
        validate(result.values, functions, &diagnostics)
        return result
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
            "A variable named \"\(VisibleText.escaped(name))\" was assigned on the command line, but the root module does not declare a variable of that name.\(Suggestion.phrase(name, among: variables.keys.sorted())) To use this value, add a \"variable\" block to the configuration."
        )
    }

    /// A text as a value: as it stands for strings, as an expression for anything else.
    private mutating func value(
        _ text: String, _ variable: InputVariable, from place: String, _ diagnostics: inout [Diagnostic]
    ) -> (Value, SourceRange?) {
        let type = variable.constraint.type
        if type.isPrimitive || type == .dynamic { return (.string(text), nil) }
        // The file holds the text, which may be sensitive: its place is named, and not shown.
        let shown = variable.isSensitive ? Array("(sensitive value)".utf8) : Array(text.utf8)
        let file = files.add(name: place, bytes: shown)
        let (expression, problems) = SyntaxTree.parseExpression(Array(text.utf8), file: file)
        var all = problems
        let value = expression.evaluate(in: .constant, diagnostics: &all)
        if variable.isSensitive {
            all = all.map {
                .error(
                    $0.summary,
                    "The value given for the sensitive variable \"\(variable.name)\" is not a valid expression.")
            }
        }
        diagnostics += all
        return (value, nil)
    }

    private func converted(
        _ value: Value, _ variable: InputVariable, _ range: SourceRange?, _ diagnostics: inout [Diagnostic]
    ) -> Value {
        if value.isNull, !variable.isNullable {
            if let fallback = variable.defaultValue { return fallback }
            diagnostics.append(
                .error(
                    "Required variable not set",
                    "The given value is not suitable for var.\(variable.name): required variable may not be set to null.",
                    at: range ?? variable.range))
            return .unknown(variable.constraint.type)
        }
        do {
            return try variable.constraint.apply(to: value)
        } catch {
            diagnostics.append(
                .error(
                    "Invalid value for input variable",
                    "The given value is not suitable for var.\(variable.name): \(error).", at: range ?? variable.range))
            return .unknown(variable.constraint.type)
        }
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
        for (key, entry) in entries where variables[key] == nil {
            diagnostics.append(
                .warning(
                    "Value for undeclared variable",
                    "The root module does not declare a variable named \"\(VisibleText.escaped(key))\" but a value was found in file \"\(name)\".\(Suggestion.phrase(key, among: variables.keys.sorted())) If you meant to use this value, add a \"variable\" block to the configuration.",
                    at: entry.range))
        }
        return entries
    }

    // MARK: - Validation

    private func validate(_ values: [String: Value], _ functions: FunctionTable, _ diagnostics: inout [Diagnostic]) {
        let scope = Scope(functions: functions) { root, attributes in
            guard root == "var", let name = attributes.first else {
                return .problem(
                    summary: "Invalid reference in variable validation",
                    detail:
                        "The condition of a validation can refer to input variables only, such as var.\(attributes.first ?? "name")."
                )
            }
            return values[name].map { .value($0, consumed: 1) } ?? .reported
        }
        for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
            for validation in variable.validations {
                var problems: [Diagnostic] = []
                let result = validation.condition.evaluate(in: scope, diagnostics: &problems)
                let message = validation.message.evaluate(in: scope, diagnostics: &problems)
                if problems.isEmpty, (try? result.converted(to: .bool))?.bool == false {
                    let text =
                        message.allMarks.isEmpty
                        ? message.string ?? "" : "The error message refers to sensitive values and is not shown."
                    problems.append(
                        .error(
                            "Invalid value for variable",
                            "\(text)\n\nThis was checked by the validation rule at \(place(validation.range)).",
                            at: variable.range))
                }
                diagnostics += problems.map { $0.inside("variable \"\(name)\"") }
            }
        }
    }

    private func place(_ range: SourceRange) -> String {
        let file = files[range.file]
        let (start, end) = (file.position(at: range.start), file.position(at: range.end))
        return "\(file.name):\(start.line),\(start.column)-\(end.column)"
    }
}
