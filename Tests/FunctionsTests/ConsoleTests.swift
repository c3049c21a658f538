import Diagnostics
import Functions
import HCL
import TestSupport
import Testing
import Values

/// Compares with the recorded answers of a real Terraform.
@Suite("What Terraform's functions answer")
struct ConsoleTests {
    static let exchanges = ConsoleExchange.recorded("functions/console.txt")

    @Test("There are about a hundred answers")
    func found() {
        #expect(Self.exchanges.count >= 90)
        #expect(Self.exchanges.allSatisfy { !$0.answer.isEmpty })
    }

    @Test("Each call has the value that Terraform gives it", arguments: exchanges)
    func answer(_ exchange: ConsoleExchange) {
        let (value, problems) = Language.evaluate(exchange.question)
        if exchange.isRefused {
            #expect(problems.hasErrors, "Terraform says: \(exchange.answer)")
        } else {
            #expect(problems.isEmpty)
            let wanted = Language.evaluate(exchange.answer).value
            // Of sensitive values the console says no more than that.
            let isHidden = exchange.answer == "(sensitive value)"
            #expect(isHidden ? value.marks == .sensitive : value == wanted)
        }
    }
}

/// Compares with recorded answers that have the details of errors.
@Suite("What Terraform's functions answer and how they refuse")
struct AnswerTests {
    static let exchanges = [
        "encodings", "yaml", "yaml-random", "files", "networks", "patterns", "patterns-random", "times",
    ].flatMap {
        ConsoleExchange.recorded("functions/\($0).txt")
    }

    @Test("There are a thousand answers")
    func found() {
        #expect(Self.exchanges.count >= 1_000)
        #expect(Self.exchanges.allSatisfy { !$0.answer.isEmpty })
    }

    @Test("Each call has the value, or the words, that Terraform has", arguments: exchanges)
    func answer(_ exchange: ConsoleExchange) {
        let (value, problems) = Language.evaluate(exchange.question)
        if exchange.isRefused {
            let words = problems.map { "! \($0.summary): \($0.detail)" }
            #expect(words == [exchange.answer])
        } else {
            #expect(problems.isEmpty)
            var wanted = Language.evaluate(exchange.answer).value
            // The console does not show of what nothing is.
            if wanted.elements?.isEmpty == true { wanted = (try? wanted.converted(to: value.type)) ?? wanted }
            #expect(value == wanted)
        }
    }
}

/// The language with its functions, and files that are made up.
enum Language {
    static let functions = BuiltinFunctions.table(
        FunctionEnvironment(
            readFile: { path throws(FunctionError) in
                guard path == "hello.tftpl" else { throw FunctionError("there is no file \(path)") }
                return Array("Hello, ${name}!%{ for n in numbers } ${n}%{ endfor }".utf8)
            },
            kind: { $0 == "hello.tftpl" ? .regular : MadeUpFiles.kind(of: $0) }, list: { MadeUpFiles.names(in: $0) },
            workingDirectory: "/here", home: "/home/me", planned: "2026-11-30T12:00:00Z"))

    static func evaluate(_ text: String, _ names: [String: Value] = [:]) -> (value: Value, problems: [Diagnostic]) {
        let (expression, read) = SyntaxTree.parseExpression(Array(text.utf8), file: SourceFileID(index: 0))
        var problems = read
        let scope = Scope(functions: functions) { root, _ in
            .problem(summary: "Unknown name", detail: "There is no \(root).")
        }
        let value = expression.evaluate(in: scope.with(names), diagnostics: &problems)
        return (value, problems)
    }
}

/// The files that were there when answers were recorded.
enum MadeUpFiles {
    private static let paths = Set(
        ((try? Fixtures.text("functions/files.txt")) ?? "").split(separator: "\n").filter { $0.hasPrefix("# file ") }
            .map { String($0.dropFirst(7)) })

    static func kind(of path: String) -> FunctionEnvironment.FileKind? {
        paths.contains(path) ? .regular : names(in: path).isEmpty ? nil : .directory
    }

    static func names(in directory: String) -> [String] {
        var path = directory == "." ? "" : directory
        if !path.isEmpty, !path.hasSuffix("/") { path += "/" }
        let inside = paths.filter { $0.hasPrefix(path) }.map { $0.dropFirst(path.count).prefix { $0 != "/" } }
        return Set(inside.map { String($0) }).sorted()
    }
}
