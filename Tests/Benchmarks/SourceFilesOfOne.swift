import Diagnostics
import HCL

/// One file's bytes, as the parser wants them.
struct SourceFilesOfOne {
    var files = SourceFiles()
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses the file and gives the number of blocks.
    mutating func parse() -> Int {
        let file = files.add(name: "main.tf", bytes: bytes)
        return SyntaxTree.parse(bytes, file: file).0.body.blocks.count
    }
}
