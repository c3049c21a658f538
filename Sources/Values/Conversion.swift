/// Conversion between types, by Terraform's rules.
extension Value {
    /// The value as one of another type.
    ///
    /// Throws when there is no such conversion, or the value has no form in that type.
    package func converted(to type: ValueType) throws(ValueError) -> Value {
        if type == .dynamic || self.type == type { return self }
        switch content {
        case .null(let own):
            guard own.canBecome(type) else { throw mismatch(type) }
            return Value(.null(type), marks: marks)
        case .unknown(let own, let refinement):
            guard own.canBecome(type) else { throw mismatch(type) }
            return Value(
                .unknown(own == .dynamic && type.hasDynamic ? .dynamic : type, refinement.kept(for: type)), marks: marks
            )
        case .bool, .number, .string: return Value(try primitive(as: type), marks: marks)
        case .list(_, let items), .tuple(let items), .set(_, let items):
            return try sequence(items, as: type).withMarks(marks)
        case .map(_, let fields), .object(let fields): return try keyed(fields, as: type).withMarks(marks)
        }
    }

    private func mismatch(_ type: ValueType) -> ValueError {
        ValueError("a \(type.friendlyName) is required, but this is a \(self.type.friendlyName)")
    }

    private func primitive(as type: ValueType) throws(ValueError) -> Content {
        switch (content, type) {
        case (.bool(let flag), .string): return .string(flag ? "true" : "false")
        case (.number(let number), .string): return .string(number.description)
        case (.string(let text), .number):
            guard let number = Number(text: text) else { throw ValueError("a number is required") }
            return .number(number)
        case (.string(let text), .bool):
            switch text {
            case "true", "1": return .bool(true)
            case "false", "0": return .bool(false)
            case "True", "TRUE", "False", "FALSE":
                throw ValueError("a bool is required; to convert from string, use lowercase \"\(text.lowercased())\"")
            default: throw ValueError("a bool is required")
            }
        default: throw mismatch(type)
        }
    }

    private func sequence(_ items: [Value], as type: ValueType) throws(ValueError) -> Value {
        switch type {
        case .list(let element):
            let items = try Self.converted(items, to: element)
            return .list(Self.common(element, items), items.map { $0.isNull ? .null(Self.common(element, items)) : $0 })
        case .set(let element):
            let items = try Self.converted(items, to: element)
            return .set(Self.common(element, items), items)
        case .tuple(let types):
            if case .set = content { throw mismatch(type) }
            guard types.count == items.count else {
                throw ValueError("a tuple of \(types.count) elements is required, but this has \(items.count)")
            }
            var result: [Value] = []
            for (index, item) in items.enumerated() {
                result.append(
                    try Self.at(.index(.number(index))) { () throws(ValueError) in try item.converted(to: types[index])
                    })
            }
            return .tuple(result)
        default: throw mismatch(type)
        }
    }

