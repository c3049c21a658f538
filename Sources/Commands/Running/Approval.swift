import Diagnostics

/// A question that only 'yes' answers.
struct Approval {
    /// What is asked, on a line of its own.
    let question: String
    /// What will happen, and that only 'yes' is accepted.
    let explanation: String
    /// How to go on where nobody can be asked, as a sentence.
    let withoutAsking: String
    /// Whether standard output is for something else, so that the question goes to standard error.
    var isOutputTaken = false

    /// Whether the user approved; says what to do when nobody can be asked.
    ///
    /// - Parameters:
    ///   - invocation: Where to ask.
    ///   - input: The option `-input`; nil when it was not given.
    func ask(_ invocation: Invocation, input: Bool?) -> Bool {
        guard input ?? true else {
            Problems(
                .error(
                    "Cannot ask for approval", "-input=false was given, so nobody can be asked. \(withoutAsking)")
            ).show(invocation)
            return false
        }
        let write = isOutputTaken ? invocation.terminal.writeError : invocation.terminal.write
        write("\n\(question)\n  \(explanation)\n\n  Enter a value: ")
        let answer = invocation.terminal.readLine()
        write("\n")
        if answer == nil && !invocation.terminal.isInteractive {
            Problems(
                .error(
                    "Nobody there to approve",
                    "Standard input is no terminal and has ended, so nobody can be asked. \(withoutAsking)")
            ).show(invocation)
        }
        return answer == "yes"
    }
}
