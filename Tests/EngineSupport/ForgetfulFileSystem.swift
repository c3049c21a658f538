package import Storage
import Synchronization

/// A file system in memory that forgets at a restart what was not synced, and that can fail or crash at any effect.
///
/// File contents survive a restart as far as the file was synced; creations, renames and removals as far as the directory
/// was. What was not synced survives, too, when the restart says so: a real system may have written it at any time.
package final class ForgetfulFileSystem: FileSystem, Sendable {
    /// What happens at one effect.
    package enum Fault: Hashable, Sendable, CaseIterable {
        /// The machine stops before the effect.
        case crashBefore
        /// The machine stops right after it.
        case crashAfter
        /// A write goes half way, then the machine stops; other effects happen, then it stops.
        case torn
        /// A write goes half way and the disk is full from then on, until `makeRoom`; other effects fail once.
        case full
        /// The effect fails once and has not happened.
        case fails
    }

    /// What of the things that were not synced is there after a restart.
    package enum Survival: Hashable, Sendable {
        /// Nothing.
        case nothing
        /// Everything.
        case everything
        /// A part: of each file's new bytes a beginning, of each directory's changes the first ones.
        case part(seed: UInt64)
    }

    private let disk = Mutex(Disk())

    /// An empty file system in which every directory is there.
    package init() {}

    // MARK: - For tests

    /// How many effects there were: whatever could leave a trace on a disk.
    package var effectCount: Int { disk.withLock { $0.effectCount } }

    /// How many syncs of files there were.
    package var syncCount: Int { disk.withLock { $0.syncCount } }

    /// Whether a fault has stopped the machine.
    package var isCrashed: Bool { disk.withLock { $0.isCrashed } }

    /// Arranges for a fault at one of the effects to come, the next being 0.
    package func arrange(_ fault: Fault, atEffect number: Int) {
        disk.withLock { $0.fault = (number + $0.effectCount, fault) }
    }

    /// Stops the machine, as a fault would.
    package func crash() { disk.withLock { $0.isCrashed = true } }

    /// Ends a full disk.
    package func makeRoom() { disk.withLock { $0.isFull = false } }

    /// Starts the machine again: open files and locks are gone, and what was not synced is as `survival` says.
    package func restart(_ survival: Survival = .nothing) { disk.withLock { $0.restart(survival) } }

    /// Ends the process, not the machine: open files and locks are gone, everything else is there.
    package func killProcess() { disk.withLock { $0.killProcess() } }

    /// The paths of all files; sorted.
    package var paths: [String] { disk.withLock { $0.entries.keys.sorted() } }

    /// The bytes of a file; nil when there is none.
    package func bytes(_ path: String) -> [UInt8]? { disk.withLock { $0.entries[path]?.bytes } }

    /// Puts a file there, synced, as another program would: in the place of the old file, or into it.
    package func put(_ bytes: [UInt8], at path: String, isOpenToOthers: Bool = false, inPlace: Bool = false) {
        disk.withLock { $0.put(bytes, at: path, isOpenToOthers: isOpenToOthers, inPlace: inPlace) }
    }

    /// Puts a symbolic link there.
    package func putLink(at path: String) {
        disk.withLock { disk in
            disk.put([], at: path, isOpenToOthers: true, inPlace: false)
            disk.entries[path]?.isLink = true
        }
    }

    /// Takes a file away, as another program would.
    package func takeAway(_ path: String) {
        disk.withLock { disk in
            disk.entries[path] = nil
            disk.durable[path] = nil
        }
    }

    /// Whether others may read a file.
    package func isOpenToOthers(_ path: String) -> Bool {
        disk.withLock { $0.entries[path]?.status.isOpenToOthers ?? false }
    }

    // MARK: - FileSystem

    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning("read", path)
            guard let file = disk.entries[path] else { return nil }
            guard file.bytes.count <= limit else { throw FileError("read", path, "It is larger than \(limit) bytes") }
            return file.bytes
        }
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning("look at", path)
            return disk.entries[path]?.status
        }
    }

    package func status(_ handle: FileHandle) throws(FileError) -> FileStatus {
        try disk.withLock { disk throws(FileError) in try disk.file(of: handle, "look at").status }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle {
        try disk.withLock { disk throws(FileError) in try disk.open(path, mode) }
    }

    package func write(_ bytes: [UInt8], to handle: FileHandle) throws(FileError) {
        try disk.withLock { disk throws(FileError) in try disk.write(bytes, to: handle) }
    }

    package func truncate(_ handle: FileHandle, to length: Int) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            let file = try disk.file(of: handle, "cut")
            try disk.effect("cut", handle.path) { disk in
                file.bytes = Array(file.bytes.prefix(length))
                disk.open[handle.descriptor]?.offset = file.bytes.count
            }
        }
    }

    package func sync(_ handle: FileHandle) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            let file = try disk.file(of: handle, "sync")
            try disk.effect("sync", handle.path) { disk in
                file.durable = file.bytes
                disk.syncCount += 1
            }
        }
    }

    package func lock(_ handle: FileHandle, _ kind: LockKind) throws(FileError) -> Bool {
        try disk.withLock { disk throws(FileError) in
            let file = try disk.file(of: handle, "lock")
            let others = file.locks.filter { $0.key != handle.descriptor }.values
            guard others.allSatisfy({ $0 == .shared && kind == .shared }) else { return false }
            file.locks[handle.descriptor] = kind
            return true
        }
    }

    package func setPermissions(_ permissions: UInt16, of handle: FileHandle) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            let file = try disk.file(of: handle, "set the permissions of")
            try disk.effect("set the permissions of", handle.path) { _ in file.permissions = permissions }
        }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning("make", path)
            disk.directories.insert(path)
        }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        let all = paths + disk.withLock { Array($0.directories) }
        let names = all.filter { $0.hasPrefix(path + "/") }.compactMap {
            $0.dropFirst(path.count + 1).split(separator: "/").first.map(String.init)
        }
        return Set(names).sorted()
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        guard paths.allSatisfy({ !$0.hasPrefix(path + "/") }) else {
            throw FileError("remove", path, "Directory not empty")
        }
        disk.withLock { _ = $0.directories.remove(path) }
    }

    package func close(_ handle: FileHandle) {
        disk.withLock { disk in
            guard let opened = disk.open.removeValue(forKey: handle.descriptor) else { return }
            opened.file.locks[handle.descriptor] = nil
        }
    }

    package func rename(_ path: String, to target: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning("replace", target)
            guard let file = disk.entries[path] else { throw FileError("replace", target, "No such file or directory") }
            try disk.effect("replace", target) { disk in disk.change([(path, nil), (target, file)]) }
        }
    }

    package func remove(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning("remove", path)
            guard disk.entries[path] != nil else { return }
            try disk.effect("remove", path) { disk in disk.change([(path, nil)]) }
        }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning("sync", path)
            try disk.effect("sync", path) { disk in disk.syncDirectory(path) }
        }
    }
}
