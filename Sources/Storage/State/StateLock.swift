import Applying
import Diagnostics
import JSON

/// The lock of a local state: on a file beside it that is never replaced, and on the state file itself, which Terraform locks.
struct StateLock {
    private let files: any FileSystem
    private let statePath: String
    private let sidePath: String?
    private let holderPath: String
    private var side: FileHandle?
    private var state: FileHandle?
    private var isHolderWritten = false

    /// Makes the lock of a state; nothing is touched yet.
    ///
    /// - Parameters:
    ///   - files: The file system.
    ///   - statePath: The state file.
    ///   - hasSideFile: Whether there is a file beside it that goes with its workspace alone; without one, the state must be there already.
    init(files: any FileSystem, statePath: String, hasSideFile: Bool = true) {
        self.files = files
        self.statePath = statePath
        let name = Path.name(of: statePath)
        sidePath = hasSideFile ? Path.beside(statePath, name: ".\(name).lock") : nil
        holderPath = Path.beside(statePath, name: ".\(name).lock.info")
    }

    /// Whether the lock is held.
    var isHeld: Bool { side != nil || state != nil }

    /// One try; false when another program has the lock.
    mutating func attempt(_ holder: LockHolder) throws(FileError) -> Bool {
        guard !isHeld else { return true }
        if let sidePath {
            guard let handle = try locked(sidePath, .appending) else { return false }
            // Whoever deletes a workspace takes the file away: a lock on it would keep nobody out.
            guard try files.status(sidePath)?.inode == files.status(handle).inode else {
                files.close(handle)
                return false
            }
            side = handle
        }
        do throws(FileError) {
            guard try lockStateFile() else {
                release()
                return false
            }
            try AtomicFile.write(holder.json.bytes(.compact) + [0x0A], to: holderPath, on: files)
            isHolderWritten = true
        } catch {
            release()
            throw error
        }
        return true
    }

    /// Locks the state file if there is one, and makes sure that it is still the one at the path.
    private mutating func lockStateFile() throws(FileError) -> Bool {
        for _ in 0..<100 {
            guard let there = try files.status(statePath) else { return true }
            if there.isSymbolicLink {
                throw FileError("lock", statePath, "It is a symbolic link; name the file itself")
            }
            guard let handle = try locked(statePath, .existing) else { return false }
            state = handle
            if try isStillThere(handle) { return true }
            // Replaced meanwhile: the lock is on a file that nobody reads any more.
            files.close(handle)
            state = nil
        }
        return false
    }

    /// Opens and locks a file; nil when another program has its lock.
    private func locked(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle? {
        let handle = try files.open(path, mode)
        do throws(FileError) {
            if try files.lock(handle) { return handle }
        } catch {
            files.close(handle)
            throw error
        }
        files.close(handle)
        return nil
    }

    private func isStillThere(_ handle: FileHandle) throws(FileError) -> Bool {
        try files.status(statePath)?.inode == files.status(handle).inode
    }

    /// Makes sure, before the state file is replaced, that it is the one that was locked, or that there is none yet.
    func checkStateFile() throws(FileError) {
        let isSame: Bool
        if let state { isSame = try isStillThere(state) } else { isSame = try files.status(statePath) == nil }
        guard isSame else { throw FileError("replace", statePath, "Another program put it there during this run") }
    }

    /// Takes over the handle of the file that has replaced the state; it is locked already.
    ///
    /// The old file, which a waiting Terraform may have open, gets one line that is no state: Terraform then stops instead of
    /// going on with a state that nobody sees any more.
    mutating func stateWasReplaced(by handle: FileHandle) {
        if let old = state {
            // Never empty, not even for a moment or on a full disk: an empty state means that there is none.
            try? files.truncate(old, to: 1)
            try? files.write(Array(" This state was replaced by flinkform. Run the command again.\n".utf8), to: old)
            files.close(old)
        }
        state = handle
    }

    /// Lets the lock go.
    mutating func release() {
        // Another program's record, while it has the state file's lock, is not ours to remove.
        if isHolderWritten { try? files.remove(holderPath) }
        isHolderWritten = false
        if let state { files.close(state) }
        if let side { files.close(side) }
        (state, side) = (nil, nil)
    }

    /// Whether another program has the lock now, and who; nil when none has.
    ///
    /// Asked with a shared lock for a moment, which goes beside nothing exclusive.
    func standing() throws(FileError) -> LockStanding? {
        for path in [sidePath, statePath].compactMap({ $0 }) where try files.status(path) != nil {
            let handle = try files.open(path, .reading)
            defer { files.close(handle) }
            if try !files.lock(handle, .shared) { return LockStanding(holder: holder()) }
        }
        return nil
    }

    /// Who holds the lock, as far as that was written down; nil when it was not.
    func holder() -> LockHolder? {
        guard let bytes = try? files.read(holderPath, limit: 1 << 16), let json = try? JSONValue(parsing: bytes) else {
            return nil
        }
        return LockHolder(json: json)
    }
}

extension Diagnostic {
    /// The lock is held by someone else.
    static func locked(by holder: LockHolder?, _ path: String) -> Diagnostic {
        var detail = "Error message: \(VisibleText.escaped(path)) is locked by another run.\n"
        if let holder { detail += "Lock Info:\n\(holder.table)" }
        detail += """

            flinkform locks the state so that two runs never write it at once. Wait for the other run to end, or let this one \
            wait for it with -lock-timeout=60s. The lock ends with the process that holds it.
            """
        return .error("Error acquiring the state lock", detail)
    }

    /// A file operation failed.
    static func file(_ summary: String, _ error: FileError, _ advice: String) -> Diagnostic {
        .error(
            summary,
            "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason). \(advice)")
    }
}
