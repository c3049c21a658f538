/// The tables of a `pg` backend: Terraform's `states`, and beside it what Terraform has no table for.
struct PostgresLayout: Hashable, Sendable {
    /// The schema's name.
    let schema: String
    /// Whether the schema is made when it is missing.
    let makesSchema: Bool
    /// Whether tables are made when they are missing.
    let makesTables: Bool
    /// Whether the index of Terraform's table is made when it is missing.
    let makesIndex: Bool

    /// Terraform's table: a row for each workspace.
    var states: String { Self.quoted(schema) + ".states" }
    /// The parts of journals.
    var journal: String { Self.quoted(schema) + ".flinkform_journal" }
    /// Who holds which lock; the lock itself is the server's.
    var locks: String { Self.quoted(schema) + ".flinkform_locks" }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Whether Terraform's table is there.
    func hasStates(_ session: PostgresSession) async throws(PostgresError) -> Bool {
        try await tables(session).contains(states)
    }

    /// The tables that are there.
    func tables(_ session: PostgresSession) async throws(PostgresError) -> [String] {
        let names = [states, journal, locks]
        let rows = try await session.perform(
            "SELECT to_regclass($1) IS NOT NULL, to_regclass($2) IS NOT NULL, to_regclass($3) IS NOT NULL",
            names.map { .text($0) })
        guard let row = rows.first else { return [] }
        return names.indices.filter { row.isTrue($0) }.map { names[$0] }
    }

    /// Makes what is missing, as Terraform does; several runs may do so at once.
    func make(_ session: PostgresSession) async throws(PostgresError) {
        if try await tables(session).count == 3 { return }
        do throws(PostgresError) {
            try await makeMissing(session)
        } catch {
            // Another program made the same at the same moment, which "if not exists" does not guard against.
            guard ["23505", "42P06", "42P07", "42710"].contains(error.code ?? "") else { throw error }
            try await makeMissing(session)
        }
    }

    private func makeMissing(_ session: PostgresSession) async throws(PostgresError) {
        let there = try await tables(session)
        if makesSchema, there.isEmpty {
            // Who may use a schema need not have the right to make one.
            let schemas = try await session.perform(
                "SELECT FROM pg_namespace WHERE nspname = $1", [.text(schema)])
            if schemas.isEmpty { _ = try await session.perform("CREATE SCHEMA IF NOT EXISTS \(Self.quoted(schema))") }
        }
        guard makesTables else { return }
        if !there.contains(states) {
            _ = try await session.perform("CREATE SEQUENCE IF NOT EXISTS public.global_states_id_seq AS bigint")
            _ = try await session.perform(
                """
                CREATE TABLE IF NOT EXISTS \(states) (
                id bigint NOT NULL DEFAULT nextval('public.global_states_id_seq') PRIMARY KEY, name text UNIQUE, data text)
                """)
            if makesIndex {
                _ = try await session.perform("CREATE UNIQUE INDEX IF NOT EXISTS states_by_name ON \(states) (name)")
            }
        }
        _ = try await session.perform(
            """
            CREATE TABLE IF NOT EXISTS \(journal) (name text NOT NULL, generation integer NOT NULL, \
            part integer NOT NULL, data bytea NOT NULL, PRIMARY KEY (name, generation, part))
            """)
        _ = try await session.perform(
            """
            CREATE TABLE IF NOT EXISTS \(locks) (name text PRIMARY KEY, holder text NOT NULL, pid integer NOT NULL, \
            started timestamptz, beat timestamptz NOT NULL)
            """)
    }
}
