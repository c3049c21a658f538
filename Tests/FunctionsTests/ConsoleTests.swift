import Diagnostics
import Functions
import HCL
import TestSupport
import Testing
import Values

/// Compares with the recorded answers of a real Terraform.
@Suite("What Terraform's functions answer")
struct ConsoleTests {
    struct Exchange: Sendable, CustomTestStringConvertible {
        var question: String
        var answer: String
        var testDescription: String { question }
    }

    static let exchanges: [Exchange] = {
        var result: [Exchange] = []
        let text = (try? Fixtures.text("functions/console.txt")) ?? ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("> ") {
                result.append(Exchange(question: String(line.dropFirst(2)), answer: ""))
            } else if !line.hasPrefix("#"), !result.isEmpty {
                result[result.count - 1].answer = String(line)
            }
        }
        return result
    }()

    @Test("There are about a hundred answers")
    func found() {
        #expect(Self.exchanges.count >= 90)
        #expect(Self.exchanges.allSatisfy { !$0.answer.isEmpty })
    }

    @Test("Each call has the value that Terraform gives it", arguments: exchanges)
    func answer(_ exchange: Exchange) {
        let (value, problems) = Language.evaluate(exchange.question)
        if exchange.answer.hasPrefix("! ") {
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

/// The language with its functions, and files that are made up.
enum Language {
    static let functions = BuiltinFunctions.table(
        FunctionEnvironment(
            readFile: { path throws(FunctionError) in
                guard path == "hello.tftpl" else { throw FunctionError("there is no file \(path)") }
                return Array("Hello, ${name}!%{ for n in numbers } ${n}%{ endfor }".utf8)
            },
            fileExists: { $0 == "hello.tftpl" }, workingDirectory: "/here"))

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
