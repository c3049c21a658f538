/// Text from outside, made fit to be shown: no control characters, no secrets, bounded.
package enum ServerText {
    /// Runs of this many characters of Base64's alphabet are taken for secrets: API secrets have exactly that length.
    private static let secretLength = 64
    private static let placeholder = Array("(secret)".utf8)

    /// Cuts `hidden` texts and whatever looks like an API secret out of `text`, then makes it visible.
    package static func cleaned(_ text: String, hiding hidden: [String], limit: Int = 1000) -> String {
        // Bounded before the replacements, generously, so that a huge body costs no more than a small one.
        var bytes = Array(text.utf8.prefix(64 * 1024))
        for secret in hidden { bytes = replacing(Array(secret.utf8), in: bytes) }
        return visible(String(decoding: withoutSecretRuns(bytes), as: UTF8.self), limit: limit)
    }

    /// Works on bytes, since a combining character after the secret would hide it from a comparison of characters.
    private static func replacing(_ secret: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = secret.first, text.count >= secret.count else { return text }
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == first, text[index...].starts(with: secret) {
                bytes += placeholder
                index += secret.count
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return bytes
    }

    /// Escapes what a terminal could obey or a reader could not see; white space becomes single spaces.
    package static func visible(_ text: String, limit: Int = 1000) -> String {
        var shown = ""
        var count = 0
        var hasGap = false
        for scalar in text.unicodeScalars {
            if isSpace(scalar) {
                hasGap = !shown.isEmpty
                continue
            }
            if count >= limit { return shown + "…" }
            if hasGap { shown += " " }
            hasGap = false
            count += 1
            if isInvisible(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t" || scalar.value == 0xa0
            || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// C0, DEL and C1 controls, format characters (bidirectional overrides, zero widths), private and unassigned ones.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .unassigned: true
        default: false
        }
    }

    private static func withoutSecretRuns(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var run: [UInt8] = []
        func close() {
            bytes += run.count >= secretLength ? placeholder : run
            run.removeAll(keepingCapacity: true)
        }
        for byte in text {
            if isBase64(byte) {
                run.append(byte)
            } else {
                close()
                bytes.append(byte)
            }
        }
        close()
        return bytes
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || (47...57).contains(byte) || byte == 43 || byte == 61
    }
}
