import Diagnostics
import Testing

@testable import HCL

/// Broken sources end in diagnostics or values, never in a trap or a loop.
@Suite("Broken sources")
struct MutationTests {
    @Test("Every truncation of every case is read", arguments: LanguageFixture.all)
    func truncations(_ fixture: LanguageFixture) {
        let bytes = Array(fixture.source.utf8)
        for count in 0...bytes.count { check(Array(bytes[..<count])) }
    }

    @Test("Every case is read without any one of its tokens", arguments: LanguageFixture.all)
    func deletions(_ fixture: LanguageFixture) {
        let bytes = Array(fixture.source.utf8)
        let lexer = Lexer(bytes: bytes, limit: bytes.count)
        var offset = 0
        while true {
            let token = lexer.token(at: offset, skipsNewlines: false)
            guard token.kind != .end else { break }
            #expect(token.end > offset)
            offset = token.end
            check(Array(bytes[..<token.start] + bytes[token.end...]))
        }
    }

    @Test("Every case is read with any one byte replaced", arguments: LanguageFixture.all)
    func replacements(_ fixture: LanguageFixture) {
        let bytes = Array(fixture.source.utf8)
        let others = Array("\"{}[]()$%<~\n\\".utf8) + [0x00, 0xFF]
        for index in bytes.indices {
            var changed = bytes
            changed[index] = others[index % others.count]
            check(changed)
        }
    }

    @Test("What is cut is white space, a comment or a token")
    func gaps() {
        for fixture in LanguageFixture.all where !fixture.source.contains("\"") && !fixture.source.contains("<<") {
            let bytes = Array(fixture.source.utf8)
            let lexer = Lexer(bytes: bytes, limit: bytes.count)
            var printed: [UInt8] = []
            var offset = 0
            while true {
                let token = lexer.token(at: offset, skipsNewlines: false)
                let gap = String(decoding: bytes[offset..<token.start], as: UTF8.self)
                #expect(gap.allSatisfy { $0.isWhitespace } || gap.contains("#") || gap.contains("/"))
                printed += bytes[offset..<token.end]
                guard token.kind != .end else { break }
                offset = token.end
            }
            #expect(printed == bytes)
        }
    }

    private func check(_ bytes: [UInt8]) {
        let (body, _, problems) = Source.evaluateBody(bytes)
        for problem in problems {
            if let subject = problem.subject {
                #expect(subject.start <= subject.end && subject.end <= bytes.count)
            }
        }
        #expect(body.range.end <= bytes.count)
        let starts = SyntaxTree.parse(bytes, file: Source.file).1.compactMap { $0.subject?.start }
        #expect(Set(starts).count == starts.count, "a place is reported twice")
    }
}
