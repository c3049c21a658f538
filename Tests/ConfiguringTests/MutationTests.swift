import Configuring
import Diagnostics
import TestSupport
import Testing

/// Damaged configurations end in diagnostics that point into the text, whatever is damaged.
struct MutationTests {
    @Test(arguments: GoldenTests.cases) func truncations(_ name: String) throws {
        let bytes = try Fixtures.bytes("configurations/\(name)/main.tf")
        for end in stride(from: 0, to: bytes.count, by: 5) { check(Array(bytes[..<end])) }
    }

    @Test(arguments: GoldenTests.cases) func deletedWords(_ name: String) throws {
        let bytes = try Fixtures.bytes("configurations/\(name)/main.tf")
        var start = 0
        while start < bytes.count {
            let isWord = Self.isWord(bytes[start])
            var end = start + 1
            while isWord, end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
            if bytes[start] > 0x20 { check(Array(bytes[..<start] + bytes[end...])) }
            start = end
        }
    }

    /// A plan keeps the text, so a text that is none must not get that far.
    @Test(arguments: [[0x23, 0x20, 0xFF, 0x0A], [0x61, 0x20, 0x3D, 0x20, 0x22, 0xC3, 0x22, 0x0A]] as [[UInt8]])
    func bytesThatAreNoTextAreReported(_ bytes: [UInt8]) {
        #expect(Configuration.load([("main.tf", bytes)], catalog: TestCatalog.catalog).diagnostics.hasErrors)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
        default: false
        }
    }

    private func check(_ bytes: [UInt8]) {
        var loaded = Loaded([])
        (loaded.configuration, loaded.diagnostics) = Configuration.load(
            [("main.tf", bytes)], catalog: TestCatalog.catalog)
        // What was loaded can be evaluated as far as it goes, faulty or not.
        _ = loaded.evaluate()
        for diagnostic in loaded.diagnostics {
            #expect((diagnostic.subject?.end ?? 0) <= bytes.count)
            #expect(!diagnostic.detail.isEmpty)
        }
        _ = loaded.shown()
    }
}
