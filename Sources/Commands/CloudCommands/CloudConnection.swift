import Applying
import ConfluentClient
import ConfluentProvider
import Configuring
import Diagnostics
import Planning
import Values

/// The way to the cloud for commands that look at it, with or without a configuration.
enum CloudConnection {
    /// Does something with a client, and closes its connections.
    ///
    /// Credentials and endpoint are those that `plan` would use here: the provider block's, if the directory has one, then the
    /// environment's, then the login's.
    static func with<Result>(
        _ invocation: Invocation, _ work: (ConfluentClient) async throws -> Result
    ) async throws -> Result {
        let project = try Project.partial(invocation)
        let client = try ConfluentCloud.client(
            try project.arguments(of: "confluent"), environment: invocation.environment,
            login: LoginFile.source(invocation), version: Flinkform.version, surroundings: invocation.surroundings,
            announceWait: ProgressLines.announceWait(on: invocation.terminal))
        do {
            let result = try await work(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

extension Project {
    /// The directory as far as it can be read, with the values that its variables have; nobody is asked for others.
    ///
    /// For commands that need to know where the state is and which credentials are meant, and no more.
    static func partial(_ invocation: Invocation) throws -> Project {
        var configuration = try partialConfiguration(invocation)
        let planned = invocation.surroundings.timestamp()
        let functions = functionTable(invocation, planned: planned)
        var ignored: [Diagnostic] = []
        let variables =
            configuration.variables.isEmpty
            ? VariableValues(values: [:], set: [], missing: [])
            : configuration.resolveVariables(try sources(invocation), diagnostics: &ignored)
        return Project(
            configuration: configuration, variables: variables, planned: planned, functions: functions, warnings: [],
            directory: invocation.directory,
            encryption: try EncryptionSource.encryption(of: configuration, variables, invocation))
    }

    /// The arguments of a provider's block; all null when it has none.
    func arguments(of provider: String) throws -> Value {
        guard let schema = Self.catalog.providers[provider]?.configuration else { return .null(.dynamic) }
        var diagnostics: [Diagnostic] = []
        let evaluation = Evaluation(
            configuration: configuration, variables: variables.values, functions: functions, directory: directory)
        let value = evaluation.providerArguments(provider, schema: schema, diagnostics: &diagnostics)
        if diagnostics.hasErrors { throw Problems(diagnostics, configuration.files) }
        if !value.isWhollyKnown {
            throw Problems([.argumentsNotKnown(provider, variables.missing)], configuration.files)
        }
        return value
    }
}

extension Diagnostic {
    fileprivate static func argumentsNotKnown(_ provider: String, _ missing: [String]) -> Diagnostic {
        let names = missing.map { "TF_VAR_\(VisibleText.escaped($0))" }.joined(separator: ", ")
        return .error(
            "Provider arguments not known",
            """
            The arguments of provider "\(provider)" in this directory use variables that have no value, so it is not known which \
            credentials are meant. Set them\(names.isEmpty ? "" : ": \(names)"), or run the command in another directory.
            """)
    }
}
