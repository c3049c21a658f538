import Testing

/// Each rule on small repositories that keep it or break it.
@Suite("Tidy rules")
struct RuleTests {
    private func lines(_ rule: (Repository) -> [Violation], _ path: String, _ text: String) -> [Int?] {
        rule(Repository(files: [TextFile(path, text)])).map(\.line)
    }

    @Test(
        "an import that goes up, sideways or out is caught",
        arguments: [
            ("Sources/Values/A.swift", "import HCL"),
            ("Sources/Values/A.swift", "package import Planning"),
            ("Sources/HCL/A.swift", "import Functions"),
            ("Sources/Planning/A.swift", "@testable import Applying"),
            ("Sources/Planning/A.swift", "import struct Storage.JournalFile"),
            ("Sources/ConfluentClient/A.swift", "import Values"),
            ("Sources/Emulator/A.swift", "import ConfluentClient"),
            ("Sources/Commands/Plan/A.swift", "import Emulator"),
            ("Sources/flinkform/main.swift", "import Applying"),
            ("Sources/Values/A.swift", "import CJSONC"),
            ("Sources/Planning/A.swift", "import CZlib"),
            ("Sources/Storage/A.swift", "import NIOCore"),
            ("Sources/Commands/A.swift", "import HummingbirdCore"),
            ("Sources/Commands/A.swift", "internal import Foundation"),
            ("Sources/Everything/A.swift", "let isFine = true"),
        ])
    func upwardImport(path: String, line: String) {
        #expect(ImportRule.check(Repository(files: [TextFile(path, line)])).count == 1)
    }

    @Test(
        "an import that the table allows is not caught",
        arguments: [
            ("Sources/Values/A.swift", "package import JSON"),
            ("Sources/JSON/A.swift", "internal import CJSONC"),
            ("Sources/Storage/A.swift", "import CZlib\nimport Glibc\npackage import Applying"),
            ("Sources/Commands/A.swift", "import FoundationEssentials\nimport ArgumentParser\nimport Functions"),
            ("Sources/HCL/A.swift", "// import Planning\nlet text = \"import Planning\" /* import Storage */"),
            ("Tests/ValuesTests/A.swift", "import Foundation\nimport Commands"),
        ])
    func allowedImport(path: String, text: String) {
        #expect(ImportRule.check(Repository(files: [TextFile(path, text)])).isEmpty)
    }

    @Test("every module of the table lies above the modules that it imports")
    func tableHasNoCycle() {
        var settled: Set<String> = []
        for _ in ImportRule.arrows {
            settled.formUnion(ImportRule.arrows.filter { $0.value.isSubset(of: settled) }.keys)
        }
        #expect(settled == Set(ImportRule.arrows.keys))
    }

    @Test(
        "what makes a module impure is caught",
        arguments: [
            "func f() async {}", "let a = await g()", "import Foundation", "package import FoundationEssentials",
            "import Glibc", "let now = Date()", "let id = UUID()", "ProcessInfo.processInfo", "FileManager.default",
            "print(1)", "Task { }", "Int.random(in: 0...1)", "let a = list.shuffled()", "ContinuousClock().now",
            "let text = \"now \\(Date())\"",
        ])
    func impurity(code: String) {
        #expect(lines(PurityRule.check, "Sources/Planning/A.swift", "\n" + code).first == 2)
        #expect(lines(PurityRule.check, "Sources/Applying/A.swift", code).isEmpty)
    }

    @Test(
        "words that only look impure are not caught",
        arguments: [
            "func resolve(now: Int, random: [UInt8]) {}", "// await the Date", "let text = \"async\"",
            "let update = 1", "let printed = 2", "struct TaskList {}", "let random = 3",
        ])
    func purity(code: String) {
        #expect(lines(PurityRule.check, "Sources/Planning/A.swift", code).isEmpty)
    }

    @Test("a child task that gives a tuple back is caught, one that gives a struct back is not")
    func taskResult() {
        let code = "withTaskGroup(of: Answered.self) {}\nwithThrowingTaskGroup(of: (Int, String).self) {}\n"
        #expect(lines(TaskResultRule.check, "Sources/Applying/A.swift", code) == [2])
    }

    @Test("a file of more lines than allowed is caught, a file of just as many is not")
    func fileLength() {
        let line = "let a = 1\n"
        let most = String(repeating: line, count: LengthRule.fileLinesMax)
        #expect(lines(LengthRule.checkFiles, "Tests/A/A.swift", most).isEmpty)
        #expect(lines(LengthRule.checkFiles, "Tests/A/A.swift", most + line) == [nil])
    }

