import CPostgres
import Diagnostics

/// One connection to a PostgreSQL server, on a queue of its own; made with the first statement.
actor PostgresSession {
    private let conninfo: [(keyword: String, value: String)]
    private let executor = QueueExecutor(label: "postgres")
    private var connection: Connection?
    /// How many connections there have been.
    private var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes a session; nothing is sent yet.
    ///
    /// - Parameter conninfo: libpq's keywords with their values.
    init(conninfo: [(keyword: String, value: String)]) {
        self.conninfo = conninfo
    }

    /// The number of the connection that there is, making one where there is none; a later connection has another number.
    func number() throws(PostgresError) -> Int {
        _ = try connected(nil)
        return count
    }

    /// Performs a statement and returns its rows; connects first where there is no connection.
    ///
    /// With the number of a connection it is performed on that one or not at all: what the connection held ended with it.
    func perform(
        _ statement: String, _ parameters: [PostgresParameter] = [], on number: Int? = nil
    ) throws(PostgresError) -> [PostgresRow] {
        let connection = try connected(number)
        do throws(PostgresError) {
            return try connection.perform(statement, parameters)
        } catch {
            if error.kind == .lost { self.connection = nil }
            throw error
        }
    }

    /// Ends the connection, and with it every lock that it holds.
    func close() {
        connection = nil
    }

    private func connected(_ number: Int?) throws(PostgresError) -> Connection {
        if let connection, number == nil || number == count { return connection }
        guard number == nil else { throw PostgresError(kind: .lost, message: "the connection was lost before") }
        let made = try Connection(conninfo)
        _ = try made.perform(Self.settings, [])
        connection = made
        count += 1
        return made
    }

    /// What every connection sets for itself: the server notices within a minute that this machine vanished, and lets its lock
    /// go; an idle connection, which holds the lock, is not ended by a setting of the server; nothing waits for ever.
    ///
    /// Settings that the server's version lacks are left out.
    private static let settings = """
        SELECT set_config(s.name, w.value, false) FROM pg_settings s JOIN (VALUES
        ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'),
        ('tcp_user_timeout', '60000'), ('idle_session_timeout', '0'), ('statement_timeout', '60000'), ('lock_timeout', '20000'),
        ('client_encoding', 'UTF8'), ('search_path', 'pg_catalog')) AS w(name, value) ON s.name = w.name
        """
}

/// A value for a placeholder of a statement.
enum PostgresParameter: Sendable {
    /// Text, or anything else as its text.
    case text(String)
    /// The bytes of a `text` or `bytea` value.
    case bytes([UInt8])

    /// A whole number.
    static func number(_ number: Int) -> PostgresParameter { .text(String(number)) }
}

/// A row of a result, each field as its text.
struct PostgresRow: Hashable, Sendable {
    /// The fields in order; nil for NULL.
    fileprivate(set) var fields: [[UInt8]?]

    /// A field's bytes; nil for NULL.
    subscript(field: Int) -> [UInt8]? { fields[field] }

    /// A field's text; nil for NULL.
    func text(_ field: Int) -> String? { fields[field].map { String(decoding: $0, as: UTF8.self) } }

    /// A whole number; nil for NULL and for anything else.
    func number(_ field: Int) -> Int? { text(field).flatMap { Int($0) } }

    /// A truth value; NULL is false.
    func isTrue(_ field: Int) -> Bool { text(field) == "t" }

