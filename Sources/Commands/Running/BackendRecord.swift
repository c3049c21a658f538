import Configuring
import Diagnostics
import JSON
import Storage

/// What `flinkform init` remembers of the backend, in `backend.json` of the data directory: so that a changed block is noticed, and what
/// was given beside the block is there for the commands that follow.
///
/// For its owner alone: `-backend-config` may have been given a password.
struct BackendRecord: Hashable, Sendable {
    /// The block as it was, or nil when `init` never ran here with one.
    var block: BackendBlock?
    /// What `-backend-config` gave beside it.
    var added: [String: String] = [:]

    private static let lengthMaximum = 1 << 20

    private static func path(_ invocation: Invocation) -> String { "\(invocation.dataDirectory)/backend.json" }

    /// Reads the record; an empty one when there is none.
    static func read(_ invocation: Invocation) throws(Diagnostic) -> BackendRecord {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try invocation.files.read(path(invocation), limit: lengthMaximum)
        } catch {
            throw .unreadableRecord(error.path, error.reason)
        }
        guard let bytes else { return BackendRecord() }
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.int == 1, let type = json["type"]?.string,
            let arguments = texts(json["arguments"]), let added = texts(json["added"])
        else { throw .unreadableRecord(path(invocation), "It is not what flinkform wrote") }
        var block = BackendBlock(type: type)
        block.arguments = arguments
        return BackendRecord(block: block, added: added)
    }

    private static func texts(_ json: JSONValue?) -> [String: String]? {
        guard let members = json?.object else { return nil }
        var result: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string else { return nil }
            result[name] = text
        }
        return result
    }

    /// Writes the record; without a block the file goes.
    func write(_ invocation: Invocation) throws(Diagnostic) {
        let path = Self.path(invocation)
        do throws(FileError) {
            guard let block else { return try invocation.files.remove(path) }
            func object(_ texts: [String: String]) -> JSONValue {
                .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
            }
            let json: JSONValue = [
                "version": 1, "type": .string(block.type), "arguments": object(block.arguments), "added": object(added),
            ]
            try invocation.files.makeDirectory(invocation.dataDirectory)
            try AtomicFile.write(Array(json.text(.indented).utf8) + [0x0A], to: path, on: invocation.files)
        } catch {
            throw .error(
                "Backend cannot be remembered",
                "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason). The directory of the configuration must be writable."
            )
        }
    }

    /// Whether the configuration still says what `init` was told.
    func isCurrent(_ block: BackendBlock?) -> Bool {
        Self.meaning(self.block) == Self.meaning(block)
    }

    /// A block without its places; none at all is the local file of the usual name.
    private static func meaning(_ block: BackendBlock?) -> BackendBlock {
        var bare = BackendBlock(type: block?.type ?? BackendKind.local.rawValue)
        bare.arguments = block?.arguments ?? [:]
        return bare
    }

    /// Throws when the state may be somewhere else than the configuration says: the block has changed since `init`, or a local
    /// state was there before the block.
    func check(_ configuration: Configuration, _ invocation: Invocation) throws {
        if block != nil {
            guard isCurrent(configuration.backend) else {
                throw Problems([.changedBackend(at: configuration.backend?.headerRange)], configuration.files)
            }
            return
        }
        guard let new = configuration.backend, new.type != BackendKind.local.rawValue else { return }
        let local = invocation.path("flinkform.tfstate")
        if ((try? invocation.files.status(local)) ?? nil) != nil {
            throw Problems([.stateStillLocal(local, new)], configuration.files)
        }
    }
}

extension Diagnostic {
    fileprivate static func unreadableRecord(_ path: String, _ reason: String) -> Diagnostic {
        .error(
            "Backend record cannot be read",
            "\(VisibleText.escaped(path)): \(reason). It says where the state is; write it anew with \"flinkform init -reconfigure\"."
        )
    }

    fileprivate static func changedBackend(at range: SourceRange?) -> Diagnostic {
        .error(
            "Backend configuration changed",
            """
            The configuration keeps the state elsewhere than when "flinkform init" last ran here. Nothing was changed.

            To take the state along to the new place:
                flinkform init -migrate-state
            To use what is at the new place, leaving the old state where it is:
                flinkform init -reconfigure
            """, at: range)
    }

    fileprivate static func stateStillLocal(_ path: String, _ block: BackendBlock) -> Diagnostic {
        .error(
            "State is still local",
            """
            The configuration keeps the state with backend "\(VisibleText.escaped(block.type))", but there is a state in \
            \(VisibleText.escaped(path)). Going on without it could create everything once more. Nothing was changed.

            To take it along:
                flinkform init -migrate-state
            To leave it where it is and use what the backend has:
                flinkform init -reconfigure
            """, at: block.headerRange)
    }
}
