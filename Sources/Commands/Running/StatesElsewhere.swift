import Applying
import BuiltinProvider
import Configuring
import Diagnostics
import Planning
import Storage
import Values

/// The states of other configurations, in files and with the backends that there are.
struct StatesElsewhere: OutputsReader {
    private let invocation: Invocation
    private let encryption: Encryption

    /// Reads what the invocation reaches, and opens what is encrypted as this configuration says.
    init(_ invocation: Invocation, _ encryption: Encryption) {
        self.invocation = invocation
        self.encryption = encryption
    }

    private static let lengthMaximum = 1 << 30

    func outputs(
        of backend: String, _ arguments: [String: String], workspace: String
    ) async throws(Diagnostic) -> [String: OutputState]? {
        guard let kind = BackendKind(rawValue: backend) else { throw .noBackend(backend) }
        try Workspace.check(workspace)
        guard let made = try invocation.backends(kind, arguments, invocation.environment, invocation.surroundings)
        else { return try outputs(ofFile: arguments, workspace) }
        let (place, state): (String, EngineState?)
        do throws(EngineError) {
            let engine = try made.engine(workspace: workspace)
            (place, state) = (engine.place, try await engine.read())
            await made.close()
        } catch {
            await made.close()
            throw .unreadable(error)
        }
        guard let state else { return nil }
        return try StateOutputs.read(state.bytes, at: place, encryption)
    }

    // MARK: - Files

    /// Reads the file of a local backend: this program's own, and where there is none, Terraform's.
    private func outputs(
        ofFile arguments: [String: String], _ workspace: String
    ) throws(Diagnostic) -> [String: OutputState]? {
        for path in paths(arguments, workspace) {
            let bytes: [UInt8]?
            do throws(FileError) {
                bytes = try invocation.files.read(invocation.path(path), limit: Self.lengthMaximum)
            } catch {
                throw .error(
                    "Failed to read state file",
                    "The state file \(VisibleText.escaped(path)) could not be read: \(error.reason).")
            }
            if let bytes, let outputs = try StateOutputs.read(bytes, at: path, encryption) { return outputs }
        }
        return nil
    }

    /// Where the state of a local backend may be, what is looked for first coming first.
    private func paths(_ arguments: [String: String], _ workspace: String) -> [String] {
        let programs = ["flinkform", "terraform"]
        guard workspace != StateLocation.defaultWorkspace else {
            return arguments["path"].map { [$0] } ?? programs.map { "\($0).tfstate" }
        }
        return programs.map { "\(arguments["workspace_dir"] ?? "\($0).tfstate.d")/\(workspace)/\($0).tfstate" }
    }
}

// MARK: - What is right

extension StatesElsewhere {
    /// What is wrong with a backend that a state is to be read from, as far as its names and the kinds of values tell.
    static func problem(with backend: String, _ configuration: Value) -> RemoteStateSource.Problem? {
        guard let kind = BackendKind(rawValue: backend) else {
            let kinds = BackendKind.allCases.map(\.rawValue)
            return .backend(
                "There is no backend type named \"\(VisibleText.escaped(backend))\".\(Suggestion.phrase(backend, among: kinds))"
            )
        }
        let given = configuration.fields.map { Array(zip($0.names, $0.values)) } ?? []
        for (name, value) in given {
            guard let argument = kind.arguments.first(where: { $0.name == name }) else {
                return .configuration("unexpected attribute \"\(VisibleText.escaped(name))\"")
            }
            if let problem = argument.problem(with: value) { return .configuration(".\(name): \(problem)") }
        }
        if kind == .local, configuration.fields?["path"]?.string == "" {
            return .value("Invalid local state file path", "The \"path\" attribute value must not be empty.")
        }
        let missing = kind.required.first { name in
            given.first { $0.0 == name }.map { $0.1.isNull } ?? !configuration.isUnknown
        }
        return missing.map { .configuration("attribute \"\($0)\" is required") }
    }
}

extension BackendKind {
    /// The arguments that must be there whatever the environment says.
    fileprivate var required: [String] { self == .s3 ? ["bucket", "key"] : [] }
}

extension BackendArgument {
    /// Why a value cannot be this argument's; nil when it can.
    fileprivate func problem(with value: Value) -> String? {
        let type: ValueType
        switch kind {
        case .bool: type = .bool
        case .number: type = .number
        // Some of these are objects or lists, which the backend takes apart.
        case .string: return nil
        }
        do {
            _ = try value.converted(to: type)
            return nil
        } catch {
            return error.message
        }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func noBackend(_ name: String) -> Diagnostic {
        .error("Invalid backend configuration", "There is no backend type named \"\(VisibleText.escaped(name))\".")
    }

    fileprivate static func unreadable(_ error: EngineError) -> Diagnostic {
        .error(
            "Remote state cannot be read",
            "\(error.reason)\(error.advice.map { " \($0)" } ?? "")")
    }
}
