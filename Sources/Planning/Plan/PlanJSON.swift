import Configuring
import JSON
import Values

/// Why a plan file cannot be read.
package enum PlanFileError: Error, Hashable, Sendable {
    /// It is not a plan of this tool, or it is damaged.
    case malformed
    /// It is of another version of the format.
    case version
}

/// Plans as JSON: what `-out` writes. Self-contained, and without any secret.
extension Plan {
    private static let format = "flinkform plan 2"
    /// What a file of this version begins with.
    private static let head = Array("{\"format\":\"\(format)\"".utf8)

    /// Whether a file looks like a plan, of whatever version.
    package static func isPlan(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: Array(#"{"format":"flinkform plan "#.utf8))
    }

    /// The plan's bytes.
    package func fileBytes() -> [UInt8] {
        var object: JSONObject = ["format": .string(Self.format), "mode": .string(mode.rawValue)]
        object["lineage"] = .string(lineage)
        if isPartial { object["partial"] = true }
        if recordsAnew { object["records_anew"] = true }
        if isErrored { object["errored"] = true }
        if let checks = checks.json { object["checks"] = checks }
        if workspace != "default" { object["workspace"] = .string(workspace) }
        object["serial"] = .number(JSONNumber(serial))
        object["timestamp"] = .string(timestamp)
        object["origin"] = origin?.json ?? .null
        object["places"] = .object(JSONObject(places.sorted { $0.key < $1.key }.map { ($0, $1.json) }))
        object["sources"] = .array(sources.map { ["name": .string($0.name), "text": .string($0.text)] })
        object["variables"] = .object(
            JSONObject(variables.sorted { $0.key < $1.key }.map { ($0, ValueCoding.json($1)) }))
        if !variablesGiven.isEmpty {
            object["variables_given"] = .object(
                JSONObject(variablesGiven.sorted { $0.key < $1.key }.map { ($0, ValueCoding.json($1)) }))
        }
        object["sensitive_variables"] = .array(sensitiveVariables.map { .string($0) })
        if !moves.isEmpty { object["moves"] = .array(moves.map(\.json)) }
        object["drift"] = .array(drift.map(\.json))
        object["changes"] = .array(changes.map(\.json))
        object["outputs"] = .array(outputs.map(\.json))
        object["steps"] = .array(steps.map(\.json))
        object["look_alikes"] = .array(
            lookAlikes.map { ["address": $0.address.json, "import_id": .string($0.importID)] })
        var writer = JSONWriter(.compact)
        writer.beginObject()
        for (key, value) in object {
            writer.key(key)
            writer.value(value)
        }
        writer.key("state")
        state.write(into: &writer)
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    /// Reads a plan file.
    package init(fileBytes: [UInt8]) throws(PlanFileError) {
        guard fileBytes.starts(with: Self.head) else { throw Self.isPlan(fileBytes) ? .version : .malformed }
        guard let json = try? JSONValue(parsing: fileBytes) else { throw .malformed }
        func all<T>(_ key: String, _ read: (JSONValue) -> T?) throws(PlanFileError) -> [T] {
            guard let items = json[key]?.array else { throw .malformed }
            let result = items.compactMap(read)
            guard result.count == items.count else { throw .malformed }
            return result
        }
        guard let mode = json["mode"]?.string.flatMap(Mode.init(rawValue:)), let lineage = json["lineage"]?.string,
            let serial = json["serial"]?.int, let stateJSON = json["state"],
            let state = try? State(json: stateJSON), let given = json["variables"]?.object
        else { throw .malformed }
        var variables: [String: Value] = [:]
        for (name, member) in given {
            guard let value = ValueCoding.value(member) else { throw .malformed }
            variables[name] = value
        }
        var places: [String: Origin] = [:]
        for (name, place) in json["places"]?.object ?? JSONObject() { places[name] = Origin(json: place) }
        self.init(
            mode: mode, lineage: lineage, serial: serial, origin: json["origin"].flatMap(Origin.init(json:)),
            places: places,
            sources: try all("sources") { source in
                guard let name = source["name"]?.string, let text = source["text"]?.string else { return nil }
                return Source(name: name, text: text)
            },
            variables: variables, sensitiveVariables: try all("sensitive_variables", \.string), state: state,
            drift: try all("drift", Change.init(json:)), changes: try all("changes", Change.init(json:)),
            outputs: try all("outputs", OutputChange.init(json:)), steps: try all("steps", Step.init(json:)),
            lookAlikes: try all("look_alikes") { item in
                guard let address = item["address"].flatMap(InstanceAddress.init(json:)),
                    let id = item["import_id"]?.string
                else { return nil }
                return LookAlike(address: address, importID: id)
            })
        if json["moves"] != nil {
            moves = try all("moves", Move.init(json:))
        }
        isPartial = json["partial"]?.bool ?? false
        recordsAnew = json["records_anew"]?.bool ?? false
        for (name, member) in json["variables_given"]?.object ?? [:] {
            variablesGiven[name] = ValueCoding.value(member)
        }
        isErrored = json["errored"]?.bool ?? false
        checks = CheckResults(json: json["checks"] ?? .null)
        workspace = json["workspace"]?.string ?? "default"
        timestamp = json["timestamp"]?.string ?? ""
        guard isSound else { throw .malformed }
    }

    /// Whether every position that a step names is there, and smaller than its own where that is due.
    private var isSound: Bool {
        steps.enumerated().allSatisfy { index, step in
            guard step.waits.allSatisfy({ (0..<index).contains($0) }) else { return false }
            switch step.work {
            case .read(let change), .update(let change), .delete(let change), .forget(let change),
                .create(let change, _):
                return changes.indices.contains(change)
            case .settle, .gather, .outputs: return true
            }
        }
    }
}

extension Change {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "address": address.json, "provider": .string(provider), "action": .string(action.rawValue),
        ]
        if let deposed { object["deposed"] = .string(deposed) }
        if let importing { object["importing"] = .string(importing) }
        if let previous { object["previous"] = previous.json }
        if let generated { object["generated"] = .string(generated) }
        if let reason { object["reason"] = .string(reason.rawValue) }
        object["before"] = ValueCoding.json(before)
        if action == .noOp, before == after { object["same"] = true } else { object["after"] = ValueCoding.json(after) }
        if !replacePaths.isEmpty {
            object["replace_paths"] = .array(
                replacePaths.map { path in
                    .array(
                        path.steps.map { step in
                            switch step {
                            case .attribute(let name): .string(name)
                            case .index(let key): .array([ValueCoding.json(key)])
                            }
                        })
                })
        }
        if isConfigurationUnknown { object["open"] = true }
        if !dependencies.isEmpty { object["dependencies"] = .array(dependencies.map { InstanceAddress($0).json }) }
        if createBeforeDestroy { object["create_before_destroy"] = true }
        return .object(object)
    }

