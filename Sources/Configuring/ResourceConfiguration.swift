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
        /// What must hold before it is made, changed or read.
        package var preconditions: [CheckRule] = []
        /// What must hold of it afterwards.
        package var postconditions: [CheckRule] = []
        /// Changes elsewhere that replace it.
        package var triggers: [ReplaceTrigger] = []
    }

    /// Its address.
    package var address: ResourceAddress
    /// The local name of its provider.
    package var provider: String
    /// Its type's schema.
    package var schema: Schema
    /// The block.
    package var block: Block
    /// Which instances there are.
    package var repetition = Repetition()
    /// The resources of `depends_on`.
    package var dependsOn: [ResourceAddress]
    /// What `lifecycle` says.
    package var lifecycle: Lifecycle
    /// The `check` block that a data source is read for, whose problems are warnings; nil for any other.
    package var check: String?
    /// Whether it has conditions.
    package var isCheckable: Bool { !lifecycle.preconditions.isEmpty || !lifecycle.postconditions.isEmpty }
    /// Where it is declared.
    package var range: SourceRange

    /// The block's type and labels, for diagnostics.
    package var construct: String {
        if let check { return "check \"\(check)\"" }
        return "\(address.mode == .managed ? "resource" : "data") \"\(address.type)\" \"\(address.name)\""
    }

    /// The arguments that belong to the language and not to the type.
    static let metaArguments: Set<String> = ["count", "for_each", "depends_on", "provider"]
    /// The nested blocks that belong to the language and not to the type.
    static let metaBlocks: Set<String> = ["lifecycle", "provisioner", "connection"]
    /// Both: what evaluation leaves out.
    static let metaNames = metaArguments.union(metaBlocks)

    /// The arguments of one instance as an object of the schema's type; what is not set is null or its default.
    ///
    /// - Parameters:
    ///   - scope: With `each` or `count` of the instance.
    ///   - instance: The instance, for messages; nil while nothing is known of instances.
    ///   - diagnostics: Problems are added here; what they concern is unknown.
    package func evaluate(
        in scope: Scope, of instance: InstanceAddress? = nil, diagnostics: inout [Diagnostic]
    ) -> Value {
        var problems: [Diagnostic] = []
        let value = BodyDecoder(scope: scope, keepsSecrets: false).value(
            of: block.body, schema.block, ignoring: Self.metaNames, diagnostics: &problems)
        if !problems.hasErrors, let checking = schema.checking {
            problems += checking(value.withoutMarks([.sensitive, .secret])).map { problem in
                var diagnostic = Diagnostic.error(problem.summary, problem.detail, at: range(of: problem.argument))
                diagnostic.address = instance?.description ?? address.description
                return diagnostic
            }
        }
        diagnostics += problems.map { $0.inside(construct) }
        return value
    }

    /// Where the value of an argument is written; the block's opening brace where it is not set.
    package func range(of argument: String?) -> SourceRange {
        block.body.attributes.first { $0.name == argument }?.expression.range ?? block.openingRange
    }
}

/// An entry of `replace_triggered_by`: a resource, or a part of one, whose change replaces another.
package struct ReplaceTrigger: Sendable {
    /// The resource.
    package var resource: ResourceAddress
    /// Which instance, as it is written; nil for all.
    package var key: Expression?
    /// The part of the instance; empty for the whole.
    package var path: [Traversal.Step]
    /// The entry.
    package var expression: Expression
}
