import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Diagnostics
import Networking
import Values

/// `flinkform login`.
struct LoginCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Check a Cloud API key and remember it.",
        discussion: """
            The key comes from -api-key or the environment variable CONFLUENT_CLOUD_API_KEY, the secret from -secret-stdin, \
            -secret-file or CONFLUENT_CLOUD_API_SECRET. What is missing is asked for.

            All commands use it when neither the configuration nor the environment gives a Cloud API key. It rests in \
            flinkform/login.json below $XDG_CONFIG_HOME or ~/.config, readable by you alone.
            """)

    @Option(name: .both("api-key"), help: ArgumentHelp("The id of the Cloud API key.", valueName: "id"))
    var apiKey: String?

    @Flag(name: .both("secret-stdin"), help: "Read the secret from standard input.")
    var secretStdin = false

    @Option(name: .both("secret-file"), help: ArgumentHelp("Read the secret from a file.", valueName: "file"))
    var secretFile: String?

    @Flag(name: .both("prompt"), help: "Ask for key and secret, whatever the environment says.")
    var prompt = false

    @Option(
        name: .both("organization"),
        help: ArgumentHelp("Refuse a key that is not of this organization.", valueName: "id"))
    var organization: String?

    @Option(
        name: .both("endpoint"),
        help: ArgumentHelp(
            "The API's URL; otherwise CONFLUENT_CLOUD_ENDPOINT, or Confluent Cloud's own.", valueName: "url"))
    var endpoint: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard let file = LoginFile(invocation) else { throw Problems(.noPlaceForLogin) }
        var environment = invocation.environment
        (environment["CONFLUENT_CLOUD_API_KEY"], environment["CONFLUENT_CLOUD_API_SECRET"]) = try credentials(
            invocation)
        if let endpoint { environment["CONFLUENT_CLOUD_ENDPOINT"] = endpoint }
        let client = try ConfluentCloud.client(
            .null(.dynamic), environment: environment, login: { nil }, version: Flinkform.version,
            surroundings: invocation.surroundings, announceWait: ProgressLines.announceWait(on: invocation.terminal))
        let found: Organization
        do {
            found = try await Calls.perform { () async throws(APIError) in try await client.organization() }
            await client.shutdown()
        } catch {
            await client.shutdown()
            throw error
        }
        if let organization, organization != found.id {
            throw Problems(.otherOrganization(found, wanted: organization))
        }
        try file.write(
            Login(
                key: client.keyID, secret: environment["CONFLUENT_CLOUD_API_SECRET"] ?? "",
                endpoint: client.endpoint.description, organization: found.id))
        let name = found.displayName.isEmpty ? "" : " (\"\(VisibleText.escaped(found.displayName))\")"
        invocation.terminal.write(
            "Logged in with Cloud API key \"\(VisibleText.escaped(client.keyID))\" for organization \"\(VisibleText.escaped(found.id))\"\(name).\n"
        )
        return 0
    }

    /// The key and its secret, from where they are given, or asked for.
    private func credentials(_ invocation: Invocation) throws -> (key: String, secret: String) {
        func variable(_ name: String) -> String? {
            prompt ? nil : invocation.environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        // A secret belongs to the key it came with: the environment's is not for a key that was named.
        let given = try SecretInput.read(invocation, standardInput: secretStdin, file: secretFile, readsVariable: false)
        let key = apiKey ?? variable("CONFLUENT_CLOUD_API_KEY")
        let secret = given ?? (apiKey == nil ? variable("CONFLUENT_CLOUD_API_SECRET") : nil)
        if let key, let secret { return (key, secret) }
        guard invocation.terminal.isInteractive else { throw Problems(.nobodyToAskForKey) }
        func ask(_ question: String, _ read: () -> String?) throws -> String {
            invocation.terminal.writeError(question)
            let answer = read() ?? ""
            guard !answer.isEmpty else { throw Problems(.nobodyToAskForKey) }
            return answer
        }
        let askedKey = try key ?? ask("Cloud API key: ", invocation.terminal.readLine)
        let askedSecret = try secret ?? ask("Secret (not shown): ", invocation.terminal.readSecret)
        if secret == nil { invocation.terminal.writeError("\n") }
        return (askedKey, askedSecret)
    }
}

/// `flinkform logout`.
struct LogoutCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forget the Cloud API key that login remembered.",
        discussion: "The key itself stays valid: flinkform api-key delete deletes it.")

    func run(_ invocation: Invocation) async throws -> Int32 {
        try LoginFile(invocation)?.remove()
        invocation.terminal.write("You are now logged out.\n")
        return 0
    }
}

extension Diagnostic {
    fileprivate static var noPlaceForLogin: Diagnostic {
        .error(
            "No place for the login",
            "Neither XDG_CONFIG_HOME nor HOME names a directory, so the login could not be kept. Set one of them.")
    }

    fileprivate static var nobodyToAskForKey: Diagnostic {
        .error(
            "Cloud API key not given",
            """
            Key and secret are both needed. Set CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET, or say -api-key=ID and \
            -secret-stdin or -secret-file=FILE, or log in at a terminal, where they are asked for.

            A Cloud API key is made in the Confluent Cloud Console under API keys, with scope "Cloud resource management".
            """)
    }

    fileprivate static func otherOrganization(_ found: Organization, wanted: String) -> Diagnostic {
        .error(
            "Key of another organization",
            """
            The Cloud API key belongs to organization \(VisibleText.escaped(found.id)), not to \
            \(VisibleText.escaped(wanted)). You are not logged in with it. Use a key of that organization, or leave \
            -organization out.
            """)
    }
}
