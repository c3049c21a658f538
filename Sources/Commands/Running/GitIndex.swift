import Glibc
import Storage

/// What Git tracks, read from its index.
enum GitIndex {
    private static let lengthMaximum = 1 << 28

    /// Whether Git tracks a file; false where there is no repository, or its index is of a form not known here.
    ///
    /// The index lists paths from the top of the work tree, sorted, each followed by a NUL byte (Git's index format, versions 2
    /// and 3), so that a tracked path can be found in its bytes.
    static func tracks(_ path: String, on files: any FileSystem) -> Bool {
        var directory = Path.directory(of: path)
        var name = Path.name(of: path)
        if !directory.hasPrefix("/") { directory = absolute(directory) }
        for _ in 0..<64 {
            if let bytes = try? files.read(directory + "/.git/index", limit: lengthMaximum) {
                return contains(bytes, Array(name.utf8))
            }
            guard directory != "/" else { return false }
            name = Path.name(of: directory) + "/" + name
            directory = Path.directory(of: directory)
        }
        return false
    }

    private static func absolute(_ directory: String) -> String {
        guard let buffer = realpath(directory, nil) else { return directory }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    /// Whether the bytes hold the name between an entry's header and its closing NUL.
    private static func contains(_ bytes: [UInt8], _ name: [UInt8]) -> Bool {
        let wanted = name + [0]
        guard bytes.count > wanted.count + 74, let first = wanted.first else { return false }
        var start = 12 + 62
        while start + wanted.count <= bytes.count {
            if bytes[start] == first, bytes[start..<start + wanted.count].elementsEqual(wanted) {
                // The two bytes before a path hold its length.
                let length = Int(bytes[start - 2] & 0x0F) << 8 | Int(bytes[start - 1])
                let lengthExtended = Int(bytes[start - 4] & 0x0F) << 8 | Int(bytes[start - 3])
                if length == name.count || lengthExtended == name.count { return true }
            }
            start += 1
        }
        return false
    }
}
