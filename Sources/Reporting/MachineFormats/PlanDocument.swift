package import Configuring
import JSON
package import Planning
import Values

/// A plan as `show -json` prints it: format 1.2 of Terraform's.
package struct PlanDocument: Sendable {
    private let plan: Plan
    private let configuration: Configuration
    private let catalog: Catalog

    /// Makes the document of a plan.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - configuration: The configuration that it was made of.
    ///   - catalog: The resource types there are.
    package init(_ plan: Plan, _ configuration: Configuration, catalog: Catalog) {
        self.plan = plan
        self.configuration = configuration
        self.catalog = catalog
    }

    /// The document, on one line.
    package var text: String {
        var writer = JSONWriter(.compact)
        writer.beginObject()
        func add(_ key: String, _ value: JSONValue) {
            writer.key(key)
            writer.value(value)
        }
        func add(_ key: String, _ changes: [Change]) {
            guard !changes.isEmpty else { return }
            writer.key(key)
            writer.beginArray()
            for change in changes { writer.value(json(change)) }
            writer.endArray()
        }
        add("format_version", "1.2")
        add("terraform_version", .string(State.terraformVersion))
        if !configuration.variables.isEmpty { add("variables", variables) }
        writer.key("planned_values")
        writePlannedValues(into: &writer)
        add("resource_drift", plan.drift)
        add("resource_changes", plan.changes)
        if !plan.outputs.isEmpty { add("output_changes", outputChanges) }
        let prior = StateDocument(priorState, catalog: catalog)
        if !prior.isEmpty {
            writer.key("prior_state")
            prior.write(into: &writer, withChecks: false)
        }
        add("configuration", ConfigurationDocument(configuration, catalog: catalog).json)
        if let attributes = RelevantAttributes(plan, configuration).json { add("relevant_attributes", attributes) }
        if let checks = plan.checks.json.flatMap(CheckDocument.json) { add("checks", checks) }
        add("timestamp", .string(plan.timestamp))
        add("applyable", .bool(plan.isApplicable && !plan.isErrored))
        add("complete", .bool(!plan.isPartial && !plan.isErrored))
        add("errored", .bool(plan.isErrored))
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The root module's variables; the value of a sensitive one that was set from outside is in no plan.
    private var variables: JSONValue {
        .object(
            JSONObject(
                configuration.variables.sorted { $0.key < $1.key }.map { name, variable in
                    let isHeldBack = plan.sensitiveVariables.contains(name)
                    let value =
                        plan.variablesGiven[name] ?? plan.variables[name] ?? (isHeldBack ? nil : variable.defaultValue)
                    return (name, value.flatMap(ValueMirror.known).map { ["value": $0] } ?? [:])
                }))
    }

    /// The state before, in which outputs have the values that the plan knew already.
    private var priorState: State {
        var state = plan.state
        guard plan.mode != .destroy else { return state }
        for change in plan.outputs where change.action != .delete && change.after.isWhollyKnown {
            let output = try? OutputCoding.state(
                change.after, isSensitive: configuration.outputs[change.name]?.isSensitive ?? change.isSensitive)
            state.outputs[change.name] = change.after.isNull ? nil : output
        }
        return state
    }

    // MARK: - Planned values

    private func writePlannedValues(into writer: inout JSONWriter) {
        writer.beginObject()
        let outputs = plan.outputs.filter { $0.action != .delete }
        if !outputs.isEmpty {
            writer.key("outputs")
            writer.beginObject()
            for output in outputs {
                var object: JSONObject = ["sensitive": .bool(output.isSensitive)]
                if output.after.isWhollyKnown {
                    object["type"] = output.after.type.json
                    object["value"] = ValueMirror.known(output.after)
                }
                writer.key(output.name)
                writer.value(.object(object))
            }
            writer.endObject()
        }
        writer.key("root_module")
        let resources = plan.changes.filter { $0.action != .delete && $0.deposed == nil }.map { change in
            ResourceDocument(
                address: change.address, provider: source(of: change.provider),
                schemaVersion: catalog.schema(for: change.address.resource)?.version ?? 0, value: change.after)
        }
        // As texts, so that `[10]` comes before `[2]`.
        let sorted = resources.map { (name: $0.address.description, resource: $0) }.sorted { $0.name < $1.name }
        ModuleDocument(sorted.map(\.resource)).write(into: &writer)
        writer.endObject()
    }

    private func source(of provider: String) -> String { catalog.provider(of: provider)?.source ?? provider }

    // MARK: - Changes

    private func json(_ change: Change) -> JSONValue {
        let address = change.address
        var object = JSONObject()
        for (key, value) in address.identity {
            object[key] = value
            if key == "address", let previous = change.previous {
                object["previous_address"] = .string(previous.description)
            }
            if key == "address", !address.resource.module.isRoot {
                object["module_address"] = .string(address.resource.module.description)
            }
        }
        object["provider_name"] = .string(source(of: change.provider))
        if let deposed = change.deposed { object["deposed"] = .string(deposed) }
        var inner = Self.difference(change.action, change.before, change.after)
        inner["after_unknown"] = change.after.isWhollyKnown ? [:] : ValueMirror.unknown(change.after)
        inner["before_sensitive"] = ValueMirror.sensitive(change.before)
        inner["after_sensitive"] = ValueMirror.sensitive(change.after)
        if !change.replacePaths.isEmpty { inner["replace_paths"] = .array(change.replacePaths.map(Self.json)) }
        if let id = change.importing { inner["importing"] = ["id": .string(id)] }
        if let text = change.generated { inner["generated_config"] = .string(text) }
        object["change"] = .object(inner)
        if let reason = change.reason { object["action_reason"] = .string(reason.rawValue) }
        return .object(object)
    }

    private var outputChanges: JSONValue {
        .object(
            JSONObject(
                plan.outputs.map { change in
                    var object = Self.difference(change.action, change.before, change.after)
                    object["after_unknown"] =
                        change.after.isWhollyKnown ? false : ValueMirror.unknown(change.after)
                    object["before_sensitive"] = .bool(change.isSensitive)
                    object["after_sensitive"] = .bool(change.isSensitive)
                    return (change.name, .object(object))
                }))
    }

    /// The members that all changes have.
    private static func difference(_ action: Action, _ before: Value, _ after: Value) -> JSONObject {
        var object: JSONObject = ["actions": .array(action.words.map { .string($0) })]
        object["before"] = ValueMirror.known(before)
        object["after"] = ValueMirror.known(after)
        return object
    }

    private static func json(_ path: ValuePath) -> JSONValue {
        .array(
            path.steps.map { step in
                switch step {
                case .attribute(let name): .string(name)
                case .index(let key): ValueMirror.known(key) ?? .null
                }
            })
    }
}

extension Action {
    /// The actions that it consists of, as plans spell them.
    fileprivate var words: [String] {
        switch self {
        case .deleteThenCreate: ["delete", "create"]
        case .createThenDelete: ["create", "delete"]
        default: [rawValue]
        }
    }
}
