import Diagnostics
import Storage

/// A file of the configuration to which a block is added, and from which it can be taken again.
struct ConfigurationFile: Sendable {
    /// The file's name in the directory.
    let name: String
    private let path: String
    private let files: any FileSystem
    /// The file before; nil when there was none.
    private let before: [UInt8]?
    private let permissions: UInt16
    /// The file with what was added.
    private(set) var bytes: [UInt8]

    private static let lengthMaximum = 1 << 26

    /// Reads a file of the directory, which need not be there yet; throws a `Diagnostic` when it cannot be added to.
    init(_ name: String, _ invocation: Invocation) throws(Diagnostic) {
        self.name = name
        path = invocation.path(name)
        files = invocation.files
        let isLoaded =
            name.hasSuffix(".tf") && !name.contains("/") && !name.hasPrefix(".") && !name.hasSuffix("_override.tf")
            && name != "override.tf" && name != ".tf"
        guard isLoaded else { throw .notLoaded(name) }
        do throws(FileError) {
            let status = try files.status(path)
            guard status?.isSymbolicLink != true else { throw FileError("write", path, "It is a symbolic link") }
            permissions = status?.permissions ?? 0o644
            before = try files.read(path, limit: Self.lengthMaximum)
        } catch {
            throw .notWritable(name, error)
        }
        bytes = before ?? []
    }

    /// Adds text behind what is there, after an empty line.
    mutating func add(_ text: String) {
        if let last = bytes.last {
            if last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes += Array(text.utf8)
    }

    /// Writes the file with what was added; durable when it returns, and as it was when it throws.
    func write() throws(Diagnostic) {
        do throws(FileError) {
            guard try files.read(path, limit: Self.lengthMaximum) == before else {
                throw FileError("write", path, "Another program changed it meanwhile")
            }
            try AtomicFile.write(bytes, to: path, on: files, permissions: permissions)
        } catch {
            throw .notWritable(name, error)
        }
    }

    /// Puts back what was there before; throws when another program changed the file since.
    func restore() throws(Diagnostic) {
        do throws(FileError) {
            guard try files.read(path, limit: Self.lengthMaximum) == bytes else {
                throw FileError("write", path, "Another program changed it meanwhile")
            }
            if let before {
                try AtomicFile.write(before, to: path, on: files, permissions: permissions)
            } else {
                try files.remove(path)
                try files.syncDirectory(Path.directory(of: path))
            }
        } catch {
            throw .notRestored(name, error)
        }
    }
}

extension Diagnostic {
    fileprivate static func notLoaded(_ name: String) -> Diagnostic {
        .error(
            "Invalid file name",
            "-file=\(VisibleText.escaped(name)) is no file of this configuration. Give a name that ends with .tf, without a directory, and that is no override file."
        )
    }

    fileprivate static func notWritable(_ name: String, _ error: FileError) -> Diagnostic {
        .error(
            "Configuration could not be written",
            "Could not \(error.operation) \(VisibleText.escaped(name)): \(error.reason). The configuration is as it was, and nothing was created."
        )
    }

    fileprivate static func notRestored(_ name: String, _ error: FileError) -> Diagnostic {
        .error(
            "Block could not be removed",
            "Could not \(error.operation) \(VisibleText.escaped(name)): \(error.reason). It still has the block of the key that was not created: take it out, or the next apply creates the key."
        )
    }
}
