import Applying
import Diagnostics
import JSON
import Planning
import Reporting

/// What a run does, told to programs: a line of JSON for each thing, as Terraform's `-json` has them.
struct MachineLog: Sendable {
    private let write: @Sendable (String) -> Void
    private let surroundings: Surroundings

    /// Makes a log that writes its lines, each with its end, to something.
    init(_ surroundings: Surroundings, write: @escaping @Sendable (String) -> Void) {
        self.surroundings = surroundings
        self.write = write
    }

    /// Adds lines.
    func add(_ lines: [ProtocolLine]) {
        guard !lines.isEmpty else { return }
        let time = surroundings.preciseTimestamp()
        write(lines.map { $0.text(at: time) + "\n" }.joined())
    }

    /// Adds problems, in the order in which people are shown them.
    func add(_ diagnostics: [Diagnostic], _ files: SourceFiles) {
        let renderer = DiagnosticRenderer(files: files, width: 0, isColored: false)
        add((renderer.json(diagnostics).array ?? []).map(ProtocolLine.diagnostic))
    }

    /// Adds what an event of a run says.
    func add(_ event: ApplyEvent) {
        switch event {
        case .refreshing(let address, let id): add([.refresh(address, id: id, isComplete: false)])
        case .refreshed(let address, let id): add([.refresh(address, id: id, isComplete: true)])
        case .started(let address, let operation, let id): add([.started(address, operation.hook, id: id)])
        case .progressed(let address, let operation, _, let elapsed):
            add([.progressed(address, operation.hook, elapsed)])
        case .finished(let address, let operation, let id, let elapsed):
            add([.finished(address, operation.hook, id: id, elapsed)])
        case .failed(let address, let operation, let elapsed): add([.failed(address, operation.hook, elapsed)])
        case .settled(let settlement): add([ProtocolLine("log", SettlementText.line(settlement), [:])])
        case .stopping:
            add([ProtocolLine("log", "Interrupt received: what is in flight is finished and recorded.", [:])])
        case .preparingImport, .imported, .skipped: return
        }
    }
}

extension ApplyEvent.Operation {
    /// What the protocol calls it.
    fileprivate var hook: ProtocolLine.Hook {
        switch self {
        case .reading: .read
        case .creating: .create
        case .modifying: .update
        case .destroying: .delete
        }
    }
}

extension Surroundings {
    /// The time now, in UTC, to the microsecond.
    func preciseTimestamp() -> String {
        let (seconds, nanoseconds) = now()
        let digits = String(nanoseconds / 1000)
        let fraction = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        return CivilTime(secondsSince1970: seconds).text.dropLast() + "." + fraction + "Z"
    }
}
