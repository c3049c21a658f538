import Diagnostics
import HCL

/// Checks a body by a schema without evaluating anything.
enum BodyCheck {
    /// What is wrong: unknown and missing arguments and blocks, computed attributes that are set, too few or too many blocks.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - schema: What may and must be in it.
    ///   - meta: Arguments that belong to the language.
    ///   - metaBlocks: Nested blocks that belong to the language.
    ///   - header: Where a missing thing is reported.
    static func problems(
        of body: Body, _ schema: BlockSchema, ignoring meta: Set<String> = [], blocks metaBlocks: Set<String> = [],
        header: SourceRange
    ) -> [Diagnostic] {
        var result: [Diagnostic] = []
        var given: Set<String> = []
        for attribute in body.attributes where !meta.contains(attribute.name) {
            given.insert(attribute.name)
            result += problems(of: attribute, schema, meta, metaBlocks)
        }
        for attribute in schema.attributes where attribute.mode == .required && !given.contains(attribute.name) {
            result.append(
                .error(
                    "Missing required argument",
                    "The argument \"\(attribute.name)\" is required, but no definition was found.", at: header))
        }
        var counts: [String: Int] = [:]
        var dynamic: Set<String> = []
        for block in body.blocks where !metaBlocks.contains(block.type) {
            if block.type == "dynamic" {
                result += problems(ofDynamic: block, schema)
                if let label = block.labels.first { dynamic.insert(label.text) }
                continue
            }
            guard let nested = schema.nestedBlock(block.type) else {
                result.append(unexpected(block, schema, meta, metaBlocks))
                continue
            }
            counts[block.type, default: 0] += 1
            if let label = block.labels.first {
                result.append(
                    .error(
                        "Extraneous label for \(block.type)", "No labels are expected for \(block.type) blocks.",
                        at: label.range))
            }
            if let maximum = nested.maximum, counts[block.type] == maximum + 1 {
                result += [countProblem(maximum + 1, nested, at: block.headerRange)].compactMap { $0 }
            }
            result += problems(of: block.body, nested.block, header: block.headerRange)
        }
        for nested in schema.blocks
        where (counts[nested.name] ?? 0) < nested.minimum && !dynamic.contains(nested.name) {
            result += [countProblem(counts[nested.name] ?? 0, nested, at: header)].compactMap { $0 }
        }
        return result
    }

    /// What is wrong with a number of nested blocks; nil when nothing is.
    static func countProblem(_ count: Int, _ schema: NestedBlockSchema, at range: SourceRange) -> Diagnostic? {
        if count < schema.minimum {
            return .error(
                "Insufficient \(schema.name) blocks",
                "At least \(schema.minimum) \"\(schema.name)\" block\(schema.minimum == 1 ? " is" : "s are") required.",
                at: range)
        }
        guard let maximum = schema.maximum, count > maximum else { return nil }
        return .error(
            "Too many \(schema.name) blocks",
            "No more than \(maximum) \"\(schema.name)\" block\(maximum == 1 ? " is" : "s are") allowed.", at: range)
    }

    private static func problems(
        of attribute: Attribute, _ schema: BlockSchema, _ meta: Set<String>, _ metaBlocks: Set<String>
    ) -> [Diagnostic] {
        if let known = schema.attribute(attribute.name) {
            guard !known.isConfigurable else { return [] }
            return [
                .error(
                    "Value for unconfigurable attribute",
                    "Can't configure a value for \"\(attribute.name)\": its value will be decided automatically based on the result of applying this configuration.",
                    at: attribute.nameRange)
            ]
        }
        if schema.nestedBlock(attribute.name) != nil || metaBlocks.contains(attribute.name) {
            return [
                .error(
                    "Unsupported argument",
                    "An argument named \"\(attribute.name)\" is not expected here. Did you mean to define a block of type \"\(attribute.name)\"? Leave out the equals sign.",
                    at: attribute.nameRange)
            ]
        }
        let names = schema.attributes.filter(\.isConfigurable).map(\.name) + meta.sorted()
        return [
            .error(
                "Unsupported argument",
                "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected here.\(Suggestion.phrase(attribute.name, among: names))",
                at: attribute.nameRange)
        ]
    }

    private static func unexpected(
        _ block: Block, _ schema: BlockSchema, _ meta: Set<String>, _ metaBlocks: Set<String>
    ) -> Diagnostic {
        if schema.attribute(block.type) != nil || meta.contains(block.type) {
            return .error(
                "Unsupported block type",
                "Blocks of type \"\(block.type)\" are not expected here. Did you mean to define argument \"\(block.type)\"? If so, use the equals sign to assign it a value.",
                at: block.typeRange)
        }
        return .error(
            "Unsupported block type",
            "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected here.\(Suggestion.phrase(block.type, among: schema.blocks.map(\.name) + metaBlocks.sorted()))",
            at: block.typeRange)
    }

    private static func problems(ofDynamic block: Block, _ schema: BlockSchema) -> [Diagnostic] {
        guard block.labels.count == 1, let label = block.labels.first else {
            return [
                .error(
                    "Invalid dynamic block", "A dynamic block has one label: the type of the blocks that it makes.",
                    at: block.headerRange)
            ]
        }
        guard let nested = schema.nestedBlock(label.text) else {
            return [
                .error(
                    "Unsupported block type",
                    "Blocks of type \"\(VisibleText.escaped(label.text))\" are not expected here.\(Suggestion.phrase(label.text, among: schema.blocks.map(\.name)))",
                    at: label.range)
            ]
        }
        var result: [Diagnostic] = []
        for attribute in block.body.attributes where attribute.name != "for_each" {
            if attribute.name != "iterator" {
                result.append(
                    .error(
                        "Unsupported argument",
                        "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected in a dynamic block.\(Suggestion.phrase(attribute.name, among: ["for_each", "iterator"])) The arguments of the blocks that it makes go into its \"content\" block.",
                        at: attribute.nameRange))
            } else if attribute.expression.asKeyword == nil {
                result.append(
                    .error(
                        "Invalid dynamic block", "The iterator of a dynamic block is a name, without quotes.",
                        at: attribute.expression.range))
            }
        }
        if !block.body.attributes.contains(where: { $0.name == "for_each" }) {
            result.append(
                .error(
                    "Missing required argument", "The argument \"for_each\" is required in a dynamic block.",
                    at: block.headerRange))
        }
        for inner in block.body.blocks where inner.type != "content" {
            result.append(
                .error(
                    "Unsupported block type",
                    "Blocks of type \"\(VisibleText.escaped(inner.type))\" are not expected in a dynamic block.\(Suggestion.phrase(inner.type, among: ["content"]))",
                    at: inner.typeRange))
        }
        let contents = block.body.blocks.filter { $0.type == "content" }
        if contents.count != 1 {
            result.append(
                .error(
                    "Invalid dynamic block",
                    "A dynamic block has one \"content\" block: what each block that it makes has in it.",
                    at: contents.dropFirst().first?.typeRange ?? block.headerRange))
        }
        for content in contents { result += problems(of: content.body, nested.block, header: content.headerRange) }
        return result
    }
}
