import Applying
import Diagnostics
import JSON

/// A state in Terraform's table of a PostgreSQL database, under the advisory lock that Terraform takes.
///
/// The lock belongs to the connection: it ends with it, and is never taken once more behind the back of the run that held it.
actor PostgresEngine: StateEngine {
    nonisolated let place: String
    nonisolated let renewal: Duration? = .seconds(15)

    private let workspace: String
    private let layout: PostgresLayout
    private let session: PostgresSession
    private var held: Held?

    /// A lock that this run took.
    private struct Held {
        /// The number that is locked.
        var key: Int
        /// The connection that holds it.
        var connection: Int
    }

    /// Makes an engine; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - workspace: The name of the state's row.
    ///   - layout: The tables.
    ///   - place: What users are shown.
    ///   - session: A session for this engine alone.
    init(workspace: String, layout: PostgresLayout, place: String, session: PostgresSession) {
        self.workspace = workspace
        self.layout = layout
        self.place = place
        self.session = session
    }

    /// Performs a statement; while the lock is held, on the connection that holds it or not at all.
    private func perform(
        _ what: String, _ statement: String, _ parameters: [PostgresParameter] = []
    ) async throws(EngineError) -> [PostgresRow] {
        let connection = held?.connection
        do throws(PostgresError) {
            return try await session.perform(statement, parameters, on: connection)
        } catch {
            throw EngineError(error, "\(what) (\(place))", holdsLock: connection != nil)
        }
    }

    /// Performs a statement that only looks, once more if an old connection turned out to be gone.
    ///
    /// Where its table has not been made yet, there are no rows.
    private func look(
        _ what: String, _ statement: String, _ parameters: [PostgresParameter] = []
    ) async throws(EngineError) -> [PostgresRow] {
        let connection = held?.connection
        for attempt in 1... {
            do throws(PostgresError) {
                return try await session.perform(statement, parameters, on: connection)
            } catch {
                if error.code == Self.undefinedTable || error.code == Self.undefinedSchema { return [] }
                if error.kind == .lost, connection == nil, attempt == 1 { continue }
                throw EngineError(error, "\(what) (\(place))", holdsLock: connection != nil)
            }
        }
        return []
    }

    private static let undefinedTable = "42P01"
    private static let undefinedSchema = "3F000"

    // MARK: - State

    /// What tells one state from another, of the column `data`: the server works it out when it reads and when it compares.
    private static let version = "encode(sha256(convert_to(data, 'UTF8')), 'hex')"

    func read() async throws(EngineError) -> EngineState? {
        let rows = try await look(
            "The state could not be read",
            "SELECT data, \(Self.version) FROM \(layout.states) WHERE name = $1 AND data IS NOT NULL",
            [.text(workspace)])
        guard let row = rows.first, let bytes = row[0], let version = row.text(1) else { return nil }
        return EngineState(bytes: bytes, version: version)
    }

    func write(_ bytes: [UInt8], replacing version: String?) async throws(EngineError) -> String {
        if held == nil { try await makeTables() }
        let what = "The state could not be written"
        let rows: [PostgresRow]
        if let version {
            rows = try await perform(
                what,
                """
                UPDATE \(layout.states) SET data = $2 WHERE name = $1 AND \(Self.version) = $3 AND \(Self.lockIsHeld("$4")) \
                RETURNING \(Self.version)
                """,
                [.text(workspace), .bytes(bytes), .text(version), .text(held.map { String($0.key) } ?? "")])
        } else {
            rows = try await perform(
                what,
                """
                INSERT INTO \(layout.states) AS s (name, data) SELECT $1, $2 WHERE \(Self.lockIsHeld("$3")) \
                ON CONFLICT (name) DO UPDATE SET data = excluded.data WHERE s.data IS NULL RETURNING \(Self.version)
                """,
                [.text(workspace), .bytes(bytes), .text(held.map { String($0.key) } ?? "")])
        }
        if let written = rows.first?.text(0) { return written }
        if held != nil { try await renew() }
        throw EngineError(.conflict, "\(place) has another state than the one that was read.")
    }

    private func makeTables() async throws(EngineError) {
        do throws(PostgresError) {
            try await layout.make(session)
        } catch {
            throw EngineError(error, "The tables could not be made (\(place))")
        }
    }

    // MARK: - Lock

    /// The number that who creates a state locks, in place of the number of its row; one for the whole database.
    private static let creation = -1

    /// A condition on `pg_locks` as `l`: the advisory lock of a number, which is a parameter or an expression.
    private static func isLock(_ key: String) -> String {
        """
        l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted \
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        AND l.classid::bigint = ((\(key))::bigint >> 32) & 4294967295 AND l.objid::bigint = (\(key))::bigint & 4294967295
        """
    }

    /// A condition: this connection holds the lock of the number that a text parameter has; true when that is empty.
    private static func lockIsHeld(_ parameter: String) -> String {
        """
        (\(parameter)::text = '' OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() \
        AND \(isLock("nullif(\(parameter)::text, '')"))))
        """
    }

    func lock(_ holder: LockHolder) async throws(EngineError) -> LockRefusal? {
        guard held == nil else { return nil }
        try await makeTables()
        do throws(EngineError) {
            let connection: Int
            do throws(PostgresError) {
                connection = try await session.number()
            } catch {
                throw EngineError(error, "The state could not be locked (\(place))")
            }
            for _ in 0..<5 {
                if let key = try await tryLock() {
                    held = Held(key: key, connection: connection)
                    try await enter(holder)
                    return nil
                }
                // What was let go just now can be had.
                if let standing = try await obstacle()?.standing {
                    return LockRefusal(holder: standing.holder, remark: standing.remark)
                }
            }
            return LockRefusal(holder: nil, remark: "Other runs take it and let it go all the time.")
        } catch {
            // Whatever was taken goes with the connection.
            held = nil
            await session.close()
            throw error
        }
    }

    /// Takes the lock as Terraform does.
    ///
    /// That is the lock of the row, while nobody creates a state; for a state that is not there yet, the one for creating.
    /// Returns the number that was locked; nil when another has it.
    private func tryLock() async throws(EngineError) -> Int? {
        let what = "The state could not be locked"
        // Terraform takes the lock for creating for a moment whenever it locks anything: that is worth another try.
        for _ in 0..<5 {
            let rows = try await perform(
                what, "SELECT id, pg_try_advisory_lock(id) FROM \(layout.states) WHERE name = $1", [.text(workspace)])
            if let row = rows.first, let id = row.number(0) {
                guard row.isTrue(1) else { return nil }
                if try await perform(
                    what, "SELECT FROM pg_locks l WHERE l.pid <> pg_backend_pid() AND \(Self.isLock("-1"))"
                ).isEmpty {
                    return id
                }
                _ = try await perform(what, "SELECT pg_advisory_unlock($1::bigint)", [.number(id)])
            } else {
                let taken = try await perform(what, "SELECT pg_try_advisory_lock(-1)")
                if taken.first?.isTrue(0) == true {
                    // Another run may have made the row in between, and work on it.
                    let there = try await perform(
                        what, "SELECT FROM \(layout.states) WHERE name = $1", [.text(workspace)])
                    if there.isEmpty { return Self.creation }
                    _ = try await perform(what, "SELECT pg_advisory_unlock(-1)")
                    continue
                }
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    /// Writes down who holds the lock.
    private func enter(_ holder: LockHolder) async throws(EngineError) {
        _ = try await perform(
            "The holder of the lock could not be written",
            """
            INSERT INTO \(layout.locks) (name, holder, pid, started, beat) VALUES ($1, $2, pg_backend_pid(), \
            (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()), clock_timestamp()) \
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, pid = excluded.pid, started = excluded.started, \
            beat = excluded.beat
            """,
            [.text(workspace), .bytes(holder.json.bytes(.compact))])
    }

    func renew() async throws(EngineError) {
        guard let held else { throw Self.notHeld(place) }
        let rows = try await perform(
            "The lock could not be renewed",
            """
            WITH beat AS (UPDATE \(layout.locks) SET beat = clock_timestamp() WHERE name = $1 AND pid = pg_backend_pid()) \
            SELECT WHERE \(Self.lockIsHeld("$2"))
            """,
            [.text(workspace), .number(held.key)])
        if rows.isEmpty { throw Self.notHeld(place) }
    }

    private static func notHeld(_ place: String) -> EngineError {
        EngineError(
            .lockLost, "This connection does not hold the lock of \(place).",
            advice: "Where a connection pooler is in between, let it pool sessions, and not transactions.")
    }

    func unlock() async {
        guard let held else { return }
        self.held = nil
        do throws(PostgresError) {
            _ = try await session.perform(
                "DELETE FROM \(layout.locks) WHERE name = $1 AND pid = pg_backend_pid()", [.text(workspace)],
                on: held.connection)
            _ = try await session.perform(
                "SELECT pg_advisory_unlock($1::bigint)", [.number(held.key)], on: held.connection)
        } catch {
            // The lock goes with the connection.
            await session.close()
        }
    }

    // MARK: - Holder

    /// Who keeps this state from being locked.
    private struct Obstacle {
        var standing: LockStanding
        var pid: Int
    }

    private func obstacle(patience: Int = 20) async throws(EngineError) -> Obstacle? {
        let rows = try await look(
            "The lock could not be looked at",
            """
            SELECT l.pid, f.holder, (extract(epoch FROM clock_timestamp() - f.beat) * 1000)::bigint, f.name, \
            a.application_name, host(a.client_addr), \
            to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), \(Self.isLock("-1")) \
            FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
            LEFT JOIN \(layout.locks) f ON f.pid = l.pid AND (a.backend_start IS NULL OR f.started = a.backend_start) \
            WHERE (\(Self.isLock("(SELECT id FROM \(layout.states) WHERE name = $1)"))) OR (\(Self.isLock("-1"))) \
            ORDER BY 8 LIMIT 1
            """, [.text(workspace)])
        guard let row = rows.first, let pid = row.number(0) else { return nil }
        let holder = row[1].flatMap { try? JSONValue(parsing: $0) }.flatMap { LockHolder(json: $0) }
        var sentences: [String] = []
        if row.isTrue(7), row.text(3) != workspace {
            sentences.append(
                "A new state is being made in this database; until that run ends, no other state in it can be locked.")
        }
        if holder == nil, row.text(4) == PostgresBackend.application, patience > 0 {
            // It has the lock and is about to write its name down.
            try? await Task.sleep(for: .milliseconds(50))
            return try await obstacle(patience: patience - 1)
        }
        if holder == nil {
            sentences.append(
                row.text(4) == PostgresBackend.application
                    ? "The holder is a flinkform that keeps its state in another schema of this database."
                    : "The holder is not flinkform; Terraform leaves no name.")
        }
        var connection = "The server's process for the holder's connection is \(pid)"
        if let since = row.text(6) { connection += ", since \(since) UTC" }
        if let client = row.text(5) { connection += ", from \(client)" }
        if let application = row.text(4), !application.isEmpty {
            connection += ", application \"\(VisibleText.escaped(application))\""
        }
        sentences.append(connection + ".")
        return Obstacle(
            standing: LockStanding(
                holder: holder, sinceRenewal: row.number(2).map { .milliseconds($0) },
                remark: sentences.joined(separator: " ")),
            pid: pid)
    }

    func standing() async throws(EngineError) -> LockStanding? {
        try await obstacle()?.standing
    }

    func forceUnlock(id: String) async throws(EngineError) {
        guard let obstacle = try await obstacle() else {
            throw EngineError(.refused, "Nobody holds the lock of \(place).")
        }
        let advice =
            "The lock ends with the connection that holds it: end that program, or let an administrator of the database run: SELECT pg_terminate_backend(\(obstacle.pid));"
        guard let holder = obstacle.standing.holder else {
            throw EngineError(
                .refused, "The lock of \(place) has no id. \(obstacle.standing.remark ?? "")", advice: advice)
        }
        guard holder.id == id else {
            throw EngineError(
                .refused,
                "The lock of \(place) has the id \(VisibleText.escaped(holder.id)), and not \(VisibleText.escaped(id))."
            )
        }
        do throws(PostgresError) {
            // Once more under the same id: the connection may have ended, and another have its number.
            _ = try await session.perform(
                "SELECT pg_terminate_backend(pid) FROM \(layout.locks) WHERE pid = $1::int AND holder::json->>'ID' = $2",
                [.number(obstacle.pid), .text(id)])
        } catch {
            var problem = EngineError(error, "The connection that holds the lock could not be ended (\(place))")
            problem.advice = advice
            throw problem
        }
        for _ in 0..<100 {
            guard try await self.obstacle()?.pid == obstacle.pid else { return }
            try? await Task.sleep(for: .milliseconds(50))
        }
        throw EngineError(.away, "The server was told to end the connection that holds the lock, and has not yet.")
    }

    // MARK: - Journal

    func journal() async throws(EngineError) -> EngineJournal? {
        let rows = try await look(
            "The journal could not be read",
            """
            SELECT generation, data FROM \(layout.journal) WHERE name = $1 \
            AND generation = (SELECT max(generation) FROM \(layout.journal) WHERE name = $1) ORDER BY part
            """, [.text(workspace)])
        guard let generation = rows.first?.number(0) else { return nil }
        return EngineJournal(generation: generation, parts: rows.compactMap { $0.binary(1) })
    }

    func append(_ part: [UInt8], generation: Int, number: Int) async throws(EngineError) {
        guard let held else { throw Self.notHeld(place) }
        let rows = try await perform(
            "The journal could not be written",
            """
            INSERT INTO \(layout.journal) (name, generation, part, data) SELECT $1, $2::int, $3::int, $4 \
            WHERE \(Self.lockIsHeld("$5")) \
            AND NOT EXISTS (SELECT FROM \(layout.journal) WHERE name = $1 AND generation > $2::int) \
            ON CONFLICT DO NOTHING RETURNING part
            """,
            [.text(workspace), .number(generation), .number(number), .bytes(part), .number(held.key)])
        if rows.isEmpty {
            throw EngineError(
                .lockLost, "Another run goes on with the journal of \(place), or this one's lock is gone.")
        }
    }

    func removeJournal(through generation: Int) async throws(EngineError) {
        _ = try await look(
            "The journal could not be taken away",
            "DELETE FROM \(layout.journal) WHERE name = $1 AND generation <= $2::int",
            [.text(workspace), .number(generation)])
    }
}
