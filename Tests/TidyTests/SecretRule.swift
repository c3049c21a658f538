/// No secret is in the repository, but for the made-up ones that tests need.
enum SecretRule {
    /// Files whose secrets never opened anything.
    static let exempt: Set<String> = [
        "Tests/TestSupport/Canary.swift",
        "Tests/EmulatorTests/SecretFormatTests.swift",
        "Tests/ConfluentClientTests/FakeTime.swift",
        "fixtures/confluent/client/create-answer.json",
    ]

    // In two parts, so that this file holds no secret's beginning.
    private static let prefix = Array("cf".utf8) + Array("lt".utf8)
    private static let length = 60

    static func check(_ repository: Repository) -> [Violation] {
        repository.files.flatMap { file -> [Violation] in
            guard !exempt.contains(file.path) else { return [] }
            return lines(of: file.bytes).map { Violation(file.path, $0, "this looks like the secret of an API key") }
        }
    }

    /// The lines on which a secret starts, counted from one.
    private static func lines(of bytes: [UInt8]) -> [Int] {
        var found: [Int] = []
        var line = 1
        bytes.withUnsafeBufferPointer { bytes in
            for start in bytes.indices {
                if bytes[start] == UInt8(ascii: "\n") { line += 1 }
                guard bytes[start] == prefix[0], start + prefix.count + length <= bytes.count,
                    prefix.indices.allSatisfy({ bytes[start + $0] == prefix[$0] }),
                    bytes[(start + prefix.count)..<(start + prefix.count + length)].allSatisfy(isBase64)
                else { continue }
                found.append(line)
            }
        }
        return found
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default:
            false
        }
    }
}
