package import Diagnostics

/// States in a PostgreSQL database: a `backend "pg"` block, in the tables that Terraform makes.
package struct PostgresBackend: Backend {
    /// What it takes.
    package static let arguments = [
        BackendArgument("conn_str", environment: ["PG_CONN_STR"], isSecret: true),
        BackendArgument("schema_name", environment: ["PG_SCHEMA_NAME"]),
        BackendArgument("skip_schema_creation", .bool, environment: ["PG_SKIP_SCHEMA_CREATION"]),
        BackendArgument("skip_table_creation", .bool, environment: ["PG_SKIP_TABLE_CREATION"]),
        BackendArgument("skip_index_creation", .bool, environment: ["PG_SKIP_INDEX_CREATION"]),
    ]

    /// What the server knows this program's connections by.
    static let application = "flinkform"

    private let conninfo: [(keyword: String, value: String)]
    private let layout: PostgresLayout
    private let address: String
    private let session: PostgresSession

    /// Makes a backend; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - arguments: The arguments by name, as text; those that are missing come from the environment.
    ///   - environment: The environment variables. libpq's own, `PGHOST` and the like, it reads from the process.
    /// - Throws: A diagnostic for an argument that has no such value, and where libpq is not installed.
    package init(arguments: [String: String], environment: [String: String]) throws(Diagnostic) {
        var values: [String: String] = [:]
        for argument in Self.arguments {
            let given = arguments[argument.name]
            let variable = argument.environment.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
            values[argument.name] = given ?? variable
        }
        func flag(_ name: String) throws(Diagnostic) -> Bool {
            guard let text = values[name] else { return false }
            guard let flag = Self.flags[text] else {
                throw .error(
                    "Invalid backend configuration",
                    "\(name) of backend \"pg\" is to be true or false, and not \"\(VisibleText.escaped(text))\".")
            }
            return flag
        }
        let schema = values["schema_name"] ?? "terraform_remote_state"
        guard !schema.isEmpty, !schema.utf8.contains(0) else {
            throw .error("Invalid backend configuration", "schema_name of backend \"pg\" is empty. Name a schema.")
        }
        layout = PostgresLayout(
            schema: schema, makesSchema: try !flag("skip_schema_creation"),
            makesTables: try !flag("skip_table_creation"),
            makesIndex: try !flag("skip_index_creation"))
        conninfo = try Self.conninfo(values["conn_str"] ?? "", environment)
        let host = conninfo.last { $0.keyword == "host" }?.value ?? environment["PGHOST"] ?? "localhost"
        let database = conninfo.last { $0.keyword == "dbname" }?.value ?? environment["PGDATABASE"] ?? ""
        address = VisibleText.escaped("postgres://\(host)/\(database)/\(schema)")
        session = PostgresSession(conninfo: conninfo)
    }

    /// What Terraform takes for a truth value in the environment.
    private static let flags = [
        "1": true, "t": true, "T": true, "true": true, "True": true, "TRUE": true,
        "0": false, "f": false, "F": false, "false": false, "False": false, "FALSE": false,
    ]

    /// What a connection is made with, unless the connection string says otherwise.
    ///
    /// A server or a network that went away is noticed within a minute. TLS is asked for as Terraform's client does, which libpq by itself would only prefer.
    private static func conninfo(
        _ text: String, _ environment: [String: String]
    ) throws(Diagnostic) -> [(keyword: String, value: String)] {
        var given: [(keyword: String, value: String)]
        do throws(PostgresError) {
            given = try LibPQ.ready().parse(text)
        } catch {
            throw error.kind == .noLibrary
                ? .error(
                    "PostgreSQL client library missing", "libpq cannot be loaded: \(error.message). \(libraryAdvice)")
                : .error(
                    "Invalid backend configuration",
                    "conn_str of backend \"pg\" is no connection string. It is either an address, such as postgres://USER@HOST/DATABASE?sslmode=verify-full, or words such as host=HOST dbname=DATABASE; passwords with special characters are percent-encoded in the former and quoted in the latter. It is not shown, since it may hold a password."
                )
        }
        let keywords = Set(given.map(\.keyword))
        let defaults = [
            ("fallback_application_name", application), ("client_encoding", "UTF8"), ("connect_timeout", "10"),
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"),
        ]
        for (keyword, value) in defaults where !keywords.contains(keyword) { given.append((keyword, value)) }
        let hasMode = keywords.contains("sslmode") || keywords.contains("service")
        if !hasMode, environment["PGSSLMODE"] == nil, environment["PGSERVICE"] == nil {
            given.append(("sslmode", "require"))
        }
        return given
    }

    /// Whether a connection string holds a password; what cannot be taken apart may.
    static func hasPassword(_ text: String) -> Bool {
        guard let parts = try? LibPQ.ready().parse(text) else { return true }
        return parts.contains { ["password", "sslpassword"].contains($0.keyword) && !$0.value.isEmpty }
    }

    /// How to get libpq.
    static let libraryAdvice = "Install it: on Debian and Ubuntu it is the package libpq5."

    /// The engine that keeps the state of a workspace, on a connection of its own.
    package func engine(workspace: String) throws(EngineError) -> any StateEngine {
        PostgresEngine(
            workspace: workspace, layout: layout, place: "\(address)/\(VisibleText.escaped(workspace))",
            session: PostgresSession(conninfo: conninfo))
    }

    /// The workspaces that have a state, sorted.
    package func workspaces() async throws(EngineError) -> [String]? {
        do throws(PostgresError) {
            guard try await layout.hasStates(session) else { return [] }
            return try await session.perform("SELECT name FROM \(layout.states) WHERE name IS NOT NULL")
                .compactMap { $0.text(0) }.sorted()
        } catch {
            throw EngineError(error, "The workspaces of \(address) could not be listed")
        }
    }

    /// Takes the state of a workspace away, with its journal.
    package func remove(workspace: String) async throws(EngineError) {
        do throws(PostgresError) {
            for table in try await layout.tables(session) {
                _ = try await session.perform("DELETE FROM \(table) WHERE name = $1", [.text(workspace)])
            }
        } catch {
            throw EngineError(error, "Workspace \(VisibleText.escaped(workspace)) of \(address) could not be removed")
        }
    }

    /// Lets the connection go; those of engines go with them.
    package func close() async {
        await session.close()
    }
}

extension EngineError {
    /// What went wrong between us and the server; `holdsLock` says whether a lock went with the connection.
    init(_ error: PostgresError, _ what: String, holdsLock: Bool = false) {
        switch error.kind {
        case .noLibrary:
            self.init(
                .refused, "\(what): libpq cannot be loaded: \(error.message).", advice: PostgresBackend.libraryAdvice)
        case .unreachable: self.init(.away, "\(what): \(error.message).")
        case .rejected: self.init(.refused, "\(what): \(error.message).")
        case .lost where holdsLock:
            self.init(
                .lockLost, "\(what): \(error.message). The lock ended with the connection to the server.")
        case .lost: self.init(.away, "\(what): \(error.message).")
        case .statement:
            // Class 53 is a lack of resources, 57 an operator's doing, and 55P03 a wait that was too long.
            let code = error.code ?? ""
            let isPassing = code.hasPrefix("53") || code.hasPrefix("57") || code == "55P03"
            self.init(isPassing ? .away : .refused, "\(what): \(error.message).")
        }
    }
}
