/// Replaces files so that a crash leaves the old one or the new one, whole.
package enum AtomicFile {
    /// Writes a file in the place of what was there; for its owner only, unless other permissions are given.
    ///
    /// The bytes go to a temporary file beside it, which is synced and renamed; then the directory is synced. On failure the
    /// temporary file is taken away and the old file is as it was.
    package static func write(
        _ bytes: [UInt8], to path: String, on files: any FileSystem, permissions: UInt16? = nil
    ) throws(FileError) {
        let handle = try replace(path, with: bytes, on: files, locks: false, permissions: permissions)
        files.close(handle)
    }

    /// The same; the new file stays open, and is locked before it takes its place if that is asked for.
    static func replace(
        _ path: String, with bytes: [UInt8], on files: any FileSystem, locks: Bool, permissions: UInt16? = nil
    ) throws(FileError) -> FileHandle {
        let temporary = path + ".tmp"
        if let status = try files.status(path), status.isSymbolicLink {
            throw FileError("replace", path, "It is a symbolic link; name the file itself")
        }
        // Left behind by a crash.
        try files.remove(temporary)
        let handle = try files.open(temporary, .new)
        do throws(FileError) {
            try files.write(bytes, to: handle)
            if let permissions { try files.setPermissions(permissions, of: handle) }
            if locks, try !files.lock(handle) { throw FileError("lock", temporary, "Another program has it") }
            try files.sync(handle)
            try files.rename(temporary, to: path)
        } catch {
            files.close(handle)
            try? files.remove(temporary)
            throw error
        }
        do throws(FileError) {
            try files.syncDirectory(Path.directory(of: path))
        } catch {
            files.close(handle)
            throw error
        }
        return handle
    }
}