    @Test("a function of more lines than allowed is caught where it starts, braces in strings notwithstanding")
    func functionLength() {
        func file(_ head: String, _ count: Int) -> String {
            let body = String(repeating: "        let a = \"}\" // }\n", count: count - 2)
            return "struct A {\n    var b: Int\n    \(head) {\n\(body)    }\n}\n"
        }
        let most = LengthRule.functionLinesMax
        let heads = [
            "func f(_ a: () -> Void = {})", "init(a: Int)", "static func == (a: A, b: A) -> Bool", "var c: [Int]",
            "package subscript(index: Int) -> Int", "func f<T>(a: T) async throws(E) -> T where T: Sendable",
        ]
        for head in heads {
            #expect(lines(LengthRule.checkFunctions, "Sources/JSON/A.swift", file(head, most)).isEmpty, "\(head)")
            #expect(lines(LengthRule.checkFunctions, "Sources/JSON/A.swift", file(head, most + 1)) == [3], "\(head)")
        }
    }

    @Test("functions are found where they are, and requirements and closures are not taken for them")
    func functionsFound() {
        let text = """
            protocol P {
                func a()
                var b: Int { get }
            }
            let c = Array(repeating: 0, count: 1).map { $0 }
            func d() { func e() {} }
            """
        let names = LengthRule.functions(of: SwiftSource(TextFile("A.swift", text))).map(\.name)
        #expect(names == ["var b", "func e", "func d"])
    }

    @Test(
        "a type with an empty word in its name is caught",
        arguments: [
            "struct StateManager {}", "enum JSONUtils {}", "final class DataReader {}", "protocol BaseStep {}",
            "actor Context {}", "typealias KeyInfo = Int", "package struct HTTPServiceError {}",
        ])
    func emptyWord(code: String) {
        #expect(lines(WordRule.checkTypeNames, "Sources/JSON/A.swift", code) == [1])
    }

    @Test(
        "a name that only contains such letters is not caught",
        arguments: [
            "struct Database {}", "struct Metadata {}", "enum Information {}", "struct ServiceAccount {}",
            "struct DataSourceCatalog {}", "class func data() {}", "let context = 1", "struct Baseline {}",
        ])
    func fullWord(code: String) {
        #expect(lines(WordRule.checkTypeNames, "Sources/JSON/A.swift", code).isEmpty)
    }

    @Test("printing is caught in libraries alone, and trapping everywhere")
    func calls() {
        #expect(lines(WordRule.checkCalls, "Sources/Storage/A.swift", "\nprint(1)") == [2])
        #expect(lines(WordRule.checkCalls, "Sources/Commands/A.swift", "print(1)").isEmpty)
        #expect(lines(WordRule.checkCalls, "Tests/A/A.swift", "let a = try! f()") == [1])
        #expect(lines(WordRule.checkCalls, "Tests/A/A.swift", "let a = try !f()").isEmpty)
        #expect(lines(WordRule.checkCalls, "Sources/Storage/A.swift", "// print(1)\n\"try!\"").isEmpty)
    }

    @Test("notes to nobody and machine paths are caught, in files of any kind")
    func notes() {
        let later = "TO" + "DO"
        let machine = "/wo" + "rk"
        let bad = [
            "FIX" + "ME", "// \(later): more", "// \(later)(me)", "cd \(machine)/a", "see \(machine)",
            "\"\(machine)/b\"",
        ]
        for line in bad {
            #expect(lines(WordRule.checkNotes, "docs/a.md", "x\n\(line)\n") == [2], "\(line)")
        }
        for line in [
            "// \(later)(#12): more", "// \(later) #3", "\(machine)spaces", "home\(machine)/a", "\(machine)-item",
        ] {
            #expect(lines(WordRule.checkNotes, "Sources/A/A.swift", line).isEmpty, "\(line)")
        }
    }

    @Test(
        "a declaration across a wall without a doc comment is caught",
        arguments: [
            "package struct A {}", "public func f() {}", "package static let a = 1", "package private(set) var a = 1",
            "package init() {}", "package subscript(a: Int) -> Int { a }", "static package func == (a: A, b: A) {}",
            "@discardableResult\npackage func f() -> Int { 1 }", "package class func f() {}",
            "/// Documented.\nlet a = 1\npackage final class B {}", "// Not a doc comment.\npackage enum E {}",
            "package typealias T = Int", "package indirect enum E {}",
        ])
    func undocumented(code: String) {
        #expect(lines(DocumentationRule.check, "Sources/JSON/A.swift", code).count == 1)
    }

