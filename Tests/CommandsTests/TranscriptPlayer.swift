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
    /// The secrets of all keys that were ever seen.
    private var secrets: Set<String> = []
    /// What the next run is interrupted at.
    private var interruption: String?
    /// The lock that another run holds.
    private var lock: FileHandle?

    init(place: Workplace, folder: String) {
        self.place = place
        self.folder = folder
    }

    /// The transcript as it is now, made of the lines of an older one that say what to do.
    mutating func play(_ transcript: String) async throws -> String {
        names.known(try await place.emulator.objectIDs())
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("$ ") {
                text += (text.isEmpty ? "" : "\n") + line + "\n"
                try await command(String(line.dropFirst(2)))
            } else if line.hasPrefix("@ ") {
                text += (text.isEmpty ? "" : "\n") + line + "\n"
                try await happening(String(line.dropFirst(2)))
            }
        }
        return text
    }

    // MARK: - Commands

    private mutating func command(_ line: String) async throws {
        let keys = try await place.emulator.keys()
        names.learn(keys)
        secrets.formUnion(keys.map(\.secret))
        var words = ShellWords.split(line).map { filled($0, keys) }
        var environment: [String: String] = [:]
        while let first = words.first, let equals = first.firstIndex(of: "=") {
            environment[String(first[..<equals])] = String(first[first.index(after: equals)...])
            words.removeFirst()
        }
        var input = ""
        var isTyped = false
        if let mark = words.firstIndex(where: { $0 == "<<<" || $0 == "<tty" }) {
            isTyped = words[mark] == "<tty"
            input = words[(mark + 1)...].joined(separator: isTyped ? "\n" : " ") + "\n"
            words.removeSubrange(mark...)
        }
        try #require(words.first == "flinkform", "\(line)")
        let run = await place.run(
            Array(words.dropFirst()), input: input, isTyped: isTyped, environment: environment,
            interruption: interruption)
        interruption = nil
        let isKilled = place.files.isCrashed
        if isKilled { place.files.restart(.everything) }
        let now = try await place.emulator.keys()
        names.learn(now)
        names.learn(try await place.emulator.objectIDs())
        secrets.formUnion(now.map(\.secret))
        let showsSecrets = ["secret get", "output -", "api-key create", "-with-secrets"].contains { line.contains($0) }
        #expect(try await place.leaks(of: secrets, showsSecrets ? [] : [run]) == [], "\(line)")
        write(run, isKilled)
    }

    /// A word with ids and secrets in the place of what stands for them.
    private func filled(_ word: String, _ keys: [StoredKey]) -> String {
        let port = place.emulator.url.split(separator: ":").last.map(String.init) ?? ""
        let filled = word.replacingAll("{port}", port).replacingAll("{directory}", place.directory)
        return keys.reduce(filled) { word, key in
            word.replacingAll("{key:\(key.label)}", key.id).replacingAll("{secret:\(key.label)}", key.secret)
        }.replacing(#/{([a-z]+-NEW\d+)}/#) { names.id(named: String($0.output.1)) ?? String($0.output.0) }
    }

    private mutating func write(_ run: Workplace.Transcript, _ isKilled: Bool) {
        let output = names.normalised(run.output, place)
        text += output
        // What a run says after it has been stopped is of no matter.
        if isKilled {
            text += "Killed\n"
            return
        }
        let errors = names.normalised(run.errors, place)
        if !output.isEmpty, !output.hasSuffix("\n"), !errors.isEmpty || run.status != 0 { text += "\n" }
        for part in errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            text += part.isEmpty ? "!\n" : "! \(part)\n"
        }
        if run.status != 0 { text += "[exit \(run.status)]\n" }
    }

    // MARK: - What happens between commands

    private mutating func happening(_ line: String) async throws {
        let keys = try await place.emulator.keys()
        let words = line.split(separator: " ").map { filled(String($0), keys) }
        let rest = words.dropFirst(2).joined(separator: " ")
        switch words.first {
        case "use": try place.configure(try Fixtures.text(folder + "/" + words[1]))
        case "cloud:": try await cloud(words[1], rest)
        case "file": try file(Array(words.dropFirst()))
        case "show":
            // What the program itself would read.
            let bytes = try MachineFiles(place.files).read(place.path(words[1]), limit: 1 << 20)
            text += bytes.map { names.normalised(String(decoding: $0, as: UTF8.self), place) } ?? "there is none\n"
        case "terraform:": try terraform(words[1], rest, keys)
        case "run":
            switch words[1] {
            case "is-killed-at": place.files.arrange(.crashBefore, atEffect: try #require(Int(words[2]), "\(line)"))
            case "is-interrupted-at": interruption = rest
            case "holds-lock": try holdLock("flinkform.tfstate", on: ".flinkform.tfstate.lock", "0.1.0")
            case "ends": lock.map(place.files.close)
            default: Issue.record("nothing happens: \(line)")
            }
        default: Issue.record("nothing happens: \(line)")
        }
    }

    private mutating func cloud(_ what: String, _ rest: String) async throws {
        let words = rest.split(separator: " ").map(String.init)
        switch what {
        case "keys":
            let keys = try await place.emulator.keys()
            text +=
                keys.map { "\($0.label) of \($0.owner)" }.sorted().joined(separator: "\n")
                + (keys.isEmpty ? "none\n" : "\n")
        case "make": _ = try await place.emulator.addKey(name: rest, age: .seconds(3_600))
        case "make-cloud-key": _ = try await place.emulator.addCloudKey(owner: words[1], name: words[0])
        case "make-cluster-key": _ = try await place.emulator.addClusterKey(cluster: "lkc-demo1", name: rest)
        case "delete": try await place.emulator.removeKey(try await key(named: rest).id)
        case "rename": try await place.emulator.renameKey(try await key(named: words[0]).id, to: words[1])
        case "account":
            try await place.emulator.addServiceAccount(rest, name: rest)
            names.known([rest])
        case "fault":
            let faults = try words.map { word in try Fault(parsing: word) }
            await place.emulator.setSwitches { $0.faults = faults }
        case "recovers": await place.emulator.setSwitches { $0.faults = [] }
        case "gone-means":
            let status = try #require(Int(rest))
            await place.emulator.setSwitches { $0.goneStatus = status }
        default: Issue.record("nothing happens at the cloud: \(what)")
        }
    }

    private mutating func terraform(_ what: String, _ rest: String, _ keys: [StoredKey]) throws {
        switch what {
        case "writes":
            let words = rest.split(separator: " ").map(String.init)
            let name = words.count > 1 ? words[1] : "terraform.tfstate"
            place.expectSecrets(in: name)
            place.files.put(
                Array(filled(try Fixtures.text(folder + "/" + words[0]), keys).utf8), at: place.path(name),
                isOpenToOthers: true)
        case "holds-lock": try holdLock("terraform.tfstate", on: "terraform.tfstate", "1.11.4")
        case "ends": lock.map(place.files.close)
        case "expects-secrets": place.expectSecrets(in: rest)
        default: Issue.record("Terraform does not do this: \(what)")
        }
    }

    private mutating func file(_ words: [String]) throws {
        switch words[0] {
        case "empty": place.files.put([], at: place.path(words[1]))
        case "gone":
            place.files.takeAway(place.path(words[1]))
            try MachineFiles(place.files).remove(place.path(words[1]))
        case "searched": place.expectSecrets(in: words[1], false)
        case "cut":
            let bytes = place.files.bytes(place.path(words[1])) ?? []
            place.files.put(Array(bytes.prefix(bytes.count / 2)), at: place.path(words[1]))
        case let name where words.count > 2 && words[1] == "holds":
            let text = words.dropFirst(2).joined(separator: " ") + "\n"
            if name.hasSuffix(".tf") || name.hasSuffix(".tfvars") {
                try place.configure(text, as: name)
            } else {
                place.files.put(Array(text.utf8), at: place.path(name))
            }
        case let name where words.count > 2 && words[1] == "becomes":
            place.files.put(place.files.bytes(place.path(name)) ?? [], at: place.path(words[2]))
        default: Issue.record("nothing happens to a file: \(words)")
        }
    }

    private mutating func holdLock(_ state: String, on name: String, _ version: String) throws {
        let holder = """
            {"ID": "5b1f2a9e-90cc-4c4c-b0a1-7f3c1d0e5a11", "Operation": "OperationTypeApply", "Info": "", \
            "Who": "someone@elsewhere", "Version": "\(version)", "Created": "2026-01-02T03:04:05Z", "Path": "\(state)"}
            """
        place.files.put(Array(holder.utf8), at: place.path(".\(state).lock.info"))
        let handle = try place.files.open(place.path(name), .appending)
        #expect(try place.files.lock(handle))
        lock = handle
    }

    private func key(named name: String) async throws -> StoredKey {
        try #require(try await place.emulator.keys().first { $0.name == name }, "no key \(name)")
    }
}

