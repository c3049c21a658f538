import Foundation

/// Every file of the repository that is text of ours, read once and shared by all rules.
struct Repository: Sendable {
    /// The names at the top level, hidden ones included.
    var topLevel: [String]

    /// All files below `Sources`, `Tests`, `fixtures`, `docs` and `.ci`, and those at the top level.
    var files: [TextFile]

    /// Those of the files that are Swift, taken apart.
    var sources: [SwiftSource]

    init(topLevel: [String] = [], files: [TextFile]) {
        self.topLevel = topLevel
        self.files = files
        sources = files.filter { $0.path.hasSuffix(".swift") }.map(SwiftSource.init)
    }

    /// The repository that this file is part of.
    static let current = Result { try Repository(root: root) }

    /// A file of the given path, or nil.
    func file(_ path: String) -> TextFile? {
        files.first { $0.path == path }
    }

    /// Links are followed, so that a package elsewhere that borrows these tests still checks the repository itself.
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let folders = ["Sources", "Tests", "fixtures", "docs", ".ci"]

    private init(root: URL) throws {
        let topLevel = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
        var files: [TextFile] = []
        for name in topLevel {
            let place = root.appending(path: name)
            if Repository.folders.contains(name) {
                let inside = try FileManager.default.subpathsOfDirectory(atPath: place.path).sorted()
                for path in inside {
                    files += try Repository.read(place.appending(path: path), as: "\(name)/\(path)")
                }
            } else if !Repository.notOurs.contains(name) {
                files += try Repository.read(place, as: name)
            }
        }
        self.init(topLevel: topLevel, files: files)
    }

    /// What tools leave beside our files.
    ///
    /// Git ignores all of it.
    static let notOurs: Set<String> = [".build", ".DS_Store", ".git", ".swiftpm", "Package.resolved"]

    /// A folder gives nothing, and nor does a file that went away meanwhile.
    private static func read(_ place: URL, as path: String) throws -> [TextFile] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder), !isFolder.boolValue,
            !path.hasSuffix(".DS_Store")
        else { return [] }
        return [TextFile(path: path, bytes: [UInt8](try Data(contentsOf: place)))]
    }
}

/// A file and its lines.
struct TextFile: Sendable {
    /// From the top of the repository, with slashes.
    var path: String
    var bytes: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    init(_ path: String, _ text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// The lines without their ends; bytes that are not UTF-8 are replaced.
    var lines: [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A rule broken at one place.
struct Violation: Hashable, CustomStringConvertible {
    var path: String

    /// Counted from one; nil if the file as a whole is at fault.
    var line: Int?
    var message: String

    init(_ path: String, _ line: Int?, _ message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    var description: String {
        "\(path)\(line.map { ":\($0)" } ?? ""): \(message)"
    }
}
