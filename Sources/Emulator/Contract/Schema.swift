import JSON

/// What a value of the interface has to look like.
///
/// The same schema checks what requests bring, checks in debug builds what answers give, and is shown at
/// `/openapi.json`; so the three cannot say different things.
struct Schema: Sendable {
    /// The shape of a value.
    indirect enum Shape: Sendable {
        /// An object with these members; others are ignored, as the service ignores read-only and unknown ones.
        case object([Member])
        /// An array of any length.
        case array(Schema)
        /// A string.
        case string(StringRule)
        /// A whole number from the range.
        case integer(ClosedRange<Int>)
        /// One of these whole numbers.
        case choice([Int])
        /// True or false.
        case bool
        /// A value about which nothing is said.
        case anything
    }

    /// A member of an object.
    struct Member: Sendable {
        /// Its name.
        let name: String
        /// What its value looks like.
        let schema: Schema
        /// Whether it must be there.
        let isRequired: Bool
    }

    /// What a string has to look like; lengths are in characters of Unicode.
    struct StringRule: Sendable {
        /// The fewest characters.
        var lengthMin = 0
        /// The most characters; nil means any number.
        var lengthMax: Int?
        /// The only values; empty means any.
        var options: [String] = []
        /// What it may begin with; empty means anything.
        var prefixes: [String] = []
        /// Characters that it must not have.
        var excluded = ""
        /// The name that OpenAPI has for its form, such as `date-time`; it is not checked.
        var format: String?
    }

    /// The shape.
    var shape: Shape
    /// Whether null is a value, too.
    var isNullable = false
    /// The name under which the document shows it once; nil shows it in place.
    var name: String?
}

extension Schema {
    /// An object with these members.
    static func object(_ members: Member..., name: String? = nil) -> Schema {
        Schema(shape: .object(members), name: name)
    }

    /// An array of such values.
    static func array(_ element: Schema) -> Schema { Schema(shape: .array(element)) }

    /// A string that follows a rule.
    static func string(_ rule: StringRule) -> Schema { Schema(shape: .string(rule)) }

    /// A string of some length.
    static func string(_ length: ClosedRange<Int>) -> Schema {
        string(StringRule(lengthMin: length.lowerBound, lengthMax: length.upperBound))
    }

    /// A string that is one of these.
    static func string(oneOf options: String...) -> Schema { string(StringRule(options: options)) }

    /// Any string.
    static let string = Schema.string(StringRule())
    /// An id of an object.
    static let id = Schema.string(1...255)
    /// A moment, as RFC 3339 writes it.
    static let time = Schema.string(StringRule(format: "date-time"))
    /// True or false.
    static let bool = Schema(shape: .bool)
    /// Whatever it may be.
    static let anything = Schema(shape: .anything)

    /// The same, or null.
    var nullable: Schema {
        var copy = self
        copy.isNullable = true
        return copy
    }
}

extension Schema.Member {
    /// A member that must be there.
    static func required(_ name: String, _ schema: Schema) -> Schema.Member {
        Schema.Member(name: name, schema: schema, isRequired: true)
    }

    /// A member that may be missing and, in a request, null, which means the same.
    static func optional(_ name: String, _ schema: Schema) -> Schema.Member {
        Schema.Member(name: name, schema: schema, isRequired: false)
    }
}

// MARK: - Checks

extension Schema {
    /// Why a value does not fit, and where in it, as a JSON pointer.
    struct Mismatch: Error {
        /// A sentence without the name of the place.
        var reason: String
        /// The place.
        var pointer: String
        /// The name of the member at the place; empty for the whole.
        var name: String
    }

    /// Checks a value, down to its last member.
    func check(_ value: JSONValue, at pointer: String = "", name: String = "") throws(Mismatch) {
        func mismatch(_ reason: String) -> Mismatch { Mismatch(reason: reason, pointer: pointer, name: name) }
        if isNullable && value.isNull { return }
        switch shape {
        case .anything: return
        case .object(let members):
            guard let object = value.object else { throw mismatch("must be an object.") }
            for member in members { try member.check(object[member.name], at: pointer) }
        case .array(let element):
            guard let elements = value.array else { throw mismatch("must be an array.") }
            for (index, item) in elements.enumerated() {
                try element.check(item, at: "\(pointer)/\(index)", name: String(index))
            }
        case .string(let rule):
            guard let text = value.string else { throw mismatch("must be a string.") }
            if let reason = rule.objection(to: text) { throw mismatch(reason) }
        case .integer(let range):
            guard let number = value.int, range.contains(number) else {
                throw mismatch("must be a whole number from \(range.lowerBound) to \(range.upperBound).")
            }
        case .choice(let options):
            guard let number = value.int, options.contains(number) else {
                throw mismatch("must be one of \(options.map(String.init).joined(separator: ", ")).")
            }
        case .bool:
            guard value.bool != nil else { throw mismatch("must be true or false.") }
        }
    }

    /// Checks an item of a query, whose values are texts.
    func check(text: String) throws(Mismatch) {
        if case .integer = shape {
            try check(Int(text).map { .number(JSONNumber($0)) } ?? .null)
        } else {
            try check(.string(text))
        }
    }
}

extension Schema.Member {
    fileprivate func check(_ value: JSONValue?, at pointer: String) throws(Schema.Mismatch) {
        let place = "\(pointer)/\(name)"
        guard let value, !value.isNull || schema.isNullable else {
            if isRequired { throw Schema.Mismatch(reason: "is required.", pointer: place, name: name) }
            return
        }
        try schema.check(value, at: place, name: name)
    }
}

extension Schema.StringRule {
    /// What is wrong with a text; nil if nothing is.
    fileprivate func objection(to text: String) -> String? {
        let length = text.unicodeScalars.count
        if length < lengthMin { return length == 0 ? "is required." : "has fewer than \(lengthMin) characters." }
        if let lengthMax, length > lengthMax { return "has more than \(lengthMax) characters." }
        if !options.isEmpty, !options.contains(text) { return "must be one of \(options.joined(separator: ", "))." }
        if !prefixes.isEmpty, !prefixes.contains(where: text.hasPrefix) {
            return "must begin with \(prefixes.joined(separator: " or "))."
        }
        if text.unicodeScalars.contains(where: excluded.unicodeScalars.contains) {
            return "must have none of \(excluded)."
        }
        return nil
    }
}
