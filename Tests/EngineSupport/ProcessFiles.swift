package import Storage
import Synchronization

/// A file system as one process sees it: it can end, and takes its open files and their locks with it.
package final class ProcessFiles: FileSystem, Sendable {
    private let files: any FileSystem
    private let opened = Mutex<Set<FileHandle>>([])

    /// Makes a process on a file system.
    package init(on files: any FileSystem) { self.files = files }

    /// Ends the process, as far as its files tell.
    package func end() {
        let handles = opened.withLock { opened in
            defer { opened = [] }
            return opened
        }
        for handle in handles { files.close(handle) }
    }

    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? { try files.read(path, limit: limit) }
    package func status(_ path: String) throws(FileError) -> FileStatus? { try files.status(path) }
    package func status(_ handle: FileHandle) throws(FileError) -> FileStatus { try files.status(handle) }

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle {
        let handle = try files.open(path, mode)
        opened.withLock { _ = $0.insert(handle) }
        return handle
    }

    package func write(_ bytes: [UInt8], to handle: FileHandle) throws(FileError) { try files.write(bytes, to: handle) }

    package func truncate(_ handle: FileHandle, to length: Int) throws(FileError) {
        try files.truncate(handle, to: length)
    }

    package func sync(_ handle: FileHandle) throws(FileError) { try files.sync(handle) }

    package func setPermissions(_ permissions: UInt16, of handle: FileHandle) throws(FileError) {
        try files.setPermissions(permissions, of: handle)
    }

    package func lock(_ handle: FileHandle, _ kind: LockKind) throws(FileError) -> Bool {
        try files.lock(handle, kind)
    }

    package func close(_ handle: FileHandle) {
        guard opened.withLock({ $0.remove(handle) }) != nil else { return }
        files.close(handle)
    }

    package func rename(_ path: String, to target: String) throws(FileError) { try files.rename(path, to: target) }
    package func remove(_ path: String) throws(FileError) { try files.remove(path) }
    package func makeDirectory(_ path: String) throws(FileError) { try files.makeDirectory(path) }
    package func list(_ path: String) throws(FileError) -> [String] { try files.list(path) }
    package func removeDirectory(_ path: String) throws(FileError) { try files.removeDirectory(path) }
    package func syncDirectory(_ path: String) throws(FileError) { try files.syncDirectory(path) }
}
