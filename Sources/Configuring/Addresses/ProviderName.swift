/// The name of a provider configuration: the provider, and the alias of a `provider` block that has one.
///
/// Written `confluent` or `confluent.eu`, as `provider = …` in a resource names it; that text is what plans, journals and
/// messages carry.
package struct ProviderName: Hashable, Sendable, CustomStringConvertible {
    /// The provider's local name, such as `confluent`.
    package let provider: String
    /// The alias; nil for the default configuration.
    package let alias: String?

    /// Makes a name.
    package init(_ provider: String, alias: String?) {
        self.provider = provider
        self.alias = alias
    }

    /// Reads a written name.
    package init(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1)
        self.init(parts.first.map(String.init) ?? "", alias: parts.count == 2 ? String(parts[1]) : nil)
    }

    /// The written name.
    package var description: String { alias.map { "\(provider).\($0)" } ?? provider }
}

extension Catalog {
    /// The schema of the provider of a configuration; nil when there is no such provider here.
    package func provider(of name: String) -> ProviderSchema? { providers[ProviderName(name).provider] }

    /// How a state file refers to a provider configuration: `provider["SOURCE"]`, with `.ALIAS` behind it where it has one.
    package func reference(to name: String) -> String {
        let alias = ProviderName(name).alias.map { ".\($0)" } ?? ""
        return "provider[\"\(provider(of: name)?.source ?? name)\"]\(alias)"
    }

    /// The alias in such a reference; nil when it has none.
    package static func alias(inReference reference: String) -> String? {
        guard let bracket = reference.lastIndex(of: "]") else { return nil }
        let rest = reference[reference.index(after: bracket)...]
        return rest.hasPrefix(".") && rest.count > 1 ? String(rest.dropFirst()) : nil
    }
}
