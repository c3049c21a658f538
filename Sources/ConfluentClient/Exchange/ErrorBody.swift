import JSON
import Networking

/// What the body of an error answer says, whatever form it has.
///
/// Understood are the `errors` list of the API, the single-object forms of older and newer services, web pages of
/// gateways, plain text, and nothing at all.
struct ErrorBody: Hashable, Sendable {
    /// The words, without a full stop at the end; empty when the body says nothing.
    let detail: String
    /// The id of the first error, which is that of the request; nil when there is none.
    let requestID: String?

    /// Reads a body; `hidden` texts never come out of it.
    init(_ body: [UInt8], hiding hidden: [String]) {
        var found = Found()
        if let json = try? JSONValue(parsing: body, repeatedKeys: .lastWins, maximumDepth: 64) {
            found.read(json)
            if found.sentences.isEmpty, json.array?.isEmpty != true, json.object?.isEmpty != true, !json.isNull {
                found.add(json.text(.compact), limit: 300)
            }
        } else {
            found.readText(body)
        }
        let sentences = found.sentences.map { Self.withoutStop(ServerText.cleaned($0, hiding: hidden, limit: 600)) }
        detail = sentences.filter { !$0.isEmpty }.joined(separator: "; ")
        requestID = found.requestID.map { ServerText.cleaned($0, hiding: hidden, limit: 100) }
    }

    fileprivate static func withoutStop(_ text: String) -> String {
        text.hasSuffix(".") && !text.hasSuffix("..") ? String(text.dropLast()) : text
    }
}

/// Gathers the sentences of a body.
private struct Found {
    /// More errors than this in one answer are not shown.
    private static let maximumErrors = 5

    var sentences: [String] = []
    var requestID: String?

    mutating func add(_ text: String?, limit: Int = 2000) {
        guard let text, !text.isEmpty else { return }
        let sentence = text.unicodeScalars.count > limit ? String(text.unicodeScalars.prefix(limit)) + "…" : text
        if !sentences.contains(sentence) { sentences.append(sentence) }
    }

    mutating func read(_ json: JSONValue) {
        if let errors = json["errors"]?.array ?? json.array, !errors.isEmpty {
            for error in errors.prefix(Self.maximumErrors) { readError(error) }
            if errors.count > Self.maximumErrors { add("and \(errors.count - Self.maximumErrors) more") }
        } else if let error = json["error"], error.object != nil {
            readError(error)
        } else {
            readError(json)
        }
        if requestID == nil { requestID = Self.text(json["requestId"]) ?? Self.text(json["request_id"]) }
    }

    private mutating func readError(_ error: JSONValue) {
        if let words = error.string { return add(words) }
        guard error.object != nil else { return }
        if requestID == nil { requestID = Self.text(error["id"]) }
        let candidates = ["detail", "message", "error_description", "title", "error", "code"]
        guard var words = candidates.compactMap({ Self.text(error[$0]) }).first else { return }
        if let place = Self.text(error["source"]?["pointer"]) ?? Self.text(error["source"]?["parameter"]) {
            words = ErrorBody.withoutStop(words) + " (at \(place))"
        }
        add(words)
        add(Self.text(error["resolution"]) ?? Self.text(error["suggestion"]))
    }

    private static func text(_ json: JSONValue?) -> String? {
        guard let string = json?.string, !string.isEmpty else { return nil }
        return string
    }

    mutating func readText(_ body: [UInt8]) {
        if AnswerReader.isCompressed(body) { return add("a compressed text") }
        let text = String(decoding: body.prefix(64 * 1024), as: UTF8.self)
        let start = text.prefix(1000).lowercased()
        if start.contains("<html") || start.contains("<!doctype") || start.contains("<head") {
            let title = Self.title(text)
            let page = title.map { "a web page titled \"\($0)\"" } ?? "a web page"
            add("\(page), not an answer of the API")
        } else if body.contains(0) || String(validating: body.prefix(1024).dropLast(8), as: UTF8.self) == nil {
            add("\(body.count) bytes that are no text")
        } else {
            add(text, limit: 300)
        }
    }

    private static func title(_ page: String) -> String? {
        let lowered = page.prefix(16_000).lowercased()
        guard let start = lowered.firstRange(of: "<title>"),
            let end = lowered[start.upperBound...].firstRange(of: "</title>")
        else { return nil }
        // The places are those of the lower-case copy; the words are taken from it when the two do not line up.
        let from = lowered.utf8.distance(from: lowered.startIndex, to: start.upperBound)
        let length = lowered.utf8.distance(from: start.upperBound, to: end.lowerBound)
        let words = Array(page.utf8.dropFirst(from).prefix(length))
        let title = String(validating: words, as: UTF8.self) ?? String(lowered[start.upperBound..<end.lowerBound])
        let shown = ServerText.visible(title, limit: 120)
        return shown.isEmpty ? nil : shown
    }
}
