/// What the file system does for this module: few operations, each one an effect that can fail or be cut short by a crash.
///
/// A protocol, so that tests can run everything on a file system that forgets what was not synced.
package protocol FileSystem: Sendable {
    /// The whole file; nil when there is none. Fails for more than `limit` bytes.
    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]?
    /// What is at a path, a symbolic link not followed; nil when there is nothing.
    func status(_ path: String) throws(FileError) -> FileStatus?
    /// Opens a file, as the mode says.
    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle
    /// Writes all bytes at the end of what was written.
    func write(_ bytes: [UInt8], to handle: FileHandle) throws(FileError)
    /// Cuts the file to a length; what is written next goes behind it.
    func truncate(_ handle: FileHandle, to length: Int) throws(FileError)
    /// Makes what was written durable.
    func sync(_ handle: FileHandle) throws(FileError)
    /// What an open file is.
    func status(_ handle: FileHandle) throws(FileError) -> FileStatus
    /// Takes a lock of an open file; false when another open file description has one that does not go with it.
    func lock(_ handle: FileHandle, _ kind: LockKind) throws(FileError) -> Bool
    /// Says who may read and write an open file, in the nine bits of `chmod`.
    func setPermissions(_ permissions: UInt16, of handle: FileHandle) throws(FileError)
    /// Closes a file and lets its lock go.
    func close(_ handle: FileHandle)
    /// Puts a file in the place of another, in one step.
    func rename(_ path: String, to target: String) throws(FileError)
    /// Takes a file away; nothing happens when there is none.
    func remove(_ path: String) throws(FileError)
    /// Makes a directory for its owner only, and those above it; nothing happens when it is there.
    func makeDirectory(_ path: String) throws(FileError)
    /// The names in a directory, in no order; none when there is no such directory.
    func list(_ path: String) throws(FileError) -> [String]
    /// Takes an empty directory away; nothing happens when there is none.
    func removeDirectory(_ path: String) throws(FileError)
    /// Makes creations, renames and removals in a directory durable.
    func syncDirectory(_ path: String) throws(FileError)
}

extension FileSystem {
    /// Takes the exclusive lock of an open file; false when another open file description has a lock of it.
    package func lock(_ handle: FileHandle) throws(FileError) -> Bool { try lock(handle, .exclusive) }
}

/// Who else may have a lock at the same time.
package enum LockKind: Sendable {
    /// Nobody; the file is open for writing.
    case exclusive
    /// Others that only read, too.
    case shared
}

/// An open file.
package struct FileHandle: Hashable, Sendable {
    /// The descriptor.
    package let descriptor: Int32
    /// The path it was opened by.
    package let path: String

    /// Makes a handle.
    package init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// How a file is opened.
package enum OpenMode: Sendable {
    /// It must be there, and is only read.
    case reading
    /// It must be there.
    case existing
    /// It is made if it is not there; for its owner only. Writing appends.
    case appending
    /// It must not be there; for its owner only.
    case new
}

/// What is known of a file.
package struct FileStatus: Hashable, Sendable {
    /// Whether it is an ordinary file.
    package var isRegular: Bool
    /// Whether it is a symbolic link.
    package var isSymbolicLink: Bool
    /// Who may read and write it: the nine bits of `chmod`.
    package var permissions: UInt16
    /// Tells files apart on one machine.
    package var inode: UInt64
    /// Its length in bytes.
    package var length: Int

    /// Whether its group or others may do anything with it.
    package var isOpenToOthers: Bool { permissions & 0o077 != 0 }

    /// Makes a status.
    package init(isRegular: Bool, isSymbolicLink: Bool, permissions: UInt16, inode: UInt64, length: Int) {
        self.isRegular = isRegular
        self.isSymbolicLink = isSymbolicLink
        self.permissions = permissions
        self.inode = inode
        self.length = length
    }
}

/// Why the file system did not do something.
package struct FileError: Error, Hashable, Sendable {
    /// What was tried, such as `write`.
    package var operation: String
    /// The file.
    package var path: String
    /// What the system says, such as `No space left on device`.
    package var reason: String
    /// Whether the file is there already.
    package var isExisting: Bool

    /// Makes an error.
    package init(_ operation: String, _ path: String, _ reason: String, isExisting: Bool = false) {
        self.operation = operation
        self.path = path
        self.reason = reason
        self.isExisting = isExisting
    }
}

/// Paths as text.
package enum Path {
    /// The directory of a path; `.` for a bare name.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    package static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// A path without steps that lead nowhere, so that one file has one name.
    package static func plain(_ path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// A path beside another: same directory, another name.
    package static func beside(_ path: String, name: String) -> String {
        path.contains("/") ? directory(of: path) + "/" + name : name
    }
}
