import Storage
import Synchronization

/// A file that lines are written to while a run goes on.
final class LogFile: Sendable {
    private let files: any FileSystem
    private let handle: FileHandle
    private let lost = Mutex<String?>(nil)

    /// Makes the file, for its owner only, or opens the one that is there; `isEmptied` says whether what it has goes.
    init(_ path: String, on files: any FileSystem, isEmptied: Bool) throws(FileError) {
        self.files = files
        handle = try files.open(path, .appending)
        if isEmptied, try files.status(handle).isRegular { try files.truncate(handle, to: 0) }
    }

    /// Writes what can be written: a full disk is no reason to stop an apply.
    func write(_ text: String) {
        do throws(FileError) {
            try files.write(Array(text.utf8), to: handle)
        } catch {
            lost.withLock { $0 = $0 ?? error.reason }
        }
    }

    func close() { files.close(handle) }

    /// Why something was lost; nil when nothing was.
    var problem: String? { lost.withLock { $0 } }
}
