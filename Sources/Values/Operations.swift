/// The operators of the language. Total over unknown values; null and wrong types are errors; marks are united.
extension Value {
    /// `a + b`.
    package static func add(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try arithmetic(left, right, Number.sum, "Infinities that cancel out cannot be added.")
    }
    /// `a - b`.
    package static func subtract(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try arithmetic(left, right, Number.difference, "Infinities that cancel out cannot be subtracted.")
    }
    /// `a * b`.
    package static func multiply(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try arithmetic(left, right, Number.product, "Zero and infinity cannot be multiplied.")
    }
    /// `a / b`.
    package static func divide(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try arithmetic(left, right, Number.quotient, "Zero cannot be divided by zero.")
    }
    /// `a % b`.
    package static func modulo(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try arithmetic(left, right, Number.remainder, "There is no remainder of a division by zero.")
    }

    private static func arithmetic(
        _ left: Value, _ right: Value, _ operation: (Number, Number) -> Number?, _ problem: String
    ) throws(ValueError) -> Value {
        let (first, second) = (try left.operand(.number), try right.operand(.number))
        let marks = left.marks.union(right.marks)
        guard let first = first.number, let second = second.number else {
            return Value(.unknown(.number, .notNull), marks: marks)
        }
        guard let result = operation(first, second) else { throw ValueError(problem) }
        return Value(.number(result), marks: marks)
    }

    /// `-a`.
    package static func negate(_ value: Value) throws(ValueError) -> Value {
        guard let number = try value.operand(.number).number else {
            return Value(.unknown(.number, .notNull), marks: value.marks)
        }
        return Value(.number(number.isZero ? number : number.negated), marks: value.marks)
    }

    /// `!a`.
    package static func not(_ value: Value) throws(ValueError) -> Value {
        guard let flag = try value.operand(.bool).bool else {
            return Value(.unknown(.bool, .notNull), marks: value.marks)
        }
        return Value(.bool(!flag), marks: value.marks)
    }

    /// `a && b`; false on either side decides.
    package static func and(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try logic(left, right, deciding: false)
    }
    /// `a || b`; true on either side decides.
    package static func or(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try logic(left, right, deciding: true)
    }

    private static func logic(_ left: Value, _ right: Value, deciding: Bool) throws(ValueError) -> Value {
        let (first, second) = (try left.operand(.bool), try right.operand(.bool))
        let marks = left.marks.union(right.marks)
        if first.bool == deciding || second.bool == deciding { return Value(.bool(deciding), marks: marks) }
        guard first.bool != nil, second.bool != nil else { return Value(.unknown(.bool, .notNull), marks: marks) }
        return Value(.bool(!deciding), marks: marks)
    }

    /// `a < b`.
    package static func less(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try comparison(left, right) {
            $0 < $1
        } byBounds: {
            bounds(of: $0, below: $1)
        }
    }
    /// `a <= b`.
    package static func lessOrEqual(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try comparison(left, right) {
            $0 <= $1
        } byBounds: {
            bounds(of: $1, below: $0).map { !$0 }
        }
    }
    /// `a > b`.
    package static func greater(_ left: Value, _ right: Value) throws(ValueError) -> Value { try less(right, left) }
    /// `a >= b`.
    package static func greaterOrEqual(_ left: Value, _ right: Value) throws(ValueError) -> Value {
        try lessOrEqual(right, left)
    }

    private static func comparison(
        _ left: Value, _ right: Value, _ operation: (Number, Number) -> Bool, byBounds: (Value, Value) -> Bool?
    ) throws(ValueError) -> Value {
        let (first, second) = (try left.operand(.number), try right.operand(.number))
        let marks = left.marks.union(right.marks)
        if let one = first.number, let other = second.number {
            return Value(.bool(operation(one, other)), marks: marks)
        }
        if let decided = byBounds(first, second) { return Value(.bool(decided), marks: marks) }
        return Value(.unknown(.bool, .notNull), marks: marks)
    }