    @Test(
        "a documented declaration is not caught, nor is what needs no comment",
        arguments: [
            "/// A.\npackage struct A {}", "/// F.\n@available(*, deprecated)\n@discardableResult package func f() {}",
            "package import JSON", "package extension A {}", "struct A {}", "let package = Package(name: \"a\")",
            "    /// A.\n    static package let a = 1", "/// A.\n@inlinable\npackage private(set) var a = 1",
        ])
    func documented(code: String) {
        #expect(lines(DocumentationRule.check, "Sources/JSON/A.swift", code).isEmpty)
    }

    @Test("a fixture that nothing mentions is caught")
    func orphanFixture() {
        let repository = Repository(files: [
            TextFile("Tests/A/A.swift", "read(\"plans/one.txt\"); list(\"language\"); read(\"cli/\\(name).txt\")"),
            TextFile("Tests/scripts/demo.sh", "cp \"$root/fixtures/demo/main.tf\" ."),
            TextFile("fixtures/plans/one.txt", ""),
            TextFile("fixtures/plans/two.txt", ""),
            TextFile("fixtures/language/deep/a.hcl", ""),
            TextFile("fixtures/cli/b.txt", ""),
            TextFile("fixtures/demo/main.tf", ""),
            TextFile("fixtures/demo/other.tf", ""),
            TextFile("fixtures/record.sh", ""),
        ])
        #expect(FixtureRule.check(repository).map(\.path) == ["fixtures/plans/two.txt", "fixtures/demo/other.tf"])
    }

    @Test(
        "a changelog out of form is caught",
        arguments: [
            ("# Changes\n\n## [Unreleased]\n", 1),
            ("# Changelog\n\n## 1.0\n", 3),
            ("# Changelog\n\n## [Unreleased]\n\n## 1.0.0\n", 5),
            ("# Changelog\n\n## [Unreleased]\n\n### News\n\n- A.\n", 5),
            ("# Changelog\n\n## [Unreleased]\n\n### Added\n", 5),
            ("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- lower case.\n", 7),
            ("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- No full stop\n", 7),
            ("# Changelog\n\n## [Unreleased]\n\n- Without a section.\n", 5),
            ("# Changelog\n\n## [Unreleased]\n\nProse.\n", 5),
        ])
    func changelog(text: String, line: Int) {
        #expect(lines(ChangelogRule.check, ChangelogRule.path, text) == [line])
    }

    @Test("a changelog in form is not caught, a missing one is")
    func changelogInForm() {
        let text = "# Changelog\n\nWords.\n\n## [Unreleased]\n\n### Added\n\n- One\n  sentence.\n- `a` too.\n\n"
        #expect(lines(ChangelogRule.check, ChangelogRule.path, text + "## [1.0.0] - 2026-01-31\n").isEmpty)
        #expect(lines(ChangelogRule.check, "README.md", text) == [nil])
        #expect(lines(ChangelogRule.check, ChangelogRule.path, "# Changelog\n") == [nil])
    }

    @Test("what is new or missing at the top level is caught, what tools leave there is not")
    func topLevel() {
        let complete = Repository(topLevel: TopLevelRule.entries.sorted() + [".build", ".git"], files: [])
        #expect(TopLevelRule.check(complete).isEmpty)
        let other = Repository(topLevel: TopLevelRule.entries.subtracting(["docs"]).sorted() + ["notes.txt"], files: [])
        #expect(Set(TopLevelRule.check(other).map(\.path)) == ["docs", "notes.txt"])
    }

    @Test("what looks like a secret is caught outside the files that need one")
    func secrets() {
        let secret = "cf" + "lt" + String(repeating: "aB3/", count: 15)
        #expect(lines(SecretRule.check, "docs/a.md", "a\n\"\(secret)\"") == [2])
        #expect(lines(SecretRule.check, "Sources/A/A.swift", secret + secret) == [1, 1])
        #expect(lines(SecretRule.check, "docs/a.md", String(secret.dropLast())).isEmpty)
        for path in SecretRule.exempt { #expect(lines(SecretRule.check, path, secret).isEmpty) }
    }

    @Test("strings, raw strings, nested comments and interpolations are told from code")
    func scanning() {
        let text = ##"""
            a /* b /* c */ d */ "e \(f("g")) h" // i
            #"j \(k) \#(l)"# """
              m " n
              """ o
            """##
        let source = SwiftSource(TextFile("A.swift", text))
        #expect(source.tokens.map(\.text) == ["a", "f", "(", ")", "l", "o"])
        #expect(source.tokens.last?.line == 4)
        #expect(source.literals == ["g", #"e \(f("g")) h"#, ##"j \(k) \#(l)"##, "\n  m \" n\n  "])
    }
}
