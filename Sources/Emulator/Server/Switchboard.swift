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
        /// In how many seconds the request may come back, if it is one too many by rate or by concurrency; nil if not.
        var retryAfter: Int?
        /// Half of what the request has to take.
        var halfLatency: Duration
        /// What the emulator's clock is ahead of the system's.
        var clockOffset: Duration
        /// How refusals are written.
        var errorForm: Switches.ErrorForm

        /// Whether the answer tells of the rate window.
        var showsRateLimit: Bool { fault?.effect != .throttle(retryAfter: nil) }
    }

    /// A request that takes effect later than it was answered.
    private struct Postponed {
        let due: Timestamp
        let request: CloudRequest
        let origin: String
    }

    /// The organizations, at least one.
    private let databases: [CloudDatabase]
    private var switches: Switches
    private var faults: FaultPlan
    private var window = RateWindow()
    private var log: RequestLog
    private var postponed: [Postponed] = []

    /// Opens the databases of the settings.
    init(_ settings: EmulatorSettings) throws {
        switches = settings.switches
        faults = FaultPlan(settings.switches.faults, seed: settings.switches.faultSeed)
        log = RequestLog(most: settings.requestsRemembered)
        databases = try CloudDatabase.open(settings, at: .now().advanced(by: settings.switches.clockOffset))
    }

    private var now: Timestamp { Timestamp.now().advanced(by: switches.clockOffset) }

    // MARK: - Requests

    /// Counts a request that arrives.
    func admit(method: String, path: String, query: String) -> Admission {
        let now = now
        let request = RecordedRequest(
            method: method, path: path, query: query, status: nil, isCommitted: false, arrived: now)
        let number = log.arrive(request)
        let rate = window.take(at: now, limit: switches.rateLimit, window: switches.rateWindow)
        let isCrowded = log.underWay > switches.concurrencyLimit ?? .max
        return Admission(
            number: number, now: now, fault: faults.strike(method: method, path: path, at: now), rate: rate,
            retryAfter: rate.isExceeded ? rate.resetSeconds : isCrowded ? 1 : nil, halfLatency: switches.latency / 2,
            clockOffset: switches.clockOffset, errorForm: switches.errorForm)
    }

    /// Carries a request out; a refusal leaves the tables as they were.
    func answer(_ request: CloudRequest, origin: String, requestID: String) -> CloudResponse {
        settle()
        return answer(request, origin: origin, requestID: requestID, at: now)
    }

    /// Lets a request take effect later, by the emulator's clock; it is lost if the emulator ends before.
    func postpone(_ request: CloudRequest, origin: String, by delay: Duration) {
        postponed.append(Postponed(due: now.advanced(by: delay), request: request, origin: origin))
    }

    /// Carries out what is due: nobody can tell that from carrying it out in time, since all looks come through here.
    private func settle() {
        let now = now
        let due = postponed.filter { $0.due <= now }.sorted { $0.due < $1.due }
        postponed.removeAll { $0.due <= now }
        for late in due { _ = answer(late.request, origin: late.origin, requestID: "", at: late.due) }
    }

    private func answer(_ request: CloudRequest, origin: String, requestID: String, at now: Timestamp)
        -> CloudResponse
    {
        let isReading = request.method == "GET"
        do {
            let place = try place(of: request)
            let body: (Database) throws -> CloudResponse = { [switches] database in
                try EmulatedCloud.answer(
                    Visit(
                        request: request, now: now, switches: switches, database: database,
                        organization: place.organization, origin: origin))
            }
            return try isReading ? place.queue.writeWithoutTransaction(body) : place.queue.write(body)
        } catch let problem as Problem {
            return problem.response(requestID: requestID, switches.errorForm)
        } catch let missing as MissingRoleBinding {
            return missing.response
        } catch {
            var problem = Problem.failure(status: 500)
            problem.detail = "The emulator failed: \(error)"
            return problem.response(requestID: requestID, switches.errorForm)
        }
    }

    /// The organization that a request is for: the one whose key it shows, and the first for one that shows none.
    private func place(of request: CloudRequest) throws -> CloudDatabase {
        guard databases.count > 1, let key = Credentials(authorization: request.authorization)?.id else {
            return databases[0]
        }
        for place in databases {
            if place.organization.cloudAPIKey == key { return place }
            if try place.queue.read({ try StoredKey.find(key, in: $0) }) != nil { return place }
        }
        return databases[0]
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

    /// Reads the tables of an organization, by its place in the settings.
    func read<Result: Sendable>(_ organization: Int, _ body: @Sendable (Database) throws -> Result) throws -> Result {
        settle()
        return try databases[organization].queue.read(body)
    }

    /// Changes the tables of the first organization, as another hand would; `body` gets the emulator's time.
    func write<Result: Sendable>(_ body: @Sendable (Database, Timestamp) throws -> Result) throws -> Result {
        settle()
        let now = now
        return try databases[0].queue.write { try body($0, now) }
    }

    /// The format of new secrets.
    func secretFormat() -> SecretFormat { switches.secretFormat }

    /// The organizations, under the ids that their databases have.
    func organizations() -> [SeedOrganization] { databases.map(\.organization) }

    /// Closes the databases.
    func close() {
        // Whatever is still under way fails visibly, and the files are complete at any moment.
        for place in databases { try? place.queue.close() }
    }
}
