import JSON

/// Results of conditions as the machine formats show them, made of those that a state keeps.
enum CheckDocument {
    /// The results; nil when there are none.
    static func json(_ results: JSONValue) -> JSONValue? {
        guard let results = results.array, !results.isEmpty else { return nil }
        let shown = results.compactMap(result).sorted { $0.name < $1.name }
        return .array(shown.map(\.json))
    }

    private static func result(_ result: JSONValue) -> (name: String, json: JSONValue)? {
        guard let kind = result["object_kind"]?.string, let text = result["config_addr"]?.string,
            let address = address(text, kind)
        else { return nil }
        var object: JSONObject = ["address": .object(address)]
        object["status"] = result["status"] ?? "unknown"
        let instances = (result["objects"]?.array ?? []).compactMap { instance($0, kind) }.sorted { $0.name < $1.name }
        if !instances.isEmpty { object["instances"] = .array(instances.map(\.json)) }
        return (text, .object(object))
    }

    private static func instance(_ object: JSONValue, _ kind: String) -> (name: String, json: JSONValue)? {
        guard let text = object["object_addr"]?.string else { return nil }
        let (module, rest) = parts(text)
        var address = JSONObject()
        if let key = key(of: rest), kind == "resource" { address["instance_key"] = key }
        if !module.isEmpty { address["module"] = .string(module) }
        address["to_display"] = .string(text)
        var result: JSONObject = ["address": .object(address)]
        result["status"] = object["status"] ?? "unknown"
        if let messages = object["failure_messages"]?.array, !messages.isEmpty {
            result["problems"] = .array(messages.map { ["message": $0] })
        }
        return (text, .object(result))
    }

    /// The address of what the conditions are of, in its parts.
    private static func address(_ text: String, _ kind: String) -> JSONObject? {
        let (module, rest) = parts(text)
        var object: JSONObject = ["kind": .string(kind == "output" ? "output_value" : kind)]
        var names = rest.split(separator: ".").map(String.init)
        switch kind {
        case "resource":
            let isData = names.first == "data"
            if isData { names.removeFirst() }
            guard names.count == 2 else { return nil }
            object["mode"] = isData ? "data" : "managed"
            if !module.isEmpty { object["module"] = .string(module) }
            object["name"] = .string(names[1])
            object["to_display"] = .string(text)
            object["type"] = .string(names[0])
        default:
            guard names.count == 2 else { return nil }
            if !module.isEmpty { object["module"] = .string(module) }
            object["name"] = .string(names[1])
            object["to_display"] = .string(text)
        }
        return object
    }

    /// The module of an address, and what is behind it; keys may have dots in them.
    private static func parts(_ text: String) -> (module: String, rest: String) {
        var isQuoted = false
        var isEscaped = false
        var steps: [Substring] = []
        var start = text.startIndex
        for index in text.indices {
            if text[index] == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = text[index] == "\\" && !isEscaped
            guard text[index] == ".", !isQuoted else { continue }
            steps.append(text[start..<index])
            start = text.index(after: index)
        }
        steps.append(text[start...])
        var count = 0
        while count + 1 < steps.count, steps[count] == "module" { count += 2 }
        return (steps[..<count].joined(separator: "."), steps[count...].joined(separator: "."))
    }

    /// The key at the end of an instance's name; nil when it has none.
    private static func key(of name: String) -> JSONValue? {
        guard name.hasSuffix("]"), let bracket = name.firstIndex(of: "[") else { return nil }
        let text = name[name.index(after: bracket)...].dropLast()
        if let index = Int(text) { return .number(JSONNumber(index)) }
        return (try? JSONValue(parsing: Array(text.utf8)))
    }
}
