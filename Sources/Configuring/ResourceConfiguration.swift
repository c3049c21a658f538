package import Diagnostics
package import HCL
package import Values

/// A `resource` or `data` block.
package struct ResourceConfiguration: Sendable {
    /// What its `lifecycle` block says.
    package struct Lifecycle: Sendable {
        /// Whether a replacement is made before the old object is destroyed; nil when that is not said.
        package var createBeforeDestroy: Bool?
        /// Whether plans that destroy it are refused.
        package var preventDestroy = false
        /// Which changes of the configuration are ignored.
        package var ignored = IgnoredChanges()
    }

    /// Its address.
    package var address: ResourceAddress
    /// The local name of its provider.
    package var provider: String
    /// Its type's schema.
    package var schema: Schema
    /// The block.
    package var block: Block
    /// `count`, or nil.
    package var count: Expression?
    /// `for_each`, or nil.
    package var forEach: Expression?
    /// The resources of `depends_on`.
    package var dependsOn: [ResourceAddress]
    /// What `lifecycle` says.
    package var lifecycle: Lifecycle
    /// Where it is declared.
    package var range: SourceRange

    /// The block's type and labels, for diagnostics.
    package var construct: String {
        "\(address.mode == .managed ? "resource" : "data") \"\(address.type)\" \"\(address.name)\""
    }

    /// The arguments that belong to the language and not to the type.
    static let metaArguments: Set<String> = ["count", "for_each", "depends_on", "provider", "lifecycle"]

    /// The arguments of one instance as an object of the schema's type; what is not set is null or its default.
    ///
    /// - Parameters:
    ///   - scope: With `each` or `count` of the instance.
    ///   - diagnostics: Problems are added here; what they concern is unknown.
    package func evaluate(in scope: Scope, diagnostics: inout [Diagnostic]) -> Value {
        var problems: [Diagnostic] = []
        let value = BodyDecoder(scope: scope, keepsSecrets: false).value(
            of: block.body, schema.block, ignoring: Self.metaArguments, diagnostics: &problems)
        diagnostics += problems.map { $0.inside(construct) }
        return value
    }
}

/// The arguments whose changes a resource's `lifecycle` ignores.
package struct IgnoredChanges: Hashable, Sendable {
    /// Whether all are.
    package var all: Bool
    /// The paths of names; indices are left out.
    package var paths: Set<[String]>

    /// Makes a set of ignored changes.
    package init(all: Bool = false, paths: Set<[String]> = []) {
        self.all = all
        self.paths = paths
    }

    /// Whether nothing is ignored.
    package var isEmpty: Bool { !all && paths.isEmpty }

    /// Whether the whole argument of that name is ignored.
    package func contains(_ name: String) -> Bool { all || paths.contains([name]) }

    /// What is ignored inside the nested block of that name.
    package func inside(_ name: String) -> IgnoredChanges {
        IgnoredChanges(
            all: all, paths: Set(paths.filter { $0.count > 1 && $0[0] == name }.map { Array($0.dropFirst()) }))
    }
}

/// Which instances a resource has, and what `each` and `count` are for each.
package struct Expansion: Sendable {
    private enum Form: Sendable {
        case single
        case count
        case each
    }

    private let form: Form
    /// The instances and their names, in order.
    package let instances: [(key: InstanceKey, names: [String: Value])]
    /// False when `count` or `for_each` is faulty, so that nothing may be concluded from an instance's absence.
    package let isKnown: Bool

    /// Whether the resource has `count`.
    package var isCounted: Bool { form == .count }
    /// Whether the resource has `for_each`.
    package var isEach: Bool { form == .each }

    /// What expressions see of the resource.
    ///
    /// - Parameters:
    ///   - values: The instances' values, in their order.
    ///   - type: The type of one, for when nothing is known.
    package func collection(_ values: [Value], type: ValueType) -> Value {
        guard isKnown else { return .unknown(.dynamic) }
        switch form {
        case .single: return values.first ?? .unknown(type)
        case .count: return .tuple(values)
        case .each:
            var fields: [String: Value] = [:]
            for (instance, value) in zip(instances, values) {
                if case .key(let key) = instance.key { fields[key] = value }
            }
            return .object(fields)
        }
    }

    /// The names that one instance adds; nil when there is no such instance.
    package func names(of key: InstanceKey) -> [String: Value]? {
        switch (form, key) {
        case (.single, .none): [:]
        case (.count, .index(let index)):
            instances.indices.contains(index) ? instances[index].names : nil
        case (.each, .key): instances.first { $0.key == key }?.names
        default: nil
        }
    }

    /// How many instances `count` may ask for.
    private static let countMaximum = 100_000

    private init(_ form: Form, _ instances: [(key: InstanceKey, names: [String: Value])], isKnown: Bool = true) {
        self.form = form
        self.instances = instances
        self.isKnown = isKnown
    }

    fileprivate static let single = Expansion(.single, [(.none, [:])])

    fileprivate static func counted(_ count: Int) -> Expansion {
        Expansion(.count, (0..<count).map { (.index($0), ["count": .object(["index": .number($0)])]) })
    }

    fileprivate static func each(_ pairs: [(key: String, value: Value)]) -> Expansion {
        Expansion(
            .each,
            pairs.map { (.key($0.key), ["each": .object(["key": .string($0.key), "value": $0.value])]) })
    }

    fileprivate static func faulty(isCounted: Bool) -> Expansion {
        Expansion(isCounted ? .count : .each, [], isKnown: false)
    }

    fileprivate static func allows(_ count: Int) -> Bool { (0...countMaximum).contains(count) }
}

