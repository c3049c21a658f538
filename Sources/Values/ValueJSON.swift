package import JSON

/// Values as JSON: in state, in plans, and for `jsonencode` and `jsondecode`.
extension Value {
    /// Reads a value of a type from JSON, as a state file has it; a dynamic part is an object of `value` and `type`.
    package init(json: JSONValue, type: ValueType) throws(ValueError) {
        switch (json, type) {
        case (.null, _): self = .null(type)
        case (.bool(let flag), .bool): self = .bool(flag)
        case (.number(let number), .number): self = .number(try Self.number(number))
        case (.string(let text), .string): self = .string(text)
        // Terraform writes numbers beyond JSON's customs, and map keys' kin, as strings.
        case (.string(let text), .number):
            guard let number = Number(text: text) else { throw Self.misfit(type) }
            self = .number(number)
        case (.array(let items), .list(let element)): self = .list(element, try Self.values(items) { _ in element })
        case (.array(let items), .set(let element)): self = .set(element, try Self.values(items) { _ in element })
        case (.array(let items), .tuple(let types)) where items.count == types.count:
            self = .tuple(try Self.values(items) { types[$0] })
        case (.object(let object), .map(let element)):
            var members: [String: Value] = [:]
            for (name, member) in object { members[name] = try Value(json: member, type: element) }
            self = .map(element, members)
        case (.object(let object), .object(let type)):
            var values: [Value] = []
            values.reserveCapacity(type.names.count)
            for (name, inner) in zip(type.names, type.attributeTypes) {
                guard let member = object[name] else { throw ValueError("The attribute \"\(name)\" is missing.") }
                do {
                    values.append(try Value(json: member, type: inner))
                } catch {
                    throw error.inside(.attribute(name))
                }
            }
            self = Value(.object(Fields(names: type.keyTable, values: values)))
        case (.object(let object), .dynamic):
            guard let inner = object["value"], let typeJSON = object["type"] else { throw Self.misfit(type) }
            self = try Value(json: inner, type: ValueType(json: typeJSON))
        default: throw Self.misfit(type)
        }
    }

    private static func misfit(_ type: ValueType) -> ValueError { ValueError("A \(type.friendlyName) is needed here.") }

    private static func values(
        _ items: [JSONValue], _ type: (Int) -> ValueType
    ) throws(ValueError) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            do {
                result.append(try Value(json: item, type: type(index)))
            } catch {
                throw error.inside(.index(.number(index)))
            }
        }
        return result
    }

    private static func number(_ number: JSONNumber) throws(ValueError) -> Number {
        guard let value = Number(literal: number.literal) else {
            throw ValueError("The number is beyond what can be represented.")
        }
        return value
    }

    /// The value that JSON stands for: objects, tuples, strings, numbers, booleans and nulls of no particular type.
    package init(impliedFrom json: JSONValue) throws(ValueError) {
        switch json {
        case .null: self = .null(.dynamic)
        case .bool(let flag): self = .bool(flag)
        case .number(let number): self = .number(try Self.number(number))
        case .string(let text): self = .string(text)
        case .array(let items):
            var values: [Value] = []
            for item in items { values.append(try Value(impliedFrom: item)) }
            self = .tuple(values)
        case .object(let object):
            var members: [String: Value] = [:]
            for (name, member) in object { members[name] = try Value(impliedFrom: member) }
            self = .object(members)
        }
    }

    /// The value as JSON, without its type.
    ///
    /// Throws for what is not known, and for infinities.
    package func json() throws(ValueError) -> JSONValue {
        switch content {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .number(let number):
            guard let literal = JSONNumber(literal: number.description) else {
                throw ValueError("Infinity has no form in JSON.")
            }
            return .number(literal)
        case .string(let text): return .string(text)
        case .list(_, let items), .set(_, let items), .tuple(let items):
            var result: [JSONValue] = []
            for item in items { result.append(try item.json()) }
            return .array(result)
        case .map(_, let fields), .object(let fields):
            var members: [(String, JSONValue)] = []
            for (name, value) in zip(fields.names, fields.values) { members.append((name, try value.json())) }
            return .object(JSONObject(members))
        case .unknown: throw ValueError("A value is not known yet.")
        }
    }

    /// The value as JSON of a type: where the type is dynamic, an object of `value` and `type`.
    package func json(as type: ValueType) throws(ValueError) -> JSONValue {
        guard type.hasDynamic else { return try json() }
        switch (content, type) {
        case (.null, .dynamic): return .null
        case (.null, _): return .null
        case (_, .dynamic):
            return .object(["value": try json(as: self.type), "type": self.type.json])
        case (.list(_, let items), .list(let element)), (.set(_, let items), .set(let element)):
            var result: [JSONValue] = []
            for item in items { result.append(try item.json(as: element)) }
            return .array(result)
        case (.tuple(let items), .tuple(let types)) where items.count == types.count:
            var result: [JSONValue] = []
            for (item, inner) in zip(items, types) { result.append(try item.json(as: inner)) }
            return .array(result)
        case (.map(_, let fields), .map(let element)):
            var members: [(String, JSONValue)] = []
            for (name, value) in zip(fields.names, fields.values) {
                members.append((name, try value.json(as: element)))
            }
            return .object(JSONObject(members))
        case (.object(let fields), .object(let object)):
            var members: [(String, JSONValue)] = []
            for (name, value) in zip(fields.names, fields.values) {
                members.append((name, try value.json(as: object[name] ?? .dynamic)))
            }
            return .object(JSONObject(members))
        default: return try json()
        }
    }
}
