package import Values

/// What a resource type, a data source or a provider block looks like.
package struct Schema: Sendable {
    /// The version of the layout in state, as the real provider counts it.
    package let version: Int
    /// Its arguments, attributes and nested blocks.
    package let block: BlockSchema
    /// The object type that the block implies: what expressions see and state holds.
    package let type: ValueType
    /// What tells two objects of this type apart at the cloud when their ids are not known: argument name to text.
    ///
    /// Nil for types whose creation needs no intent. The closure gets the planned object; it answers nil while a part of the
    /// fingerprint is unknown.
    package let fingerprint: (@Sendable (Value) -> Fingerprint?)?
    /// Completes a planned object with what follows from its arguments: it gets the object, and the one before if there is one.
    ///
    /// Nil for types of which nothing of that kind is known.
    package let completing: (@Sendable (_ proposed: Value, _ prior: Value?) -> Value)?
    /// Says what is wrong with arguments that no argument's own schema can tell; it gets them without marks, some perhaps unknown.
    ///
    /// Nil for types without such rules.
    package let checking: (@Sendable (_ arguments: Value) -> [ArgumentProblem])?

    /// Makes a schema; the implied type is computed once, here.
    package init(
        version: Int = 0, block: BlockSchema, fingerprint: (@Sendable (Value) -> Fingerprint?)? = nil,
        completing: (@Sendable (_ proposed: Value, _ prior: Value?) -> Value)? = nil,
        checking: (@Sendable (_ arguments: Value) -> [ArgumentProblem])? = nil
    ) {
        self.completing = completing
        self.checking = checking
        self.version = version
        self.block = block
        self.type = block.impliedType
        self.fingerprint = fingerprint
    }

    /// The name of the attribute that holds a value which the cloud shows once, or nil.
    package var secretAttribute: String? { block.attributes.first { $0.isSecret }?.name }
}

/// What is wrong with an argument, in the light of the others.
package struct ArgumentProblem: Hashable, Sendable {
    /// The argument; nil when it is about the block.
    package let argument: String?
    /// What is wrong, in few words.
    package let summary: String
    /// What is wrong, as sentences.
    package let detail: String

    /// Makes a problem.
    package init(_ argument: String?, _ summary: String, _ detail: String) {
        self.argument = argument
        self.summary = summary
        self.detail = detail
    }
}

/// What identifies an object by its contents: owner, scope, name, description; compared as a whole.
package struct Fingerprint: Hashable, Sendable {
    /// Part name to text; an argument that is not set is the empty text.
    package var parts: [String: String]

    /// Makes a fingerprint of its parts.
    package init(_ parts: [String: String]) { self.parts = parts }
}

/// The arguments, attributes and nested blocks of a block.
package struct BlockSchema: Sendable {
    /// Arguments and attributes, sorted by name.
    package let attributes: [AttributeSchema]
    /// Nested blocks, sorted by name.
    package let blocks: [NestedBlockSchema]
    /// An object of the attributes' types and of what the nested blocks imply.
    package let impliedType: ValueType
    /// The names of attributes and nested blocks, sorted; all objects of the block share it.
    private let keyTable: KeyTable
    /// For each name, where it is among the attributes with the nested blocks behind them.
    private let places: [Int]

    /// Makes a block's schema; both lists are sorted here.
    package init(attributes: [AttributeSchema], blocks: [NestedBlockSchema] = []) {
        self.attributes = attributes.sorted { $0.name < $1.name }
        self.blocks = blocks.sorted { $0.name < $1.name }
        let names = self.attributes.map(\.name) + self.blocks.map(\.name)
        let types = self.attributes.map(\.type) + self.blocks.map(\.impliedType)
        places = names.indices.sorted { names[$0] < names[$1] }
        keyTable = KeyTable(places.map { names[$0] })
        impliedType = .object(ObjectType(keyTable, places.map { types[$0] }))
    }

    /// An object of the block.
    ///
    /// - Parameters:
    ///   - attributes: The values of the attributes, in the schema's order.
    ///   - blocks: The values of the nested blocks, likewise.
    package func object(attributes: [Value], blocks: [Value] = []) -> Value {
        let values =
            blocks.isEmpty
            ? attributes
            : places.map { place in
                place < attributes.count ? attributes[place] : blocks[place - attributes.count]
            }
        return Value(.object(Fields(names: keyTable, values: values)))
    }

    /// The attribute of that name, or nil.
    package func attribute(_ name: String) -> AttributeSchema? { attributes.first { $0.name == name } }

    /// The nested block of that name, or nil.
    package func nestedBlock(_ name: String) -> NestedBlockSchema? { blocks.first { $0.name == name } }
}

