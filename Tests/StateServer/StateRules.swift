import JSON

/// What a server for states does with requests: those of GitLab below `/gitlab/`, those of the protocol's own description below
/// `/plain/`.
///
/// GitLab's are those of its API `projects/:id/terraform/state/:name`: a version for each serial, none twice; writes under the id of
/// the lock alone; a refused lock is told with the id, user and time of the holder, and the rest of what was asked.
actor StateRules {
    /// A request.
    struct Call {
        var method: String
        var path: String
        /// The parameter `ID`; nil when there is none.
        var id: String?
        var body: [UInt8]
    }

    /// An answer.
    struct Reply {
        var status: Int
        var body: [UInt8] = []
    }

    private struct Entry {
        var versions: [(serial: Int, bytes: [UInt8])] = []
        /// What the lock was asked for with; nil when nobody has it.
        var lock: JSONObject?
        var bytes: [UInt8]? { versions.last?.bytes }
        var id: String? { lock?["ID"]?.string }
    }

    private var entries: [String: Entry] = [:]

    /// Answers one request after the other.
    func answer(_ call: Call) -> Reply {
        if call.path.hasPrefix("/gitlab/") {
            let isLock = call.path.hasSuffix("/lock")
            let name = isLock ? String(call.path.dropLast("/lock".count)) : call.path
            return isLock ? lock(call, name) : document(call, name)
        }
        return call.path.hasPrefix("/plain/") ? plain(call) : Reply(status: 404)
    }

    // MARK: - GitLab

    private func document(_ call: Call, _ name: String) -> Reply {
        switch call.method {
        case "GET":
            guard let entry = entries[name] else { return Reply(status: 404) }
            return entry.bytes.map { Reply(status: 200, body: $0) } ?? Reply(status: 204)
        case "POST":
            if call.body.isEmpty { return Reply(status: 204) }
            let entry = entries[name] ?? Entry()
            guard entry.id == call.id else { return Reply(status: 409) }
            guard let serial = (try? JSONValue(parsing: call.body))?["serial"]?.int else { return Reply(status: 400) }
            if entry.versions.contains(where: { $0.serial == serial }) {
                return Reply(status: 422, body: Array(#"{"message":"Version has already been taken"}"#.utf8))
            }
            entries[name, default: Entry()].versions.append((serial, call.body))
            return Reply(status: 200)
        default: return Reply(status: 405)
        }
    }

    private func lock(_ call: Call, _ name: String) -> Reply {
        let asked = (try? JSONValue(parsing: call.body))?.object
        switch call.method {
        case "POST":
            let needed = ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"]
            guard let asked, needed.allSatisfy({ asked[$0]?.string != nil }) else { return Reply(status: 400) }
            let held = entries[name]?.lock
            if held == nil { entries[name, default: Entry()].lock = asked }
            var told = asked
            for member in ["ID", "Who", "Created"] { told[member] = held?[member] ?? asked[member] }
            return Reply(status: held == nil ? 200 : 409, body: JSONValue.object(told).bytes(.compact))
        case "DELETE":
            if let id = asked?["ID"]?.string, id != entries[name]?.id { return Reply(status: 409) }
            entries[name]?.lock = nil
            return Reply(status: 200)
        default: return Reply(status: 405)
        }
    }

    // MARK: - The protocol's own description

    private func plain(_ call: Call) -> Reply {
        let entry = entries[call.path] ?? Entry()
        let asked = (try? JSONValue(parsing: call.body))?.object
        switch call.method {
        case "GET": return entry.bytes.map { Reply(status: 200, body: $0) } ?? Reply(status: 404)
        case "POST":
            if entry.lock != nil, entry.id != call.id { return locked(entry) }
            entries[call.path, default: Entry()].versions = [(0, call.body)]
            return Reply(status: 200)
        case "LOCK":
            if entry.lock != nil { return locked(entry) }
            entries[call.path, default: Entry()].lock = asked
            return Reply(status: 200)
        case "UNLOCK":
            // Terraform's force-unlock sends nothing.
            if let id = asked?["ID"]?.string, id != entry.id { return locked(entry) }
            entries[call.path]?.lock = nil
            return Reply(status: 200)
        default: return Reply(status: 405)
        }
    }

    private func locked(_ entry: Entry) -> Reply {
        Reply(status: 423, body: entry.lock.map { JSONValue.object($0).bytes(.compact) } ?? [])
    }
}
