import FoundationEssentials
import Glibc

/// A directory of the machine that is there for one test.
package final class TemporaryDirectory: Sendable {
    /// Its path.
    package let path: String

    /// Makes it; throws when the machine does not.
    package init() throws {
        var template = Array("/tmp/flinkform-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What the machine said.
    package struct Failure: Error {
        /// Its `errno`.
        package let code: Int32
    }

    /// The names of the files in it; sorted.
    package var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The permission bits of a file.
    package func mode(_ name: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
        let permissions = attributes?[.posixPermissions]
        return permissions as? Int ?? (permissions as? UInt).map { Int($0) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
