import Configuring
package import Diagnostics
package import Values

/// The providers of a run, each configured once.
package actor Providers {
    private let source: ProviderSource
    private let builtin: [String: any Provider]
    private var configured: [String: any Provider] = [:]

    /// Makes a set that gets its providers from a source.
    ///
    /// - Parameters:
    ///   - builtin: The providers that need no configuration, by their names.
    ///   - source: Where the others come from.
    package init(builtin: [String: any Provider] = [:], source: @escaping ProviderSource) {
        self.builtin = builtin
        self.source = source
    }

    /// Configures a provider, or returns the one that was configured before.
    package func configure(_ name: String, _ configuration: Value) async throws(Diagnostic) -> any Provider {
        if let provider = configured[name] ?? builtin(name) { return provider }
        let provider = try await source(name, configuration)
        configured[name] = provider
        return provider
    }

    /// A provider that was configured before; throws when it was not.
    package func provider(_ name: String) throws(Diagnostic) -> any Provider {
        guard let provider = configured[name] ?? builtin(name) else {
            throw .error(
                "Provider not configured", "Provider \"\(name)\" was not configured. This is a bug in flinkform.")
        }
        return provider
    }

    /// The provider that needs no configuration, whatever its alias is; nil for any other.
    private func builtin(_ name: String) -> (any Provider)? { builtin[ProviderName(name).provider] }

    /// Closes all of them.
    package func close() async {
        for provider in configured.values { await provider.close() }
        configured = [:]
    }
}
