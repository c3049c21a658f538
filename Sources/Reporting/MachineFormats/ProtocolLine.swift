package import Configuring
package import JSON
package import Planning
import Values

/// A line that tells a program what a run does: Terraform's protocol, version 1.2.
package struct ProtocolLine: Sendable {
    /// How much it matters.
    package enum Level: String, Sendable {
        /// It is told as things go.
        case info
        /// The user should know.
        case warn
        /// The command fails.
        case error
    }

    private let level: Level
    private let message: String
    private let type: String
    private let members: JSONObject

    /// Makes a line of a type, with the members that only lines of this type have.
    package init(_ type: String, _ message: String, _ members: JSONObject, level: Level = .info) {
        self.level = level
        self.message = message
        self.type = type
        self.members = members
    }

    /// The line's text, as it is written at a time.
    package func text(at timestamp: String) -> String {
        var all = members.map { ($0.key, $0.value) }
        all += [("type", .string(type))]
        let head: [(String, JSONValue)] = [
            ("@level", .string(level.rawValue)), ("@message", .string(message)), ("@module", "terraform.ui"),
            ("@timestamp", .string(timestamp)),
        ]
        return JSONValue.object(JSONObject(head + all.sorted { $0.0 < $1.0 })).text(.compact)
    }

    /// The first line: which versions speak.
    package static func version(of program: String) -> ProtocolLine {
        ProtocolLine(
            "version", "flinkform \(program)", ["terraform": .string(State.terraformVersion), "ui": "1.2"])
    }

    // MARK: - Plans

    /// What a plan says: what it found changed, what it does, how much, and what becomes of the outputs.
    package static func plan(_ plan: Plan) -> [ProtocolLine] {
        var lines = plan.drift.map { change in
            ProtocolLine(
                "resource_drift", "\(change.address): Drift detected (\(word(of: change)))",
                ["change": .object(changeMembers(change))])
        }
        lines += changes(of: plan)
        lines.append(summary(PlanCounts(plan), .plan))
        if !plan.outputs.isEmpty { lines.append(outputs(of: plan)) }
        return lines
    }

    /// The changes of a plan.
    ///
    /// Of a saved one, as in Terraform, without what only moves.
    package static func changes(of plan: Plan, isSaved: Bool = false) -> [ProtocolLine] {
        plan.changes.filter {
            $0.action != .noOp || $0.importing != nil || ($0.previous != nil && !isSaved)
        }.map { change in
            ProtocolLine(
                "planned_change", "\(change.address): Plan to \(word(of: change))",
                ["change": .object(changeMembers(change))])
        }
    }

    /// What a change is called that is not only one of values.
    private static func word(of change: Change) -> String {
        guard change.action == .noOp else { return change.action.word }
        if change.importing != nil { return "import" }
        return change.previous != nil ? "move" : change.action.word
    }

    private static func changeMembers(_ change: Change) -> JSONObject {
        var object: JSONObject = ["resource": change.address.protocolJSON]
        if let previous = change.previous { object["previous_resource"] = previous.protocolJSON }
        object["action"] = .string(word(of: change))
        if let reason = change.reason { object["reason"] = .string(reason.word) }
        if let id = change.importing { object["importing"] = ["id": .string(id)] }
        if let text = change.generated { object["generated_config"] = .string(text) }
        return object
    }

    private static func outputs(of plan: Plan) -> ProtocolLine {
        let outputs = plan.outputs.map { change -> (String, JSONValue) in
            (change.name, ["sensitive": .bool(change.isSensitive), "action": .string(change.action.word)])
        }
        return ProtocolLine("outputs", "Outputs: \(outputs.count)", ["outputs": .object(JSONObject(outputs))])
    }

    // MARK: - The end

    /// What a summary is of.
    package enum Operation: String, Sendable {
        /// A plan.
        case plan
        /// What an apply did.
        case apply
        /// What a destroy did.
        case destroy
    }

    /// How many objects are changed, or were.
    package static func summary(_ counts: PlanCounts, _ operation: Operation) -> ProtocolLine {
        let message =
            switch operation {
            case .plan: "Plan: \(counts.planned)"
            case .apply: "Apply complete! Resources: \(counts.done)"
            case .destroy: "Destroy complete! Resources: \(counts.destroy) destroyed."
            }
        func number(_ count: Int) -> JSONValue { .number(JSONNumber(count)) }
        return ProtocolLine(
            "change_summary", message,
            [
                "changes": [
                    "add": number(counts.add), "change": number(counts.change), "import": number(counts.imported),
                    "remove": number(counts.destroy), "operation": .string(operation.rawValue),
                ]
            ])
    }

    /// The output values of a state; those of sensitive ones are not told.
    package static func outputs(of state: State) -> ProtocolLine {
        let outputs = state.outputs.sorted { $0.key < $1.key }.map { name, output -> (String, JSONValue) in
            var object: JSONObject = ["sensitive": .bool(output.isSensitive), "type": output.type]
            if !output.isSensitive { object["value"] = output.value }
            return (name, .object(object))
        }
        return ProtocolLine("outputs", "Outputs: \(outputs.count)", ["outputs": .object(JSONObject(outputs))])
    }

    // MARK: - Diagnostics

    /// A problem, as `DiagnosticRenderer` has it in JSON.
    package static func diagnostic(_ json: JSONValue) -> ProtocolLine {
        let isError = json["severity"]?.string == "error"
        return ProtocolLine(
            "diagnostic", "\(isError ? "Error" : "Warning"): \(json["summary"]?.string ?? "")", ["diagnostic": json],
            level: isError ? .error : .warn)
    }

    // MARK: - Hooks

    /// What is done to an object.
    package enum Hook: String, Sendable {
        /// It is made.
        case create
        /// A data source is read.
        case read
        /// It is changed in place.
        case update
        /// It is destroyed.
        case delete

        fileprivate var words: (begins: String, goesOn: String, ends: String) {
            switch self {
            case .create: ("Creating", "creating", "Creation")
            case .read: ("Refreshing", "refreshing", "Refresh")
            case .update: ("Modifying", "modifying", "Modifications")
            case .delete: ("Destroying", "destroying", "Destruction")
            }
        }
    }

    /// Something begins.
    package static func started(_ address: InstanceAddress, _ hook: Hook, id: String?) -> ProtocolLine {
        let remark = id.map { " [id=\($0)]" } ?? ""
        return applying("start", "\(hook.words.begins)...\(remark)", address, hook, id: id, nil)
    }

    /// Something goes on.
    package static func progressed(_ address: InstanceAddress, _ hook: Hook, _ elapsed: Duration) -> ProtocolLine {
        let text = "Still \(hook.words.goesOn)... [\(DurationText.text(elapsed)) elapsed]"
        return applying("progress", text, address, hook, id: nil, elapsed)
    }

    /// Something ended well.
    package static func finished(
        _ address: InstanceAddress, _ hook: Hook, id: String?, _ elapsed: Duration
    ) -> ProtocolLine {
        // What is destroyed has no id any more.
        let id = hook == .delete ? nil : id
        let remark = id.map { " [id=\($0)]" } ?? ""
        let text = "\(hook.words.ends) complete after \(DurationText.text(elapsed))\(remark)"
        return applying("complete", text, address, hook, id: id, elapsed)
    }

    /// Something failed.
    package static func failed(_ address: InstanceAddress, _ hook: Hook, _ elapsed: Duration) -> ProtocolLine {
        let text = "\(hook.words.ends) errored after \(DurationText.text(elapsed))"
        return applying("errored", text, address, hook, id: nil, elapsed)
    }

    private static func applying(
        _ stage: String, _ text: String, _ address: InstanceAddress, _ hook: Hook, id: String?, _ elapsed: Duration?
    ) -> ProtocolLine {
        var object: JSONObject = ["resource": address.protocolJSON, "action": .string(hook.rawValue)]
        if let id {
            object["id_key"] = "id"
            object["id_value"] = .string(id)
        }
        if let elapsed { object["elapsed_seconds"] = .number(JSONNumber(Int(elapsed.components.seconds))) }
        return ProtocolLine("apply_\(stage)", "\(address): \(text)", ["hook": .object(object)])
    }

    /// An object is read again, or was.
    package static func refresh(_ address: InstanceAddress, id: String, isComplete: Bool) -> ProtocolLine {
        ProtocolLine(
            isComplete ? "refresh_complete" : "refresh_start",
            "\(address): \(isComplete ? "Refresh complete" : "Refreshing state...") [id=\(id)]",
            ["hook": ["resource": address.protocolJSON, "id_key": "id", "id_value": .string(id)]])
    }
}

extension InstanceAddress {
    /// The instance as the protocol names it.
    fileprivate var protocolJSON: JSONValue {
        [
            "addr": .string(description), "module": .string(resource.module.description),
            "resource": .string(resource.nameInModule + key.description),
            "implied_provider": .string(String(resource.type.prefix { $0 != "_" })),
            "resource_type": .string(resource.type), "resource_name": .string(resource.name),
            "resource_key": key.json ?? .null,
        ]
    }
}

extension Action {
    /// What the protocol calls it.
    fileprivate var word: String {
        switch self {
        case .noOp: "noop"
        case .forget: "remove"
        case .deleteThenCreate, .createThenDelete: "replace"
        default: rawValue
        }
    }
}

extension ChangeReason {
    /// What the protocol calls it.
    fileprivate var word: String {
        switch rawValue {
        case "replace_because_cannot_update": "cannot_update"
        case "replace_because_tainted": "tainted"
        case "replace_by_request": "requested"
        case "replace_by_triggers": "replace_triggered_by"
        default: rawValue
        }
    }
}
