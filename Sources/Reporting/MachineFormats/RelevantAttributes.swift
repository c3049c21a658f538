import Configuring
import HCL
import JSON
import Planning
import Values

/// The attributes of resources that what a plan changes was worked out of, directly or through others.
struct RelevantAttributes {
    /// A reference, and the instance of a module that it is in.
    private struct Located: Hashable {
        let module: ModuleAddress
        /// The resource whose `count` or `for_each` an `each` or a `count` is of; nil for any other reference.
        let repeated: ResourceAddress?
        let reference: ConfigurationReference
    }

    private let plan: Plan
    private let configuration: Configuration
    private var seen: Set<Located> = []
    private var pending: [Located] = []
    private var written: [ResourceAddress: [(name: String, references: [ConfigurationReference])]] = [:]

    init(_ plan: Plan, _ configuration: Configuration) {
        self.plan = plan
        self.configuration = configuration
        for change in plan.changes where change.action != .noOp { addAll(of: change.address.resource, nil) }
        for change in plan.outputs where change.action != .noOp {
            add(configuration.outputs[change.name]?.expression.references ?? [], in: .root)
        }
        // The outputs of other modules are no part of a state, so that each is new in each plan.
        if plan.mode != .destroy {
            for instance in instances where !instance.isRoot {
                for output in configuration.modules[instance.inConfiguration]?.outputs.values ?? [:].values {
                    add(output.expression.references, in: instance)
                }
            }
        }
        while let next = pending.popLast() { follow(next) }
    }

    /// The attributes, sorted; nil when there are none.
    var json: JSONValue? {
        var paths: [String: JSONValue] = [:]
        for located in seen {
            guard case .resource(let address, let key) = located.reference.subject else { continue }
            let name = InstanceAddress(address.inInstance(located.module), key).description
            let path = JSONValue.array(located.reference.remaining.compactMap(\.json))
            let object: JSONValue = ["resource": .string(name), "attribute": path]
            paths[object.text(.compact)] = object
        }
        return paths.isEmpty ? nil : .array(paths.sorted { $0.key < $1.key }.map(\.value))
    }

    /// The instances of modules that the plan knows: those with objects in them, and those that are called once.
    private var instances: Set<ModuleAddress> {
        var result: Set<ModuleAddress> = [.root]
        for change in plan.changes where change.action != .delete {
            var module = change.address.resource.module
            while result.insert(module).inserted, let parent = module.parent { module = parent }
        }
        var work = Array(result)
        while let module = work.popLast() {
            for call in configuration.modules[module.inConfiguration]?.calls.values ?? [:].values
            where call.repetition.isSingle {
                let inner = module.child(call.name)
                if result.insert(inner).inserted { work.append(inner) }
            }
        }
        return result
    }

    private mutating func add(
        _ references: [ConfigurationReference], in module: ModuleAddress, of resource: ResourceAddress? = nil
    ) {
        for reference in references {
            var repeated: ResourceAddress?
            if case .named(let root, _) = reference.subject, root == "each" || root == "count" { repeated = resource }
            let located = Located(module: module, repeated: repeated, reference: reference)
            if seen.insert(located).inserted { pending.append(located) }
        }
    }

    /// Adds what the block of a resource refers to, or one argument of it alone.
    private mutating func addAll(of address: ResourceAddress, _ name: String?) {
        let place = address.inConfiguration
        if written[place] == nil {
            written[place] = configuration.resource(place).map { Self.references(in: $0) } ?? []
        }
        for argument in written[place] ?? [] where name == nil || argument.name == name {
            add(argument.references, in: address.module, of: address)
        }
    }

    private static func references(
        in resource: ResourceConfiguration
    ) -> [(name: String, references: [ConfigurationReference])] {
        func references(_ body: Body, _ block: BlockSchema) -> [ConfigurationReference] {
            body.attributes.filter { block.attribute($0.name) != nil }.flatMap(\.expression.references)
                + body.blocks.flatMap { inner in
                    block.nestedBlock(inner.type).map { references(inner.body, $0.block) } ?? []
                }
        }
        let (body, schema) = (resource.block.body, resource.schema.block)
        return body.attributes.filter { schema.attribute($0.name) != nil }.map { ($0.name, $0.expression.references) }
            + body.blocks.compactMap { inner in
                schema.nestedBlock(inner.type).map { (inner.type, references(inner.body, $0.block)) }
            }
    }

    /// Adds what a reference leads to.
    private mutating func follow(_ located: Located) {
        let module = located.module
        let place = configuration.modules[module.inConfiguration]
        switch located.reference.subject {
        case .named("var", let name):
            guard let caller = module.parent, let call = configuration.call(of: module) else { return }
            let argument = call.arguments.first { $0.name == name }
            add(argument?.expression.references ?? [], in: caller)
        case .named("local", let name):
            add(place?.locals[name]?.expression.references ?? [], in: module)
        case .named("each", _), .named("count", _):
            guard let repeated = located.repeated, let resource = configuration.resource(repeated) else { return }
            add((resource.repetition.forEach ?? resource.repetition.count)?.references ?? [], in: repeated.module)
        case .output(let call, let key, let name):
            let inner = module.child(call, key)
            add(
                configuration.modules[inner.inConfiguration]?.outputs[name]?.expression.references ?? [], in: inner)
        case .call(let name, let key):
            let inner = module.child(name, key)
            for output in configuration.modules[inner.inConfiguration]?.outputs.values ?? [:].values {
                add(output.expression.references, in: inner)
            }
        case .resource(let address, _):
            let resource = address.inInstance(module)
            switch located.reference.remaining.first {
            case nil: addAll(of: resource, nil)
            case .attribute(let name): addAll(of: resource, name)
            case .index(let value): if let name = value.string { addAll(of: resource, name) }
            case .open: return
            }
        case .named, .bare: return
        }
    }
}

extension Traversal.Step {
    /// The step in a path of the machine formats.
    fileprivate var json: JSONValue? {
        switch self {
        case .attribute(let name): .string(name)
        case .index(let value): ValueMirror.known(value)
        case .open: nil
        }
    }
}
