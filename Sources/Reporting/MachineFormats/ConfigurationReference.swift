import Configuring
import HCL
import Values

/// What an expression refers to, and what it asks of it.
struct ConfigurationReference: Hashable {
    /// What is referred to.
    enum Subject: Hashable {
        /// A variable, a local value, or an attribute of an object of the language, such as `each.key`.
        case named(root: String, name: String)
        /// A resource, by its address in the module, or an instance of it.
        case resource(ResourceAddress, InstanceKey)
        /// A module that is called, or an instance of it.
        case call(name: String, InstanceKey)
        /// An output value of a module that is called.
        case output(call: String, InstanceKey, name: String)
        /// A name alone.
        case bare(String)
    }

    /// What is referred to.
    let subject: Subject
    /// The steps behind it, as far as they are constant.
    let remaining: [Traversal.Step]

    init(_ traversal: Traversal) {
        var steps = traversal.steps.prefix { $0 != .open }[...]
        func name() -> String? {
            guard case .attribute(let name) = steps.first else { return nil }
            steps = steps.dropFirst()
            return name
        }
        func key() -> InstanceKey {
            guard case .index(let value) = steps.first, let key = InstanceKey(value) else { return .none }
            steps = steps.dropFirst()
            return key
        }
        switch traversal.root {
        case "var", "local", "each", "count", "path", "terraform":
            subject = name().map { .named(root: traversal.root, name: $0) } ?? .bare(traversal.root)
        case "self": subject = .bare("self")
        case "module":
            if let call = name() {
                let key = key()
                subject = name().map { .output(call: call, key, name: $0) } ?? .call(name: call, key)
            } else {
                subject = .bare("module")
            }
        default:
            let isData = traversal.root == "data"
            let type = isData ? name() : traversal.root
            if let type, let name = name() {
                let address = ResourceAddress(mode: isData ? .data : .managed, type: type, name: name)
                subject = .resource(address, key())
            } else {
                subject = .bare(traversal.root)
            }
        }
        remaining = Array(steps)
    }

    /// The reference as the machine formats spell it: whole, then without its last steps, one by one, then what it is part of.
    var spellings: [String] {
        let name = subject.description
        var result: [String] = []
        for count in stride(from: remaining.count, through: 1, by: -1) {
            result.append(name + remaining.prefix(count).map(\.spelling).joined())
        }
        result.append(name)
        switch subject {
        case .resource(let address, let key) where key != .none: result.append(address.description)
        case .call(let name, let key) where key != .none: result.append("module.\(name)")
        case .output(let name, let key, _): result.append("module.\(name)\(key)")
        default: break
        }
        return result
    }
}

extension ConfigurationReference.Subject: CustomStringConvertible {
    var description: String {
        switch self {
        case .named(let root, let name): "\(root).\(name)"
        case .resource(let address, let key): "\(address)\(key)"
        case .call(let name, let key): "module.\(name)\(key)"
        case .output(let call, let key, let name): "module.\(call)\(key).\(name)"
        case .bare(let name): name
        }
    }
}

extension Expression {
    /// What it refers to, in the order of the source, each as often as it is written.
    var references: [ConfigurationReference] { traversals.map { ConfigurationReference($0) } }
}

extension Traversal.Step {
    /// The step as it is written.
    fileprivate var spelling: String {
        switch self {
        case .attribute(let name): ".\(name)"
        case .index(let value): InstanceKey(value)?.description ?? ""
        case .open: ""
        }
    }
}

extension InstanceKey {
    /// The key that an index is; nil when it is none.
    init?(_ value: Value) {
        if let text = value.string {
            self = .key(text)
        } else if let index = value.number.flatMap({ Int($0.description) }) {
            self = .index(index)
        } else {
            return nil
        }
    }
}
