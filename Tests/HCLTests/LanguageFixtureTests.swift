import Diagnostics
import HCL
import Testing
import Values

@Suite("Annotated sources")
struct LanguageFixtureTests {
    @Test("Every file has cases, and every case an expectation")
    func found() {
        for file in LanguageFixture.files {
            #expect(LanguageFixture.all.contains { $0.file == file }, "\(file).hcl has no cases")
        }
        for fixture in LanguageFixture.all {
            #expect(!fixture.values.isEmpty || !fixture.errors.isEmpty, "\(fixture.testDescription) expects nothing")
        }
    }

    @Test("A case means what its annotations say", arguments: LanguageFixture.all)
    func meaning(_ fixture: LanguageFixture) {
        let (_, values, problems) = Source.evaluateBody(Array(fixture.source.utf8))
        let described = fixture.described(problems)
        let isSame =
            described.count == fixture.errors.count
            && zip(described, fixture.errors).allSatisfy { LanguageFixture.matches($0, $1) }
        #expect(
            isSame, "reported: \(described.joined(separator: "\n")) expected: \(fixture.errors.joined(separator: "\n"))"
        )
        if !fixture.values.isEmpty {
            #expect(values.map(ValueText.line) == fixture.values)
        }
        for problem in problems {
            #expect(problem.summary.split(separator: " ").count <= 6, "\(problem.summary)")
            for text in [problem.summary, problem.detail] + problem.facts + problem.notes.map(\.text) {
                #expect(
                    !TestScope.canaries.contains { text.contains($0) }, "a message shows what is sensitive: \(text)")
            }
        }
    }

    @Test("What an expression says of its text reads back as the same value", arguments: LanguageFixture.all)
    func textOfExpressions(_ fixture: LanguageFixture) {
        let (body, values, problems) = Source.evaluateBody(Array(fixture.source.utf8))
        guard problems.isEmpty else { return }
        for (attribute, value) in zip(body.attributes, values) {
            // A heredoc ends with its line.
            let (again, more) = Source.evaluate(attribute.expression.text + "\n")
            #expect(more.isEmpty && again == value, "\(attribute.expression.text)")
        }
    }
}