/// One argument or attribute.
package struct AttributeSchema: Sendable {
    /// Who sets it.
    package enum Mode: Sendable {
        /// The configuration must.
        case required
        /// The configuration may; null when it does not.
        case optional
        /// The configuration may; else the cloud does.
        case optionalComputed
        /// The cloud does.
        case computed
    }

    /// Its name.
    package let name: String
    /// Its type.
    package let type: ValueType
    /// Who sets it.
    package let mode: Mode
    /// Hidden from people, as Terraform hides it.
    package let isSensitive: Bool
    /// Shown once by the cloud: never in state, plan or logs.
    package let isSecret: Bool
    /// Whether a change makes a new object.
    package let forcesReplacement: Bool
    /// The value when the configuration sets none; nil means null.
    package let defaultValue: Value?
    /// Says what is wrong with a known, unmarked value, as a sentence; nil when it is right.
    package let problem: (@Sendable (Value) -> String?)?
    /// Whether two known values mean the same thing, so that one for the other is no change; nil means equality.
    package let isEquivalent: (@Sendable (Value, Value) -> Bool)?

    /// Makes an attribute's schema.
    package init(
        _ name: String, _ type: ValueType, _ mode: Mode, isSensitive: Bool = false, isSecret: Bool = false,
        forcesReplacement: Bool = false, defaultValue: Value? = nil,
        problem: (@Sendable (Value) -> String?)? = nil, isEquivalent: (@Sendable (Value, Value) -> Bool)? = nil
    ) {
        self.name = name
        self.type = type
        self.mode = mode
        self.isSensitive = isSensitive
        self.isSecret = isSecret
        self.forcesReplacement = forcesReplacement
        self.defaultValue = defaultValue
        self.problem = problem
        self.isEquivalent = isEquivalent
    }

    /// Whether the configuration may set it.
    package var isConfigurable: Bool { mode != .computed }
    /// Whether the cloud sets it when the configuration does not.
    package var isComputed: Bool { mode == .computed || mode == .optionalComputed }
}

/// A block inside a block.
package struct NestedBlockSchema: Sendable {
    /// Its type name.
    package let name: String
    /// How many there must be.
    package let minimum: Int
    /// How many there may be; nil means any number.
    package let maximum: Int?
    /// Whether adding, removing or changing one makes a new object.
    package let forcesReplacement: Bool
    /// Whether the cloud sets it when the configuration does not.
    package let isComputed: Bool
    /// Whether there is one at most and its value is that object, or null; else the value is a list of objects.
    package let isSingle: Bool
    /// What is in it.
    package let block: BlockSchema

    /// Makes a nested block's schema.
    package init(
        _ name: String, minimum: Int = 0, maximum: Int? = nil, forcesReplacement: Bool = false,
        isComputed: Bool = false, isSingle: Bool = false, block: BlockSchema
    ) {
        self.name = name
        self.minimum = minimum
        self.maximum = isSingle ? 1 : maximum
        self.forcesReplacement = forcesReplacement
        self.isComputed = isComputed
        self.isSingle = isSingle
        self.block = block
    }

    /// The type of its value.
    package var impliedType: ValueType { isSingle ? block.impliedType : .list(block.impliedType) }

    /// The value of these blocks, in their order; a single one takes the first.
    package func value(of items: [Value]) -> Value {
        isSingle ? items.first ?? .null(block.impliedType) : .list(block.impliedType, items)
    }

    /// The blocks of a value; nil when their number is not known.
    package func items(of value: Value?) -> [Value]? {
        guard let value else { return [] }
        guard isSingle else { return value.elements }
        return value.isUnknown ? nil : value.isNull ? [] : [value]
    }
}

/// Everything that a provider offers, as values.
package struct ProviderSchema: Sendable {
    /// Its local name by default and the prefix of its types, such as `confluent`.
    package let name: String
    /// Its source address, such as `registry.terraform.io/confluentinc/confluent`.
    package let source: String
    /// The arguments of its `provider` block.
    package let configuration: Schema
    /// Resource type name to schema.
    package let resourceTypes: [String: Schema]
    /// Data source name to schema.
    package let dataSources: [String: Schema]
    /// Whether its objects live in the state alone: it needs no configuration, and nothing is read again.
    package let isBuiltin: Bool

    /// Makes a provider's schema.
    package init(
        name: String, source: String, configuration: Schema, resourceTypes: [String: Schema],
        dataSources: [String: Schema], isBuiltin: Bool = false
    ) {
        self.isBuiltin = isBuiltin
        self.name = name
        self.source = source
        self.configuration = configuration
        self.resourceTypes = resourceTypes
        self.dataSources = dataSources
    }
}

extension ProviderSchema {
    /// The schema of one of its resource types or data sources, or nil.
    package func schema(for address: ResourceAddress) -> Schema? {
        (address.mode == .managed ? resourceTypes : dataSources)[address.type]
    }
}

/// The providers that this program has.
package struct Catalog: Sendable {
    /// Provider name to schema.
    package let providers: [String: ProviderSchema]

    /// Makes a catalogue.
    package init(_ providers: [ProviderSchema]) {
        self.providers = Dictionary(providers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The providers whose objects are outside of the state, sorted by name.
    package var clouds: [ProviderSchema] {
        providers.values.filter { !$0.isBuiltin }.sorted { $0.name < $1.name }
    }

    /// The schema of a resource type or data source, or nil when no provider here has it.
    package func schema(for address: ResourceAddress) -> Schema? {
        provider(having: address)?.schema(for: address)
    }

    /// The provider that has a resource type or data source, or nil when none here has it.
    package func provider(having address: ResourceAddress) -> ProviderSchema? {
        providers.values.first { $0.schema(for: address) != nil }
    }
}
