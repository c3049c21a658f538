import FoundationEssentials
import Glibc

/// Searches output for secrets that should not be there, in the forms in which they may hide.
package enum Leaks {
    /// A place where a secret was found.
    package struct Leak: Hashable, Sendable, CustomStringConvertible {
        /// The form it had there, such as `base64, percent-escaped`.
        package let form: String
        /// The file it was found in; nil when bytes were searched.
        package let file: String?

        /// `FORM in FILE`.
        package var description: String { file.map { "\(form) in \($0)" } ?? form }
    }

    /// The forms in which a secret stands in some bytes; empty when it is not there.
    ///
    /// Found are the secret as it is, as part of a base64 text at each of the three offsets (both alphabets, with or without
    /// line breaks), as hexadecimal digits, cut (its first or last 24 characters), and each of these percent-escaped or
    /// JSON-escaped, however many characters were escaped.
    ///
    /// - Parameters:
    ///   - secret: At least 24 ASCII characters, so that nothing is found by accident.
    ///   - bytes: What to search.
    package static func find(_ secret: String, in bytes: some Sequence<UInt8>) -> [Leak] {
        precondition(secret.utf8.count >= 24, "a secret so short may be found by accident")
        let plain = Array(bytes)
        let needles = needles(for: Array(secret.utf8))
        var found = Set<String>()
        var leaks: [Leak] = []
        // A form found as it is need not be looked for in what the other views made of it.
        for (view, bytes) in views(of: plain) {
            for needle in needles where !found.contains(needle.form) && contains(bytes, needle.bytes) {
                leaks.append(Leak(form: needle.form + view, file: nil))
                found.insert(needle.form)
            }
        }
        return leaks
    }

    /// The forms in which a secret stands in a text; see the search in bytes.
    package static func find(_ secret: String, in text: String) -> [Leak] { find(secret, in: Array(text.utf8)) }

    /// The places where a secret stands in the files of a folder and of the folders in it, or in their names.
    ///
    /// - Parameters:
    ///   - secret: At least 24 ASCII characters, so that nothing is found by accident.
    ///   - folder: The path of the folder; an error is thrown when it cannot be read.
    ///   - exceptions: Paths below the folder where the secret may be.
    package static func find(
        _ secret: String, inFolder folder: String, except exceptions: Set<String> = []
    ) throws -> [Leak] {
        var leaks: [Leak] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() {
            leaks += find(secret, in: name).map { Leak(form: $0.form + ", as a name", file: name) }
            let path = folder + "/" + name
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            guard type == .typeRegular, !exceptions.contains(name) else { continue }
            let bytes = try Data(contentsOf: URL(filePath: path))
            leaks += find(secret, in: bytes).map { Leak(form: $0.form, file: name) }
        }
        return leaks
    }

    // MARK: - Needles

    private static func needles(for secret: [UInt8]) -> [(form: String, bytes: [UInt8])] {
        var needles: [(form: String, bytes: [UInt8])] = [
            ("plain", secret), ("first part", Array(secret.prefix(24))), ("last part", Array(secret.suffix(24))),
        ]
        for offset in 0..<3 {
            let needle = base64(secret, at: offset)
            needles.append(("base64", needle))
            let other = needle.map { byte in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }
            if other != needle { needles.append(("base64 for URLs", other)) }
        }
        for digits in ["0123456789abcdef", "0123456789ABCDEF"].map({ Array($0.utf8) }) {
            needles.append(("hexadecimal", secret.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
        }
        return needles
    }

    /// The characters that the secret, and it alone, decides in a base64 text in which it starts at an offset modulo three.
    private static func base64(_ secret: [UInt8], at offset: Int) -> [UInt8] {
        let encoded = Array(Data([UInt8](repeating: 0, count: offset) + secret).base64EncodedString().utf8)
        // Of the 8·offset bits before it, the last character that they touch is dropped too.
        let start = (8 * offset + 5) / 6
        let end = 8 * (offset + secret.count) / 6
        return Array(encoded[start..<end])
    }

    private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            needle.withUnsafeBytes { needle in
                guard let start = bytes.baseAddress, let wanted = needle.baseAddress else { return false }
                var offset = 0
                while offset + needle.count <= bytes.count {
                    let count = bytes.count - needle.count - offset + 1
                    guard let place = memchr(start + offset, Int32(needle[0]), count) else { return false }
                    if memcmp(place, wanted, needle.count) == 0 { return true }
                    offset = UnsafeRawPointer(place) - start + 1
                }
                return false
            }
        }
    }

    // MARK: - Views

    /// The bytes as they are, and as they are with one kind of escape undone, where they have any of that kind.
    private static func views(of plain: [UInt8]) -> [(name: String, bytes: [UInt8])] {
        var views = [(name: "", bytes: plain)]
        if plain.contains(UInt8(ascii: "%")) { views.append((", percent-escaped", percentDecoded(plain))) }
        if plain.contains(UInt8(ascii: "\\")) { views.append((", JSON-escaped", unescaped(plain))) }
        if plain.contains(0x0A) || plain.contains(0x0D) {
            views.append((", with line breaks", plain.filter { $0 != 0x0A && $0 != 0x0D }))
        }
        return views
    }

    private static func percentDecoded(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), let value = hexadecimal(bytes, index + 1, 2) {
                result.append(UInt8(truncatingIfNeeded: value))
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// The bytes with `\/` and `\u00XX` undone, also where backslashes were escaped once more.
    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let next = bytes[index + 1]
            if next == UInt8(ascii: "u"), let value = hexadecimal(bytes, index + 2, 4), value < 0x80 {
                result.append(UInt8(truncatingIfNeeded: value))
                index += 6
            } else {
                // A backslash before a slash, a backslash or a quote only escapes it.
                index += 1
            }
        }
        return result
    }

    private static func hexadecimal(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[start..<start + count] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 + digit
        }
        return value
    }
}
