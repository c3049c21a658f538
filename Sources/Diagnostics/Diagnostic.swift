package import JSON

/// A problem to show a user.
///
/// The summary is constant and short, so that readers learn it; the detail says what exactly is wrong, why, and what to do.
package struct Diagnostic: Error, Hashable, Sendable {
    /// How bad it is.
    package enum Severity: Hashable, Sendable {
        /// The command fails.
        case error
        /// The user should know.
        case warning
    }

    /// A remark about another place.
    package struct Note: Hashable, Sendable {
        /// The place.
        package var range: SourceRange
        /// A sentence, such as `First defined here.`.
        package var text: String

        /// Makes a note.
        package init(range: SourceRange, text: String) {
            self.range = range
            self.text = text
        }
    }

    /// The call of a function that failed.
    package struct FunctionCall: Hashable, Sendable {
        /// How it is called, such as `join(separator, lists...)`.
        package var signature: String
        /// The same as the machine formats have it.
        package var json: JSONValue

        /// Makes it.
        package init(signature: String, json: JSONValue) {
            self.signature = signature
            self.json = json
        }
    }

    /// How bad it is.
    package var severity: Severity
    /// At most six words, without user data.
    package var summary: String
    /// Full sentences; may be empty.
    ///
    /// Paragraphs are separated by an empty line, lines to copy start with four spaces.
    package var detail: String
    /// The tightest place at fault; nil when it is not in a file.
    package var subject: SourceRange?
    /// A wider place that contains the subject; nil means the subject's lines.
    package var context: SourceRange?
    /// What the names in the place stand for, such as `var.size is 3`.
    package var facts: [String]
    /// The call that the place is, or is part of, where that is what failed.
    package var functionCall: FunctionCall?
    /// Other places.
    package var notes: [Note]
    /// The resource instance it is about; nil when it is about none.
    package var address: String?
    /// The argument of that instance's block that it is about, where only its name is known; nil when it is about none.
    package var argument: String?
    /// Whether it is about something that is looked at again when the plan is applied.
    package var isProvisional = false
    /// The block that the subject is in, such as `resource "confluent_api_key" "k"`; nil at top level.
    package var construct: String?

    /// Makes a diagnostic.
    package init(
        severity: Severity, summary: String, detail: String, subject: SourceRange? = nil,
        context: SourceRange? = nil, facts: [String] = [], notes: [Note] = [], address: String? = nil,
        construct: String? = nil
    ) {
        self.severity = severity
        self.summary = summary
        self.detail = detail
        self.subject = subject
        self.context = context
        self.facts = facts
        self.notes = notes
        self.address = address
        self.construct = construct
    }

    /// Makes an error.
    package static func error(
        _ summary: String, _ detail: String, at subject: SourceRange? = nil, context: SourceRange? = nil,
        notes: [Note] = []
    ) -> Diagnostic {
        Diagnostic(
            severity: .error, summary: summary, detail: detail, subject: subject, context: context, notes: notes)
    }

    /// Makes a warning.
    package static func warning(
        _ summary: String, _ detail: String, at subject: SourceRange? = nil, context: SourceRange? = nil,
        notes: [Note] = []
    ) -> Diagnostic {
        Diagnostic(
            severity: .warning, summary: summary, detail: detail, subject: subject, context: context, notes: notes)
    }
}

extension [Diagnostic] {
    /// Whether one of them is an error.
    package var hasErrors: Bool { contains { $0.severity == .error } }
}
