import Applying
import Configuring
import Diagnostics
import Reporting

/// Events as lines on the terminal, in Terraform's words.
struct ProgressLines: Sendable {
    let terminal: Terminal
    let isColored: Bool

    /// Takes an event.
    var report: @Sendable (ApplyEvent) -> Void {
        let lines = self
        return { event in
            if let line = lines.line(event) { lines.terminal.write(line + "\n") }
        }
    }

    /// Says, on standard error, that the cloud asks everybody to wait.
    static func announceWait(on terminal: Terminal) -> @Sendable (Duration) -> Void {
        { time in
            terminal.writeError(
                "Confluent Cloud asks to wait \(DurationText.text(time)): too many requests. Going on then.\n")
        }
    }

    private func line(_ event: ApplyEvent) -> String? {
        let paint = Paint(isColored: isColored)
        func subject(_ address: some CustomStringConvertible) -> String {
            paint.bold(VisibleText.escaped(address.description) + ":")
        }
        switch event {
        case .refreshing(let address, let id):
            return "\(subject(address)) Refreshing state... \(Self.id(id))"
        case .preparingImport(let address, let id): return "\(subject(address)) Preparing import... \(Self.id(id))"
        case .imported(let address, let id):
            let (begins, ends) = ("Importing... \(Self.id(id))", "Import complete \(Self.id(id))")
            return "\(subject(address)) \(begins)\n\(subject(address)) \(ends)"
        case .started(let address, let operation, let id):
            return
                "\(subject(Self.name(address, operation))) \(Self.words(operation).begins)...\(id.map { " " + Self.id($0) } ?? "")"
        case .progressed(let address, let operation, let id, let elapsed):
            let time = "\(DurationText.text(elapsed)) elapsed"
            let words = Self.words(operation).goesOn
            return
                "\(subject(Self.name(address, operation))) Still \(words)... [\(id.map { "id=\(VisibleText.escaped($0)), " } ?? "")\(time)]"
        case .finished(let address, let operation, let id, let elapsed):
            let words = Self.words(operation).ends
            // What is destroyed has no id any more.
            let end = if case .destroying = operation { "" } else { id.map { " " + Self.id($0) } ?? "" }
            return
                "\(subject(address)) \(words) complete after \(DurationText.text(elapsed))\(end)"
        // The problem itself is shown at the end.
        case .refreshed, .failed: return nil
        case .skipped(let address, let cause):
            return "\(subject(address)) Skipped, because \(VisibleText.escaped(cause.description)) failed"
        case .settled(let settlement) where settlement.isOpen: return nil
        case .settled(let settlement): return paint.bold("Settled: ") + SettlementText.line(settlement)
        case .stopping:
            return
                "\n\(paint.bold("Interrupt received."))\nNothing new is started; what is in flight is finished and recorded. Interrupt\nagain to leave at once: nothing is lost by that either.\n"
        }
    }

    private static func id(_ id: String) -> String { "[id=\(VisibleText.escaped(id))]" }

    private static func name(_ address: some CustomStringConvertible, _ operation: ApplyEvent.Operation) -> String {
        if case .destroying(deposed: let key?) = operation {
            return "\(address) (deposed object \(VisibleText.escaped(key)))"
        }
        return address.description
    }

    private static func words(_ operation: ApplyEvent.Operation) -> (begins: String, goesOn: String, ends: String) {
        switch operation {
        case .reading: ("Reading", "reading", "Read")
        case .creating: ("Creating", "creating", "Creation")
        case .modifying: ("Modifying", "modifying", "Modifications")
        case .destroying: ("Destroying", "destroying", "Destruction")
        }
    }
}
