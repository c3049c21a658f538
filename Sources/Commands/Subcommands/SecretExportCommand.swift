import Applying
import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform secret export`.
struct SecretExportCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write keys with their secrets in the form that their users read.",
        discussion: """
            Without ADDRESS or ID, all keys of the state whose secrets are known. A resource stands for all its instances. \
            "properties" is what Flink and Kafka clients read, of one key.
            """)

    @Option(
        name: .both("format"),
        help: ArgumentHelp("json, dotenv, kubernetes, properties or netrc.", valueName: "format"))
    var format: String

    @Option(
        name: .both("out"),
        help: ArgumentHelp("Write to a file, for its owner only, instead of standard output.", valueName: "file"))
    var out: String?

    @Option(name: .both("machine"), help: ArgumentHelp("The host that a netrc is for.", valueName: "host"))
    var machine: String?

    @Argument(help: ArgumentHelp("Addresses or ids of keys.", valueName: "address|id"))
    var keys: [String] = []

    /// How files end that are no export, and that none may replace: configuration, states and secrets.
    private static let kept = [
        ".tf", ".tf.json", ".tfvars", ".hcl", ".tfstate", ".secrets.json", ".journal", ".backup",
    ]

    func run(_ invocation: Invocation) async throws -> Int32 {
        let names = SecretFormat.allCases.map(\.rawValue)
        guard let format = SecretFormat(rawValue: format) else {
            throw Problems(
                .error(
                    "Unknown format",
                    "There is no format \"\(VisibleText.escaped(self.format))\"; there are \(names.joined(separator: ", ")).\(Suggestion.phrase(self.format, among: names))"
                ))
        }
        let reading = try StateReading(invocation)
        let state = try await reading.state()
        let exposed = try await exposed(state, reading)
        let text = try SecretText(format, machine: machine).text(exposed)
        guard let out else {
            invocation.terminal.write(text)
            return 0
        }
        do throws(FileError) {
            let path = invocation.path(out)
            if Self.kept.contains(where: path.hasSuffix), try invocation.files.status(path) != nil {
                throw FileError("replace", path, "It is there already, and is no export")
            }
            try AtomicFile.write(Array(text.utf8), to: path, on: invocation.files)
        } catch {
            throw Problems(
                .error(
                    "Secrets could not be written",
                    "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason). What was there is as it was."
                ))
        }
        invocation.terminal.write(
            "Wrote \(exposed.count) key\(exposed.count == 1 ? "" : "s") to \(VisibleText.escaped(out)).\n")
        return 0
    }

    /// The keys that were named, in that order, or all that are known; throws for one whose secret is not.
    private func exposed(_ state: State, _ reading: StateReading) async throws -> [ExposedKey] {
        let managed = state.instanceAddresses.filter(SecretCommand.hasSecret)
        func key(_ id: String, _ address: InstanceAddress?, _ secret: String) -> ExposedKey {
            ExposedKey(id: id, secret: secret, address: address, object: address.flatMap { state[$0] })
        }
        var wanted: [(id: String, address: InstanceAddress?)] = []
        for text in keys {
            // A resource with several instances is all of them.
            if text.contains("."), let resource = try? ResourceAddress(parsing: text) {
                let instances = managed.filter { $0.resource == resource }
                if !instances.isEmpty {
                    wanted += instances.compactMap { address in state[address]?.id.map { ($0, address) } }
                    continue
                }
            }
            let id = try SecretCommand.key(text, state)
            wanted.append((id, managed.first { state[$0]?.id == id }))
        }
        var secrets: [String: String] = [:]
        if keys.isEmpty || wanted.count > 1 {
            for entry in try await reading.secrets.entries() { secrets[entry.key] = entry.secret }
        } else {
            for (id, _) in wanted { secrets[id] = try await reading.secrets.entry(id)?.secret }
        }
        if keys.isEmpty {
            return managed.compactMap { address in
                state[address]?.id.flatMap { id in secrets[id].map { key(id, address, $0) } }
            }
        }
        var seen: Set<String> = []
        return try wanted.filter { seen.insert($0.id).inserted }.map { id, address in
            guard let secret = secrets[id] else { throw Problems(.secretNotKnown(id)) }
            return key(id, address, secret)
        }
    }
}
