package import Applying
package import Diagnostics
import JSON
package import Planning

/// The state file of a Terraform: read under a lock that keeps Terraform from writing it, and changed under Terraform's own.
package struct TerraformStateFile: Sendable {
    /// Where it is.
    package let path: String
    private let files: any FileSystem
    private let encryption: Encryption

    private static let lengthMaximum = 1 << 30

    /// Names a file; nothing is touched yet.
    ///
    /// With the encryption that an OpenTofu wrote it with, an encrypted one is read, and written back encrypted.
    package init(_ path: String, on files: any FileSystem, _ encryption: Encryption = Encryption()) {
        self.path = path
        self.files = files
        self.encryption = encryption
    }

    /// The file that Terraform keeps the content before its last run in.
    package var backupPath: String { path + ".backup" }

    // MARK: - Reading

    /// Reads the file as it is, without a lock; nil when there is none, or when it is empty, which means the same to Terraform.
    package func read() throws(Diagnostic) -> TerraformState? { try read(path) }

    /// Reads the backup beside it; nil when there is none.
    package func readBackup() throws(Diagnostic) -> TerraformState? { try read(backupPath) }

    private func read(_ path: String) throws(Diagnostic) -> TerraformState? {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try files.read(path, limit: Self.lengthMaximum)
        } catch {
            throw .file("Terraform state cannot be read", error, "Nothing was changed.")
        }
        guard let bytes, !bytes.isEmpty else { return nil }
        var json = try Self.json(bytes, path)
        if Envelope.isEnvelope(json) {
            json = try Self.json(encryption.open(bytes, json, .state, path).bytes, path)
        }
        do throws(StateFileError) {
            return try TerraformState(json: json)
        } catch {
            switch error {
            case .malformed(let reason): throw .unreadableTerraformState(path, reason)
            case .version(let version): throw .otherFormat(path, version)
            }
        }
    }

    private static func json(_ bytes: [UInt8], _ path: String) throws(Diagnostic) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .unreadableTerraformState(path, "\(error.description).")
        }
    }

    /// The bytes of a content that takes the place of another: encrypted, if the other is.
    private func bytes(of state: TerraformState, inPlaceOf path: String) throws(Diagnostic) -> [UInt8] {
        let old = (try? files.read(path, limit: Self.lengthMaximum)) ?? nil
        guard let old, let json = try? JSONValue(parsing: old), Envelope.isEnvelope(json) else {
            return state.fileBytes()
        }
        return try encryption.seal(
            state.fileBytes(), .state, identity: Envelope.Identity(serial: state.serial, lineage: state.lineage))
    }

    /// Does something with the content while Terraform cannot write it; the file stays as it is, byte for byte.
    ///
    /// A shared lock is held, which needs no more than the right to read the file. A Terraform that has its lock is an error
    /// that shows the holder.
    package func reading<Result>(_ work: (TerraformState) async throws -> Result) async throws -> Result {
        let handle = try lockForReading()
        defer { files.close(handle) }
        guard let state = try read() else { throw Diagnostic.noTerraformState(path) }
        return try await work(state)
    }

    private func lockForReading() throws(Diagnostic) -> FileHandle {
        do throws(FileError) {
            while let there = try files.status(path) {
                if there.isSymbolicLink { throw FileError("use", path, "It is a symbolic link; name the file itself") }
                let handle = try files.open(path, .reading)
                let isLocked = try closingOnFailure(handle) { () throws(FileError) in try files.lock(handle, .shared) }
                guard isLocked else {
                    files.close(handle)
                    break
                }
                let isThere = try closingOnFailure(handle) { () throws(FileError) in
                    try files.status(path)?.inode == files.status(handle).inode
                }
                if isThere { return handle }
                // Replaced meanwhile: the lock is on a file that nobody reads any more.
                files.close(handle)
            }
        } catch {
            throw .file("Terraform state cannot be read", error, "Nothing was changed.")
        }
        throw try exists() ? .terraformAtWork(path, lock.holder()) : .noTerraformState(path)
    }

    private func closingOnFailure<Result>(
        _ handle: FileHandle, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            files.close(handle)
            throw error
        }
    }

    /// Terraform's lock of the file; without a file of ours beside it.
    private var lock: StateLock { StateLock(files: files, statePath: path, hasSideFile: false) }

    // MARK: - Changing

    /// Does something under Terraform's own lock, with the content and with what puts another content in its place.
    ///
    /// A new content takes the place of the old one in one step, for its owner only; a Terraform that waits for the lock meanwhile
    /// stops then, instead of going on with what it cannot see any more.
    package func changing<Result>(
        as holder: LockHolder,
        _ work: (_ content: TerraformState, _ replace: (TerraformState) throws(Diagnostic) -> Void) async throws ->
            Result
    ) async throws -> Result {
        var lock = lock
        let isLocked: Bool
        do throws(FileError) {
            isLocked = try files.status(path) == nil ? false : lock.attempt(holder)
        } catch {
            throw Diagnostic.file("Terraform state cannot be locked", error, "Nothing was changed.")
        }
        defer { lock.release() }
        guard isLocked else {
            throw try exists() ? Diagnostic.terraformAtWork(path, lock.holder()) : .noTerraformState(path)
        }
        guard let content = try read() else { throw Diagnostic.noTerraformState(path) }
        return try await work(content) { state throws(Diagnostic) in
            let bytes = try bytes(of: state, inPlaceOf: path)
            do throws(FileError) {
                try lock.checkStateFile()
                let handle = try AtomicFile.replace(path, with: bytes, on: files, locks: true)
                lock.stateWasReplaced(by: handle)
            } catch {
                throw .file("Terraform state could not be written", error, "It is as it was.")
            }
        }
    }

    private func exists() throws(Diagnostic) -> Bool {
        do throws(FileError) {
            return try files.status(path) != nil
        } catch {
            throw .file("Terraform state cannot be read", error, "Nothing was changed.")
        }
    }

    /// Puts another content in the place of the backup, for its owner only; the lock of the state guards it, too.
    package func replaceBackup(with state: TerraformState) throws(Diagnostic) {
        let bytes = try bytes(of: state, inPlaceOf: backupPath)
        do throws(FileError) {
            try AtomicFile.write(bytes, to: backupPath, on: files)
        } catch {
            throw .file("Backup of the Terraform state could not be written", error, "It is as it was.")
        }
    }

    /// Makes a new file of it, for its owner only; one that is there already is an error.
    package func create(_ content: [UInt8]) throws(Diagnostic) {
        do throws(FileError) {
            let handle = try files.open(path, .new)
            do throws(FileError) {
                try files.write(content, to: handle)
                try files.sync(handle)
                try files.syncDirectory(Path.directory(of: path))
            } catch {
                files.close(handle)
                try? files.remove(path)
                throw error
            }
            files.close(handle)
        } catch {
            if error.isExisting { throw .existingFile(path) }
            throw .file("State could not be written", error, "Name a file in a directory that you can write to.")
        }
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func noTerraformState(_ path: String) -> Diagnostic {
        .error(
            "No Terraform state",
            """
            There is no Terraform state at \(VisibleText.escaped(path)), or the file is empty. Name the file: flinkform adopt FILE

            Does Terraform keep its state elsewhere (a backend such as s3, or HCP Terraform)? Let it write a copy: \
            terraform state pull > terraform.tfstate
            """)
    }

    fileprivate static func unreadableTerraformState(_ path: String, _ reason: String) -> Diagnostic {
        .error(
            "Terraform state cannot be read",
            """
            \(VisibleText.escaped(path)) is not a whole state file: \(reason) Nothing was changed.

            Restore it from its backup, or let Terraform write it once more: terraform state pull > terraform.tfstate
            """)
    }

    fileprivate static func terraformAtWork(_ path: String, _ holder: LockHolder?) -> Diagnostic {
        var detail = "Another program has the lock of \(VisibleText.escaped(path)), so it may be about to change it.\n"
        if let holder { detail += "Lock Info:\n\(holder.table)" }
        return .error(
            "Terraform is at work",
            detail + "\nNothing was changed. Wait for that run to end. The lock ends with the process that holds it.")
    }

    fileprivate static func existingFile(_ path: String) -> Diagnostic {
        .error(
            "File exists already",
            """
            \(VisibleText.escaped(path)) is there already, and nothing is written over it: it could be the only copy of a state. \
            Name another file.
            """)
    }
}
