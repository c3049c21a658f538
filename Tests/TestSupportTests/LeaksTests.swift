import Foundation
import TestSupport
import Testing

/// The search for secrets finds every form it promises, and nothing else.
@Suite struct LeaksTests {
    static let secret = Canary.secret
    static let percent = Self.secret.utf8.map { String(format: "%%%02X", $0) }.joined()

    /// A form's name, and a text with the secret in that form.
    static let planted: [(String, String)] = [
        ("plain", "key=\(secret)."),
        ("first part", String(secret.prefix(30))),
        ("last part", "…" + secret.suffix(24)),
        ("hexadecimal", secret.utf8.map { String(format: "%02x", $0) }.joined()),
        ("hexadecimal", secret.utf8.map { String(format: "%02X", $0) }.joined()),
        ("plain, percent-escaped", percent),
        ("plain, percent-escaped", "?a=" + percent.lowercased() + "&b"),
        ("plain, percent-escaped", secret.replacing("/", with: "%2F").replacing("+", with: "%2b")),
        ("plain, JSON-escaped", secret.replacing("/", with: "\\/")),
        ("plain, JSON-escaped", secret.replacing("/", with: "\\\\/")),
        ("plain, JSON-escaped", secret.replacing("+", with: "\\u002b")),
        ("plain, JSON-escaped", secret.unicodeScalars.map { String(format: "\\u%04X", $0.value) }.joined()),
        ("plain, with line breaks", secret.prefix(20) + "\n" + secret.dropFirst(20)),
    ]

    @Test("A planted secret is found", arguments: planted)
    func found(_ form: String, _ text: String) {
        #expect(Leaks.find(Self.secret, in: text).map(\.form).contains(form))
    }

    @Test("In base64 it is found wherever it starts", arguments: 0..<7)
    func base64(_ offset: Int) {
        let around = Array(String(repeating: "x", count: offset).utf8) + Array((Self.secret + "tail").utf8)
        let encoded = Data(around).base64EncodedString()
        #expect(Leaks.find(Self.secret, in: encoded).map(\.form) == ["base64"])
        let forURLs = encoded.replacing("+", with: "-").replacing("/", with: "_")
        #expect(!Leaks.find(Self.secret, in: forURLs).isEmpty)
        let wrapped = Data(around).base64EncodedString(options: [.lineLength64Characters, .endLineWithCarriageReturn])
        #expect(Leaks.find(Self.secret, in: wrapped).map(\.form) == ["base64, with line breaks"])
        let alone = Data(Array("x".utf8) + Array(Self.secret.utf8)).base64EncodedString()
        #expect(!Leaks.find(Self.secret, in: alone).isEmpty)
    }

    @Test("What has no secret has no leak")
    func clean() {
        #expect(Leaks.find(Self.secret, in: "").isEmpty)
        #expect(Leaks.find(Self.secret, in: "cfltCanary and the rest, 100% sure \\u12 %zz \\").isEmpty)
        #expect(Leaks.find(Self.secret, in: String(Self.secret.dropFirst(23).dropLast(23))).isEmpty)
        #expect(Leaks.find(Self.secret, in: String(Self.secret.reversed())).isEmpty)
        var random = SeededGenerator(seed: 7)
        let noise = (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(Leaks.find(Self.secret, in: noise).isEmpty)
        let leaks = Leaks.find(Self.secret, in: noise + Array(Self.secret.utf8))
        #expect(leaks.map(\.form) == ["plain", "first part", "last part"])
    }

    @Test("A folder is searched with the names in it")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leaks-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = String(Self.secret.replacing("/", with: "_"))
        try FileManager.default.createDirectory(at: folder.appending(path: "a"), withIntermediateDirectories: true)
        try Data("nothing".utf8).write(to: folder.appending(path: "clean"))
        #expect(try Leaks.find(Self.secret, inFolder: folder.path()).isEmpty)
        try Data("x\(Self.secret)".utf8).write(to: folder.appending(path: "a/b"))
        try Data().write(to: folder.appending(path: name))
        let leaks = try Leaks.find(Self.secret, inFolder: folder.path())
        #expect(leaks.contains { $0.form == "plain" && $0.file == "a/b" })
        #expect(leaks.allSatisfy { $0.file == "a/b" })
        #expect(try Leaks.find(Self.secret, inFolder: folder.path(), except: ["a/b"]).isEmpty)
        #expect(throws: (any Error).self) { try Leaks.find(Self.secret, inFolder: folder.path() + "/none") }
    }

    @Test("The canary looks like a secret of the cloud")
    func canary() throws {
        let bytes = Array(Self.secret.utf8)
        #expect(bytes.count == 64)
        #expect(Self.secret.hasPrefix("cflt"))
        #expect(Self.secret.contains("+") && Self.secret.contains("/"))
        var checksum: UInt32 = 0xFFFF_FFFF
        for byte in bytes[4..<58] {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = (checksum >> 1) ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        checksum = ~checksum
        let encoded = Data((0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }).base64EncodedString()
        #expect(encoded == Self.secret.suffix(6) + "==")
    }
}