    /// Whether one is certainly below the other, or certainly not; nil when that is open.
    private static func bounds(of left: Value, below right: Value) -> Bool? {
        let (first, second) = (left.numberBounds, right.numberBounds)
        if let maximum = first.maximum, let minimum = second.minimum, maximum < minimum { return true }
        if let minimum = first.minimum, let maximum = second.maximum, minimum >= maximum { return false }
        return nil
    }

    private var numberBounds: (minimum: Number?, maximum: Number?) {
        switch content {
        case .number(let number): (number, number)
        case .unknown(_, let refinement): (refinement.minimum, refinement.maximum)
        default: (nil, nil)
        }
    }

    /// The value as an operand of a type; null is an error.
    private func operand(_ type: ValueType) throws(ValueError) -> Value {
        if isNull { throw ValueError("The value is null; a \(type.friendlyName) is needed.") }
        return self.type == type ? self : try converted(to: type)
    }

    // MARK: - Equality

    /// `a == b`: whether both are the same value of the same type; unknown where that is open.
    package static func equals(_ left: Value, _ right: Value) -> Value {
        let marks = left.allMarks.union(right.allMarks)
        guard let result = sameness(left, right) else { return Value(.unknown(.bool, .notNull), marks: marks) }
        return Value(.bool(result), marks: marks)
    }

    /// `a != b`.
    package static func notEquals(_ left: Value, _ right: Value) -> Value {
        let equal = equals(left, right)
        guard let flag = equal.bool else { return equal }
        return Value(.bool(!flag), marks: equal.marks)
    }

    /// Whether two values are the same; nil when it depends on what is not known.
    private static func sameness(_ left: Value, _ right: Value) -> Bool? {
        switch (left.content, right.content) {
        case (.null, .null): return true
        case (.null, _): return right.isCertainlyNotNull ? false : nil
        case (_, .null): return left.isCertainlyNotNull ? false : nil
        case (.unknown(let type, let refinement), _):
            return refinement.excludes(right) || type.excludes(right.type) ? false : nil
        case (_, .unknown(let type, let refinement)):
            return refinement.excludes(left) || type.excludes(left.type) ? false : nil
        case (.bool(let first), .bool(let second)): return first == second
        case (.number(let first), .number(let second)): return first == second
        case (.string(let first), .string(let second)): return first == second
        case (.list(_, let first), .list(_, let second)), (.tuple(let first), .tuple(let second)):
            return sameness(first, second)
        case (.set(_, let first), .set(_, let second)):
            if first.allSatisfy(\.isWhollyKnown), second.allSatisfy(\.isWhollyKnown) { return first == second }
            return nil
        case (.map(_, let first), .map(_, let second)), (.object(let first), .object(let second)):
            return first.keyTable == second.keyTable ? sameness(first.values, second.values) : false
        default: return false
        }
    }

    private static func sameness(_ left: [Value], _ right: [Value]) -> Bool? {
        guard left.count == right.count else { return false }
        var isOpen = false
        for (first, second) in zip(left, right) {
            switch sameness(first, second) {
            case false: return false
            case nil: isOpen = true
            default: continue
            }
        }
        return isOpen ? nil : true
    }

    // MARK: - Access

    /// `a.name`.
    package func attribute(_ name: String) throws(ValueError) -> Value {
        switch content {
        case .object(let fields):
            guard let value = fields[name] else {
                throw ValueError("This object does not have an attribute named \"\(name)\".")
            }
            return value.withMarks(marks)
        case .map(_, let fields):
            guard let value = fields[name] else {
                throw ValueError("This map does not have an element with the key \"\(name)\".")
            }
            return value.withMarks(marks)
        case .unknown(.dynamic, _): return Value(.unknown(.dynamic, .none), marks: marks)
        case .unknown(.object(let type), _):
            guard let inner = type[name] else {
                throw ValueError("This object does not have an attribute named \"\(name)\".")
            }
            return Value(.unknown(inner, .none), marks: marks)
        case .unknown(.map(let element), _): return Value(.unknown(element, .none), marks: marks)
        case .null: throw ValueError("This value is null, so it does not have any attributes.")
        case .bool, .number, .string, .unknown(.bool, _), .unknown(.number, _), .unknown(.string, _):
            throw ValueError("Can't access attributes on a primitive-typed value (\(type.friendlyName)).")
        default: throw ValueError("This value is a \(type.friendlyName), so it does not have any attributes.")
        }
    }

