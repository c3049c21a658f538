/// An argument that a backend takes: in its `backend` block, from `-backend-config`, or from the environment.
///
/// Each backend lists its own in a table, which is all that the reading of configuration has to know.
package struct BackendArgument: Hashable, Sendable {
    /// What its value is.
    package enum Kind: Hashable, Sendable {
        /// Text.
        case string
        /// `true` or `false`.
        case bool
        /// A number, as it was written.
        case number
    }

    /// The name, as in the block.
    package var name: String
    /// What its value is.
    package var kind: Kind
    /// The environment variables that give it when the block does not, the first one that is set counting.
    package var environment: [String]
    /// Whether its value is never to be shown or kept.
    package var isSecret: Bool

    /// Makes an argument.
    package init(_ name: String, _ kind: Kind = .string, environment: [String] = [], isSecret: Bool = false) {
        self.name = name
        self.kind = kind
        self.environment = environment
        self.isSecret = isSecret
    }
}
