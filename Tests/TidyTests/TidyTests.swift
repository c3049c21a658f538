import Testing

/// The rules that the repository keeps, each checked against every file.
///
/// That each rule catches what it should is tested in `RuleTests`.
@Suite("Tidy")
struct TidyTests {
    private func expectNone(of rule: (Repository) -> [Violation], sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let violations = rule(try Repository.current.get())
        let list = violations.map { "  \($0)" }.joined(separator: "\n")
        #expect(violations.isEmpty, "\(violations.count) violations:\n\(list)", sourceLocation: sourceLocation)
    }

    @Test("the repository was found and read")
    func repositoryIsRead() throws {
        let repository = try Repository.current.get()
        #expect(repository.file("Package.swift") != nil)
        #expect(repository.sources.contains { $0.module == "JSON" })
        #expect(repository.files.contains { $0.path.hasPrefix("fixtures/") })
    }

    @Test("modules import only what lies below them")
    func imports() throws { try expectNone(of: ImportRule.check) }

    @Test("modules that decide are pure")
    func purity() throws { try expectNone(of: PurityRule.check) }

    @Test("child tasks give no tuples back")
    func taskResults() throws { try expectNone(of: TaskResultRule.check) }

    @Test("files are short")
    func fileLengths() throws { try expectNone(of: LengthRule.checkFiles) }

    @Test("functions are short")
    func functionLengths() throws { try expectNone(of: LengthRule.checkFunctions) }

    @Test("names of types say what they are")
    func typeNames() throws { try expectNone(of: WordRule.checkTypeNames) }

    @Test("only programs print, and nothing traps on an error")
    func calls() throws { try expectNone(of: WordRule.checkCalls) }

    @Test("no notes to nobody, no paths of one machine")
    func notes() throws { try expectNone(of: WordRule.checkNotes) }

    @Test("what crosses a module's wall has a doc comment")
    func documentation() throws { try expectNone(of: DocumentationRule.check) }

    @Test("every fixture is used")
    func fixtures() throws { try expectNone(of: FixtureRule.check) }

    @Test("the changelog keeps its form")
    func changelog() throws { try expectNone(of: ChangelogRule.check) }

    @Test("nothing new at the top level")
    func topLevel() throws { try expectNone(of: TopLevelRule.check) }

    @Test("no secrets")
    func secrets() throws { try expectNone(of: SecretRule.check) }
}
