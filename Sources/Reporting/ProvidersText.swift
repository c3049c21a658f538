package import Configuring
import Diagnostics
package import Planning

/// Which providers a configuration and a state need, as `providers` prints it: a tree of modules.
package struct ProvidersText: Sendable {
    private let configuration: Configuration
    private let state: State?
    private let catalog: Catalog
    /// The names of the providers that each module's blocks use.
    private let used: [ModuleAddress: Set<String>]

    /// Makes the text of a configuration, and of a state if there is one.
    package init(_ configuration: Configuration, _ state: State?, catalog: Catalog) {
        self.configuration = configuration
        self.state = state
        self.catalog = catalog
        var used: [ModuleAddress: Set<String>] = [:]
        for resource in configuration.resources {
            used[resource.address.module, default: []].insert(ProviderName(resource.provider).provider)
        }
        for name in configuration.providers.keys { used[.root, default: []].insert(ProviderName(name).provider) }
        self.used = used
    }

    /// The text.
    package var text: String {
        var lines = ["", "Providers required by configuration:", "."]
        lines += branches(of: .root, "")
        lines.append("")
        let sources = Set((state?.resources.values.map { Self.source($0.provider) }) ?? [])
        if !sources.isEmpty {
            lines += ["Providers required by state:", ""]
            lines += sources.sorted().flatMap { ["    provider[\(VisibleText.escaped($0))]", ""] }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func branches(of address: ModuleAddress, _ indentation: String) -> [String] {
        guard let module = configuration.modules[address] else { return [] }
        let names = used[address, default: []].union(module.requiredProviders.keys)
        let providers = names.map { name in
            let version = module.requiredProviders[name].map(VersionConstraint.canonical) ?? ""
            let source = catalog.provider(of: name)?.source ?? name
            return "provider[\(source)]" + (version.isEmpty ? "" : " \(version)")
        }.sorted()
        let calls = module.calls.keys.sorted()
        var lines: [String] = []
        for (index, text) in (providers + calls.map { "module.\($0)" }).enumerated() {
            let isLast = index == providers.count + calls.count - 1
            lines.append("\(indentation)\(isLast ? "└── " : "├── ")\(VisibleText.escaped(text))")
            guard index >= providers.count else { continue }
            lines += branches(
                of: address.child(calls[index - providers.count]), indentation + (isLast ? "    " : "│\u{a0}\u{a0} "))
        }
        return lines
    }

    /// The source in `provider["SOURCE"]`.
    private static func source(_ reference: String) -> String {
        let parts = reference.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : reference
    }
}
