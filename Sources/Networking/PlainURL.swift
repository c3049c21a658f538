/// The parts of an absolute URL, read strictly.
///
/// Only what a request needs; anything unusual (white space, control characters, a port out of range) is no URL.
package struct PlainURL: Hashable, Sendable {
    /// In lower case.
    package let scheme: String
    /// What stands before an `@`; nil when nothing does.
    package let userInfo: String?
    /// In lower case; an IPv6 address without brackets.
    package let host: String
    /// Nil when none is written.
    package let port: Int?
    /// Starts with a slash, or is empty.
    package let path: String
    /// What stands behind a `?`; nil when there is none.
    package let query: String?
    /// What stands behind a `#`; nil when there is none.
    package let fragment: String?

    /// Reads a URL; nil when it is none.
    package init?(_ text: String) {
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains("\\"),
            let separator = text.firstRange(of: "://")
        else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard let first = scheme.utf8.first, (97...122).contains(first),
            scheme.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) })
        else { return nil }
        var rest = text[separator.upperBound...]
        fragment = Self.cut(&rest, at: "#")
        query = Self.cut(&rest, at: "?")
        if let slash = rest.firstIndex(of: "/") {
            path = String(rest[slash...])
            rest = rest[..<slash]
        } else {
            path = ""
        }
        if let at = rest.lastIndex(of: "@") {
            userInfo = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        } else {
            userInfo = nil
        }
        guard let (host, port) = Self.authority(rest) else { return nil }
        self.host = host
        self.port = port
    }

    /// Splits `host`, `host:port`, `[address]` or `[address]:port`; nil when it is none of them.
    static func authority(_ text: Substring) -> (host: String, port: Int?)? {
        var host = text
        var portText: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            portText = rest.isEmpty ? nil : rest.dropFirst()
            guard host.contains(":"), IPAddress(String(host)) != nil else { return nil }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        var port: Int?
        if let portText {
            guard portText.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(portText),
                (1...65535).contains(number)
            else { return nil }
            port = number
        }
        let isName = host.utf8.allSatisfy { byte in
            (97...122).contains(byte | 0x20) || (48...58).contains(byte) || byte == 45 || byte == 46 || byte == 95
        }
        guard !host.isEmpty, host.utf8.count <= 253, isName else { return nil }
        return (host.lowercased(), port)
    }

    private static func cut(_ text: inout Substring, at mark: Character) -> String? {
        guard let index = text.firstIndex(of: mark) else { return nil }
        let tail = String(text[text.index(after: index)...])
        text = text[..<index]
        return tail
    }
}
