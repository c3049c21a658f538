import EngineSupport
import Emulator
import Testing
import TestSupport

/// The command line as a user sees it: each transcript below `fixtures/cli` is played again.
///
/// How a transcript is written is said in `fixtures/cli/README.md`.
@Suite struct TranscriptTests {
    static let cases: [String] = {
        let names = (try? Fixtures.names(in: "cli", endingWith: "/transcript.txt")) ?? []
        return names.map { String($0.dropFirst("cli/".count).dropLast("/transcript.txt".count)) }
    }()

    @Test("There are transcripts of every command") func thereAreMany() throws {
        let all = try Self.cases.map { try Fixtures.text("cli/\($0)/transcript.txt") }.joined()
        for command in ["init", "validate", "plan", "apply", "destroy", "show", "output", "import", "version"] {
            #expect(all.contains(" flinkform \(command)"), "\(command)")
        }
        for command in [
            "state list", "state show", "state rm", "secret get", "secret set", "secret list", "secret prune", "login",
            "logout", "flink region list", "environment list", "iam service-account list",
            "iam service-account create", "iam service-account describe", "api-key list", "api-key describe",
            "adopt", "adopt -scrub", "state pull", "state pull -with-secrets",
        ] {
            #expect(all.contains(" flinkform \(command)"), "\(command)")
        }
    }

    @Test("It goes as it went", arguments: cases)
    func transcript(_ name: String) async throws {
        try await Workplace.with { place in
            for file in try Fixtures.names(in: "cli/\(name)") where file.hasSuffix(".tf") || file.hasSuffix(".tfvars") {
                let own = String(file.dropFirst("cli/\(name)/".count))
                if !own.hasPrefix("next") { try place.configure(try Fixtures.text(file), as: own) }
            }
            var player = TranscriptPlayer(place: place, folder: "cli/\(name)")
            let text = try await player.play(try Fixtures.text("cli/\(name)/transcript.txt"))
            #expect(Snapshot.difference(text, golden: "cli/\(name)/transcript.txt") == nil)
        }
    }
}
