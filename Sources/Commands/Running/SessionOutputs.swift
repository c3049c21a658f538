import Applying
import Configuring
import Diagnostics
import JSON
import Planning
import Storage
import Values

/// Outputs, with their secrets and without.
extension Session {
    /// The outputs that a state gets with a Terraform state: those that come out alike here.
    ///
    /// They are worked out anew, so that a secret in them is null whatever was done with it. What depends on a data source, or
    /// comes out otherwise, is left to the next apply.
    func outputs(of content: TerraformState, in current: State) -> [String: OutputState] {
        var resolver = Resolver(
            state: current, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: project.planned), catalog: Project.catalog, directory: project.directory)
        var ignored: [Diagnostic] = []
        var result: [String: OutputState] = [:]
        for (output, value) in resolver.outputs(secrets: nil, diagnostics: &ignored) {
            guard let old = content.outputs[output.name]?["value"] else { continue }
            let bare = ObjectMarks.withoutAnySecret(value)
            guard bare.isWhollyKnown, let known = try? OutputCoding.state(bare, isSensitive: output.isSensitive),
                value.allMarks.contains(.secret) || known.value == old
            else { continue }
            result[output.name] = known
        }
        return result
    }

    /// The outputs of a state as the configuration has them now, as far as they are known.
    func outputs(of current: State) -> [String: OutputState] {
        var resolver = Resolver(
            state: current, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: project.planned), catalog: Project.catalog, directory: project.directory)
        var ignored: [Diagnostic] = []
        var result = current.outputs
        for (output, value) in resolver.outputs(secrets: nil, diagnostics: &ignored) {
            let bare = ObjectMarks.withoutAnySecret(value)
            // As in Terraform, what is not known yet is recorded as null.
            let recorded = bare.isWhollyKnown ? bare : .null(bare.type)
            guard let known = try? OutputCoding.state(recorded, isSensitive: output.isSensitive) else { continue }
            result[output.name] = known
        }
        return result
    }

    /// The values of all outputs with their secrets; null for one that is not known.
    func outputValues(_ current: State) async throws(Diagnostic) -> [(name: String, value: Value, isSensitive: Bool)] {
        var secrets: [String: String] = [:]
        for entry in try await self.secrets.entries() { secrets[entry.key] = entry.secret }
        var resolver = Resolver(
            state: current, configuration: project.configuration, variables: project.variables.values,
            functions: functions(since: project.planned), catalog: Project.catalog, directory: project.directory)
        var ignored: [Diagnostic] = []
        return resolver.outputs(secrets: secrets, diagnostics: &ignored).map { output, value in
            (output.name, value.isWhollyKnown ? value : .null(value.type), output.isSensitive)
        }
    }

    /// The output values of a state, and those of them that hold secrets put together anew from configuration and secret store.
    static func clearOutputs(
        of current: State, _ invocation: Invocation, _ variables: VariableOptions
    ) async throws -> [String: Value] {
        var values = current.outputs.mapValues(OutputCoding.value)
        guard current.outputs.values.contains(where: { $0.isSensitive && $0.value.holdsNull }) else { return values }
        let session = try Session(try Project.load(invocation, variables), invocation, noColor: true)
        for (name, value, isSensitive) in try await session.outputValues(current)
        where isSensitive && values[name] != nil {
            if value.allMarks.contains(.secret) || value.isNull { values[name] = value }
        }
        return values
    }

    func writeSecrets(to path: String, _ current: State) async throws(Diagnostic) {
        var values = JSONObject()
        for (name, value, isSensitive) in try await outputValues(current) where isSensitive {
            values[name] = (try? value.withoutMarks([.sensitive, .secret]).json()) ?? .null
        }
        try SecretsOutput.write(values, to: invocation.path(path), on: invocation.files)
    }
}

extension JSONValue {
    /// Whether it is null or has a null inside.
    var holdsNull: Bool {
        switch self {
        case .null: true
        case .array(let items): items.contains { $0.holdsNull }
        case .object(let object): object.contains { $0.value.holdsNull }
        default: false
        }
    }
}
