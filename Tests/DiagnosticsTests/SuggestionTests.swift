import Diagnostics
import Testing

/// What a user probably meant.
@Suite struct SuggestionTests {
    static let words = ["description", "display_name", "owner", "managed_resource", "id", "for_each", "count"]

    @Test(
        "The nearest word is suggested",
        arguments: [
            ("descripton", "description"), ("desciption", "description"), ("dsecription", "description"),
            ("displayname", "display_name"), ("Owner", "owner"), ("onwer", "owner"), ("ownr", "owner"),
            ("managed_resources", "managed_resource"), ("foreach", "for_each"), ("di", "id"), ("counts", "count"),
        ])
    func near(_ word: String, _ expected: String) {
        #expect(Suggestion.nearest(to: word, among: Self.words) == expected)
        #expect(Suggestion.phrase(word, among: Self.words) == " Did you mean \"\(expected)\"?")
    }

    @Test("What is far from every word is not", arguments: ["", "x", "xy", "zone", "environment", "descr", "ow"])
    func far(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: Self.words) == nil)
        #expect(Suggestion.phrase(word, among: Self.words) == "")
    }

    @Test("A word is no suggestion for itself")
    func itself() {
        #expect(Suggestion.nearest(to: "owner", among: ["owner"]) == nil)
        #expect(Suggestion.nearest(to: "a", among: ["b"]) == nil)
        #expect(Suggestion.nearest(to: "owner", among: []) == nil)
    }

    @Test("Of equally near words, the first by name is suggested, whatever the order")
    func ties() {
        #expect(Suggestion.nearest(to: "node", among: ["nodx", "noda"]) == "noda")
        #expect(Suggestion.nearest(to: "node", among: ["noda", "nodx"]) == "noda")
        #expect(Suggestion.nearest(to: "nodes", among: ["noda", "node"]) == "node")
    }

    @Test("A very long word costs nothing", .timeLimit(.minutes(1)))
    func long() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(Suggestion.nearest(to: long, among: [long + "b"]) == nil)
        #expect(Suggestion.nearest(to: "aaaa", among: [long, "aaab"]) == "aaab")
    }
}
