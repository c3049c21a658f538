/// A setting that the client cannot work with.
///
/// Thrown before anything is sent. `description` is one readable sentence; it never holds a secret.
package struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do, as one sentence or two.
    package let description: String

    /// Makes an error of its text.
    package init(_ description: String) {
        self.description = description
    }
}
