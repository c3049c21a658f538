/// A JSON object: members in the order in which they were written, each key once.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral, Sequence {
    /// One member.
    package typealias Element = (key: String, value: JSONValue)

    /// From this size on, keys are looked up in an index.
    private static let indexedCount = 12

    private var members: [Member] = []
    private var index: [ExactText: Int] = [:]

    private struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue

        static func == (left: Member, right: Member) -> Bool {
            ExactText(left.key) == ExactText(right.key) && left.value == right.value
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(ExactText(key))
            hasher.combine(value)
        }
    }

    /// Walks over the members in order.
    package struct Iterator: IteratorProtocol {
        fileprivate let object: JSONObject
        fileprivate var place = 0

        /// The next member; nil at the end.
        package mutating func next() -> Element? {
            guard place < object.members.count else { return nil }
            defer { place += 1 }
            return (object.members[place].key, object.members[place].value)
        }
    }

    /// An empty object.
    package init() {}

    /// An object of members; of equal keys the last wins, at the first one's place.
    package init(_ members: [(String, JSONValue)]) {
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    /// An object of the members of a literal.
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// How many members there are.
    package var count: Int { members.count }
    /// Whether there are none.
    package var isEmpty: Bool { members.isEmpty }
    /// The keys, in order.
    package var keys: [String] { members.map(\.key) }

    /// A member's value.
    ///
    /// Setting keeps the place of a key that is there and appends another; nil takes the member out.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            if let place = position(of: key) {
                if let newValue {
                    members[place].value = newValue
                } else {
                    members.remove(at: place)
                    rebuildIndex()
                }
            } else if let newValue {
                append(key, newValue)
            }
        }
    }

    /// Appends a member whose key is known to be new, so that it is not looked for.
    mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if members.count > Self.indexedCount {
            index[ExactText(key)] = members.count - 1
        } else if members.count == Self.indexedCount {
            rebuildIndex()
        }
    }

    private func position(of key: String) -> Int? {
        let exact = ExactText(key)
        return members.count >= Self.indexedCount ? index[exact] : members.firstIndex { ExactText($0.key) == exact }
    }

    private mutating func rebuildIndex() {
        index = [:]
        guard members.count >= Self.indexedCount else { return }
        for (place, member) in members.enumerated() { index[ExactText(member.key)] = place }
    }

    /// Iterates over the members in order.
    package func makeIterator() -> Iterator { Iterator(object: self) }

    /// Whether both have the same members in the same order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }
    /// Feeds the members.
    package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}
