import Diagnostics
import Networking

/// The files in which the tools of AWS keep credentials and settings by the name of a profile.
struct AWSProfiles {
    /// The settings of each profile, those of the credentials files counting more.
    private(set) var settings: [String: [String: String]] = [:]

    /// Adds the text of a file.
    ///
    /// In files of settings the sections are named `profile NAME`, but for `default`; in files of credentials they are named as
    /// the profile. What is no line of theirs is read over, as AWS's tools do.
    mutating func add(_ bytes: [UInt8], isCredentials: Bool) {
        var section: String?
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let first = line.first, first != "#", first != ";" else { continue }
            let text = Self.trimmed(line)
            if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
                section = Self.profile(text[text.index(after: text.startIndex)..<end], isCredentials: isCredentials)
            } else if let section, first != " ", first != "\t", let equals = text.firstIndex(of: "=") {
                let name = Self.trimmed(text[..<equals]).lowercased()
                settings[section, default: [:]][name] = Self.trimmed(text[text.index(after: equals)...])
            }
            if let section, settings[section] == nil { settings[section] = [:] }
        }
    }

    private static func profile(_ header: Substring, isCredentials: Bool) -> String? {
        let words = header.split { $0 == " " || $0 == "\t" }
        if words.count == 1, isCredentials || words[0] == "default" { return String(words[0]) }
        guard !isCredentials, words.count == 2, words[0] == "profile" else { return nil }
        return String(words[1])
    }

    private static func trimmed(_ text: Substring) -> String {
        let head = text.drop { $0 == " " || $0 == "\t" }
        return String(head.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
    }

    private static func trimmed(_ text: String) -> String { trimmed(text[...]) }
}

extension AWSCredentials {
    /// The credentials of a profile; nil when it has none of its own.
    init?(_ profile: [String: String]) {
        guard let key = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"], !key.isEmpty,
            !secret.isEmpty
        else { return nil }
        let token = profile["aws_session_token"].flatMap { $0.isEmpty ? nil : Secret($0) }
        self.init(accessKey: key, secretKey: Secret(secret), sessionToken: token)
    }
}
