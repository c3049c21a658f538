/// Whether a resource is managed by flinkform or only read from the cloud.
package enum ResourceMode: String, Hashable, Sendable, Comparable {
    /// Read only: a `data` block.
    case data
    /// Created, changed and destroyed: a `resource` block.
    case managed

    /// Managed resources come after data sources, in the order of their words.
    package static func < (left: ResourceMode, right: ResourceMode) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The address of a resource: one `resource` or `data` block, whatever the number of its instances.
package struct ResourceAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Managed or data.
    package let mode: ResourceMode
    /// The resource type, such as `confluent_api_key`.
    package let type: String
    /// The name in the configuration.
    package let name: String

    /// Makes an address of its three parts, which are not checked.
    package init(mode: ResourceMode, type: String, name: String) {
        self.mode = mode
        self.type = type
        self.name = name
    }

    /// `TYPE.NAME`, or `data.TYPE.NAME`.
    package var description: String {
        mode == .data ? "data.\(type).\(name)" : "\(type).\(name)"
    }

    /// The order of Terraform's state files: data before managed, then type, then name, by UTF-8 bytes.
    package static func < (left: ResourceAddress, right: ResourceAddress) -> Bool {
        (left.mode, left.type, left.name) < (right.mode, right.type, right.name)
    }
}

/// Which instance of a resource: the only one, one of `count`, or one of `for_each`.
package enum InstanceKey: Hashable, Sendable, Comparable {
    /// The resource has neither `count` nor `for_each`.
    case none
    /// An index of `count`, from 0.
    case index(Int)
    /// A key of `for_each`.
    case key(String)

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

    /// `TYPE.NAME`, `TYPE.NAME[0]` or `TYPE.NAME["key"]`, as Terraform prints it.
    package var description: String {
        switch key {
        case .none: resource.description
        case .index(let index): "\(resource)[\(index)]"
        case .key(let key): "\(resource)[\(Self.quoted(key))]"
        }
    }

    /// By resource, then by key.
    package static func < (left: InstanceAddress, right: InstanceAddress) -> Bool {
        (left.resource, left.key) < (right.resource, right.key)
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
