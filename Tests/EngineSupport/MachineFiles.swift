package import Storage
import Synchronization

/// The files of one run: configuration from the real disk, everything else on a forgetful file system.
///
/// When the machine stops, the run is told, so that it can be cut off from everything else, too.
package final class MachineFiles: FileSystem, Sendable {
    private let files: ForgetfulFileSystem
    private let real = POSIXFileSystem()
    private let onStop = Mutex<(@Sendable () -> Void)?>(nil)

    /// Makes the files of a run.
    package init(_ files: ForgetfulFileSystem) { self.files = files }

    /// Decides what is done, once, when the machine stops; at once if it has.
    package func whenStopped(_ action: @escaping @Sendable () -> Void) {
        onStop.withLock { $0 = action }
        tellIfStopped()
    }

    private func tellIfStopped() {
        guard files.isCrashed else { return }
        let action = onStop.withLock { onStop in
            defer { onStop = nil }
            return onStop
        }
        action?()
    }

    /// Does something where a path belongs: configuration on the real disk, as long as the machine runs.
    private func place<Result>(
        of path: String, _ body: (any FileSystem) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        defer { tellIfStopped() }
        guard Self.isConfiguration(path) else { return try body(files) }
        // The real disk knows nothing of the machine.
        if files.isCrashed { throw FileError("use", path, "The machine has stopped") }
        return try body(real)
    }

    private static func isConfiguration(_ path: String) -> Bool {
        [".tf", ".tfvars", ".tf.tmp"].contains { path.hasSuffix($0) }
    }

    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        try place(of: path) { files throws(FileError) in try files.read(path, limit: limit) }
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        try place(of: path) { files throws(FileError) in try files.status(path) }
    }

    package func status(_ handle: FileHandle) throws(FileError) -> FileStatus {
        try place(of: handle.path) { files throws(FileError) in try files.status(handle) }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle {
        try place(of: path) { files throws(FileError) in try files.open(path, mode) }
    }

    package func write(_ bytes: [UInt8], to handle: FileHandle) throws(FileError) {
        try place(of: handle.path) { files throws(FileError) in try files.write(bytes, to: handle) }
    }

    package func truncate(_ handle: FileHandle, to length: Int) throws(FileError) {
        try place(of: handle.path) { files throws(FileError) in try files.truncate(handle, to: length) }
    }

    package func sync(_ handle: FileHandle) throws(FileError) {
        try place(of: handle.path) { files throws(FileError) in try files.sync(handle) }
    }

    package func lock(_ handle: FileHandle, _ kind: LockKind) throws(FileError) -> Bool {
        try place(of: handle.path) { files throws(FileError) in try files.lock(handle, kind) }
    }

    package func setPermissions(_ permissions: UInt16, of handle: FileHandle) throws(FileError) {
        try place(of: handle.path) { files throws(FileError) in try files.setPermissions(permissions, of: handle) }
    }

    package func close(_ handle: FileHandle) {
        if Self.isConfiguration(handle.path) { real.close(handle) } else { files.close(handle) }
    }

    package func rename(_ path: String, to target: String) throws(FileError) {
        try place(of: target) { files throws(FileError) in try files.rename(path, to: target) }
    }

    package func remove(_ path: String) throws(FileError) {
        try place(of: path) { files throws(FileError) in try files.remove(path) }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        try place(of: path) { files throws(FileError) in try files.makeDirectory(path) }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        try place(of: path) { files throws(FileError) in try files.list(path) }
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        try place(of: path) { files throws(FileError) in try files.removeDirectory(path) }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try place(of: path) { files throws(FileError) in try files.syncDirectory(path) }
    }
}
