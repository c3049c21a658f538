/// What must not be shown, or not be kept.
///
/// Marks infect: what is computed from a marked value is marked.
package struct Marks: OptionSet, Hashable, Sendable {
    /// The bits.
    package let rawValue: UInt8
    /// Makes marks of bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not shown to people; Terraform's mark, which `nonsensitive` removes.
    package static let sensitive = Marks(rawValue: 1)
    /// Never kept in state, plan or logs; no function of the language removes it.
    package static let secret = Marks(rawValue: 2)
}

/// What is known of a value that is not known.
package struct Refinement: Hashable, Sendable {
    /// Whether it is certainly not null.
    package var isNotNull: Bool
    /// What a string certainly starts with; empty means nothing is known.
    package var prefix: String
    /// The smallest length a collection can have.
    package var minimumLength: Int
    /// The greatest length a collection can have; nil means nothing is known.
    package var maximumLength: Int?
    /// A number it certainly is not below; nil means nothing is known.
    package var minimum: Number?
    /// A number it certainly is not above; nil means nothing is known.
    package var maximum: Number?

    /// Makes a refinement.
    package init(
        isNotNull: Bool = false, prefix: String = "", minimumLength: Int = 0, maximumLength: Int? = nil,
        minimum: Number? = nil, maximum: Number? = nil
    ) {
        self.isNotNull = isNotNull
        self.prefix = prefix
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Nothing is known.
    package static let none = Refinement()
    /// It is not null; nothing else is known.
    package static let notNull = Refinement(isNotNull: true)
}

/// A value of the language: its type, whether it is known or null, and its marks.
package struct Value: Hashable, Sendable {
    /// What a value is.
    package enum Content: Hashable, Sendable {
        /// Null, of a type.
        case null(ValueType)
        /// Not known yet, of a type; in a box, so that all other values stay small.
        indirect case unknown(ValueType, Refinement)
        /// True or false.
        case bool(Bool)
        /// A number.
        case number(Number)
        /// A string.
        case string(String)
        /// A list; the type is that of its elements.
        case list(ValueType, [Value])
        /// A set; its elements are sorted and distinct.
        case set(ValueType, [Value])
        /// A map; the type is that of its elements.
        case map(ValueType, Fields)
        /// An object.
        case object(Fields)
        /// A tuple.
        case tuple([Value])
    }

    /// What it is.
    package var content: Content
    /// Its own marks; what is inside may have more.
    package var marks: Marks

    /// Makes a value.
    package init(_ content: Content, marks: Marks = []) {
        self.content = content
        self.marks = marks
    }

    /// A string.
    package static func string(_ text: String) -> Value { Value(.string(text)) }
    /// A whole number.
    package static func number(_ value: Int) -> Value { Value(.number(Number(value))) }
    /// A number.
    package static func number(_ value: Number) -> Value { Value(.number(value)) }
    /// True or false.
    package static func bool(_ value: Bool) -> Value { Value(.bool(value)) }
    /// Null, of a type.
    package static func null(_ type: ValueType) -> Value { Value(.null(type)) }
    /// Not known yet, of a type.
    package static func unknown(_ type: ValueType, _ refinement: Refinement = .none) -> Value {
        Value(.unknown(type, refinement))
    }
    /// An object.
    package static func object(_ members: [String: Value]) -> Value { Value(.object(Fields(members))) }
    /// A tuple.
    package static func tuple(_ elements: [Value]) -> Value { Value(.tuple(elements)) }
    /// A list, whose elements are of the type given.
    package static func list(_ element: ValueType, _ elements: [Value]) -> Value { Value(.list(element, elements)) }
    /// A map, whose elements are of the type given.
    package static func map(_ element: ValueType, _ members: [String: Value]) -> Value {
        Value(.map(element, Fields(members)))
    }
    /// A set, whose elements are of the type given; the marks of elements become the set's.
    package static func set(_ element: ValueType, _ elements: [Value]) -> Value {
        var marks: Marks = []
        var bare: [Value] = []
        bare.reserveCapacity(elements.count)
        for value in elements {
            let inner = value.allMarks
            marks.formUnion(inner)
            bare.append(inner.isEmpty ? value : value.withoutMarks(inner))
        }
        return Value(.set(element, SetOrder.sortedDistinct(bare)), marks: marks)
    }

    /// Its type.
    package var type: ValueType {
        switch content {
        case .null(let type), .unknown(let type, _): type
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .list(let element, _): .list(element)
        case .set(let element, _): .set(element)
        case .map(let element, _): .map(element)
        case .object(let fields): .object(ObjectType(fields.keyTable, fields.values.map(\.type)))
        case .tuple(let elements): .tuple(elements.map(\.type))
        }
    }

    /// Whether it is null.
    package var isNull: Bool { if case .null = content { true } else { false } }
    /// Whether it is not known; parts of a known value may be unknown.
    package var isUnknown: Bool { if case .unknown = content { true } else { false } }
    /// Whether it is certainly not null.
    package var isCertainlyNotNull: Bool {
        switch content {
        case .null: false
        case .unknown(_, let refinement): refinement.isNotNull
        default: true
        }
    }

    /// Whether it and everything inside is known.
    package var isWhollyKnown: Bool {
        switch content {
        case .null, .bool, .number, .string: true
        case .unknown: false
        case .list(_, let items), .set(_, let items), .tuple(let items): items.allSatisfy(\.isWhollyKnown)
        case .map(_, let fields), .object(let fields): fields.values.allSatisfy(\.isWhollyKnown)
        }
    }

    /// The marks of it and of everything inside.
    package var allMarks: Marks {
        switch content {
        case .null, .bool, .number, .string, .unknown: marks
        case .list(_, let items), .set(_, let items), .tuple(let items):
            items.reduce(marks) { $0.union($1.allMarks) }
        case .map(_, let fields), .object(let fields): fields.values.reduce(marks) { $0.union($1.allMarks) }
        }
    }

    /// The value with more marks.
    package func withMarks(_ more: Marks) -> Value {
        more.isSubset(of: marks) ? self : Value(content, marks: marks.union(more))
    }

    /// The value without some marks, inside too.
    package func withoutMarks(_ less: Marks) -> Value {
        let own = marks.subtracting(less)
        switch content {
        case .null, .bool, .number, .string, .unknown: return Value(content, marks: own)
        case .list(let type, let items): return Value(.list(type, items.map { $0.withoutMarks(less) }), marks: own)
        case .set(let type, let items): return Value(.set(type, items.map { $0.withoutMarks(less) }), marks: own)
        case .tuple(let items): return Value(.tuple(items.map { $0.withoutMarks(less) }), marks: own)
        case .map(let type, let fields):
            return Value(.map(type, fields.mapped { $0.withoutMarks(less) }), marks: own)
        case .object(let fields): return Value(.object(fields.mapped { $0.withoutMarks(less) }), marks: own)
        }
    }

    /// The text of a known string; nil for anything else.
    package var string: String? { if case .string(let text) = content { text } else { nil } }
    /// The value of a known boolean; nil for anything else.
    package var bool: Bool? { if case .bool(let value) = content { value } else { nil } }
    /// The value of a known number; nil for anything else.
    package var number: Number? { if case .number(let value) = content { value } else { nil } }
    /// The elements of a known list, set or tuple; nil for anything else.
    package var elements: [Value]? {
        switch content {
        case .list(_, let items), .set(_, let items), .tuple(let items): items
        default: nil
        }
    }
    /// The fields of a known map or object; nil for anything else.
    package var fields: Fields? {
        switch content {
        case .map(_, let fields), .object(let fields): fields
        default: nil
        }
    }
}

/// The order in which sets keep their elements.
enum SetOrder {
    /// The elements, each once: strings by their bytes, numbers by value, false before true, others by what they look like.
    ///
    /// Unknown elements are kept as often as they come: they may turn out to differ.
    static func sortedDistinct(_ elements: [Value]) -> [Value] {
        var seen: Set<Value> = []
        let distinct = elements.filter { !$0.isWhollyKnown || seen.insert($0).inserted }
        if distinct.allSatisfy({ $0.string != nil }) {
            return distinct.sorted { ($0.string ?? "") < ($1.string ?? "") }
        }
        if distinct.allSatisfy({ $0.number != nil }) {
            return distinct.sorted { left, right in
                guard let first = left.number, let second = right.number else { return false }
                return first < second
            }
        }
        return distinct.map { (text: signature($0), value: $0) }.sorted { $0.text < $1.text }.map(\.value)
    }

    /// A text that tells values apart and orders them as Terraform does, which goes by such texts, too.
    private static func signature(_ value: Value) -> String {
        func joined(_ items: [Value]) -> String { items.map { signature($0) + ";" }.joined() }
        switch value.content {
        case .unknown: return "?"
        case .null: return "~"
        case .bool(let flag): return flag ? "T" : "F"
        case .number(let number): return number.brief
        case .string(let text):
            let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "\"\(escaped.replacing("\n", with: "\\n").replacing("\t", with: "\\t"))\""
        case .list(_, let items), .set(_, let items): return "[" + joined(items) + "]"
        case .tuple(let items): return "<" + joined(items) + ">"
        case .object(let fields): return "<" + joined(fields.values) + ">"
        case .map(_, let fields):
            let pairs = zip(fields.names, fields.values)
            return "{" + pairs.map { signature(.string($0)) + ":" + signature($1) + ";" }.joined() + "}"
        }
    }
}

extension Number {
    /// The number with ten digits at most, with an exponent where it is long.
    fileprivate var brief: String {
        if let int, abs(int) < 10_000_000_000 { return String(int) }
        guard isFinite else { return description }
        let plain = description
        let isNegative = plain.hasPrefix("-")
        let parts = (isNegative ? plain.dropFirst() : plain[...]).split(
            separator: ".", omittingEmptySubsequences: false)
        var digits = parts.joined().compactMap(\.wholeNumberValue)
        var point = parts[0].count
        while digits.count > 1, digits.first == 0 {
            digits.removeFirst()
            point -= 1
        }
        if digits.count > 10 {
            let isUp = digits[10] >= 5
            digits = Array(digits.prefix(10))
            if isUp {
                var place = 9
                while place >= 0, digits[place] == 9 {
                    digits[place] = 0
                    place -= 1
                }
                if place >= 0 {
                    digits[place] += 1
                } else {
                    digits.insert(1, at: 0)
                    point += 1
                }
            }
        }
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        let sign = isNegative ? "-" : ""
        let exponent = point - 1
        func text(_ some: ArraySlice<Int>) -> String { some.map(String.init).joined() }
        if exponent < -4 || exponent >= 10 {
            let fraction = digits.count > 1 ? "." + text(digits[1...]) : ""
            let size = String(abs(exponent))
            return "\(sign)\(digits[0])\(fraction)e\(exponent < 0 ? "-" : "+")\(size.count < 2 ? "0" : "")\(size)"
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text(digits[...]) }
        let whole = digits.prefix(point)
        let rest = digits.dropFirst(point)
        let zeros = String(repeating: "0", count: point - whole.count)
        return sign + text(whole) + zeros + (rest.isEmpty ? "" : "." + text(rest))
    }
}
