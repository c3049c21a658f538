package import Diagnostics
package import Planning

/// Reads the output values of states that other configurations keep.
package protocol OutputsReader: Sendable {
    /// The output values of a state, by name; nil when there is no such state.
    ///
    /// - Parameters:
    ///   - backend: What keeps the state: the label of a `backend` block.
    ///   - arguments: The block's arguments as text; those of objects as `endpoints.s3`.
    ///   - workspace: The workspace.
    /// - Throws: What the user is to be told.
    func outputs(
        of backend: String, _ arguments: [String: String], workspace: String
    ) async throws(Diagnostic) -> [String: OutputState]?
}
