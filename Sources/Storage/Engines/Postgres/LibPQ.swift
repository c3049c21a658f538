import CPostgres
import Glibc

/// The functions of libpq, PostgreSQL's own client library, loaded when the first connection is made.
///
/// It is not linked: the loader would open it and what it needs in turn, OpenSSL, Kerberos and LDAP, for every command, and a
/// machine without it could run none.
struct LibPQ: @unchecked Sendable {
    let conninfoParse: PQconninfoParse_function
    let conninfoFree: PQconninfoFree_function
    let freemem: PQfreemem_function
    let connectdbParams: PQconnectdbParams_function
    let pingParams: PQpingParams_function
    let finish: PQfinish_function
    let status: PQstatus_function
    let socket: PQsocket_function
    let errorMessage: PQerrorMessage_function
    let setNoticeProcessor: PQsetNoticeProcessor_function
    let execParams: PQexecParams_function
    let resultStatus: PQresultStatus_function
    let resultErrorField: PQresultErrorField_function
    let ntuples: PQntuples_function
    let nfields: PQnfields_function
    let getisnull: PQgetisnull_function
    let getvalue: PQgetvalue_function
    let getlength: PQgetlength_function
    let clear: PQclear_function

    /// The library, or why it cannot be loaded.
    static let loaded: Result<LibPQ, LoadError> = Result { () throws(LoadError) in try LibPQ() }

    /// Why the library cannot be used.
    struct LoadError: Error {
        /// What the loader said.
        let reason: String
    }

    private static let name = "libpq.so.5"

    private init() throws(LoadError) {
        guard let library = dlopen(Self.name, RTLD_NOW | RTLD_LOCAL) else { throw LoadError(reason: Self.loaderError) }
        conninfoParse = try Self.function("PQconninfoParse", in: library)
        conninfoFree = try Self.function("PQconninfoFree", in: library)
        freemem = try Self.function("PQfreemem", in: library)
        connectdbParams = try Self.function("PQconnectdbParams", in: library)
        pingParams = try Self.function("PQpingParams", in: library)
        finish = try Self.function("PQfinish", in: library)
        status = try Self.function("PQstatus", in: library)
        socket = try Self.function("PQsocket", in: library)
        errorMessage = try Self.function("PQerrorMessage", in: library)
        setNoticeProcessor = try Self.function("PQsetNoticeProcessor", in: library)
        execParams = try Self.function("PQexecParams", in: library)
        resultStatus = try Self.function("PQresultStatus", in: library)
        resultErrorField = try Self.function("PQresultErrorField", in: library)
        ntuples = try Self.function("PQntuples", in: library)
        nfields = try Self.function("PQnfields", in: library)
        getisnull = try Self.function("PQgetisnull", in: library)
        getvalue = try Self.function("PQgetvalue", in: library)
        getlength = try Self.function("PQgetlength", in: library)
        clear = try Self.function("PQclear", in: library)
    }

    /// A function of the library; its type comes from the library's header.
    private static func function<Function>(
        _ name: String, in library: UnsafeMutableRawPointer
    ) throws(LoadError) -> Function {
        guard let symbol = dlsym(library, name) else { throw LoadError(reason: loaderError) }
        return unsafeBitCast(symbol, to: Function.self)
    }

    private static var loaderError: String { dlerror().map { String(cString: $0) } ?? "unknown error" }
}
