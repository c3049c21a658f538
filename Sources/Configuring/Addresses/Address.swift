/// Whether a resource is managed by flinkform or only read from the cloud.
package enum ResourceMode: String, Hashable, Sendable, Comparable {
    /// Read only: a `data` block.
    case data
    /// Created, changed and destroyed: a `resource` block.
    case managed

    /// Managed resources come after data sources, in the order of their words.
    package static func < (left: ResourceMode, right: ResourceMode) -> Bool { left == .data && right == .managed }
}

/// The address of a module: the root module, or what calls, one inside the other, lead to.
///
/// In the configuration no step has a key; where instances are told apart, as in state, each step names one.
package struct ModuleAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// One call on the way from the root module.
    package struct Step: Hashable, Sendable {
        /// The name of the `module` block.
        package let name: String
        /// Which instance of it.
        package let key: InstanceKey
    }

    /// The calls, the outermost first; empty for the root module.
    package let steps: [Step]

    /// Makes an address of the calls that lead to it.
    package init(steps: [Step]) { self.steps = steps }

    /// The root module.
    package static let root = ModuleAddress(steps: [])

    /// Whether it is the root module.
    package var isRoot: Bool { steps.isEmpty }

    /// The module that a call in this one leads to.
    package func child(_ name: String, _ key: InstanceKey = .none) -> ModuleAddress {
        ModuleAddress(steps: steps + [Step(name: name, key: key)])
    }

    /// The module with the call that leads here; nil for the root module.
    package var parent: ModuleAddress? { isRoot ? nil : ModuleAddress(steps: Array(steps.dropLast())) }

    /// The same module as the configuration knows it: whatever the instances.
    package var inConfiguration: ModuleAddress {
        steps.allSatisfy { $0.key == .none }
            ? self : ModuleAddress(steps: steps.map { Step(name: $0.name, key: .none) })
    }

    /// `module.NAME`, with `["key"]` or `[0]` where there is one, joined by dots; empty for the root module.
    package var description: String {
        steps.map { "module.\($0.name)\($0.key)" }.joined(separator: ".")
    }

    /// The outer ones first, then by names and keys.
    package static func < (left: ModuleAddress, right: ModuleAddress) -> Bool {
        guard left.steps.count == right.steps.count else { return left.steps.count < right.steps.count }
        for (first, second) in zip(left.steps, right.steps) where first != second {
            return (first.name, first.key) < (second.name, second.key)
        }
        return false
    }
}

/// The address of a resource: one `resource` or `data` block, whatever the number of its instances.
package struct ResourceAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The module whose block it is, or the instance of that module.
    package let module: ModuleAddress
    /// Managed or data.
    package let mode: ResourceMode
    /// The resource type, such as `confluent_api_key`.
    package let type: String
    /// The name in the configuration.
    package let name: String

    /// Makes an address of its parts, which are not checked.
    package init(_ module: ModuleAddress = .root, mode: ResourceMode, type: String, name: String) {
        self.module = module
        self.mode = mode
        self.type = type
        self.name = name
    }

    /// `TYPE.NAME`, or `data.TYPE.NAME`, as the module itself calls it.
    package var nameInModule: String {
        mode == .data ? "data.\(type).\(name)" : "\(type).\(name)"
    }

    /// `TYPE.NAME`, or `data.TYPE.NAME`, after the module and a dot where it is not in the root module.
    package var description: String {
        module.isRoot ? nameInModule : "\(module).\(nameInModule)"
    }

    /// The block in the configuration: the same for all instances of its module.
    package var inConfiguration: ResourceAddress {
        module.isRoot ? self : ResourceAddress(module.inConfiguration, mode: mode, type: type, name: name)
    }

    /// The resource in an instance of its module.
    package func inInstance(_ instance: ModuleAddress) -> ResourceAddress {
        instance == module ? self : ResourceAddress(instance, mode: mode, type: type, name: name)
    }

    /// By module, then in the order of Terraform's state files: data before managed, then type, then name, by UTF-8 bytes.
    package static func < (left: ResourceAddress, right: ResourceAddress) -> Bool {
        guard left.module == right.module else { return left.module < right.module }
        guard left.mode == right.mode else { return left.mode < right.mode }
        return left.type == right.type ? left.name < right.name : left.type < right.type
    }

    /// Feeds what tells addresses apart in practice: hashing them is what large plans would spend their time with.
    package func hash(into hasher: inout Hasher) {
        if !module.isRoot { hasher.combine(module) }
        hasher.combine(name)
    }
}

/// Which instance of a resource: the only one, one of `count`, or one of `for_each`.
package enum InstanceKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The resource has neither `count` nor `for_each`.
    case none
    /// An index of `count`, from 0.
    case index(Int)
    /// A key of `for_each`.
    case key(String)

    /// What stands behind a name: nothing, `[0]` or `["key"]`.
    package var description: String {
        switch self {
        case .none: ""
        case .index(let index): "[\(index)]"
        case .key(let key): "[\(Self.quoted(key))]"
        }
    }

    /// No key before numbers, numbers before strings.
    package static func < (left: InstanceKey, right: InstanceKey) -> Bool {
        switch (left, right) {
        case (.none, .none): false
        case (.none, _): true
        case (_, .none): false
        case (.index(let first), .index(let second)): first < second
        case (.index, .key): true
        case (.key, .index): false
        case (.key(let first), .key(let second)): first < second
        }
    }

    /// A string as a quoted literal of the language, so that the address can be pasted into a configuration.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7f {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        // `${` and `%{` would start a template.
        return result.replacing("${", with: "$${").replacing("%{", with: "%%{") + "\""
    }
}

/// The address of one resource instance.
package struct InstanceAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The resource it is an instance of.
    package let resource: ResourceAddress
    /// Which instance.
    package let key: InstanceKey

    /// Makes an address of a resource and a key.
    package init(_ resource: ResourceAddress, _ key: InstanceKey = .none) {
        self.resource = resource
        self.key = key
    }

    /// `TYPE.NAME`, `TYPE.NAME[0]` or `TYPE.NAME["key"]`, as Terraform prints it, after the module where it is in one.
    package var description: String { "\(resource)\(key)" }

    /// By resource, then by key.
    package static func < (left: InstanceAddress, right: InstanceAddress) -> Bool {
        left.resource == right.resource ? left.key < right.key : left.resource < right.resource
    }
}
