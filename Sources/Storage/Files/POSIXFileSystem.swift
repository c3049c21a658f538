import Glibc

/// The file system of the machine.
package struct POSIXFileSystem: FileSystem {
    /// The machine's own.
    package init() {}

    private static func error(_ operation: String, _ path: String) -> FileError {
        let code = errno
        return FileError(operation, path, String(cString: strerror(code)), isExisting: code == EEXIST)
    }

    /// The whole file; nil when there is none.
    package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        // What is no file, such as a pipe, must not make it wait.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.error("read", path)
        }
        defer { _ = Glibc.close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Self.error("read", path) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw FileError("read", path, "It is not an ordinary file")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, max(0, Int(information.st_size))))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.error("read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw FileError("read", path, "It is larger than \(limit) bytes") }
        }
    }

    /// What is there, by `lstat` or `fstat`.
    package func status(_ path: String) throws(FileError) -> FileStatus? {
        var information = stat()
        guard lstat(path, &information) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.error("look at", path)
        }
        return FileStatus(information)
    }

    /// What is there, by `lstat` or `fstat`.
    package func status(_ handle: FileHandle) throws(FileError) -> FileStatus {
        var information = stat()
        guard fstat(handle.descriptor, &information) == 0 else { throw Self.error("look at", handle.path) }
        return FileStatus(information)
    }

    /// Opens by `open`, closed on exec; new files are for their owner only.
    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> FileHandle {
        let flags: Int32 =
            switch mode {
            case .reading: O_RDONLY | O_NONBLOCK
            case .existing: O_RDWR
            case .appending: O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW
            case .new: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
            }
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.error("open", path) }
        return FileHandle(descriptor: descriptor, path: path)
    }

    /// Writes all bytes, taking up interrupted and short writes again.
    package func write(_ bytes: [UInt8], to handle: FileHandle) throws(FileError) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(handle.descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.error("write", handle.path) }
            start += count
        }
    }

    /// Cuts by `ftruncate` and goes to the end.
    package func truncate(_ handle: FileHandle, to length: Int) throws(FileError) {
        guard ftruncate(handle.descriptor, off_t(length)) == 0, lseek(handle.descriptor, off_t(length), SEEK_SET) >= 0
        else {
            throw Self.error("cut", handle.path)
        }
    }

    /// Makes the file durable by `fsync`.
    package func sync(_ handle: FileHandle) throws(FileError) {
        guard fsync(handle.descriptor) == 0 else { throw Self.error("sync", handle.path) }
    }

    /// Takes an open file description lock on the whole file.
    package func lock(_ handle: FileHandle, _ kind: LockKind) throws(FileError) -> Bool {
        if Self.setLock(handle, kind == .exclusive ? F_WRLCK : F_RDLCK) { return true }
        if errno == EAGAIN || errno == EACCES { return false }
        throw Self.error("lock", handle.path)
    }

    /// Sets them by `fchmod`, whatever the process's mask is.
    package func setPermissions(_ permissions: UInt16, of handle: FileHandle) throws(FileError) {
        guard fchmod(handle.descriptor, mode_t(permissions)) == 0 else {
            throw Self.error("set the permissions of", handle.path)
        }
    }

    /// Lets the lock go and closes the descriptor.
    ///
    /// A child process that is just being started has the descriptor, too, for a moment, and would keep the lock.
    package func close(_ handle: FileHandle) {
        _ = Self.setLock(handle, F_UNLCK)
        _ = Glibc.close(handle.descriptor)
    }

    /// Sets the lock of the whole file; false when that was not to be had, and `errno` says why.
    private static func setLock(_ handle: FileHandle, _ kind: Int32) -> Bool {
        var record = flock()
        record.l_type = Int16(kind)
        record.l_whence = Int16(SEEK_SET)
        // F_OFD_SETLK, which is not imported: the lock belongs to this open file, not to the process.
        let command: Int32 = 37
        return fcntl(handle.descriptor, command, &record) == 0
    }

    /// Replaces by `rename`.
    package func rename(_ path: String, to target: String) throws(FileError) {
        guard Glibc.rename(path, target) == 0 else { throw Self.error("replace", target) }
    }

    /// Removes by `unlink`.
    package func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw Self.error("remove", path) }
    }

    /// Makes directories by `mkdir`, from the top down; each is durable, so that what is durable in it can be found.
    package func makeDirectory(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, Path.directory(of: path) != path else { throw Self.error("make", path) }
            try makeDirectory(Path.directory(of: path))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.error("make", path) }
        }
        try syncDirectory(Path.directory(of: path))
    }

    /// The names in a directory, but for the two that stand for directories themselves.
    package func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw Self.error("read", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Takes an empty directory away.
    package func removeDirectory(_ path: String) throws(FileError) {
        guard rmdir(path) == 0 || errno == ENOENT else { throw Self.error("remove", path) }
    }

    /// Makes the names of a directory durable by `fsync`.
    package func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error("open", path) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.error("sync", path) }
    }
}

extension FileStatus {
    fileprivate init(_ information: stat) {
        let kind = information.st_mode & S_IFMT
        self.init(
            isRegular: kind == S_IFREG, isSymbolicLink: kind == S_IFLNK,
            permissions: UInt16(information.st_mode & 0o777), inode: UInt64(information.st_ino),
            length: Int(information.st_size))
    }
}
