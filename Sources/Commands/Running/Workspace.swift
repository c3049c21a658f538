import Diagnostics
import Storage

/// Which workspace of a directory is worked in: the environment says, or the file that `workspace select` writes.
enum Workspace {
    private static let lengthMaximum = 1 << 12

    /// The workspace of now; throws when the name is none.
    static func current(_ invocation: Invocation) throws(Diagnostic) -> String {
        if let (_, name) = override(invocation) {
            try check(name)
            return name
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try invocation.files.read(path(invocation), limit: lengthMaximum) ?? []
        } catch {
            throw .unreadableWorkspace(error)
        }
        let name = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        if name.isEmpty { return StateLocation.defaultWorkspace }
        try check(name)
        return name
    }

    /// The environment variable that decides, and its value; nil when none is set.
    static func override(_ invocation: Invocation) -> (variable: String, name: String)? {
        invocation.value(of: .workspace).map { ($0.variable, $0.text) }
    }

    /// Makes a workspace the one of now.
    static func select(_ name: String, _ invocation: Invocation) throws(Diagnostic) {
        do throws(FileError) {
            try invocation.files.makeDirectory(invocation.dataDirectory)
            try AtomicFile.write(Array((name + "\n").utf8), to: path(invocation), on: invocation.files)
        } catch {
            throw .unwritableWorkspace(error)
        }
    }

    /// Refuses what cannot be part of a path or of an object's name.
    static func check(_ name: String) throws(Diagnostic) {
        guard isSound(name) else { throw .invalidWorkspace(name) }
    }

    /// Whether a name can be part of a path and of an object's name.
    static func isSound(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 90 && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte | 0x20) || [45, 46, 95, 126].contains(byte)
            }
    }

    private static func path(_ invocation: Invocation) -> String {
        "\(invocation.dataDirectory)/workspace"
    }
}

extension Diagnostic {
    fileprivate static func invalidWorkspace(_ name: String) -> Diagnostic {
        .error(
            "Invalid workspace name",
            "The workspace name \"\(VisibleText.escaped(name))\" is not allowed: it must be of letters, digits and any of -_.~, at most 90, since it becomes part of a path."
        )
    }

    fileprivate static func unreadableWorkspace(_ error: FileError) -> Diagnostic {
        .error(
            "Workspace cannot be read",
            "Could not read \(VisibleText.escaped(error.path)): \(error.reason). Choose a workspace with \"flinkform workspace select NAME\"."
        )
    }

    fileprivate static func unwritableWorkspace(_ error: FileError) -> Diagnostic {
        .error(
            "Workspace cannot be chosen",
            "Could not write \(VisibleText.escaped(error.path)): \(error.reason). Or choose it for one run: FLINKFORM_WORKSPACE=NAME"
        )
    }
}
