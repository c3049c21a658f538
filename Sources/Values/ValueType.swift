package import JSON

/// A type of the language.
package indirect enum ValueType: Hashable, Sendable {
    /// Any type; of a value that is unknown, one that is not known yet.
    case dynamic
    /// True or false.
    case bool
    /// A number.
    case number
    /// A string.
    case string
    /// Values of one type, in order.
    case list(ValueType)
    /// Distinct values of one type.
    case set(ValueType)
    /// Values of one type by key.
    case map(ValueType)
    /// Named values, each of its own type.
    case object(ObjectType)
    /// Values in order, each of its own type.
    case tuple([ValueType])
}

/// The attributes of an object type, sorted by name.
package struct ObjectType: Hashable, Sendable {
    /// The names, sorted; shared.
    package let keyTable: KeyTable
    private let types: [ValueType]

    /// Makes an object type.
    package init(_ attributes: [String: ValueType]) {
        let sorted = attributes.sorted { $0.key < $1.key }
        keyTable = KeyTable(sorted.map(\.key))
        types = sorted.map(\.value)
    }

    /// Makes an object type of a table and the types in its order.
    package init(_ table: KeyTable, _ types: [ValueType]) {
        keyTable = table
        self.types = types
    }

    /// The names, sorted.
    package var names: [String] { keyTable.names }
    /// The types, in the order of the names.
    package var attributeTypes: [ValueType] { types }
    /// The type of an attribute; nil when there is none of that name.
    package subscript(name: String) -> ValueType? { keyTable.position(of: name).map { types[$0] } }
}

extension ValueType {
    /// What people call it, such as `list of string`.
    package var friendlyName: String {
        switch self {
        case .dynamic: "dynamic"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .list(let element): "list of \(element.friendlyNameOfElement)"
        case .set(let element): "set of \(element.friendlyNameOfElement)"
        case .map(let element): "map of \(element.friendlyNameOfElement)"
        case .object: "object"
        case .tuple: "tuple"
        }
    }

    private var friendlyNameOfElement: String { self == .dynamic ? "any single type" : friendlyName }

    /// Whether some part of it is not known.
    package var hasDynamic: Bool {
        switch self {
        case .dynamic: true
        case .bool, .number, .string: false
        case .list(let element), .set(let element), .map(let element): element.hasDynamic
        case .object(let object): object.attributeTypes.contains { $0.hasDynamic }
        case .tuple(let elements): elements.contains { $0.hasDynamic }
        }
    }

    /// The type as state and plan files write it.
    package var json: JSONValue {
        switch self {
        case .dynamic: "dynamic"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .list(let element): .array(["list", element.json])
        case .set(let element): .array(["set", element.json])
        case .map(let element): .array(["map", element.json])
        case .object(let object):
            .array(["object", .object(JSONObject(zip(object.names, object.attributeTypes).map { ($0, $1.json) }))])
        case .tuple(let elements): .array(["tuple", .array(elements.map(\.json))])
        }
    }

    /// Reads a type as state and plan files write it.
    package init(json: JSONValue) throws(ValueError) {
        try self.init(json: json, depth: 0)
    }

    private init(json: JSONValue, depth: Int) throws(ValueError) {
        guard depth < 200 else { throw ValueError("The type is nested too deeply.") }
        if let word = json.string {
            switch word {
            case "dynamic": self = .dynamic
            case "bool": self = .bool
            case "number": self = .number
            case "string": self = .string
            default: throw ValueError("There is no type \"\(word)\".")
            }
            return
        }
        guard let parts = json.array, parts.count >= 2, let word = parts[0].string else {
            throw ValueError("This is not a type.")
        }
        switch word {
        case "list": self = .list(try ValueType(json: parts[1], depth: depth + 1))
        case "set": self = .set(try ValueType(json: parts[1], depth: depth + 1))
        case "map": self = .map(try ValueType(json: parts[1], depth: depth + 1))
        case "object":
            var attributes: [String: ValueType] = [:]
            for (name, type) in parts[1].object ?? [:] {
                attributes[name] = try ValueType(json: type, depth: depth + 1)
            }
            self = .object(ObjectType(attributes))
        case "tuple":
            var elements: [ValueType] = []
            for type in parts[1].array ?? [] { elements.append(try ValueType(json: type, depth: depth + 1)) }
            self = .tuple(elements)
        default: throw ValueError("There is no type \"\(word)\".")
        }
    }
}
