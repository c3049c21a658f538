import Configuring
import Diagnostics

extension Diagnostic {
    static func emptyState(_ names: StateNames) -> Diagnostic {
        if names.isLoose { return .unreadableState(names, "It has no bytes at all.") }
        return .error(
            "State file is empty",
            """
            \(VisibleText.escaped(names.state)) has no bytes at all. That is what an interrupted write of another program leaves; going \
            on would create everything once more. Nothing was changed.

            Restore the file from \(VisibleText.escaped(names.backup)) or from version control. If there really was no state, remove \
            the empty file.
            """)
    }

    static func unreadableState(_ names: StateNames, _ reason: String) -> Diagnostic {
        if names.isLoose {
            return .error(
                "State file cannot be read",
                "\(VisibleText.escaped(names.state)) is not a whole state file: \(reason) Nothing was changed. \"flinkform state pull\" writes such files."
            )
        }
        return .error(
            "State file cannot be read",
            """
            \(VisibleText.escaped(names.state)) is not a whole state file: \(reason) Nothing was changed.

            Restore the file from \(VisibleText.escaped(names.backup)) or from version control, and leave \
            \(VisibleText.escaped(names.journal)) where it is, if it is there: it has what an interrupted run did.
            """)
    }

    static func otherFormat(_ path: String, _ version: Int) -> Diagnostic {
        let advice =
            version < 4
            ? "A Terraform older than 0.12 wrote it. Let Terraform bring it to version 4 first: any later Terraform does so when it writes the state."
            : "A newer program wrote it. Use a newer flinkform, or restore an older file from backup."
        return .error(
            "Unsupported state file format",
            """
            \(VisibleText.escaped(path)) uses format version \(version), which is not supported by this version of flinkform: it \
            reads and writes version 4. \(advice)
            """)
    }

    static func secretInState(_ names: StateNames, _ address: InstanceAddress) -> Diagnostic {
        let state = VisibleText.escaped(names.state)
        let advice =
            names.isLoose
            ? "Take it over, which leaves it as it is: flinkform adopt \(state)"
            : names.isRemote
                ? """
                Keep flinkform's state beside it, under another name in the backend block (another key, schema or address), and take \
                Terraform's over, which leaves it as it is:
                    terraform state pull > from-terraform.tfstate
                    flinkform init -reconfigure
                    flinkform adopt from-terraform.tfstate
                """
                : """
                Move it away and take it over, which leaves it as it is:
                    mv \(state) from-terraform.tfstate
                    flinkform adopt from-terraform.tfstate
                """
        return .error(
            "State holds secrets in clear",
            """
            \(state) has the secret of \(VisibleText.escaped(address.description)) in clear, so Terraform wrote it. flinkform \
            keeps secrets apart from state and never rewrites such a file.

            \(advice)
            """)
    }

    static func damagedJournal(_ path: String, line: Int) -> Diagnostic {
        .error(
            "Journal is damaged",
            """
            Line \(line) of \(VisibleText.escaped(path)) is damaged, and not as a crash leaves it: something else changed the \
            file. The journal says what an interrupted run did, so nothing is changed before it is whole.

            Restore the file from a backup. If that cannot be done, move it away, compare "flinkform state list" with the keys in \
            the Confluent Cloud Console, and import the keys that are missing.
            """)
    }

    static func foreignJournal(_ path: String) -> Diagnostic {
        .error(
            "Journal of another state",
            """
            \(VisibleText.escaped(path)) belongs to a state of another lineage than the one beside it. One of the two files was \
            put here from somewhere else. Put the file that belongs here back; nothing was changed.
            """)
    }

    static func newerJournal(_ path: String) -> Diagnostic {
        .error(
            "Unsupported journal format",
            """
            \(VisibleText.escaped(path)) was written by another version of flinkform, in a format that this one does not read. \
            Nothing was changed. Run that version once: it takes the journal over into the state.
            """)
    }

    static func missingState(_ names: StateNames) -> Diagnostic {
        .error(
            "State file is missing",
            """
            \(VisibleText.escaped(names.journal)) has results of an interrupted run, but the state that they belong to, \
            \(VisibleText.escaped(names.state)), is not there. Going on would create everything once more. Nothing was changed.

            Restore the state from \(VisibleText.escaped(names.backup)) or from version control and run flinkform once.
            """)
    }

    /// The summary of `changedUnderJournal`.
    static let journalMismatch = "State changed under its journal"

    static func changedUnderJournal(_ names: StateNames) -> Diagnostic {
        .error(
            journalMismatch,
            """
            \(VisibleText.escaped(names.journal)) has results of an interrupted run, but \(VisibleText.escaped(names.state)) was written by \
            another program since. Taking the results over could undo what that program did, so nothing was changed.

            Restore the state from before that change (see its .backup) and run flinkform once, which takes the journal over; \
            or move the journal away and import the keys that are then missing from the state.
            """)
    }

    static var notLocked: Diagnostic {
        .error("State not locked", "The state was to be written without its lock. This is a bug in flinkform.")
    }
}
