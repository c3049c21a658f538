/// An error that Terraform shows as a text of its own instead of as a diagnostic, in the same words.
struct PlainError: Error {
    /// What is written on standard error, without the last line's end.
    let text: String

    init(_ text: String) { self.text = text }

    /// Shows it on standard error.
    func show(_ invocation: Invocation) { invocation.terminal.writeError(text + "\n") }

    /// There is no state to work on.
    static let noState = PlainError(
        """
        No state file was found!

        State management commands require a state file. Run this command
        in a directory where flinkform has been run or use the -state flag
        to point the command to a specific state location.
        """)
}
