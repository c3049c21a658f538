import EngineSupport
import Emulator
import Storage
import TestSupport
import Testing

/// Plays the commands of a transcript, and what happens between them, and writes the transcript anew.
struct TranscriptPlayer {
    let place: Workplace
    /// The case's folder, below `fixtures`.
    let folder: String
    private var names = TranscriptNames()
    private var text = ""

    init(place: Workplace, folder: String) {
        self.place = place
        self.folder = folder
    }

    /// The transcript as it is now, made of the lines of an older one that say what to do.
    mutating func play(_ transcript: String) async throws -> String {
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("$ ") {
                text += (text.isEmpty ? "" : "\n") + line + "\n"
                try await command(String(line.dropFirst(2)))
            } else if line.hasPrefix("@ ") {
                text += (text.isEmpty ? "" : "\n") + line + "\n"
                try await happening(line.dropFirst(2).split(separator: " ").map(String.init))
            }
        }
        return text
    }

    // MARK: - Commands

    private mutating func command(_ line: String) async throws {
        let keys = try await place.emulator.keys()
        var words = ShellWords.split(line)
        for key in keys {
            words = words.map {
                $0.replacingAll("{key:\(key.name)}", key.id).replacingAll("{secret:\(key.name)}", key.secret)
            }
        }
        var environment: [String: String] = [:]
        while let first = words.first, let equals = first.firstIndex(of: "=") {
            environment[String(first[..<equals])] = String(first[first.index(after: equals)...])
            words.removeFirst()
        }
        var input = ""
        if let mark = words.firstIndex(of: "<<<") {
            input = words[(mark + 1)...].joined(separator: " ") + "\n"
            words.removeSubrange(mark...)
        }
        try #require(words.first == "flinkform", "\(line)")
        names.learn(keys)
        let run = await place.run(Array(words.dropFirst()), input: input, environment: environment)
        let showsSecrets = line.contains("secret get") || line.contains("output -")
        #expect(showsSecrets ? true : try await place.leaks(run) == [], "\(line)")
        names.learn(try await place.emulator.keys())
        text += names.normalised(run.output, place)
        for part in names.normalised(run.errors, place).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast()
        {
            text += part.isEmpty ? "!\n" : "! \(part)\n"
        }
        if run.status != 0 { text += "[exit \(run.status)]\n" }
    }

    // MARK: - What happens between commands

    private mutating func happening(_ words: [String]) async throws {
        let rest = words.dropFirst(2).joined(separator: " ")
        switch words.prefix(2).joined(separator: " ") {
        case "use next.tf": try place.configure(try Fixtures.text(folder + "/next.tf"))
        case "cloud: keys":
            let keys = try await place.emulator.keys()
            text +=
                keys.map { "\($0.name) of \($0.owner)" }.sorted().joined(separator: "\n")
                + (keys.isEmpty ? "none\n" : "\n")
        case "cloud: make": _ = try await place.emulator.addKey(name: words[2], age: .seconds(3_600))
        case "cloud: delete": try await place.emulator.removeKey(try await key(named: rest).id)
        case "cloud: account": try await place.emulator.addServiceAccount(words[2], name: words[2])
        case "cloud: fault":
            let fault = try Fault(parsing: rest)
            await place.emulator.setSwitches { $0.faults = [fault] }
        case "cloud: recovers": await place.emulator.setSwitches { $0.faults = [] }
        case "file empty": place.files.put([], at: place.path(rest))
        case "file gone": place.files.takeAway(place.path(rest))
        case "file cut":
            let bytes = place.files.bytes(place.path(rest)) ?? []
            place.files.put(Array(bytes.prefix(bytes.count / 2)), at: place.path(rest))
        case "file \(words.dropFirst().first ?? "")" where words.count > 3 && words[2] == "holds":
            place.files.put(Array((words.dropFirst(3).joined(separator: " ") + "\n").utf8), at: place.path(words[1]))
        case "file \(words.dropFirst().first ?? "")" where words.count > 3 && words[2] == "becomes":
            let bytes = place.files.bytes(place.path(words[1])) ?? []
            place.files.put(bytes, at: place.path(words[3]))
        default: break
        }
    }

    private func key(named name: String) async throws -> StoredKey {
        try #require(try await place.emulator.keys().first { $0.name == name }, "no key \(name)")
    }
}

/// Gives what is random in a transcript the same name each time.
private struct TranscriptNames {
    /// The ids of all keys that were ever there.
    private var known: Set<String> = []
    /// Those that were shown, in the order of their showing.
    private var shown: [String] = []

    mutating func learn(_ keys: [StoredKey]) { known.formUnion(keys.map(\.id)) }

    mutating func normalised(_ text: String, _ place: Workplace) -> String {
        var result = text.replacingAll(place.directory, "DIRECTORY").replacingAll(place.emulator.url, "http://EMULATOR")
        for match in result.matches(of: #/\b[A-Z0-9]{16}\b/#) {
            let id = String(match.output)
            if known.contains(id) && !shown.contains(id) { shown.append(id) }
        }
        for (index, id) in shown.enumerated() { result = result.replacingAll(id, "KEY\(index + 1)") }
        result = result.replacing(#/cflt[A-Za-z0-9+\/]{60}/#, with: "SECRET")
        result = result.replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#, with: "TIME")
        result = result.replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "UUID")
        result = result.replacing(#/\b[0-9a-f]{32}\b/#, with: "REQUEST")
        result = result.replacing(#/complete after \w+/#, with: "complete after TIME")
        result = result.replacing(#/deposed object [0-9a-f]{8}/#, with: "deposed object DEPOSED")
        return result.replacing(#/[^\n]*\[[^\n]*elapsed\]\n/#, with: "")
    }
}

extension String {
    fileprivate func replacingAll(_ old: String, _ new: String) -> String { replacing(old, with: new) }
}

/// Splits a command line as a shell does, with both kinds of quotes.
enum ShellWords {
    static func split(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
