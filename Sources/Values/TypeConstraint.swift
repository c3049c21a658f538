/// The type that an input variable must have, with defaults for attributes that may be left out.
package indirect enum TypeConstraint: Hashable, Sendable {
    /// A type as it stands.
    case exactly(ValueType)
    /// A list of such.
    case list(TypeConstraint)
    /// A set of such.
    case set(TypeConstraint)
    /// A map of such.
    case map(TypeConstraint)
    /// A tuple of such.
    case tuple([TypeConstraint])
    /// An object; attributes by name.
    case object([String: Attribute])

    /// One attribute of an object.
    package struct Attribute: Hashable, Sendable {
        /// Its type.
        package var constraint: TypeConstraint
        /// Whether it may be left out.
        package var isOptional: Bool
        /// Its value when it is left out; nil means null.
        package var defaultValue: Value?

        /// Makes an attribute.
        package init(_ constraint: TypeConstraint, isOptional: Bool = false, defaultValue: Value? = nil) {
            self.constraint = constraint
            self.isOptional = isOptional
            self.defaultValue = defaultValue
        }
    }

    /// The type, once the defaults are there.
    package var type: ValueType {
        switch self {
        case .exactly(let type): type
        case .list(let element): .list(element.type)
        case .set(let element): .set(element.type)
        case .map(let element): .map(element.type)
        case .tuple(let elements): .tuple(elements.map(\.type))
        case .object(let attributes): .object(ObjectType(attributes.mapValues(\.constraint.type)))
        }
    }

    /// The value, with defaults put in and converted to the type.
    package func apply(to value: Value) throws(ValueError) -> Value { try completed(value).converted(to: type) }

    /// The value with the defaults of what was left out.
    private func completed(_ value: Value) -> Value {
        switch (self, value.content) {
        case (.object(let attributes), .object(let fields)), (.object(let attributes), .map(_, let fields)):
            var members: [String: Value] = [:]
            for (name, attribute) in attributes {
                let given = fields[name]
                if let given, !given.isNull || !attribute.isOptional {
                    members[name] = attribute.constraint.completed(given)
                } else if attribute.isOptional {
                    let fallback = attribute.defaultValue ?? .null(attribute.constraint.type)
                    members[name] = attribute.constraint.completed(fallback)
                }
            }
            return Value(.object(Fields(members)), marks: value.marks)
        case (.list(let element), .list), (.list(let element), .tuple), (.set(let element), .list),
            (.set(let element), .tuple), (.set(let element), .set), (.list(let element), .set):
            return Value(.tuple((value.elements ?? []).map(element.completed)), marks: value.marks)
        case (.tuple(let elements), .tuple(let items)) where elements.count == items.count:
            return Value(.tuple(zip(elements, items).map { $0.completed($1) }), marks: value.marks)
        case (.map(let element), .map(_, let fields)), (.map(let element), .object(let fields)):
            return Value(.object(fields.mapped(element.completed)), marks: value.marks)
        default: return value
        }
    }
}
