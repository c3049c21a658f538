import GRDB

/// The one place that holds what changes while an emulator runs: tables, switches, faults, rate window, request log.
///
/// Requests pass through it one at a time, each in microseconds; their waits happen outside.
actor Switchboard {
    /// What a request is told at its arrival.
    struct Admission: Sendable {
        /// The number in the request log.
        var number: Int
        /// The emulator's time.
        var now: Timestamp
        /// What goes wrong with this request; nil if nothing does.
        var fault: Fault?
        /// The state of the rate window.
        var rate: RateWindow.Reading
        /// Half of what the request has to take.
        var halfLatency: Duration
        /// What the emulator's clock is ahead of the system's.
        var clockOffset: Duration

        /// Whether the answer tells of the rate window.
        var showsRateLimit: Bool { fault?.effect != .throttle(retryAfter: nil) }
    }

    private let cloud: EmulatedCloud
    private let queue: DatabaseQueue
    private let organization: String
    private var switches: Switches
    private var faults: FaultPlan
    private var window = RateWindow()
    private var log: RequestLog

    /// Opens the database of the settings.
    init(_ settings: EmulatorSettings) throws {
        cloud = EmulatedCloud(seeded: Credentials(id: settings.cloudAPIKey, secret: settings.cloudAPISecret))
        switches = settings.switches
        faults = FaultPlan(settings.switches.faults, seed: settings.switches.faultSeed)
        log = RequestLog(most: settings.requestsRemembered)
        queue = try CloudDatabase.open(settings, at: .now().advanced(by: settings.switches.clockOffset))
        organization = try queue.read { database in
            try String.fetchOne(database, sql: "SELECT id FROM organizations") ?? settings.organization
        }
    }

    private var now: Timestamp { Timestamp.now().advanced(by: switches.clockOffset) }

    // MARK: - Requests

    /// Counts a request that arrives.
    func admit(method: String, path: String, query: String) -> Admission {
        let now = now
        let request = RecordedRequest(
            method: method, path: path, query: query, status: nil, isCommitted: false, arrived: now)
        return Admission(
            number: log.arrive(request), now: now, fault: faults.strike(method: method, path: path),
            rate: window.take(at: now, limit: switches.rateLimit, window: switches.rateWindow),
            halfLatency: switches.latency / 2, clockOffset: switches.clockOffset)
    }

    /// Carries a request out; a refusal leaves the tables as they were.
    func answer(_ request: CloudRequest, origin: String, requestID: String) -> CloudResponse {
        let isReading = request.method == "GET"
        do {
            let body: (Database) throws -> CloudResponse = { [self] database in
                try cloud.answer(
                    Visit(
                        request: request, now: now, switches: switches, database: database,
                        organization: organization, origin: origin))
            }
            return try isReading ? queue.writeWithoutTransaction(body) : queue.write(body)
        } catch let problem as Problem {
            return problem.response(requestID: requestID)
        } catch let missing as MissingRoleBinding {
            return missing.response
        } catch {
            var problem = Problem.failure(status: 500)
            problem.detail = "The emulator's database failed: \(error)"
            return problem.response(requestID: requestID)
        }
    }

    /// Notes the end of a request.
    func depart(_ number: Int, status: Int, isCommitted: Bool) {
        log.depart(number, status: status, isCommitted: isCommitted)
    }

    // MARK: - Tests

    /// The remembered requests.
    func requests() -> [RecordedRequest] { log.requests }

    /// The highest number of requests that were under way at the same time.
    func concurrencyMax() -> Int { log.concurrencyMax }

    /// Forgets the requests so far.
    func forgetRequests() { log.forget() }

    /// Changes switches.
    func change(_ change: @Sendable (inout Switches) -> Void) {
        let before = switches
        change(&switches)
        if switches.faults != before.faults || switches.faultSeed != before.faultSeed {
            faults = FaultPlan(switches.faults, seed: switches.faultSeed)
        }
    }

    /// Reads the tables.
    func read<Result: Sendable>(_ body: @Sendable (Database) throws -> Result) throws -> Result {
        try queue.read(body)
    }

    /// Changes the tables, as another hand would; `body` gets the emulator's time.
    func write<Result: Sendable>(_ body: @Sendable (Database, Timestamp) throws -> Result) throws -> Result {
        let now = now
        return try queue.write { try body($0, now) }
    }

    /// The format of new secrets.
    func secretFormat() -> SecretFormat { switches.secretFormat }

    /// The organization's id.
    func organizationID() -> String { organization }

    /// Closes the database.
    func close() {
        // Whatever is still under way fails visibly, and the file is complete at any moment.
        try? queue.close()
    }
}