    fileprivate init?(json: JSONValue) {
        guard let address = json["address"].flatMap(InstanceAddress.init(json:)),
            let provider = json["provider"]?.string,
            let action = json["action"]?.string.flatMap(Action.init(rawValue:)),
            let before = json["before"].flatMap(ValueCoding.value)
        else { return nil }
        guard let after = json["same"]?.bool == true ? before : json["after"].flatMap(ValueCoding.value) else {
            return nil
        }
        let paths = (json["replace_paths"]?.array ?? []).map { path in
            ValuePath(
                (path.array ?? []).compactMap { step -> PathStep? in
                    if let name = step.string { return .attribute(name) }
                    return step.array?.first.flatMap(ValueCoding.value).map { .index($0) }
                })
        }
        self.init(
            address: address, deposed: json["deposed"]?.string, provider: provider, action: action,
            reason: json["reason"]?.string.flatMap(ChangeReason.init(rawValue:)), before: before, after: after,
            replacePaths: paths, isConfigurationUnknown: json["open"]?.bool ?? false,
            dependencies: (json["dependencies"]?.array ?? []).compactMap { InstanceAddress(json: $0)?.resource },
            createBeforeDestroy: json["create_before_destroy"]?.bool ?? false)
        importing = json["importing"]?.string
        generated = json["generated"]?.string
        previous = json["previous"].flatMap(InstanceAddress.init(json:))
    }
}

extension OutputChange {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "action": .string(action.rawValue), "before": ValueCoding.json(before),
            "after": ValueCoding.json(after), "sensitive": .bool(isSensitive),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let name = json["name"]?.string, let action = json["action"]?.string.flatMap(Action.init(rawValue:)),
            let before = json["before"].flatMap(ValueCoding.value), let after = json["after"].flatMap(ValueCoding.value)
        else { return nil }
        self.init(
            name: name, action: action, before: before, after: after, isSensitive: json["sensitive"]?.bool ?? true)
    }
}

extension Step {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        func name(_ word: String, _ change: Int) {
            object["work"] = .string(word)
            object["change"] = .number(JSONNumber(change))
        }
        switch work {
        case .settle(let settlement):
            object["work"] = "settle"
            object["intent"] = settlement.intent.json
            switch settlement {
            case .finish(_, let id): object["finish"] = .string(id)
            case .discard(_, let ids): object["discard"] = .array(ids.map { .string($0) })
            case .gone(_, let id): object["gone"] = .string(id)
            case .watch: object["watch"] = true
            case .drop: object["drop"] = true
            }
        case .read(let change): name("read", change)
        case .create(let change, let deposing):
            name("create", change)
            if deposing { object["deposing"] = true }
        case .update(let change): name("update", change)
        case .delete(let change): name("delete", change)
        case .forget(let change): name("forget", change)
        case .gather(let resource, let gathering):
            object["work"] = "gather"
            object["resource"] = InstanceAddress(resource).json
            object["gathering"] = .string(gathering.rawValue)
        case .outputs: object["work"] = "outputs"
        }
        if !waits.isEmpty { object["waits"] = .array(waits.map { .number(JSONNumber($0)) }) }
        return .object(object)
    }

    fileprivate init?(json: JSONValue) {
        let waits = (json["waits"]?.array ?? []).compactMap(\.int)
        guard waits.count == json["waits"]?.array?.count ?? 0, let work = Self.work(json) else { return nil }
        self.init(work, waits: waits)
    }

    private static func work(_ json: JSONValue) -> Work? {
        let change = json["change"]?.int
        switch json["work"]?.string {
        case "settle":
            guard let intent = json["intent"].flatMap(Intent.init(json:)) else { return nil }
            if let id = json["finish"]?.string { return .settle(.finish(intent, id: id)) }
            if let id = json["gone"]?.string { return .settle(.gone(intent, id: id)) }
            if let ids = json["discard"]?.array { return .settle(.discard(intent, ids: ids.compactMap(\.string))) }
            return .settle(json["drop"]?.bool == true ? .drop(intent) : .watch(intent))
        case "read": return change.map { .read(change: $0) }
        case "create": return change.map { .create(change: $0, deposing: json["deposing"]?.bool ?? false) }
        case "update": return change.map { .update(change: $0) }
        case "delete": return change.map { .delete(change: $0) }
        case "forget": return change.map { .forget(change: $0) }
        case "gather":
            guard let address = json["resource"].flatMap(InstanceAddress.init(json:)),
                let gathering = json["gathering"]?.string.flatMap(Gathering.init(rawValue:))
            else { return nil }
            return .gather(address.resource, gathering)
        case "outputs": return .outputs
        default: return nil
        }
    }
}
