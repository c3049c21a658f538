package import Diagnostics
package import HCL
import Values

/// A condition that the author of a configuration wants to hold, and what the user is told when it does not.
package struct CheckRule: Sendable {
    /// What a rule is about, which decides how its failure is called.
    package enum Kind: Sendable {
        /// What must hold before an object is made, changed or read.
        case precondition
        /// What must hold of the object afterwards.
        case postcondition
        /// What must hold before an output has its value.
        case output
        /// An assertion of a `check` block, which only warns.
        case assertion
        /// What the value of an input variable must keep.
        case validation

        /// What messages call it.
        var name: String {
            switch self {
            case .precondition: "Resource precondition"
            case .postcondition: "Resource postcondition"
            case .output: "Module output value precondition"
            case .assertion: "Check block assertion"
            case .validation: "Input variable validation"
            }
        }

        /// What messages call a result that is neither true nor false.
        var invalidResult: (summary: String, subject: String) {
            self == .validation
                ? ("Invalid variable validation result", "Validation condition")
                : ("Invalid condition result", "Condition")
        }
    }

    /// What evaluating a rule gives.
    package struct Result: Sendable {
        /// Whether it holds.
        package var status: CheckStatus
        /// What the user is told when it does not; nil when there is no message that may be shown.
        package var message: String?
        /// What is to be shown.
        package var diagnostics: [Diagnostic]
    }

    /// True when all is well.
    package var condition: Expression
    /// What the user is told when it is not.
    package var message: Expression
    /// The block.
    package var range: SourceRange

    /// Evaluates the rule.
    ///
    /// - Parameters:
    ///   - scope: The names that it may use.
    ///   - kind: What it is about.
    ///   - construct: The block that it stands in, for messages.
    ///   - severity: How bad a failure is.
    package func evaluate(
        in scope: Scope, _ kind: Kind, of construct: String, severity: Diagnostic.Severity = .error
    ) -> Result {
        var problems: [Diagnostic] = []
        let condition = condition.evaluate(in: scope, diagnostics: &problems)
        let isFaulty = problems.hasErrors
        let text = isFaulty ? nil : text(in: scope, &problems)
        func result(_ status: CheckStatus, _ diagnostic: Diagnostic? = nil) -> Result {
            var all = problems
            if var diagnostic {
                diagnostic.facts = self.condition.facts(in: scope)
                all.append(diagnostic)
            }
            return Result(
                status: status, message: status == .fail ? text : nil,
                diagnostics: all.map { found in
                    var found = found.inside(construct)
                    // As in Terraform, what cannot be evaluated is an error everywhere.
                    if severity == .warning, !isFaulty { found.severity = .warning }
                    found.isProvisional = kind == .assertion
                    return found
                })
        }
        if isFaulty { return result(.error) }
        // No plan ever has a secret, and a state neither: the condition would stay undecided for good.
        guard !condition.allMarks.contains(.secret) else {
            return result(
                .error,
                .error(
                    "Secret value in condition",
                    """
                    This condition asks for a secret that the cloud shows only once. Planning never has it, so the condition could \
                    not be decided. Ask for the key's id instead; whether a key works is tried by flinkform itself once it is made.
                    """, at: self.condition.range))
        }
        if condition.isUnknown {
            guard kind == .assertion else { return result(.unknown) }
            return result(
                .unknown,
                .warning(
                    "\(kind.name) known after apply",
                    "The condition could not be evaluated at this time, a result will be known when this plan is applied.",
                    at: self.condition.range))
        }
        if condition.isNull {
            return result(
                .error,
                .error(
                    kind.invalidResult.summary,
                    "\(kind.invalidResult.subject) expression must return either true or false, not null.",
                    at: self.condition.range))
        }
        guard let flag = (try? condition.converted(to: .bool))?.bool else {
            return result(
                .error,
                .error(
                    kind.invalidResult.summary,
                    "Invalid \(kind == .validation ? "validation " : "")condition result value: a bool is required.",
                    at: self.condition.range))
        }
        if flag { return result(.pass) }
        let detail =
            text
            ?? "This check failed, but has an invalid error message as described in the other accompanying messages."
        var failure = Diagnostic.error("\(kind.name) failed", detail, at: self.condition.range)
        failure.severity = severity
        return result(.fail, failure)
    }

    /// The message as it may be shown; nil, and reported, when it cannot be.
    private func text(in scope: Scope, _ problems: inout [Diagnostic]) -> String? {
        let before = problems.count
        let value = message.evaluate(in: scope, diagnostics: &problems)
        guard problems.count == before else { return nil }
        func invalid(_ detail: String) {
            problems.append(.error("Invalid error message", detail, at: message.range))
        }
        guard let converted = try? value.converted(to: .string) else {
            invalid("Unsuitable value for error message: string required.")
            return nil
        }
        if converted.isUnknown { return nil }
        guard let text = converted.string else {
            invalid("Unsuitable value for error message: must not be null.")
            return nil
        }
        guard value.allMarks.isEmpty else {
            problems.append(
                .warning(
                    "Error message refers to sensitive values",
                    """
                    The error expression used to explain this condition refers to sensitive values, so flinkform will not display \
                    the resulting message.

                    You can correct this by removing references to sensitive values, or by carefully using the nonsensitive() \
                    function if the expression will not reveal the sensitive data.
                    """, at: message.range))
            return nil
        }
        return String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

/// What came of a condition.
package enum CheckStatus: String, Hashable, Sendable {
    /// It holds.
    case pass
    /// It does not.
    case fail
    /// It could not be evaluated.
    case error
    /// It is not known yet.
    case unknown
}

/// A `check` block: assertions about the whole, which warn and stop nothing.
package struct CheckBlock: Sendable {
    /// Its name.
    package var name: String
    /// What it asserts.
    package var assertions: [CheckRule]
    /// The data source that is read for it alone; nil when there is none.
    package var data: ResourceAddress?
    /// Where it is declared.
    package var range: SourceRange

    /// The block as messages call it.
    package var construct: String { "check \"\(name)\"" }
}
