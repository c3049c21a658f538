/// Text that must never be shown: it hides itself from printing, dumping and reflection.
///
/// The text comes out through `revealed` only, so that every place that uses it can be found by that word.
package struct Secret: Hashable, Sendable {
    /// The text itself, for the one place that sends or stores it.
    package let revealed: String

    /// Hides `text`.
    package init(_ text: String) {
        revealed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A fixed word instead of the secret.
    package var description: String { "(secret)" }
    /// A fixed word instead of the secret.
    package var debugDescription: String { "(secret)" }
    /// A mirror without children, so that `dump` has nothing to show.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
