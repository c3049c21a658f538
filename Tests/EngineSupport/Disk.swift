import Storage

/// The state of a forgetful file system; everything in it is touched under its lock only.
struct Disk: ~Copyable {
    /// What a path leads to.
    final class File {
        let inode: UInt64
        var bytes: [UInt8] = []
        /// The bytes at the last sync.
        var durable: [UInt8] = []
        var permissions: UInt16 = 0o600
        var isLink = false
        /// The descriptors that have a lock of it.
        var locks: [Int32: LockKind] = [:]

        init(inode: UInt64) { self.inode = inode }

        var status: FileStatus {
            FileStatus(
                isRegular: !isLink, isSymbolicLink: isLink, permissions: permissions, inode: inode,
                length: bytes.count)
        }
    }

    struct Opened {
        let file: File
        let appends: Bool
        var offset = 0
    }

    typealias Change = [(path: String, file: File?)]

    var entries: [String: File] = [:]
    /// The directories that were made; others are there with what is in them.
    var directories: Set<String> = []
    /// The entries that survive.
    var durable: [String: File] = [:]
    /// What was done since in each directory, in order; a rename is one change.
    private var changes: [String: [Change]] = [:]
    var open: [Int32: Opened] = [:]
    var effectCount = 0
    var syncCount = 0
    var isCrashed = false
    var isFull = false
    var fault: (number: Int, fault: ForgetfulFileSystem.Fault)?
    private var nextInode: UInt64 = 1
    private var nextDescriptor: Int32 = 3

    // MARK: - Effects

    func checkRunning(_ operation: String, _ path: String) throws(FileError) {
        if isCrashed { throw FileError(operation, path, "The machine has stopped") }
    }

    func file(of handle: FileHandle, _ operation: String) throws(FileError) -> File {
        try checkRunning(operation, handle.path)
        guard let opened = open[handle.descriptor] else {
            throw FileError(operation, handle.path, "Bad file descriptor")
        }
        return opened.file
    }

    /// The fault that is due at this effect, which is counted.
    private mutating func dueFault() -> ForgetfulFileSystem.Fault? {
        defer { effectCount += 1 }
        guard let fault, fault.number == effectCount else { return nil }
        return fault.fault
    }

    /// Performs an effect, unless its fault says otherwise.
    mutating func effect(
        _ operation: String, _ path: String, _ body: (inout Disk) -> Void
    ) throws(FileError) {
        switch dueFault() {
        case nil: body(&self)
        case .crashBefore:
            isCrashed = true
            try checkRunning(operation, path)
        case .crashAfter, .torn:
            body(&self)
            isCrashed = true
            try checkRunning(operation, path)
        case .full: throw FileError(operation, path, "No space left on device")
        case .fails: throw FileError(operation, path, "Input/output error")
        }
    }

    mutating func write(_ bytes: [UInt8], to handle: FileHandle) throws(FileError) {
        _ = try file(of: handle, "write")
        if isFull { throw FileError("write", handle.path, "No space left on device") }
        switch dueFault() {
        case nil: put(bytes[...], into: handle)
        case .crashBefore:
            isCrashed = true
            try checkRunning("write", handle.path)
        case .crashAfter:
            put(bytes[...], into: handle)
            isCrashed = true
            try checkRunning("write", handle.path)
        case .torn:
            put(bytes.prefix(bytes.count / 2), into: handle)
            isCrashed = true
            try checkRunning("write", handle.path)
        case .full:
            put(bytes.prefix(bytes.count / 2), into: handle)
            isFull = true
            throw FileError("write", handle.path, "No space left on device")
        case .fails: throw FileError("write", handle.path, "Input/output error")
        }
    }

    private mutating func put(_ bytes: ArraySlice<UInt8>, into handle: FileHandle) {
        guard let opened = open[handle.descriptor] else { return }
        let file = opened.file
        let start = opened.appends ? file.bytes.count : opened.offset
        let end = min(start + bytes.count, file.bytes.count)
        file.bytes.replaceSubrange(start..<max(start, end), with: bytes)
        open[handle.descriptor]?.offset = start + bytes.count
    }

    mutating func open(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle {
        try checkRunning("open", path)
        if let file = entries[path] {
            if mode == .new { throw FileError("open", path, "File exists", isExisting: true) }
            return opened(file, path, mode)
        }
        if mode == .existing || mode == .reading { throw FileError("open", path, "No such file or directory") }
        if isFull { throw FileError("open", path, "No space left on device") }
        let file = newFile()
        try effect("open", path) { disk in disk.change([(path, file)]) }
        return opened(file, path, mode)
    }

    private mutating func opened(_ file: File, _ path: String, _ mode: OpenMode) -> FileHandle {
        defer { nextDescriptor += 1 }
        open[nextDescriptor] = Opened(file: file, appends: mode == .appending)
        return FileHandle(descriptor: nextDescriptor, path: path)
    }

    private mutating func newFile() -> File {
        defer { nextInode += 1 }
        return File(inode: nextInode)
    }

    // MARK: - Directories

    mutating func change(_ change: Change) {
        guard let first = change.first else { return }
        Self.apply(change, to: &entries)
        changes[Path.directory(of: first.path), default: []].append(change)
    }

    private static func apply(_ change: Change, to entries: inout [String: File]) {
        for (path, file) in change { entries[path] = file }
    }

    mutating func syncDirectory(_ directory: String) {
        for change in changes.removeValue(forKey: directory) ?? [] { Self.apply(change, to: &durable) }
    }

    mutating func put(_ bytes: [UInt8], at path: String, isOpenToOthers: Bool, inPlace: Bool) {
        let file = (inPlace ? entries[path] : nil) ?? newFile()
        file.bytes = bytes
        file.durable = bytes
        file.permissions = isOpenToOthers ? 0o644 : 0o600
        entries[path] = file
        durable[path] = file
    }

    // MARK: - Endings

    mutating func killProcess() {
        for opened in open.values { opened.file.locks = [:] }
        open = [:]
        (isCrashed, isFull, fault) = (false, false, nil)
    }

    mutating func restart(_ survival: ForgetfulFileSystem.Survival) {
        var chance = Chance(survival)
        for directory in changes.keys.sorted() {
            guard let list = changes[directory] else { continue }
            for change in list.prefix(chance.count(upTo: list.count)) { Self.apply(change, to: &durable) }
        }
        changes = [:]
        entries = durable
        for path in entries.keys.sorted() {
            guard let file = entries[path], file.bytes != file.durable else { continue }
            if file.bytes.starts(with: file.durable) {
                let new = file.bytes.count - file.durable.count
                file.bytes = Array(file.bytes.prefix(file.durable.count + chance.count(upTo: new)))
            } else if chance.count(upTo: 1) == 0 {
                file.bytes = file.durable
            }
            file.durable = file.bytes
        }
        killProcess()
    }

    /// How much of what may survive does.
    private struct Chance {
        private var seed: UInt64
        private let survival: ForgetfulFileSystem.Survival

        init(_ survival: ForgetfulFileSystem.Survival) {
            self.survival = survival
            if case .part(let seed) = survival { self.seed = seed } else { seed = 0 }
        }

        mutating func count(upTo maximum: Int) -> Int {
            switch survival {
            case .nothing: return 0
            case .everything: return maximum
            case .part:
                // SplitMix64.
                seed &+= 0x9E37_79B9_7F4A_7C15
                var word = seed
                word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                word ^= word >> 31
                return Int(word % UInt64(maximum + 1))
            }
        }
    }
}
