import JSON
import Testing
import TestSupport

/// Files that Terraform wrote, and what becomes of damaged ones.
@Suite struct StateFileTests {
    @Test("Terraform's state files come back byte for byte")
    func roundTrip() throws {
        let names = try Fixtures.names(in: "json/states", endingWith: ".tfstate")
        #expect(names.count >= 2)
        for name in names {
            let bytes = try Fixtures.bytes(name)
            let value = try JSONValue(parsing: bytes)
            #expect(value.bytes(.indented) + [0x0A] == bytes, "\(name)")
            #expect(try JSONValue(parsing: value.bytes(.compact)) == value)
            #expect(value["version"]?.int == 4)
        }
    }

    /// The compact form of each fixture: every byte of it counts.
    private static func compactFixtures() throws -> [[UInt8]] {
        try Fixtures.names(in: "json").map { try JSONValue(parsing: Fixtures.bytes($0)).bytes(.compact) }
    }

    @Test("Every truncation is an error")
    func truncations() throws {
        let texts = try Self.compactFixtures()
        #expect(texts.count >= 3)
        for text in texts {
            let accepted = (0..<text.count).filter { (try? JSONValue(parsing: Array(text.prefix($0)))) != nil }
            #expect(accepted == [])
        }
    }

    @Test("A changed byte ends in an error or in another value that is written as it was read")
    func mutations() throws {
        var random = SeededGenerator(seed: 1)
        let bytes: [UInt8] = Array("\u{0}\"\\{}[]:,'-+.eE0189tfnu \n/".utf8) + [0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        var errors = 0
        var values = 0
        for original in try Self.compactFixtures() {
            for _ in 0..<1000 {
                var text = original
                let place = Int.random(in: text.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = bytes.randomElement(using: &random) ?? 0
                case 1: text.remove(at: place)
                default: text.insert(bytes.randomElement(using: &random) ?? 0, at: place)
                }
                guard let value = try? JSONValue(parsing: text) else {
                    errors += 1
                    continue
                }
                values += 1
                #expect(try JSONValue(parsing: value.bytes(.indented)) == value)
            }
        }
        #expect(errors > 100)
        #expect(values > 100)
    }
}
