package import Diagnostics
import HCL
import Values

/// What a plan may be limited to: a module and everything in it, a resource, or one of its instances.
///
/// A step on the way through modules that names no key means all instances of that module.
package struct Target: Hashable, Sendable, CustomStringConvertible {
    /// The module, or the one that the resource is in.
    package let module: ModuleAddress
    /// The resource, in `module`; nil means everything in it and in the modules that it calls.
    package let resource: ResourceAddress?
    /// The instance; nil means all.
    package let key: InstanceKey?

    /// All instances of a resource.
    package init(_ resource: ResourceAddress) {
        (module, self.resource, key) = (resource.module, resource, nil)
    }

    private init(_ module: ModuleAddress) { (self.module, resource, key) = (module, nil, nil) }

    private init(_ instance: InstanceAddress) {
        (module, resource) = (instance.resource.module, instance.resource)
        key = instance.key == .none ? nil : instance.key
    }

    /// Reads the address of a module, a resource or an instance, as a user types it.
    ///
    /// Throws what is wrong with it; `word` says what the address is for, such as `target`.
    package init(parsing text: String, as word: String) throws(Diagnostic) {
        func invalid(_ why: String) -> Diagnostic {
            .error("Invalid \(word) \"\(VisibleText.escaped(text))\"", why)
        }
        guard let first = text.first, first.isLetter || first == "_" else {
            throw invalid("Must begin with a variable name.")
        }
        do throws(Diagnostic) {
            if let module = try ModuleAddress(parsing: text) {
                self.init(module)
            } else {
                self.init(try InstanceAddress(parsing: text))
            }
        } catch {
            guard
                let expression = SyntaxTree.parseExpression(Array(text.utf8), file: SourceFileID(index: 0)).0
                    .asTraversal,
                expression.range.end == text.utf8.count
            else { throw invalid("Index brackets must contain either a literal number or a literal string.") }
            let names = ([.attribute(expression.root)] + expression.steps).drop { $0 == .attribute("module") }
            switch names.count {
            case ...2: throw invalid("Resource specification must include a resource type and name.")
            case 3: throw invalid("Resource instance key must be given in square brackets.")
            default: throw invalid("Unexpected extra operators after address.")
            }
        }
    }

    /// What is wrong with a text that is not the address of a resource instance, in Terraform's words.
    package static func noInstance(_ text: String) -> String {
        do throws(Diagnostic) {
            _ = try Target(parsing: text, as: "address")
            return
                "A resource instance address is required here. The module path must be followed by a resource instance specification."
        } catch {
            return error.detail
        }
    }

    /// The address as it was given.
    package var description: String {
        guard let resource else { return module.description }
        return "\(resource)\(key?.description ?? "")"
    }

    /// Whether a resource of the configuration, or of an instance of its module, has instances that it means.
    package func touches(_ address: ResourceAddress) -> Bool {
        guard let resource else { return address.module.isInside(module) }
        return address.module.steps.count == module.steps.count && address.module.isInside(module)
            && (address.mode, address.type, address.name) == (resource.mode, resource.type, resource.name)
    }

    /// Whether it means an instance.
    package func covers(_ address: InstanceAddress) -> Bool {
        touches(address.resource) && (key == nil || key == address.key)
    }
}

extension InstanceAddress {
    /// Reads the address of an instance, as a user types it.
    ///
    /// Throws what is wrong with it; `word` says what the address is for.
    package init(parsing text: String, as word: String) throws(Diagnostic) {
        let target = try Target(parsing: text, as: word)
        guard let resource = target.resource else {
            throw .error(
                "Invalid \(word) \"\(VisibleText.escaped(text))\"",
                "A resource instance address is required here. The module path must be followed by a resource instance specification."
            )
        }
        self.init(resource, target.key ?? .none)
    }
}

extension ModuleAddress {
    /// Reads `module.NAME`, with keys, as a user types it; nil when the text goes on behind the modules.
    ///
    /// Throws what is wrong with it.
    package init?(parsing text: String) throws(Diagnostic) {
        guard text.hasPrefix("module.") else { return nil }
        // A resource behind it makes an address of which everything but the module is known.
        let probe = try? InstanceAddress(parsing: text + ".type.name")
        guard let probe, probe.resource.type == "type", probe.resource.name == "name", !probe.resource.module.isRoot
        else { return nil }
        self = probe.resource.module
    }

    /// Whether it is another module or in it; a step without a key, on either side, means any instance.
    package func isInside(_ other: ModuleAddress) -> Bool {
        guard steps.count >= other.steps.count else { return false }
        return zip(steps, other.steps).allSatisfy { own, wanted in
            own.name == wanted.name && (own.key == wanted.key || own.key == .none || wanted.key == .none)
        }
    }
}
