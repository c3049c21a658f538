import Configuring
import Diagnostics
import Storage
import Values

/// Where it is said how state and plans are encrypted: an `encryption` block, and before it the environment.
enum EncryptionSource {
    /// How state and plans are encrypted; what it says wrong is thrown.
    ///
    /// - Parameters:
    ///   - configuration: The configuration, which need not be whole.
    ///   - values: The values of its variables; nil to look for them here, asking nobody.
    ///   - invocation: The environment.
    ///   - other: The encryption of another file of this run, whose keys are used again.
    static func encryption(
        of configuration: Configuration, _ values: VariableValues?, _ invocation: Invocation,
        sharingKeysOf other: Encryption? = nil
    ) throws -> Encryption {
        var configuration = configuration
        var values = values
        if values == nil, configuration.encryption != nil, !configuration.variables.isEmpty {
            var ignored: [Diagnostic] = []
            values = configuration.resolveVariables(try Project.sources(invocation), diagnostics: &ignored)
        }
        let (settings, diagnostics) = settings(of: configuration, values?.values ?? [:], invocation)
        if diagnostics.hasErrors { throw Problems(diagnostics, configuration.files) }
        return Encryption(settings, sharingKeysOf: other)
    }

    /// How state and plans of the directory are encrypted; the configuration need not be whole.
    static func encryption(_ invocation: Invocation) throws -> Encryption {
        try encryption(of: try Project.partialConfiguration(invocation), nil, invocation)
    }

    /// What block and environment say together; `knowsVariables` as for `EncryptionSettings.read`.
    static func settings(
        of configuration: Configuration, _ values: [String: Value], _ invocation: Invocation,
        knowsVariables: Bool = true
    ) -> (settings: EncryptionSettings?, diagnostics: [Diagnostic]) {
        var bodies = [configuration.encryption].compactMap { $0 }
        guard let (variable, text) = invocation.value(of: .encryption) else {
            return EncryptionSettings.read(bodies, variables: values, knowsVariables: knowsVariables)
        }
        let (body, problems) = EncryptionSettings.body(of: text)
        bodies.append(body)
        var (settings, diagnostics) = EncryptionSettings.read(
            bodies, variables: values, knowsVariables: knowsVariables)
        // Where there is more than the block, a place in a file would be a guess, and the variable's text is not shown.
        diagnostics = (problems.isEmpty ? diagnostics : problems).map { problem in
            var problem = problem
            (problem.subject, problem.context, problem.notes) = (nil, nil, [])
            problem.detail += "\n\nThis is about the encryption that the environment variable \(variable) gives."
            return problem
        }
        if !problems.isEmpty { settings = nil }
        return (settings, diagnostics)
    }
}
