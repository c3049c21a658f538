import Applying
import Configuring
import Diagnostics
import JSON
import Networking
import Planning
import Storage

/// What a run does, told to whoever looks for a fault with `FLINKFORM_LOG`.
///
/// No secret is in it.
struct DebugLog: Sendable {
    /// How much a line matters.
    enum Level: String, CaseIterable, Comparable, Sendable {
        case trace, debug, info, warn, error

        static func < (one: Level, other: Level) -> Bool { one.order < other.order }

        private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    private let least: Level
    private let isJSON: Bool
    private let surroundings: Surroundings
    private let write: @Sendable (String) -> Void

    /// Begins the log that the environment asks for; nil when it asks for none.
    ///
    /// A level that there is none of stands for everything, and is warned of, as in Terraform.
    init?(_ invocation: Invocation) {
        guard let (_, text) = invocation.value(of: .log), text.lowercased() != "off" else { return nil }
        let word = text.lowercased()
        let level = Level(rawValue: word)
        least = level ?? .trace
        isJSON = word == "json"
        surroundings = invocation.surroundings
        var write = invocation.terminal.writeError
        var problem: String?
        if let (_, path) = invocation.value(of: .logPath) {
            do throws(FileError) {
                let file = try LogFile(invocation.path(path), on: invocation.files, isEmptied: false)
                write = { file.write($0) }
            } catch {
                problem = "\(path): \(error.reason)"
            }
        }
        self.write = write
        if let problem { add(.warn, "The log file cannot be opened", ["problem": .string(problem)]) }
        if level == nil, !isJSON {
            add(
                .warn, "Invalid log level, so everything is logged",
                ["level": .string(text), "levels": "trace debug info warn error off json"])
        }
    }

    /// Adds a line, with how long something took, if that is said.
    func add(_ level: Level, _ message: String, _ fields: JSONObject = [:], took: Duration? = nil) {
        guard level >= least else { return }
        let time = surroundings.preciseTimestamp()
        var fields = fields
        fields["took_ms"] = took.map { .number(JSONNumber(Self.milliseconds($0))) }
        guard isJSON else {
            // To the millisecond, and the names of the levels as wide as one another, as Terraform has them.
            let mark = "[\(level.rawValue.uppercased())]" + (level.rawValue.count < 5 ? " " : "")
            let rest = fields.map { " \($0.key)=\(Self.text($0.value))" }.joined()
            write(
                "\(time.prefix(23))Z \(mark) \(VisibleText.escaped(message))\(rest.isEmpty ? "" : ":" + rest)\n")
            return
        }
        var line: JSONObject = [
            "@level": .string(level.rawValue), "@message": .string(message), "@timestamp": .string(time),
        ]
        for (name, value) in fields { line[name] = value }
        write(JSONValue.object(line).text(.compact) + "\n")
    }

    /// The time since some moment before the run.
    var elapsed: Duration { surroundings.elapsed() }

    /// A value on a line of text; in quotes when it has a space in it, or none at all.
    private static func text(_ value: JSONValue) -> String {
        guard let text = value.string else { return value.text(.compact) }
        let isPlain = !text.isEmpty && text.allSatisfy { $0.isASCII && !$0.isWhitespace && $0 != "\"" && $0 != "=" }
        return isPlain ? VisibleText.escaped(text) : JSONValue.string(VisibleText.escaped(text)).text(.compact)
    }

    // MARK: - What is told

    /// Tells that the program was started, with what, and where.
    func started(_ arguments: [String], _ invocation: Invocation) {
        add(
            .info, "flinkform \(Flinkform.version)",
            [
                "arguments": .array(ShownArguments(arguments).words.map(JSONValue.string)),
                "directory": .string(invocation.directory),
            ])
    }

    /// Takes a request.
    var observer: RequestObserver {
        RequestObserver { report in
            var fields: JSONObject = ["method": .string(report.method), "url": .string(report.address)]
            if let failure = report.failure {
                fields["reason"] = .string(failure)
                return add(.warn, "Request failed", fields, took: report.elapsed)
            }
            fields["status"] = report.status.map { .number(JSONNumber($0)) }
            fields["sent"] = .number(JSONNumber(report.bytes.sent))
            fields["received"] = .number(JSONNumber(report.bytes.received))
            fields["request_id"] = report.requestID.map(JSONValue.string)
            add(.debug, "Request", fields, took: report.elapsed)
        }
    }

    /// Adds an event of a run.
    func add(_ event: ApplyEvent) {
        func tell(_ message: String, _ address: String, id: String? = nil, took: Duration? = nil) {
            var fields: JSONObject = ["address": .string(address)]
            fields["id"] = id.map(JSONValue.string)
            add(.debug, message, fields, took: took)
        }
        switch event {
        case .refreshed(let address, let id): tell("Refreshed", address.description, id: id)
        case .imported(let address, let id): tell("Imported", address.description, id: id)
        case .started(let address, let operation, let id):
            tell("Began \(operation.word)", address.description, id: id)
        case .finished(let address, let operation, let id, let elapsed):
            tell("Finished \(operation.word)", address.description, id: id, took: elapsed)
        case .failed(let address, let operation, let elapsed):
            tell("Failed \(operation.word)", address.description, took: elapsed)
        case .skipped(let address, _): tell("Skipped", address.description)
        case .settled(let settlement): add(.info, "Settled", ["intent": .string(settlement.intent.id)])
        case .stopping: add(.warn, "Asked to stop")
        case .refreshing, .preparingImport, .progressed: return
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let parts = duration.components
        return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
    }
}

extension ApplyEvent.Operation {
    fileprivate var word: String {
        switch self {
        case .reading: "reading"
        case .creating: "creating"
        case .modifying: "modifying"
        case .destroying: "destroying"
        }
    }
}

extension Optional<DebugLog> {
    /// Does a part of a run that waits for nothing, and tells how long it took, if there is a log.
    func timed<Result>(_ phase: String, _ work: () throws -> Result) rethrows -> Result {
        guard let log = self else { return try work() }
        let start = log.elapsed
        let result = try work()
        log.add(.info, phase, took: log.elapsed - start)
        return result
    }

    /// Does a part of a run, and tells how long it took, if there is a log.
    func timed<Result>(_ phase: String, _ work: () async throws -> Result) async rethrows -> Result {
        guard let log = self else { return try await work() }
        let start = log.elapsed
        do {
            let result = try await work()
            log.add(.info, phase, took: log.elapsed - start)
            return result
        } catch {
            log.add(.info, "\(phase): failed", took: log.elapsed - start)
            throw error
        }
    }
}
