package import Configuring
import JSON
package import Values

extension ObjectState {
    /// The object as a value of its schema's type, marked as the schema and the recorded paths say; the secret is null.
    ///
    /// Throws when the attributes do not fit the schema: the file was made by another version, or changed by hand.
    package func value(_ schema: Schema) throws(ValueError) -> Value {
        var value = try Value(json: .object(completed(schema)), type: schema.type)
        value = ObjectMarks.marked(value, by: schema.block)
        for path in sensitiveAttributes { value = SensitivePath.marked(value, at: path.array?[...] ?? []) }
        return value
    }

    /// The attributes with a null for each that the schema knows and the file lacks.
    private func completed(_ schema: Schema) -> JSONObject {
        var object = attributes
        for attribute in schema.block.attributes where object[attribute.name] == nil { object[attribute.name] = .null }
        for block in schema.block.blocks where object[block.name] == nil {
            object[block.name] = block.isSingle ? .null : .array([])
        }
        return object
    }

    /// Makes an object's state of a value; whatever is secret in it becomes null.
    ///
    /// Throws when a part is not known.
    package init(
        _ value: Value, schema: Schema, record: ObjectRecord, dependencies: [ResourceAddress],
        createBeforeDestroy: Bool
    ) throws(ValueError) {
        let bare = ObjectMarks.withoutSecrets(value)
        let json = try bare.withoutMarks([.sensitive, .secret]).json(as: schema.type)
        self.init(
            schemaVersion: schema.version, attributes: json.object ?? [:],
            sensitiveAttributes: SensitivePath.all(in: value),
            record: record, dependencies: dependencies, createBeforeDestroy: createBeforeDestroy)
    }
}

/// The marks of objects: where a schema puts them, and how state spells them.
package enum ObjectMarks {
    /// The object with the marks that its schema gives: sensitive attributes, and the secret.
    package static func marked(_ object: Value, by block: BlockSchema) -> Value {
        guard let fields = object.fields else { return object }
        var result = fields
        for attribute in block.attributes where attribute.isSensitive || attribute.isSecret {
            guard let value = fields[attribute.name] else { continue }
            result = result.replacing(attribute.name, with: value.withMarks(marks(of: attribute)))
        }
        return Value(.object(result), marks: object.marks)
    }

    /// The value with the sensitive marks of another at the same places; where the other has no such place, of all around it.
    package static func marked(_ value: Value, like other: Value) -> Value {
        guard !other.allMarks.isEmpty else { return value }
        let own = value.withMarks(other.marks)
        let content: Value.Content
        switch (value.content, other.content) {
        case (.object(let fields), .object(let others)): content = .object(marked(fields, like: others))
        case (.map(let type, let fields), .map(_, let others)), (.map(let type, let fields), .object(let others)):
            content = .map(type, marked(fields, like: others))
        case (.object(let fields), .map(_, let others)): content = .object(marked(fields, like: others))
        case (.tuple(let items), .tuple(let others)), (.tuple(let items), .list(_, let others)):
            content = .tuple(marked(items, like: others))
        case (.list(let type, let items), .list(_, let others)), (.list(let type, let items), .tuple(let others)):
            content = .list(type, marked(items, like: others))
        default: return value.withMarks(other.allMarks)
        }
        return Value(content, marks: own.marks)
    }

    private static func marked(_ fields: Fields, like others: Fields) -> Fields {
        var result = fields
        for (name, other) in zip(others.names, others.values) where !other.allMarks.isEmpty {
            if let own = fields[name] { result = result.replacing(name, with: marked(own, like: other)) }
        }
        return result
    }

    private static func marked(_ items: [Value], like others: [Value]) -> [Value] {
        items.enumerated().map { $0 < others.count ? marked($1, like: others[$0]) : $1 }
    }

    /// The marks that an attribute's schema gives.
    package static func marks(of attribute: AttributeSchema) -> Marks {
        var marks: Marks = []
        if attribute.isSensitive || attribute.isSecret { marks.insert(.sensitive) }
        if attribute.isSecret { marks.insert(.secret) }
        return marks
    }

    /// The value with a null of the same type and marks in place of each secret part; unknown parts stay unknown.
    package static func withoutSecrets(_ value: Value) -> Value { redacted(value, unknownToo: false) }

    /// The value with a null of the same type and marks in place of each secret part, known or not.
    package static func withoutAnySecret(_ value: Value) -> Value { redacted(value, unknownToo: true) }

    private static func redacted(_ value: Value, unknownToo: Bool) -> Value {
        guard value.allMarks.contains(.secret) else { return value }
        if value.marks.contains(.secret) {
            return value.isUnknown && !unknownToo ? value : Value(.null(value.type), marks: value.marks)
        }
        func redacted(_ items: [Value]) -> [Value] { items.map { Self.redacted($0, unknownToo: unknownToo) } }
        let content: Value.Content
        switch value.content {
        case .list(let type, let items): content = .list(type, redacted(items))
        case .tuple(let items): content = .tuple(redacted(items))
        case .set(let type, let items): content = .set(type, redacted(items))
        case .map(let type, let fields):
            content = .map(type, Fields(names: fields.keyTable, values: redacted(fields.values)))
        case .object(let fields):
            content = .object(Fields(names: fields.keyTable, values: redacted(fields.values)))
        default: return value
        }
        return Value(content, marks: value.marks)
    }
}

extension Schema {
    /// An object of which only the id is known; everything else is null or empty.
    package func object(id: String) -> Value {
        let object = block.object(
            attributes: block.attributes.map { $0.name == "id" ? .string(id) : .null($0.type) },
            blocks: block.blocks.map { $0.value(of: []) })
        return ObjectMarks.marked(object, by: block)
    }
}
