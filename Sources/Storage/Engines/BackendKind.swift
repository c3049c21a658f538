package import Applying
package import Configuring
package import Diagnostics

/// The kinds of backend there are, by the label of a `backend` block.
package enum BackendKind: String, CaseIterable, Sendable {
    /// A file of this machine.
    case local
    /// An address that is read, written and locked by plain requests.
    case http
    /// A PostgreSQL database.
    case pg
    /// A bucket of Amazon S3, or of a store that speaks its protocol.
    case s3

    /// What its block takes.
    package var arguments: [BackendArgument] {
        switch self {
        case .local: [BackendArgument("path"), BackendArgument("workspace_dir")]
        case .http: HTTPBackend.arguments
        case .pg: PostgresBackend.arguments
        case .s3: S3Backend.arguments
        }
    }

    /// The first argument of a block that holds a secret; a connection string does if there is a password in it.
    package static func secretArgument(of block: BackendBlock) -> String? {
        let secrets = (BackendKind(rawValue: block.type)?.arguments ?? []).filter(\.isSecret).map(\.name)
        return block.arguments.keys.sorted().first { name in
            guard secrets.contains(name), let text = block.arguments[name], !text.isEmpty else { return false }
            return name != "conn_str" || PostgresBackend.hasPassword(text)
        }
    }

    /// What is wrong with a block, as far as its names tell: an unknown backend, an argument that it does not take.
    package static func problems(of block: BackendBlock) -> [Diagnostic] {
        guard let kind = BackendKind(rawValue: block.type) else { return [.unsupportedBackend(block)] }
        let names = kind.arguments.map(\.name)
        return block.arguments.keys.sorted().compactMap { name in
            let first = name.split(separator: ".").first.map(String.init) ?? name
            guard let argument = kind.arguments.first(where: { $0.name == name || $0.name == first }) else {
                return .unsupportedBackendArgument(first, block, names)
            }
            let text = block.arguments[name] ?? ""
            switch argument.kind {
            case .bool where text != "true" && text != "false":
                return .unsuitableBackendArgument(name, "true or false", block)
            case .number where Double(text) == nil: return .unsuitableBackendArgument(name, "a number", block)
            default: return nil
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func unsupportedBackend(_ block: BackendBlock) -> Diagnostic {
        let kinds = BackendKind.allCases.map(\.rawValue)
        let detail =
            block.type == "cloud" || block.type == "remote"
            ? "HCP Terraform keeps state in a way of its own, which flinkform does not speak. Keep the state with one of the backends \(kinds.joined(separator: ", ")): \"terraform state pull\" gives it out."
            : "flinkform has no backend \"\(VisibleText.escaped(block.type))\"; it has \(kinds.joined(separator: ", ")).\(Suggestion.phrase(block.type, among: kinds))"
        return .error("Unsupported backend", detail, at: block.headerRange)
    }

    fileprivate static func unsupportedBackendArgument(
        _ name: String, _ block: BackendBlock, _ names: [String]
    ) -> Diagnostic {
        .error(
            "Unsupported argument",
            "An argument named \"\(VisibleText.escaped(name))\" is not expected here: backend \"\(block.type)\" does not take it.\(Suggestion.phrase(name, among: names))",
            at: block.ranges[name] ?? block.headerRange)
    }

    fileprivate static func unsuitableBackendArgument(
        _ name: String, _ what: String, _ block: BackendBlock
    ) -> Diagnostic {
        .error(
            "Unsuitable value type", "The argument \"\(name)\" of backend \"\(block.type)\" must be \(what).",
            at: block.ranges[name] ?? block.headerRange)
    }
}

/// Makes the backend that a block speaks of; nothing is asked yet.
///
/// Throws a `Diagnostic` when an argument is missing or makes no sense.
package typealias BackendSource =
    @Sendable (
        _ kind: BackendKind, _ arguments: [String: String], _ environment: [String: String],
        _ surroundings: Surroundings
    ) throws(Diagnostic) -> (any Backend)?

extension BackendKind {
    /// Makes the real backends; nil for the local one, which is no engine.
    package static let source: BackendSource = { kind, arguments, environment, surroundings throws(Diagnostic) in
        switch kind {
        case .local: nil
        case .http:
            try HTTPBackend(arguments: arguments, environment: environment, surroundings: surroundings)
        case .pg: try PostgresBackend(arguments: arguments, environment: environment)
        case .s3:
            try S3Backend(
                arguments: arguments, environment: environment, files: POSIXFileSystem(), surroundings: surroundings)
        }
    }
}