    /// Converts all to one type; for a dynamic one, to the most general type that they have in common.
    private static func converted(_ items: [Value], to element: ValueType) throws(ValueError) -> [Value] {
        var target = element
        if element == .dynamic {
            guard let common = Value.unified(items.map(\.type)) else {
                throw ValueError("all elements must have the same type")
            }
            target = common
        }
        var result: [Value] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            result.append(try at(.index(.number(index))) { () throws(ValueError) in try item.converted(to: target) })
        }
        return result
    }

    private static func common(_ element: ValueType, _ items: [Value]) -> ValueType {
        element.hasDynamic ? items.first { !$0.type.hasDynamic }?.type ?? items.first?.type ?? element : element
    }

    private func keyed(_ fields: Fields, as type: ValueType) throws(ValueError) -> Value {
        switch type {
        case .map(let element):
            var target = element
            if element == .dynamic {
                guard let common = Value.unified(fields.values.map(\.type)) else {
                    throw ValueError("all map elements must have the same type")
                }
                target = common
            }
            var values: [Value] = []
            for (name, value) in zip(fields.names, fields.values) {
                values.append(
                    try Self.at(.index(.string(name))) { () throws(ValueError) in try value.converted(to: target) })
            }
            return Value(.map(Self.common(target, values), Fields(names: fields.keyTable, values: values)))
        case .object(let object):
            var values: [Value] = []
            let isObject = if case .object = content { true } else { false }
            for (name, type) in zip(object.names, object.attributeTypes) {
                guard let value = fields[name] else {
                    throw ValueError(isObject ? "attribute \"\(name)\" is required" : "element \"\(name)\" is required")
                }
                values.append(try Self.at(.attribute(name)) { () throws(ValueError) in try value.converted(to: type) })
            }
            return Value(.object(Fields(names: KeyTable(object.names), values: values)))
        default: throw mismatch(type)
        }
    }

    private static func at(_ step: PathStep, _ work: () throws(ValueError) -> Value) throws(ValueError) -> Value {
        do {
            return try work()
        } catch {
            throw error.inside(step)
        }
    }

    // MARK: - Unification

    /// The most general type that all of some types can be converted to; nil when there is none, dynamic for none at all.
    package static func unified(_ types: [ValueType]) -> ValueType? {
        let known = types.filter { $0 != .dynamic }
        guard let first = known.first else { return .dynamic }
        if known.count < types.count { return .dynamic }
        if known.allSatisfy({ $0 == first }) { return first }
        if known.allSatisfy(\.isPrimitive) { return known.contains(.string) ? .string : nil }
        return unifiedCollections(known)
    }

    private static func unifiedCollections(_ types: [ValueType]) -> ValueType? {
        let isKeyed = types.allSatisfy { if case .object = $0 { true } else if case .map = $0 { true } else { false } }
        if isKeyed {
            let objects = types.compactMap { if case .object(let object) = $0 { object } else { nil } }
            if objects.count == types.count, objects.allSatisfy({ $0.names == objects[0].names }) {
                var attributes: [String: ValueType] = [:]
                for name in objects[0].names {
                    guard let type = unified(objects.compactMap { $0[name] }) else { return nil }
                    attributes[name] = type
                }
                return .object(ObjectType(attributes))
            }
            return unifiedElements(types).map { .map($0) }
        }
        let isSequence = types.allSatisfy {
            switch $0 {
            case .list, .tuple, .set: true
            default: false
            }
        }
        guard isSequence else { return nil }
        let tuples = types.compactMap { if case .tuple(let elements) = $0 { elements } else { nil } }
        if tuples.count == types.count, tuples.allSatisfy({ $0.count == tuples[0].count }) {
            var elements: [ValueType] = []
            for index in tuples[0].indices {
                guard let type = unified(tuples.map { $0[index] }) else { return nil }
                elements.append(type)
            }
            return .tuple(elements)
        }
        let isSet = types.contains { if case .set = $0 { true } else { false } }
        return unifiedElements(types).map { isSet ? .set($0) : .list($0) }
    }

    private static func unifiedElements(_ types: [ValueType]) -> ValueType? {
        unified(
            types.flatMap { type -> [ValueType] in
                switch type {
                case .list(let element), .set(let element), .map(let element): [element]
                case .tuple(let elements): elements
                case .object(let object): object.attributeTypes
                default: []
                }
            })
    }
}

extension ValueType {
    /// Whether it is bool, number or string.
    package var isPrimitive: Bool { self == .bool || self == .number || self == .string }

    /// Whether some value of this type can be converted to the other; what the value decides counts as yes.
    package func canBecome(_ other: ValueType) -> Bool {
        switch (self, other) {
        case (.dynamic, _), (_, .dynamic): true
        case (.bool, .bool), (.number, .number), (.bool, .string), (.number, .string): true
        case (.string, .string), (.string, .number), (.string, .bool): true
        case (.list(let first), .list(let second)), (.list(let first), .set(let second)),
            (.set(let first), .list(let second)), (.set(let first), .set(let second)),
            (.map(let first), .map(let second)):
            first.canBecome(second)
        case (.tuple(let elements), .list(let second)), (.tuple(let elements), .set(let second)):
            elements.allSatisfy { $0.canBecome(second) }
        case (.tuple(let first), .tuple(let second)):
            first.count == second.count && zip(first, second).allSatisfy { $0.canBecome($1) }
        case (.object(let object), .map(let second)): object.attributeTypes.allSatisfy { $0.canBecome(second) }
        case (.map(let first), .object(let object)): object.attributeTypes.allSatisfy { first.canBecome($0) }
        case (.object(let first), .object(let second)):
            zip(second.names, second.attributeTypes).allSatisfy { name, type in first[name]?.canBecome(type) ?? false }
        default: false
        }
    }
}

extension Number {
    /// Reads a number as conversion from a string does: a decimal, or an infinity.
    init?(text: String) {
        switch text {
        case "Inf", "+Inf", "inf", "+inf": self = .infinity
        case "-Inf", "-inf": self = Number.infinity.negated
        default: self.init(literal: text)
        }
    }
}

extension Refinement {
    /// What stays true when a value of this refinement becomes one of a type.
    fileprivate func kept(for type: ValueType) -> Refinement {
        Refinement(
            isNotNull: isNotNull, prefix: type == .string ? prefix : "", minimumLength: 0, maximumLength: nil)
    }
}