    /// A `bytea` field, which comes as hexadecimal digits; nil for NULL.
    func binary(_ field: Int) -> [UInt8]? {
        guard let text = fields[field] else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var place = 2
        while place + 1 < text.count {
            bytes.append(Self.digit(text[place]) << 4 | Self.digit(text[place + 1]))
            place += 2
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8 {
        character <= UInt8(ascii: "9") ? character - UInt8(ascii: "0") : character - UInt8(ascii: "a") + 10
    }
}

/// Why a statement was not performed, or no connection was made.
struct PostgresError: Error, Hashable, Sendable {
    /// What happened.
    enum Kind: Hashable, Sendable {
        /// libpq is not installed.
        case noLibrary
        /// No server answers at the address.
        case unreachable
        /// The server answers, but makes no connection.
        case rejected
        /// The connection broke; whether the statement was performed is not known.
        case lost
        /// The server refused the statement.
        case statement
    }

    /// What happened.
    var kind: Kind
    /// PostgreSQL's five characters for it; nil when the server told none.
    var code: String?
    /// What the library or the server said, fit to be shown.
    var message: String
}

/// A connection of libpq, and the one place that calls it.
private final class Connection {
    private let library: LibPQ
    private let connection: OpaquePointer

    init(_ conninfo: [(keyword: String, value: String)]) throws(PostgresError) {
        let library = try LibPQ.ready()
        let (keywords, values) = (conninfo.map(\.keyword), conninfo.map(\.value))
        let made = withCStrings(keywords) { keywords in
            withCStrings(values) { values in library.connectdbParams(keywords, values, 0) }
        }
        guard let made else { throw PostgresError(kind: .unreachable, message: "there is no memory for a connection") }
        guard library.status(made) == CONNECTION_OK else {
            let message = library.message(of: made)
            library.finish(made)
            // A server that answers a ping has looked at who asks.
            let answer = withCStrings(keywords) { keywords in
                withCStrings(values) { values in library.pingParams(keywords, values, 0) }
            }
            throw PostgresError(kind: answer == PQPING_OK ? .rejected : .unreachable, message: message)
        }
        // What the server only notes would go to the terminal.
        _ = library.setNoticeProcessor(made, { _, _ in }, nil)
        self.library = library
        self.connection = made
    }

    deinit {
        library.finish(connection)
    }

    /// How long an answer is waited for; the server itself gives a statement up before.
    private static let patience = Duration.seconds(75)

    func perform(_ statement: String, _ parameters: [PostgresParameter]) throws(PostgresError) -> [PostgresRow] {
        let watch = SilenceWatch(of: library.socket(connection), patience: Self.patience)
        let result = execute(statement, parameters)
        let wasSilent = watch.end()
        defer { library.clear(result) }
        guard !wasSilent else {
            throw PostgresError(
                kind: .lost, message: "the server did not answer within \(Self.patience.components.seconds) seconds")
        }
        let status = library.resultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            let isLost = library.status(connection) != CONNECTION_OK
            let code = library.resultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
            throw PostgresError(
                kind: isLost ? .lost : .statement, code: code, message: library.message(of: connection))
        }
        return (0..<library.ntuples(result)).map { row in
            PostgresRow(fields: (0..<library.nfields(result)).map { value(in: result, row, $0) })
        }
    }

    private func value(in result: OpaquePointer?, _ row: Int32, _ field: Int32) -> [UInt8]? {
        guard library.getisnull(result, row, field) == 0, let start = library.getvalue(result, row, field) else {
            return nil
        }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(library.getlength(result, row, field))))
    }

    /// Sends a statement with its values apart, so that no value is ever taken for a part of it.
    private func execute(_ statement: String, _ parameters: [PostgresParameter]) -> OpaquePointer? {
        var buffer: [UInt8] = []
        var places: [Int] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for parameter in parameters {
            places.append(buffer.count)
            switch parameter {
            case .text(let text):
                buffer += text.utf8
                formats.append(0)
            case .bytes(let bytes):
                buffer += bytes
                formats.append(1)
            }
            lengths.append(Int32(buffer.count - places[places.count - 1]))
            buffer.append(0)
        }
        return buffer.withUnsafeBytes { buffer in
            let values = places.map { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            return library.execParams(
                connection, statement, Int32(parameters.count), nil, values, lengths, formats, 0)
        }
    }
}

extension LibPQ {
    /// The library; throws when it is not installed.
    static func ready() throws(PostgresError) -> LibPQ {
        switch loaded {
        case .success(let library): return library
        case .failure(let error): throw PostgresError(kind: .noLibrary, message: VisibleText.escaped(error.reason))
        }
    }

    /// Takes a connection string apart; the error says nothing of what is in it.
    func parse(_ text: String) throws(PostgresError) -> [(keyword: String, value: String)] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = conninfoParse(text, &message) else {
            freemem(message)
            throw PostgresError(kind: .statement, message: "it is no connection string")
        }
        defer { conninfoFree(options) }
        var parsed: [(keyword: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parsed.append((String(cString: keyword), String(cString: value))) }
            option += 1
        }
        return parsed
    }

    /// What went wrong last on a connection, on one line.
    fileprivate func message(of connection: OpaquePointer) -> String {
        let text = errorMessage(connection).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        return VisibleText.escaped(lines.filter { !$0.isEmpty }.joined(separator: "; "))
    }
}

/// Lends strings to C as an array that a null pointer ends.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    var buffer: [CChar] = []
    var places: [Int] = []
    for string in strings {
        places.append(buffer.count)
        buffer += string.utf8CString
    }
    return buffer.withUnsafeBufferPointer { buffer in
        let pointers = places.map { buffer.baseAddress?.advanced(by: $0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
