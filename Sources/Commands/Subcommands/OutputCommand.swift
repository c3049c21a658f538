import ArgumentParser
import Diagnostics
import JSON
import Planning
import Reporting
import Values

/// `flinkform output`.
struct OutputCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "output", abstract: "Show output values.",
        discussion:
            "Sensitive values are hidden, except with -json and -raw, which print secrets from the secret store in clear."
    )

    @OptionGroup var variables: VariableOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var file: StateFileOptions
    @Flag(name: .both("json"), help: "Print JSON; sensitive values in clear.")
    var json = false
    @Flag(
        name: .both("raw"),
        help: "Print one string, number or bool as it is, without a newline; sensitive ones in clear.")
    var raw = false
    @Argument(help: "The name of one output.")
    var name: String?

    func run(_ invocation: Invocation) async throws -> Int32 {
        guard !(json && raw) else {
            throw Problems(
                ofUsage: .error("Invalid output format", "The -raw and -json options are mutually-exclusive."))
        }
        guard !raw || name != nil else {
            throw Problems(
                ofUsage: .error(
                    "Output name required",
                    "You must give the name of a single output value when using the -raw option."))
        }
        guard let state = try await file.state(invocation), !state.outputs.isEmpty else {
            if json, let name { throw Problems(.noOutput(name)) }
            if json { invocation.terminal.write("{}\n") } else { Problems(.noOutputs).show(invocation) }
            return 0
        }
        if let name, state.outputs[name] == nil { throw Problems(.noOutput(name)) }
        guard json || raw else {
            show(state, invocation)
            return 0
        }
        let values = try await Session.clearOutputs(of: state, invocation, variables)
        if raw, let name, let value = values[name] {
            try printRaw(name, value, invocation)
        } else {
            try printJSON(values, state, invocation)
        }
        return 0
    }

    private func show(_ state: State, _ invocation: Invocation) {
        if let name, let output = state.outputs[name] {
            // A null in a sensitive output may stand for a secret; secrets leave by -raw and -json only.
            let mayHaveSecret = output.isSensitive && output.value.holdsNull
            let text =
                mayHaveSecret ? "<sensitive>  # flinkform output -raw \(name) prints it" : OutputText.text(output)
            invocation.terminal.write(text + "\n")
            return
        }
        invocation.terminal.write(OutputText.lines(state.outputs).joined(separator: "\n") + "\n")
    }

    private func printRaw(_ name: String, _ value: Value, _ invocation: Invocation) throws {
        if value.isNull || !value.isWhollyKnown { throw Problems(.notKnown(name)) }
        guard let text = try? value.converted(to: .string).string else {
            throw Problems(
                .error(
                    "Unsupported value for raw output",
                    "The -raw option only supports strings, numbers, and boolean values, but output value \"\(name)\" is \(value.type.friendlyName).\n\nUse the -json option for machine-readable representations of output values that have complex types."
                ))
        }
        invocation.terminal.write(text)
    }

    private func printJSON(_ values: [String: Value], _ state: State, _ invocation: Invocation) throws {
        func json(_ value: Value) throws -> JSONValue { try value.withoutMarks([.sensitive, .secret]).json() }
        var missing: [String] = []
        var object = JSONObject()
        for (key, output) in state.outputs.sorted(by: { $0.key < $1.key }) {
            let value = values[key] ?? .null(.dynamic)
            if output.isSensitive, value.isNull { missing.append(key) }
            object[key] = ["sensitive": .bool(output.isSensitive), "type": output.type, "value": try json(value)]
        }
        if let name, let value = values[name] {
            invocation.terminal.write(try json(value).text(.compact) + "\n")
            missing = missing.filter { $0 == name }
        } else {
            invocation.terminal.write(JSONValue.object(object).text(.indented) + "\n")
        }
        for name in missing {
            invocation.terminal.writeError("Warning: the value of output \"\(name)\" is not known: it is null here.\n")
        }
    }
}

extension Diagnostic {
    fileprivate static var noOutputs: Diagnostic {
        .warning(
            "No outputs found",
            "The state file either has no outputs defined, or all the defined outputs are empty. Please define an output in your configuration with the `output` keyword and run `flinkform refresh` for it to become available. If you are using interpolation, please verify the interpolated value is not empty. You can use the `flinkform console` command to assist."
        )
    }

    fileprivate static func noOutput(_ name: String) -> Diagnostic {
        .error(
            "Output \"\(VisibleText.escaped(name))\" not found",
            "The output variable requested could not be found in the state file. If you recently added this to your configuration, be sure to run `flinkform apply`, since the state won't be updated with new output variables until that command is run."
        )
    }

    fileprivate static func notKnown(_ name: String) -> Diagnostic {
        .error(
            "Secret is not known",
            "The value of output \"\(VisibleText.escaped(name))\" is not known: the key was imported without its secret, or the secret store does not have it. Give it with \"flinkform secret set\", or replace the key: flinkform apply -replace=ADDRESS"
        )
    }
}
