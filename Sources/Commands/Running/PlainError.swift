/// An error that Terraform shows as a text of its own instead of as a diagnostic, in the same words.
struct PlainError: Error {
    /// What is written on standard error, without the last line's end.
    let text: String

    /// What the log says of it: no more than this, if something in the text may be a secret that was mistyped.
    let summary: String

    /// Takes a text; in the log is its first line, unless there is a summary.
    init(_ text: String, summary: String? = nil) {
        self.text = text
        self.summary = summary ?? text.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Shows it on standard error, and notes it in the log.
    func show(_ invocation: Invocation) {
        invocation.debugLog?.add(.error, summary)
        invocation.terminal.writeError(text + "\n")
    }

    /// There is no state to work on.
    static let noState = PlainError(
        """
        No state file was found!

        State management commands require a state file. Run this command
        in a directory where flinkform has been run or use the -state flag
        to point the command to a specific state location.
        """)
}
