import Configuring
import Diagnostics
import TestSupport
import Testing

/// Each folder of fixtures is a directory of configuration and what is said about it.
///
/// `*.tf` are the configuration and `*.tfvars` values of variables; `expected.txt` is the diagnostics as a user sees them, and for
/// a configuration without errors its instances.
struct GoldenTests {
    static let cases: [String] = {
        let files = (try? Fixtures.names(in: "configurations", endingWith: ".tf")) ?? []
        return Set(files.compactMap { $0.split(separator: "/").dropFirst().first.map(String.init) }).sorted()
    }()

    @Test(arguments: cases) func diagnostics(_ name: String) throws {
        let folder = "configurations/\(name)"
        let sources = try Fixtures.names(in: folder, endingWith: ".tf").map { path in
            (String(path.dropFirst(folder.count + 1)), try Fixtures.text(path))
        }
        var loaded = Loaded(sources)
        var text = ""
        if !loaded.diagnostics.hasErrors {
            let files = try Fixtures.names(in: folder, endingWith: ".tfvars").map { path in
                VariableSource.file(name: String(path.dropFirst(folder.count + 1)), bytes: try Fixtures.bytes(path))
            }
            let values = loaded.evaluate(files)
            if !loaded.diagnostics.hasErrors {
                text = values.keys.sorted().map { "\($0)\n" }.joined()
            }
        }
        #expect(Snapshot.difference(loaded.shown() + text, golden: "\(folder)/expected.txt") == nil)
    }

    @Test func thereAreMany() { #expect(Self.cases.count >= 40) }

    /// Nothing but a constant stands in a summary, and a detail is made of sentences.
    @Test(arguments: cases) func wording(_ name: String) throws {
        let folder = "configurations/\(name)"
        let sources = try Fixtures.names(in: folder, endingWith: ".tf").map { path in
            (String(path.dropFirst(folder.count + 1)), try Fixtures.text(path))
        }
        for diagnostic in Loaded(sources).diagnostics {
            #expect(diagnostic.summary.split(separator: " ").count <= 8, "\(diagnostic.summary)")
            #expect(!diagnostic.summary.hasSuffix("."), "\(diagnostic.summary)")
            // The last line may be one to copy.
            let last = diagnostic.detail.split(separator: "\n").last ?? ""
            #expect(last.hasPrefix("    ") || last.hasSuffix(".") || last.hasSuffix("?"), "\(diagnostic.detail)")
            #expect(diagnostic.subject != nil, "\(diagnostic.summary)")
        }
    }
}
