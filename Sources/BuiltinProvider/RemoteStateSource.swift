import Applying
import Configuring
import Diagnostics
import Planning
package import Values

/// The data source `terraform_remote_state`: the output values of a state that another configuration keeps.
package enum RemoteStateSource {
    /// Its name.
    package static let typeName = "terraform_remote_state"

    /// Says what is wrong with the configuration of a backend, which is an object, or null, and may have unknown parts.
    ///
    /// It gets the backend's name and its configuration; what is nil is right.
    package typealias BackendCheck = @Sendable (_ backend: String, _ configuration: Value) -> Problem?

    /// What is wrong with a backend.
    package enum Problem: Hashable, Sendable {
        /// There is none of that name; a sentence says which there are.
        case backend(String)
        /// Its configuration is not right; a clause says why.
        case configuration(String)
        /// The value of an argument cannot be used: what is wrong in few words, and as a sentence.
        case value(String, String)
    }

    /// Its schema, as `terraform providers schema -json` of Terraform 1.11.4 has it, with the rules of the backends there are.
    static func schema(checking check: @escaping BackendCheck) -> Schema {
        Schema(
            block: BlockSchema(attributes: [
                AttributeSchema("backend", .string, .required),
                AttributeSchema("config", .dynamic, .optional),
                AttributeSchema("defaults", .dynamic, .optional),
                AttributeSchema("outputs", .dynamic, .computed),
                AttributeSchema("workspace", .string, .optional),
            ]), checking: { problems(with: $0, check) })
    }

    private static func problems(with arguments: Value, _ check: BackendCheck) -> [ArgumentProblem] {
        guard let fields = arguments.fields else { return [] }
        let (defaults, configuration) = (fields["defaults"] ?? .null(.dynamic), fields["config"] ?? .null(.dynamic))
        var problems: [ArgumentProblem] = []
        if let name = fields["backend"]?.string {
            func problem(_ argument: String, _ detail: String) -> ArgumentProblem {
                ArgumentProblem(argument, "Invalid backend configuration", detail)
            }
            func unsuitable(_ clause: String) -> ArgumentProblem {
                problem("config", "The given configuration is not valid for backend \"\(name)\": \(clause).")
            }
            switch check(name, configuration) {
            case .backend(let sentence): problems.append(problem("backend", sentence))
            case _ where !configuration.isObjectOrNothing: problems.append(unsuitable("an object is required"))
            case .configuration(let clause): problems.append(unsuitable(clause))
            case .value(let summary, let sentence): problems.append(ArgumentProblem(nil, summary, sentence))
            case nil: break
            }
        }
        if !defaults.isObjectOrNothing {
            problems.append(
                ArgumentProblem(
                    "defaults", "Invalid default values", "Defaults must be given in an object value."))
        }
        return problems
    }

    /// The object with the output values that the state has, and where it has none the defaults.
    ///
    /// Those that are sensitive there are sensitive here.
    static func read(_ configuration: Value, with reader: any OutputsReader) async throws(Diagnostic) -> Value {
        guard let fields = configuration.fields, let backend = fields["backend"]?.string else { return configuration }
        var arguments = BackendBlock(type: backend)
        if let problem = arguments.add(fields["config"]?.withoutMarks([.sensitive, .secret]) ?? .null(.dynamic)) {
            throw .error("Invalid backend configuration", problem)
        }
        let workspace = fields["workspace"]?.string ?? ""
        let found = try await reader.outputs(
            of: backend, arguments.arguments, workspace: workspace.isEmpty ? "default" : workspace)
        guard let found else {
            var missing = Diagnostic.error(
                "Unable to find remote state",
                "No stored state was found for the given workspace in the given backend.")
            missing.argument = "workspace"
            throw missing
        }
        var outputs: [String: Value] = [:]
        let defaults = fields["defaults"]
        if let given = defaults?.fields {
            for (name, value) in zip(given.names, given.values) {
                outputs[name] = value.withMarks(defaults?.marks ?? [])
            }
        }
        for (name, output) in found { outputs[name] = OutputCoding.value(output) }
        return Value(.object(fields.replacing("outputs", with: .object(outputs))), marks: configuration.marks)
    }
}

extension Value {
    /// Whether it is an object or a map, null, or not known.
    fileprivate var isObjectOrNothing: Bool { fields != nil || isNull || isUnknown }
}