extension ResourceConfiguration {
    /// Which instances there are to be.
    ///
    /// - Parameters:
    ///   - scope: What `count` and `for_each` may refer to.
    ///   - diagnostics: Problems are added here; the expansion is not known then.
    package func expansion(in scope: Scope, diagnostics: inout [Diagnostic]) -> Expansion {
        var problems: [Diagnostic] = []
        defer { diagnostics += problems.map { $0.inside(construct) } }
        if let count { return counted(count, scope, &problems) }
        if let forEach { return each(forEach, scope, &problems) }
        return .single
    }

    private func counted(_ expression: Expression, _ scope: Scope, _ problems: inout [Diagnostic]) -> Expansion {
        let before = problems.count
        let value = expression.evaluate(in: scope, diagnostics: &problems)
        func faulty(_ detail: String) -> Expansion {
            if problems.count == before {
                problems.append(.error("Invalid count argument", detail, at: expression.range))
            }
            return .faulty(isCounted: true)
        }
        if value.marks.contains(.secret) {
            return faulty(
                "The \"count\" value depends on a secret, which must not decide how many instances there are.")
        }
        if value.isNull { return faulty("The given \"count\" argument value is null. An integer is required.") }
        guard let number = try? value.converted(to: .number) else {
            return faulty("The given \"count\" argument value is unsuitable: a number is required.")
        }
        guard !number.isUnknown else {
            return faulty(
                """
                The "count" value depends on resource attributes that cannot be determined until apply, so flinkform cannot \
                predict how many instances will be created. Use values that are known while planning.
                """)
        }
        guard let count = number.number?.int else {
            return faulty("The given \"count\" argument value is unsuitable: a whole number is required.")
        }
        guard Expansion.allows(count) else {
            return faulty(
                count < 0
                    ? "The given \"count\" argument value is unsuitable: must be greater than or equal to zero."
                    : "The given \"count\" argument value is unsuitable: it is too large.")
        }
        return .counted(count)
    }

    private func each(_ expression: Expression, _ scope: Scope, _ problems: inout [Diagnostic]) -> Expansion {
        let before = problems.count
        let value = expression.evaluate(in: scope, diagnostics: &problems)
        func faulty(_ detail: String) -> Expansion {
            if problems.count == before {
                problems.append(.error("Invalid for_each argument", detail, at: expression.range))
            }
            return .faulty(isCounted: false)
        }
        if !value.marks.isEmpty {
            return faulty(
                """
                Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the \
                sensitive value could be exposed as a resource instance key.
                """)
        }
        if value.isNull {
            return faulty(
                "The given \"for_each\" argument value is unsuitable: the given \"for_each\" argument value is null. A map, or set of strings is allowed."
            )
        }
        switch value.content {
        case .map(_, let fields), .object(let fields):
            return .each(Array(zip(fields.names, fields.values)).map { ($0, $1) })
        case .set(_, let items):
            guard items.allSatisfy(\.isWhollyKnown) else { return faulty(Self.unknownKeys) }
            let keys = items.compactMap(\.string)
            guard keys.count == items.count else {
                return faulty(
                    "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a \(value.type.friendlyName)."
                )
            }
            return .each(keys.map { ($0, .string($0)) })
        case .unknown: return faulty(Self.unknownKeys)
        default:
            return faulty(
                "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type \(value.type.friendlyName)."
            )
        }
    }

    private static let unknownKeys = """
        The "for_each" value includes keys or set values derived from resource attributes that cannot be determined until apply, \
        so flinkform cannot determine the full set of keys that will identify the instances of this resource.

        When working with unknown values in for_each, it's better to use a map value where the keys are defined statically in \
        your configuration and where only the values contain apply-time results.
        """
}
