/// Colours, or none.
package struct Paint: Sendable {
    /// Whether colours are used.
    package let isColored: Bool

    /// Makes paint.
    package init(isColored: Bool) { self.isColored = isColored }

    private func wrap(_ text: String, _ code: String) -> String {
        isColored && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// What is made.
    package func add(_ text: String) -> String { wrap(text, "32") }
    /// What goes.
    package func remove(_ text: String) -> String { wrap(text, "31") }
    /// What changes.
    package func change(_ text: String) -> String { wrap(text, "33") }
    /// What is read.
    package func read(_ text: String) -> String { wrap(text, "36") }
    /// What forces a replacement.
    package func force(_ text: String) -> String { wrap(text, "31") }
    /// What matters.
    package func bold(_ text: String) -> String { wrap(text, "1") }
    /// What can be passed over.
    package func faint(_ text: String) -> String { wrap(text, "90") }
    /// What went well.
    package func good(_ text: String) -> String { wrap(text, "1;32") }
}
