import Configuring
import Diagnostics
import Values

/// Objects that are no longer managed: they stay at the cloud, and the state forgets them.
extension Planner {
    /// Makes sure that nothing is declared that `removed` blocks say is gone.
    mutating func checkRemoved() {
        let (options, configuration) = (inputs.options, inputs.configuration)
        let isAsked = options.mode == .normal || (options.mode == .destroy && options.refreshes)
        guard isAsked, !options.isInternal else { return }
        for block in configuration.removed {
            if let resource = block.subject.resource {
                guard let declared = configuration.resource(resource) else { continue }
                diagnostics.append(.stillDeclared(block, "resource", at: declared.range))
            } else if let call = configuration.call(of: block.subject.module) {
                diagnostics.append(.stillDeclared(block, "module", at: call.range))
            }
        }
    }

    /// Whether the objects of an instance are forgotten by this plan: nobody need be asked what they are now.
    func forgets(_ address: InstanceAddress) -> Bool {
        inputs.options.mode == .normal && removals.forgets(address.resource)
            && inputs.configuration.resource(address.resource) == nil
    }

    /// Plans to forget all objects of an instance.
    mutating func planForgetting(_ address: InstanceAddress, reason: ChangeReason) {
        guard let instance = state.resources[address.resource]?.instances[address.key],
            let provider = providerName(of: address.resource)
        else { return }
        var objects: [(deposed: String?, object: ObjectState)] = instance.current.map { [(nil, $0)] } ?? []
        objects += instance.deposed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        for (deposed, object) in objects {
            guard let before = decoded(object, at: Place(address: address, deposed: deposed)) else { continue }
            note(
                Change(
                    address: address, deposed: deposed, provider: provider, action: .forget,
                    reason: deposed == nil ? reason : nil, before: before, after: .null(before.type)))
        }
    }

    /// What is said of objects that are forgotten; nil when none is.
    var forgettingWarning: Diagnostic? {
        let forgotten = changes.filter { $0.action == .forget }.map(\.address).sorted()
        return forgotten.isEmpty ? nil : .forgetting(forgotten)
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func stillDeclared(_ block: RemovedBlock, _ kind: String, at range: SourceRange) -> Diagnostic {
        .error(
            "Removed \(kind) still exists",
            "This statement declares that \(block.subject) was removed, but it is still declared in configuration.",
            at: range)
    }

    fileprivate static func forgetting(_ addresses: [InstanceAddress]) -> Diagnostic {
        .warning(
            "Some objects will no longer be managed by flinkform",
            """
            If you apply this plan, flinkform will discard its tracking information for the following objects, but it will not \
            delete them:
            \(addresses.map { " - \(VisibleText.escaped($0.description))" }.joined(separator: "\n"))

            After applying this plan, flinkform will no longer manage these objects. You will need to import them into flinkform \
            to manage them again.
            """)
    }
}
