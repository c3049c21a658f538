import Diagnostics
import HCL
import Values

/// Functions of files and paths; files are read by the environment.
enum FileFunctions {
    static func all(_ environment: FunctionEnvironment) -> [Function] {
        [
            file(environment), fileexists(environment), templatefile(environment), fileset(environment),
            pathexpand(environment), basename, dirname, abspath(environment),
        ]
    }

    private static func text(_ path: String, _ environment: FunctionEnvironment) throws(FunctionError) -> String {
        let bytes: [UInt8]
        do throws(FunctionError) {
            bytes = try environment.readFile(path)
        } catch {
            throw FunctionError(error.message, argument: 0)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FunctionError(
                "contents of \(path) are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents",
                argument: 0)
        }
        return text
    }

    private static func file(_ environment: FunctionEnvironment) -> Function {
        Function("file", [.init("path", .string)], result: .string) { values throws(FunctionError) in
            .string(try text(values[0].string ?? "", environment))
        }
    }

    private static func fileexists(_ environment: FunctionEnvironment) -> Function {
        Function("fileexists", [.init("path", .string)], result: .bool) { values throws(FunctionError) in
            .bool(environment.kind(values[0].string ?? "") == .regular)
        }
    }

    /// Evaluates a file as a template, with nothing but the given names.
    private static func templatefile(_ environment: FunctionEnvironment) -> Function {
        Function(lazy: "templatefile") { arguments, functions throws(FunctionError) in
            guard arguments.count == 2 else { throw FunctionError("templatefile takes a path and an object of names") }
            let (path, pathProblems) = arguments[0].evaluate()
            let (names, nameProblems) = arguments[1].evaluate()
            if let problem = (pathProblems + nameProblems).first(where: { $0.severity == .error }) {
                throw FunctionError(problem.detail)
            }
            let marks = path.marks.union(names.marks)
            if path.isUnknown || names.isUnknown { return Value(.unknown(.dynamic, .none), marks: marks) }
            guard let name = path.string else { throw FunctionError("a path is required", argument: 0) }
            guard let fields = names.fields else {
                throw FunctionError("an object or a map of names is required", argument: 1)
            }
            let source: String
            do throws(FunctionError) {
                source = try text(name, environment)
            } catch {
                // It names the file.
                guard path.allMarks.isEmpty else {
                    throw FunctionError("the file cannot be read (its path is sensitive and not shown)", argument: 0)
                }
                throw error
            }
            let (template, problems) = SyntaxTree.parseTemplate(Array(source.utf8), file: SourceFileID(index: 0))
            let given = Dictionary(uniqueKeysWithValues: zip(fields.names, fields.values))
            let scope = Scope(functions: functions) { root, _ in
                .problem(
                    summary: "Invalid template", detail: "\"\(root)\" is not among the names given to templatefile.")
            }
            var found = problems
            let value = template.evaluate(in: scope.with(given), diagnostics: &found)
            if let problem = found.first(where: { $0.severity == .error }) {
                // What is said of a template may quote what was given to it.
                guard path.allMarks.isEmpty, names.allMarks.isEmpty else {
                    throw FunctionError("the template does not fit its names (they are sensitive and not shown)")
                }
                throw FunctionError("in \(name): \(problem.detail)")
            }
            return value.withMarks(marks)
        }
    }

    private static let basename = Function("basename", [.init("path", .string)], result: .string) {
        values throws(FunctionError) in
        let parts = (values[0].string ?? "").split(separator: "/")
        return .string(parts.last.map(String.init) ?? ((values[0].string ?? "").hasPrefix("/") ? "/" : "."))
    }

    private static let dirname = Function("dirname", [.init("path", .string)], result: .string) {
        values throws(FunctionError) in
        let path = values[0].string ?? ""
        guard let slash = path.lastIndex(of: "/") else { return .string(".") }
        let directory = clean(String(path[..<slash]))
        return .string(directory == "." && path.hasPrefix("/") ? "/" : directory)
    }

    private static func abspath(_ environment: FunctionEnvironment) -> Function {
        Function("abspath", [.init("path", .string)], result: .string) { values throws(FunctionError) in
            let path = values[0].string ?? ""
            return .string(clean(path.hasPrefix("/") ? path : environment.workingDirectory + "/" + path))
        }
    }

    private static func pathexpand(_ environment: FunctionEnvironment) -> Function {
        Function("pathexpand", [.init("path", .string)], result: .string) { values throws(FunctionError) in
            guard let path = environment.expanded(values[0].string ?? "") else {
                throw FunctionError("cannot expand user-specific home dir")
            }
            return .string(path)
        }
    }

    private static func fileset(_ environment: FunctionEnvironment) -> Function {
        Function(
            "fileset", [.init("path", .string), .init("pattern", .string)], result: .set(.string)
        ) { values throws(FunctionError) in
            let given = values[0].string ?? ""
            let path = environment.expanded(given) ?? given
            let base = clean(path)
            let joined = clean([path, values[1].string ?? ""].filter { !$0.isEmpty }.joined(separator: "/"))
            let matches = try FilePattern(joined).matches(environment)
            return .set(.string, matches.map { .string(relative($0, to: base)) })
        }
    }

    /// A path as seen from a directory; both are clean, and both absolute or neither.
    private static func relative(_ path: String, to base: String) -> String {
        let (parts, from) = (path.split(separator: "/"), base == "." ? [] : base.split(separator: "/"))
        let shared = zip(parts, from).prefix { $0 == $1 }.count
        return (from.dropFirst(shared).map { _ in ".." } + parts.dropFirst(shared)).joined(separator: "/")
    }

    /// The path without `.`, `..` and doubled slashes.
    private static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !path.hasPrefix("/") {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
    }
}