    /// `a[key]`.
    package func index(_ key: Value) throws(ValueError) -> Value {
        let marks = self.marks.union(key.marks)
        if key.isNull { throw ValueError("Can't use a null value as an indexing key.") }
        if isNull { throw ValueError("This value is null, so it does not have any indices.") }
        // The type of a known collection is that of all its elements, so it is asked for only where it is needed.
        switch content {
        case .unknown(.dynamic, _): return Value(.unknown(.dynamic, .none), marks: marks)
        case .object, .map, .unknown(.object, _), .unknown(.map, _):
            let name = try key.converted(to: .string)
            guard let text = name.string else { return Value(.unknown(type.elementType, .none), marks: marks) }
            if let fields, fields[text] == nil {
                let isNumbered = if case .object = content { key.type == .number } else { false }
                throw .noElement(
                    isNumbered ? ". An object only supports looking up attributes by name, not by numeric index." : ".")
            }
            return try attribute(text).withMarks(marks)
        case .list(_, let items), .tuple(let items):
            let place = try Self.place(key)
            guard let number = place.number else { return try unknownElement(type, place, marks) }
            return try Self.element(number, of: items).withMarks(marks)
        case .unknown(.list, _), .unknown(.tuple, _):
            return try unknownElement(type, try Self.place(key), marks)
        case .set, .unknown(.set, _):
            throw ValueError(
                "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set."
            )
        default: throw ValueError("This value is a \(type.friendlyName), so it does not have any indices.")
        }
    }

    private static func place(_ key: Value) throws(ValueError) -> Value {
        do throws(ValueError) {
            return try key.converted(to: .number)
        } catch {
            throw .noElement(": a number is required.")
        }
    }

    private static func element(_ index: Number, of items: [Value]) throws(ValueError) -> Value {
        guard let position = index.int else {
            throw .noElement(
                ": indexing a sequence requires a whole number, but the given index has a fractional part.")
        }
        guard !items.indices.contains(position) else { return items[position] }
        if position < 0 { throw .noElement(": a negative number is not a valid index for a sequence.") }
        throw .noElement(
            position == items.count
                ? ": the given index is greater than or equal to the length of the collection." : ".")
    }

    private func unknownElement(_ type: ValueType, _ place: Value, _ marks: Marks) throws(ValueError) -> Value {
        if case .tuple(let types) = type, let position = place.number?.int {
            guard types.indices.contains(position) else {
                throw .noElement(".")
            }
            return Value(.unknown(types[position], .none), marks: marks)
        }
        return Value(.unknown(type.elementType, .none), marks: marks)
    }
}

extension ValueType {
    /// The type of the elements of a collection; dynamic where they have no common one, or it is no collection.
    package var elementType: ValueType {
        switch self {
        case .list(let element), .set(let element), .map(let element): element
        case .object(let object): Set(object.attributeTypes).count == 1 ? object.attributeTypes[0] : .dynamic
        case .tuple(let elements): Set(elements).count == 1 ? elements[0] : .dynamic
        default: .dynamic
        }
    }

    /// Whether no value of this type is one of the other.
    fileprivate func excludes(_ other: ValueType) -> Bool {
        !hasDynamic && !other.hasDynamic && self != other
    }
}

extension Refinement {
    /// Whether what is known rules a value out.
    fileprivate func excludes(_ value: Value) -> Bool {
        switch value.content {
        case .string(let text): return !text.hasPrefix(prefix)
        case .number(let number):
            return minimum.map { number < $0 } ?? false || maximum.map { number > $0 } ?? false
        case .list(_, let items), .set(_, let items):
            return items.count < minimumLength || maximumLength.map { items.count > $0 } ?? false
        case .unknown(_, let other):
            return !prefix.hasPrefix(other.prefix) && !other.prefix.hasPrefix(prefix)
        default: return false
        }
    }
}

extension ValueError {
    /// That no element has a key, and why.
    fileprivate static func noElement(_ reason: String) -> ValueError {
        ValueError("The given key does not identify an element in this collection value\(reason)")
    }
}
