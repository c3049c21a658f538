package import FoundationEssentials

/// The test data that lies in the top-level folder `fixtures`.
package enum Fixtures {
    /// The folder, without a slash at its end.
    package static let path: String = {
        // This file is Tests/TestSupport/Fixtures.swift.
        let components = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return components.joined(separator: "/") + "/fixtures"
    }()

    /// The folder.
    package static var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

    /// The bytes of a file.
    ///
    /// - Parameter name: Its path below the folder, such as `json/small.json`.
    package static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: path + "/" + name)))
    }

    /// The text of a file.
    ///
    /// - Parameter name: Its path below the folder, such as `json/small.json`.
    package static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// The paths, below the folder `fixtures`, of all regular files in a folder of it and in the folders there; sorted.
    ///
    /// - Parameters:
    ///   - folder: A path below the folder `fixtures`, such as `json`.
    ///   - ending: What the names end with; empty for all files.
    package static func names(in folder: String, endingWith ending: String = "") throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path + "/" + folder)
            .filter { name in
                let file = path + "/" + folder + "/" + name
                let type = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType
                return name.hasSuffix(ending) && type == .typeRegular
            }
            .map { folder + "/" + $0 }.sorted()
    }
}
