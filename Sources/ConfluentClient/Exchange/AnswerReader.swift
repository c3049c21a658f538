import JSON

/// What is wrong with the content of an answer, as the end of a sentence.
///
/// Holds names of members, never their values.
struct AnswerMistake: Error, Hashable, Sendable {
    let text: String
}

/// Reads members of one JSON object of an answer, strictly by type; members that nobody asks for are ignored.
struct AnswerReader {
    private let object: JSONObject
    /// Where the object is in the answer, such as `data[3].spec`; empty for the whole.
    private let place: String

    /// An id of the API is at most this long.
    private static let maximumID = 255

    init(_ json: JSONValue, at place: String = "") throws(AnswerMistake) {
        guard let object = json.object else {
            throw AnswerMistake(text: place.isEmpty ? "it is no JSON object" : "\"\(place)\" is no object")
        }
        self.object = object
        self.place = place
    }

    /// Parses a body.
    ///
    /// The text of a parse error is not passed on, since it could quote a secret.
    static func json(_ body: [UInt8]) throws(AnswerMistake) -> JSONValue {
        if body.isEmpty { throw AnswerMistake(text: "it is empty") }
        if isCompressed(body) { throw AnswerMistake(text: "it is compressed, although that was declined") }
        do {
            return try JSONValue(parsing: body, repeatedKeys: .lastWins, maximumDepth: 64)
        } catch {
            let start = String(decoding: body.prefix(200), as: UTF8.self).lowercased()
            let isPage = start.contains("<html") || start.contains("<!doctype")
            throw AnswerMistake(text: isPage ? "it is a web page, not JSON" : "it is no valid JSON")
        }
    }

    /// Whether a body begins as gzip does.
    static func isCompressed(_ body: [UInt8]) -> Bool {
        body.starts(with: [0x1f, 0x8b])
    }

    /// A text; missing and null are both nil.
    func optionalText(_ name: String) throws(AnswerMistake) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.string else { throw AnswerMistake(text: "\"\(path(name))\" is no string") }
        return text
    }

    /// A text; missing and null are both empty.
    func text(_ name: String) throws(AnswerMistake) -> String {
        try optionalText(name) ?? ""
    }

    /// A whole number; missing and null are both nil.
    func optionalNumber(_ name: String) throws(AnswerMistake) -> Int? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let number = value.int else { throw AnswerMistake(text: "\"\(path(name))\" is no whole number") }
        return number
    }

    /// A truth value; missing and null are both nil.
    func optionalFlag(_ name: String) throws(AnswerMistake) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let flag = value.bool else { throw AnswerMistake(text: "\"\(path(name))\" is neither true nor false") }
        return flag
    }

    /// When the object was made, by its `metadata`; nil when that does not say so in RFC 3339.
    func createdAt() throws(AnswerMistake) -> CloudTime? {
        try optionalObject("metadata")?.optionalText("created_at").flatMap(CloudTime.init(rfc3339:))
    }

    /// An id: there, not empty, and short enough to go into a path.
    func id(_ name: String = "id") throws(AnswerMistake) -> String {
        guard let id = try optionalText(name), !id.isEmpty else {
            throw AnswerMistake(text: "\"\(path(name))\" is missing")
        }
        guard id.utf8.count <= Self.maximumID, !id.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw AnswerMistake(text: "\"\(path(name))\" is no id")
        }
        return id
    }

    /// A member that is an object; missing and null are both nil.
    func optionalObject(_ name: String) throws(AnswerMistake) -> AnswerReader? {
        guard let value = object[name], !value.isNull else { return nil }
        return try AnswerReader(value, at: path(name))
    }

    /// A member that must be an object.
    func object(_ name: String) throws(AnswerMistake) -> AnswerReader {
        guard let reader = try optionalObject(name) else { throw AnswerMistake(text: "\"\(path(name))\" is missing") }
        return reader
    }

    /// A list of objects; missing and null are both nil.
    func list(_ name: String) throws(AnswerMistake) -> [AnswerReader]? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let array = value.array else { throw AnswerMistake(text: "\"\(path(name))\" is no list") }
        var readers: [AnswerReader] = []
        readers.reserveCapacity(array.count)
        for (index, item) in array.enumerated() {
            readers.append(try AnswerReader(item, at: "\(path(name))[\(index)]"))
        }
        return readers
    }

    private func path(_ name: String) -> String {
        place.isEmpty ? name : "\(place).\(name)"
    }
}
