/// One request as the cloud reads it, apart from the socket it came through.
struct CloudRequest: Sendable {
    /// The method in capitals.
    var method: String
    /// The path without the query, as sent.
    var path: String
    /// The query without its question mark, as sent; empty if there is none.
    var query: String
    /// The value of the `Authorization` header, nil if there is none.
    var authorization: String?
    /// The value of the `Host` header, nil if there is none.
    var host: String?
    /// The body; empty if there is none.
    var body: [UInt8]

    /// The decoded parts of the path between its slashes, or nil if a percent sign in it is not an escape.
    var segments: [String]? {
        var segments: [String] = []
        for part in path.split(separator: "/") {
            guard let text = PercentEncoding.decoded(part) else { return nil }
            segments.append(text)
        }
        return segments
    }

    /// The decoded items of the query, in order; an item without `=` has an empty value.
    func queryItems() throws(Problem) -> [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decoded(halves[0], plusIsSpace: true),
                let value = PercentEncoding.decoded(halves.count == 2 ? halves[1] : "", plusIsSpace: true)
            else {
                throw .badRequest("The query is not percent-encoded UTF-8.", parameter: String(part))
            }
            items.append((name, value))
        }
        return items
    }
}

/// The escapes of URLs.
enum PercentEncoding {
    /// The text with its escapes resolved; nil if one is not complete or the result is not UTF-8.
    static func decoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text with every byte escaped that is not an unreserved character of a URL.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
