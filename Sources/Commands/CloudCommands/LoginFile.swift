import ConfluentProvider
import Diagnostics
import JSON
import Storage

/// Where `login` keeps what it remembers: `flinkform/login.json` below `$XDG_CONFIG_HOME`, or below `~/.config`.
///
/// The file is for its owner only, and is refused when others may read it.
struct LoginFile: Sendable {
    /// The file's path.
    let path: String
    private let files: any FileSystem

    /// The file of this user; nil when the environment names neither `XDG_CONFIG_HOME` nor `HOME`.
    init?(_ invocation: Invocation) {
        // A relative path there counts as none, as the XDG specification says.
        func directory(_ variable: String) -> String? {
            invocation.environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        guard let home = directory("XDG_CONFIG_HOME") ?? directory("HOME").map({ $0 + "/.config" }) else { return nil }
        path = home + "/flinkform/login.json"
        files = invocation.files
    }

    /// What the login of an invocation's user is; read when it is asked for.
    static func source(_ invocation: Invocation) -> LoginSource {
        { () throws(Diagnostic) in try LoginFile(invocation)?.read() }
    }

    /// What is remembered; nil when nobody is logged in.
    func read() throws(Diagnostic) -> Login? {
        let bytes: [UInt8]?
        do throws(FileError) {
            guard let status = try files.status(path) else { return nil }
            guard !status.isSymbolicLink else { throw FileError("use", path, "It is a symbolic link") }
            guard !status.isOpenToOthers else { throw FileError("use", path, "Others than its owner can read it") }
            bytes = try files.read(path, limit: 1 << 16)
        } catch {
            throw .loginNotUsable(path, error.reason)
        }
        guard let bytes, let json = try? JSONValue(parsing: bytes), let key = json["key"]?.string,
            let secret = json["secret"]?.string, let endpoint = json["endpoint"]?.string,
            let organization = json["organization"]?.string
        else { throw .loginNotUsable(path, "It is not what \"flinkform login\" writes") }
        return Login(key: key, secret: secret, endpoint: endpoint, organization: organization)
    }

    /// Remembers a login in the place of an earlier one.
    func write(_ login: Login) throws(Diagnostic) {
        let json: JSONValue = [
            "key": .string(login.key), "secret": .string(login.secret), "endpoint": .string(login.endpoint),
            "organization": .string(login.organization),
        ]
        do throws(FileError) {
            try files.makeDirectory(Path.directory(of: path))
            try AtomicFile.write(json.bytes(.indented) + [0x0A], to: path, on: files)
        } catch {
            throw .error(
                "Login could not be remembered",
                "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason). You are not logged in."
            )
        }
    }

    /// Forgets the login; nothing happens when there is none.
    func remove() throws(Diagnostic) {
        do throws(FileError) {
            guard try files.status(path) != nil else { return }
            try files.remove(path)
            try files.syncDirectory(Path.directory(of: path))
        } catch {
            throw .error(
                "Login could not be forgotten",
                "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason). Remove the file yourself."
            )
        }
    }
}

extension Diagnostic {
    fileprivate static func loginNotUsable(_ path: String, _ reason: String) -> Diagnostic {
        .error(
            "Login cannot be used",
            """
            \(VisibleText.escaped(path)): \(reason). It was not used.

            Log in again: flinkform login. If others could read the Cloud API key's secret, replace that key first.
            """)
    }
}
