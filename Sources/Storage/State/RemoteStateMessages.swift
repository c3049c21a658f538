import Applying
import Diagnostics

extension Diagnostic {
    /// An engine did not do something; `outcome` tells what that means, as a sentence.
    static func engine(_ summary: String, _ error: EngineError, _ outcome: String) -> Diagnostic {
        let advice = error.advice.map { " \($0)" } ?? ""
        return .error(summary, "\(error.reason)\(advice)\n\n\(outcome)")
    }

    /// The lock is held by someone else.
    static func locked(by refusal: LockRefusal, _ place: String) -> Diagnostic {
        var detail = "Error message: \(VisibleText.escaped(place)) is locked by another run.\n"
        if let holder = refusal.holder { detail += "Lock Info:\n\(holder.table)" }
        if let remark = refusal.remark { detail += "\(remark)\n" }
        detail += """

            flinkform locks the state so that two runs never write it at once. Wait for the other run to end, or let this one \
            wait for it with -lock-timeout=5m.
            """
        if let holder = refusal.holder {
            detail +=
                " If that run is certainly gone, free its lock: flinkform force-unlock \(VisibleText.escaped(holder.id))"
        }
        return .error("Error acquiring the state lock", detail)
    }

    /// The lock was lost in the middle of a run.
    static func lockLost(_ place: String, _ error: EngineError) -> Diagnostic {
        .error(
            "State lock was lost",
            """
            \(error.reason)

            Another run may be at work on \(VisibleText.escaped(place)) now, so this one began nothing new and did not write the \
            state. What it did is in the journal there, as far as it was recorded: the next run takes it over, and settles \
            creates whose results are missing. Run the command again.
            """)
    }

    /// Somebody else wrote the state although it was locked.
    static func stateConflict(_ place: String, _ error: EngineError) -> Diagnostic {
        .error(
            "State was changed by others",
            """
            \(error.reason)

            \(VisibleText.escaped(place)) was written by another program during this run, in spite of the lock. It was not \
            overwritten, and what this run did is in the journal beside it. Restore the version of the state from before that \
            change and run flinkform once, which takes the journal over; or import the keys that are missing.
            """)
    }

    /// The state could not be written at the end of a run.
    static func stateNotWritten(_ place: String, _ error: EngineError, undelivered path: String?) -> Diagnostic {
        let rest =
            path.map {
                """
                Nothing is lost: what the backend could not be told any more is in \(VisibleText.escaped($0)), which holds no \
                secret. Once the backend can be reached, deliver it from this directory:
                    flinkform state deliver
                The next plan or apply here does so, too. On a machine that will vanish, keep that file.
                """
            } ?? """
                Nothing is lost: every change is in the journal at the backend, and the next run on any machine takes it over.
                """
        return .error(
            "State could not be written",
            "\(error.reason)\(error.advice.map { " \($0)" } ?? "")\n\n\(rest)")
    }
}