extension StoredKey {
    /// What transcripts call it.
    fileprivate var label: String { name.isEmpty ? description : name }
}

/// Gives what is random in a transcript the same name each time.
private struct TranscriptNames {
    /// The ids of all keys that were ever there.
    private var known: Set<String> = []
    /// Those that were shown, in the order of their showing.
    private var shown: [String] = []

    /// The ids of other objects that have a name of their own, and those that get one.
    private var named: Set<String> = []
    private var objects: Set<String> = []
    private var shownObjects: [String] = []

    mutating func learn(_ keys: [StoredKey]) { known.formUnion(keys.map(\.id)) }

    /// Takes note of the ids of objects that runs make.
    mutating func learn(_ ids: Set<String>) { objects.formUnion(ids.subtracting(named)) }

    /// Takes note of ids that are not random.
    mutating func known(_ ids: Set<String>) { named.formUnion(ids) }

    /// The id that a transcript calls `sa-NEW1`, or nil.
    func id(named name: String) -> String? { shownObjects.first { self.name(of: $0) == name } }

    /// `sa-NEW1` for the first service account that was shown, and so on.
    private func name(of id: String) -> String {
        let prefix = id.prefix { $0 != "-" }
        let alike = shownObjects.filter { $0.hasPrefix(prefix + "-") }
        return "\(prefix)-NEW\((alike.firstIndex(of: id) ?? 0) + 1)"
    }

    mutating func normalised(_ text: String, _ place: Workplace) -> String {
        var result = text.replacingAll(place.directory, "DIRECTORY").replacingAll(place.emulator.url, "http://EMULATOR")
            .replacing(#/http:\/\/localhost:\d+/#, with: "http://localhost:PORT")
        for match in result.matches(of: #/\b[A-Z0-9]{16}\b/#) {
            let id = String(match.output)
            if known.contains(id) && !shown.contains(id) { shown.append(id) }
        }
        for (index, id) in shown.enumerated() { result = result.replacingAll(id, "KEY\(index + 1)") }
        for match in result.matches(of: #/\b[a-z]+-[0-9a-z]{6}\b/#) {
            let id = String(match.output)
            if objects.contains(id) && !shownObjects.contains(id) { shownObjects.append(id) }
        }
        for id in shownObjects { result = result.replacingAll(id, name(of: id)) }
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
