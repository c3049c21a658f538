import Applying
import ArgumentParser
import Configuring
import Diagnostics
import JSON
import Planning
import Storage
import Values

/// `flinkform state pull`.
struct StatePullCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Print the whole state, or give it back to Terraform.",
        discussion: """
            With -with-secrets, prints the state as Terraform would have it: every secret that is known in clear, and nothing of \
            flinkform's. Where the whole of a Terraform state was adopted, the result is its successor: terraform state push FILE
            """)

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .both("with-secrets"), help: "Put the secrets in their places, in clear. Asks first.")
    var withSecrets = false

    @Option(
        name: .both("out"),
        help: ArgumentHelp("Write to a new file, for its owner only, instead of standard output.", valueName: "file"))
    var out: String?

    @Flag(name: .both("auto-approve"), help: "Do not ask before secrets are shown or written in clear.")
    var autoApprove = false

    /// As Terraform, it takes more words, and does nothing with them.
    @Argument(help: .hidden)
    var rest: [String] = []

    func run(_ invocation: Invocation) async throws -> Int32 {
        let reading = try StateReading(invocation)
        guard var state = try await reading.store.read().state else {
            // As with Terraform, no state is an empty text.
            guard withSecrets || out != nil else { return 0 }
            throw Problems(.noState)
        }
        if withSecrets {
            guard autoApprove || approval.ask(invocation, input: variables.input) else {
                invocation.terminal.writeError("\nNothing was \(out == nil ? "shown" : "written").\n")
                return 1
            }
            state = try await complete(state, reading, invocation)
        }
        guard let out else {
            invocation.terminal.write(String(decoding: state.fileBytes(), as: UTF8.self))
            return 0
        }
        try TerraformStateFile(invocation.path(out), on: invocation.files).create(state.fileBytes())
        invocation.terminal.write("Wrote the state to \(VisibleText.escaped(out)).\n")
        return 0
    }

    private var approval: Approval {
        let place = out.map { "written to \(VisibleText.escaped($0))" } ?? "printed"
        return Approval(
            question: "Do you want to give the secrets out?",
            explanation:
                "Every secret that is known will be \(place), in clear.\n  Only 'yes' will be accepted to approve.",
            withoutAsking: "Use -auto-approve.", isOutputTaken: true)
    }

    /// The state as Terraform would have it; tells which secrets are not known.
    private func complete(_ state: State, _ reading: StateReading, _ invocation: Invocation) async throws -> State {
        var secrets: [String: String] = [:]
        for entry in try await reading.secrets.entries() { secrets[entry.key] = entry.secret }
        var (result, missing) = state.forTerraform(secrets: secrets, catalog: Project.catalog)
        let values = try await Session.clearOutputs(of: state, invocation, variables)
        for (name, value) in values where result.outputs[name]?.isSensitive == true {
            let bare = value.withoutMarks([.sensitive, .secret])
            guard let json = try? bare.json(as: bare.type) else { continue }
            result.outputs[name] = OutputState(value: json, type: bare.type.json, isSensitive: true)
        }
        if !missing.isEmpty {
            Problems([.secretsMissing(missing)]).showOnStandardError(invocation)
        }
        return result
    }
}

extension Diagnostic {
    fileprivate static func secretsMissing(_ addresses: [InstanceAddress]) -> Diagnostic {
        let list = addresses.prefix(20).map { "    \(VisibleText.escaped($0.description))" }.joined(separator: "\n")
        let more = addresses.count > 20 ? "\n    and \(addresses.count - 20) more" : ""
        return .warning(
            "Secrets are not known",
            """
            The secrets of these objects are not in the secret store; they are null in what was given out:

            \(list)\(more)
            """)
    }
}
