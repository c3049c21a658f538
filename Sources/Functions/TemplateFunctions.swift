import Diagnostics
import HCL
import Values

/// Templates that come as text from elsewhere.
enum TemplateFunctions {
    static let all: [Function] = [templatestring]

    /// What a template is called in messages.
    private static let file = "<templatestring argument>"

    /// Functions that look at files, which a template from elsewhere may not do.
    private static let closed: Set<String> = [
        "file", "filebase64", "filebase64sha256", "filebase64sha512", "fileexists", "filemd5", "fileset", "filesha1",
        "filesha256", "filesha512", "templatefile",
    ]

    private static let templatestring = Function(
        lazy: "templatestring", [.init("template", .string), .init("vars", .dynamic)], result: .string
    ) { arguments, functions throws(FunctionError) in
        try check(arguments[0].form)
        let (template, templateProblems) = arguments[0].evaluate()
        let (names, nameProblems) = arguments[1].evaluate()
        if let problem = (templateProblems + nameProblems).first(where: { $0.severity == .error }) {
            throw FunctionError(problem.detail)
        }
        let marks = template.allMarks.union(names.allMarks)
        if names.isNull { throw FunctionError("argument must not be null", argument: 1) }
        if template.isUnknown || !names.isWhollyKnown { return Value(.unknown(.string, .none), marks: marks) }
        guard let text = (try? template.converted(to: .string))?.string else {
            throw FunctionError("invalid template value: a string is required", argument: 0)
        }
        guard let fields = names.fields else {
            throw FunctionError("invalid vars value: must be a map", argument: 1)
        }
        do throws(FunctionError) {
            return try render(text, fields, functions).withMarks(marks)
        } catch {
            // What is said of a template may quote it.
            guard marks.isEmpty else {
                throw FunctionError("the template does not fit its variables (they are sensitive and not shown)")
            }
            throw error
        }
    }

    private static func check(_ form: Function.LazyArgument.Form) throws(FunctionError) {
        let only = "templatestring is only for rendering templates retrieved dynamically from elsewhere"
        let reason: String
        switch form {
        case .reference: return
        case .text:
            reason =
                "\(only), and so does not support providing a literal template; consider using a template string expression instead"
        case .wrapped:
            reason =
                "\(only); to treat the inner expression as template syntax, write the reference expression directly without any template interpolation syntax"
        case .other:
            reason =
                "must be a direct reference to a single string from elsewhere, containing valid flinkform template syntax"
        }
        throw FunctionError("invalid template expression: \(reason)", argument: 0)
    }

    private static func render(
        _ text: String, _ fields: Fields, _ functions: FunctionTable
    ) throws(FunctionError) -> Value {
        let source = SourceFile(name: file, bytes: Array(text.utf8))
        let (template, problems) = SyntaxTree.parseTemplate(source.bytes, file: SourceFileID(index: 0))
        if let problem = problems.first(where: { $0.severity == .error }) {
            throw FunctionError("invalid template: \(told(problem, in: source))", argument: 0)
        }
        for name in fields.names where !isName(name) {
            throw FunctionError(
                "invalid template variable name \"\(name)\": must start with a letter, followed by zero or more letters, digits, and underscores",
                argument: 1)
        }
        for traversal in template.traversals where fields[traversal.root] == nil {
            throw FunctionError(
                "vars map does not contain key \"\(traversal.root)\", referenced at \(place(traversal.rootRange, in: source))",
                argument: 1)
        }
        let scope = Scope(functions: open(functions)) { root, _ in
            .problem(summary: "Unknown variable", detail: "There is no variable named \"\(root)\".")
        }
        var found: [Diagnostic] = []
        let given = Dictionary(uniqueKeysWithValues: zip(fields.names, fields.values))
        let value = template.evaluate(in: scope.with(given), diagnostics: &found)
        if let problem = found.first(where: { $0.severity == .error }) {
            throw FunctionError(told(problem, in: source))
        }
        guard let converted = try? value.converted(to: .string) else {
            throw FunctionError("invalid template result: a string is required")
        }
        return converted
    }

    /// The functions that a template may call.
    private static func open(_ functions: FunctionTable) -> FunctionTable {
        FunctionTable(
            functions.names.compactMap { name in
                if name == "templatestring" {
                    return refused(name, "cannot recursively call templatestring from inside another template function")
                }
                guard closed.contains(name) else { return functions[name] }
                return refused(
                    name,
                    "cannot use filesystem access functions like \(name) in templatestring templates; consider passing the function result as a template variable instead"
                )
            })
    }

    private static func refused(_ name: String, _ reason: String) -> Function {
        Function(name, [], variadic: .init("args", .dynamic)) { _ throws(FunctionError) in
            throw FunctionError(reason)
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first.properties.isXIDStart else { return false }
        return name.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
    }

    private static func told(_ problem: Diagnostic, in source: SourceFile) -> String {
        let place = problem.subject.map { self.place($0, in: source) + ": " } ?? ""
        return "\(place)\(problem.summary); \(problem.detail)"
    }

    /// A range as Terraform writes it, such as `FILE:1,3-7`.
    private static func place(_ range: SourceRange, in source: SourceFile) -> String {
        let (start, end) = (source.position(at: range.start), source.position(at: range.end))
        return "\(source.name):\(start.line),\(start.column)-"
            + (start.line == end.line ? "" : "\(end.line),") + "\(end.column)"
    }
}
