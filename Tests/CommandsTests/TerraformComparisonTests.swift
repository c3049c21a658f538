import EngineSupport
import FoundationEssentials
import Storage
import TestSupport
import Testing

/// What flinkform does with the cases in `fixtures/terraform`, against what a real Terraform was recorded to do.
///
/// How the recordings are made is said in `fixtures/terraform/README.md`.
@Suite struct TerraformComparisonTests {
    static let cases: [String] = {
        let names = (try? Fixtures.names(in: "terraform", endingWith: "/steps")) ?? []
        return names.map { String($0.dropFirst("terraform/".count).dropLast("/steps".count)) }
    }()

    /// The known differences: `CASE STEP REASON` a line; steps are counted from 1, the state is the last.
    static let known: [String: String] = {
        let lines = (try? Fixtures.text("terraform/differences.txt"))?.split(separator: "\n") ?? []
        var result: [String: String] = [:]
        for line in lines where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 2)
            if words.count == 3 { result["\(words[0]) \(words[1])"] = String(words[2]) }
        }
        return result
    }()

    @Test("Each known difference has a case and a reason")
    func differences() throws {
        let lines = try Fixtures.text("terraform/differences.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == Self.known.count)
        for name in Self.known.keys {
            let parts = name.split(separator: " ")
            #expect(Self.cases.contains(String(parts[0])), "\(name)")
        }
    }

    @Test("It comes out as with Terraform", arguments: cases)
    func comparison(_ name: String) async throws {
        let recorded = try Self.sections(try Fixtures.text("terraform/\(name)/recorded.txt"))
        try await Workplace.with { place in
            for file in try Fixtures.names(in: "terraform/\(name)", endingWith: ".tf") {
                let own = String(file.dropFirst("terraform/\(name)/".count))
                if !own.hasPrefix("next") { try place.configure(try Fixtures.text(file), as: own) }
            }
            for file in try Fixtures.names(in: "terraform/\(name)", endingWith: ".tfstate") {
                // The directory's own has this program's name here.
                let own = String(file.dropFirst("terraform/\(name)/".count)).replacing(
                    /^terraform\./, with: "flinkform.")
                try place.files.makeDirectory(Path.directory(of: place.path(own)))
                try AtomicFile.write(Array(try Fixtures.text(file).utf8), to: place.path(own), on: place.files)
            }
            var step = 0
            for line in try Fixtures.text("terraform/\(name)/steps").split(separator: "\n").map(String.init) {
                let words = line.split(separator: " ").map(String.init)
                if words[0] == "use" {
                    try place.configure(try Fixtures.text("terraform/\(name)/\(words[1])"))
                    continue
                }
                let run = await place.run(words.filter { $0 != "-no-color" })
                let printed = run.output + run.errors
                let normalised =
                    words.contains("-json")
                    ? try MachineText.normalised(printed, of: words[0]) : Self.normalised(Self.withoutSkipped(printed))
                let text = "$ \(line)\n\(normalised)\n[exit \(run.status)]"
                try #require(step < recorded.count)
                compare(name, step + 1, text, recorded[step])
                step += 1
            }
            let state = try place.files.read(place.path("flinkform.tfstate"), limit: 1 << 26)
            let text = state.map { Self.normalised(String(decoding: $0, as: UTF8.self)) } ?? "(none)"
            compare(
                name, step + 1, "@ state\n" + text.replacing(/"serial": \d+/, with: "\"serial\": N"), recorded[step])
        }
    }

    private func compare(_ name: String, _ step: Int, _ text: String, _ recorded: String) {
        let text = Unordered.sorted(text)
        let wanted = Unordered.sorted(recorded).replacing("Terraform", with: "flinkform")
            .replacing(
                /\bterraform(?=\s(apply|plan|state|untaint|init|refresh|providers|graph|show|console)\b)/,
                with: "flinkform"
            )
            // A link to Terraform's documentation.
            .replacing(/\ instead:\nhttps:\/\/\S+/, with: " instead.")
        if let reason = Self.known["\(name) \(step)"] {
            #expect(text != wanted, "\(name), step \(step): no longer different: \(reason)")
        } else {
            #expect(text == wanted, "\(name), step \(step)")
        }
    }

    /// The parts of a recording: one for each command, then the state.
    private static func sections(_ text: String) throws -> [String] {
        var result: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("$ ") || line == "@ state" { result.append("") }
            try #require(!result.isEmpty)
            result[result.count - 1] += line + "\n"
        }
        return result.map { section in
            var section = section
            while section.hasSuffix("\n") { section.removeLast() }
            return section
        }
    }

    /// The text without what flinkform says beside what Terraform does: which instances wait for one that failed.
    private static func withoutSkipped(_ text: String) -> String {
        text.replacing(/(?m)^.*: Skipped, because .* failed\n/, with: "")
            .replacing(/\n(Warning|Error): Skipped after a failure\n(?s:.*?)which failed:\n\n( {4}.*\n)+/, with: "")
    }

    /// The text without what differs from run to run, as the recording has it.
    private static func normalised(_ text: String) -> String {
        var lines: [String] = []
        var progress: [String] = []
        let words = [
            "Creating", "Creation", "Modifying", "Modifications", "Destroying", "Destruction", "Reading", "Read",
            "Preparing import", "Importing", "Import complete",
        ]
        let bare = text.replacing(uuid, with: "UUID").replacing(deposed) { "\($0.output.1)KEY" }
            .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "MOMENT")
        for line in bare.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.contains("Refreshing state...") || line.contains(": Still ") { continue }
            let line = String(line).replacing(/after (\d+[hm])*\d+s/, with: "after TIME")
            if words.contains(where: { line.contains(": \($0)") }) {
                progress.append(line)
                continue
            }
            lines += progress.sorted() + [line]
            progress = []
        }
        lines += progress.sorted()
        while lines.first == "" { lines.removeFirst() }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static var deposed: Regex<(Substring, Substring)> { /(deposed object |"deposed": ")[0-9a-f]{8}/ }
    private static var uuid: Regex<Substring> { /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/ }
}
