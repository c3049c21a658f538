package import Diagnostics
import HCL
import Values

/// Evaluates a body by a schema, and checks it.
struct BodyDecoder {
    let scope: Scope
    /// Whether secrets may be arguments: only where nothing keeps them.
    let keepsSecrets: Bool

    /// The object of a body without any argument.
    static func empty(_ schema: BlockSchema) -> Value {
        schema.object(
            attributes: schema.attributes.map { $0.defaultValue ?? .null($0.type) },
            blocks: schema.blocks.map { $0.value(of: []) })
    }

    /// The body as an object of the schema's type.
    func value(
        of body: Body, _ schema: BlockSchema, ignoring meta: Set<String> = [], diagnostics: inout [Diagnostic]
    ) -> Value {
        let attributes = schema.attributes.map { attribute in
            let fallback = attribute.defaultValue ?? .null(attribute.type)
            let written = body.attributes.last { $0.name == attribute.name && !meta.contains($0.name) }
            guard let written else { return fallback }
            let value = self.value(of: written, attribute, &diagnostics)
            return value.isNull ? Value(fallback.content, marks: value.marks) : value
        }
        guard !schema.blocks.isEmpty else { return schema.object(attributes: attributes) }
        let blocks = expanded(body.blocks.filter { !meta.contains($0.type) }, &diagnostics)
        var nestedValues: [Value] = []
        for nested in schema.blocks {
            let items = blocks.filter { $0.block.type == nested.name || $0.dynamicName == nested.name }
            var values: [Value] = []
            for item in items {
                let inner = BodyDecoder(scope: item.scope, keepsSecrets: keepsSecrets)
                values.append(inner.value(of: item.body, nested.block, diagnostics: &diagnostics))
            }
            nestedValues.append(
                items.contains { $0.isOpen } ? .unknown(nested.impliedType) : nested.value(of: values))
            // Without dynamic blocks the number was checked when the configuration was read.
            let dynamic = body.blocks.first { $0.type == "dynamic" && $0.labels.first?.text == nested.name }
            if let dynamic, !items.contains(where: { $0.isOpen }),
                let problem = BodyCheck.countProblem(items.count, nested, at: dynamic.headerRange)
            {
                diagnostics.append(problem)
            }
        }
        return schema.object(attributes: attributes, blocks: nestedValues)
    }

    /// How deep the collections of an argument may be nested: a state has each level twice, in the value and in its type.
    private static let nestingMaximum = 100

    private func value(of written: Attribute, _ schema: AttributeSchema, _ diagnostics: inout [Diagnostic]) -> Value {
        let raw = written.expression.evaluate(in: scope, diagnostics: &diagnostics)
        guard !raw.isNested(deeperThan: Self.nestingMaximum) else {
            diagnostics.append(.nestedTooDeeply(written.expression.range, levels: Self.nestingMaximum))
            return .unknown(schema.type)
        }
        if !keepsSecrets, !schema.isSecret, raw.allMarks.contains(.secret) {
            diagnostics.append(.secretArgument(schema.name, at: written.expression.range))
            return .unknown(schema.type)
        }
        let value: Value
        do {
            value = try raw.converted(to: schema.type)
        } catch {
            diagnostics.append(
                .error(
                    "Incorrect attribute value type",
                    "Inappropriate value for attribute \"\(schema.name)\": \(error.shown(raw, schema.type)).",
                    at: written.expression.range))
            return Value(.unknown(schema.type, .none), marks: raw.allMarks)
        }
        if value.isNull, schema.mode == .required {
            diagnostics.append(
                .error(
                    "Missing required argument",
                    "The argument \"\(schema.name)\" is required, but its value is null.", at: written.expression.range)
            )
            return .unknown(schema.type)
        }
        if !value.isNull, value.isWhollyKnown,
            let problem = schema.problem?(value.allMarks.isEmpty ? value : value.withoutMarks([.sensitive, .secret]))
        {
            let detail =
                value.allMarks.isEmpty
                ? problem : "The value of \"\(schema.name)\" is not valid. It is sensitive and not shown."
            diagnostics.append(.error("Invalid argument value", detail, at: written.expression.range))
        }
        return schema.isSecret ? value.withMarks([.sensitive, .secret]) : value
    }

    // MARK: - Blocks

    /// A block to evaluate, and where.
    struct Item {
        var block: Block
        var body: Body
        var scope: Scope
        /// The type of block that a dynamic one makes.
        var dynamicName: String?
        /// Whether it stands for an unknown number of blocks.
        var isOpen = false
    }

    /// The blocks, with dynamic ones as many as they make.
    private func expanded(_ blocks: [Block], _ diagnostics: inout [Diagnostic]) -> [Item] {
        var result: [Item] = []
        for block in blocks {
            guard block.type == "dynamic", let label = block.labels.first,
                let forEach = block.body.attributes.first(where: { $0.name == "for_each" }),
                let content = block.body.blocks.first(where: { $0.type == "content" })
            else {
                result.append(Item(block: block, body: block.body, scope: scope))
                continue
            }
            let iterator =
                block.body.attributes.first { $0.name == "iterator" }?.expression.asKeyword ?? label.text
            let collection = forEach.expression.evaluate(in: scope, diagnostics: &diagnostics)
            guard let pairs = pairs(of: collection, at: forEach.expression.range, &diagnostics) else {
                let names = [iterator: Value.unknown(.dynamic)]
                result.append(
                    Item(
                        block: block, body: content.body, scope: scope.with(names), dynamicName: label.text,
                        isOpen: true))
                continue
            }
            for (key, value) in pairs {
                let names = [iterator: Value.object(["key": key, "value": value])]
                result.append(
                    Item(block: block, body: content.body, scope: scope.with(names), dynamicName: label.text))
            }
        }
        return result
    }

    /// What a dynamic block goes through; nil when that is not known, or faulty and reported.
    private func pairs(
        of collection: Value, at range: SourceRange, _ diagnostics: inout [Diagnostic]
    ) -> [(key: Value, value: Value)]? {
        let marks = collection.marks
        switch collection.content {
        case .list(_, let items), .tuple(let items):
            return items.enumerated().map { (.number($0), $1.withMarks(marks)) }
        case .set(_, let items): return items.map { ($0.withMarks(marks), $0.withMarks(marks)) }
        case .map(_, let fields), .object(let fields):
            return zip(fields.names, fields.values).map { (.string($0).withMarks(marks), $1.withMarks(marks)) }
        case .unknown: return nil
        default:
            let kind = collection.isNull ? "null" : collection.type.friendlyName
            diagnostics.append(
                .error(
                    "Invalid dynamic for_each value",
                    "Cannot use a \(kind) value in for_each. An iterable collection is required.", at: range))
            return nil
        }
    }
}

extension Diagnostic {
    /// A value is nested so deeply that nothing could read it back from a state.
    package static func nestedTooDeeply(_ range: SourceRange, levels: Int = Value.nestingMaximum) -> Diagnostic {
        .error(
            "Value nested too deeply",
            "The collections in this value are nested deeper than \(levels) levels, which no state file can hold.",
            at: range)
    }

    fileprivate static func secretArgument(_ name: String, at range: SourceRange) -> Diagnostic {
        .error(
            "Secret value in argument",
            """
            The argument "\(name)" is kept in state, and this value is a secret that the cloud shows only once: it would end up \
            there in clear. Hand secrets on with a sensitive output and "apply -secrets-out=FILE", with "flinkform output \
            -raw", or with "flinkform secret get".
            """, at: range)
    }
}
