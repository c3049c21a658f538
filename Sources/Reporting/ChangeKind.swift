import Configuring
import Planning

/// The kinds of changes that a reader tells apart, what deserves the closest look first.
enum ChangeKind: String, CaseIterable {
    /// An object goes.
    case destroy
    /// An object goes and another takes its place.
    case replace
    /// An object changes in place.
    case update
    /// An object is made.
    case create
    /// An object that exists is taken into the state, and stays as it is.
    case importing = "import"
    /// A data source is read during apply.
    case read
    /// Only the state changes.
    case other

    /// The kind of a change that is shown.
    init(_ change: Change) {
        let action = change.action
        self =
            if action == .delete {
                .destroy
            } else if action.isReplacement {
                .replace
            } else if action == .update {
                .update
            } else if action == .create {
                .create
            } else if action == .read {
                .read
            } else {
                change.importing == nil ? .other : .importing
            }
    }
}

/// How many changes of each kind there are, by resource type.
struct ChangeCounts {
    /// From this number of changes on, a plan says first how many of which kind it has.
    static let overviewMinimum = 100

    /// The types with changes, sorted, and how many of each kind.
    let types: [(name: String, counts: [ChangeKind: Int])]
    /// All types together.
    let total: [ChangeKind: Int]
    /// How many changes there are.
    let count: Int

    /// Counts changes that are shown.
    init(_ changes: [Change]) {
        var byType: [String: [ChangeKind: Int]] = [:]
        var total: [ChangeKind: Int] = [:]
        for change in changes {
            let resource = change.address.resource
            let kind = ChangeKind(change)
            byType[resource.mode == .data ? "data.\(resource.type)" : resource.type, default: [:]][kind, default: 0] +=
                1
            total[kind, default: 0] += 1
        }
        types = byType.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        self.total = total
        count = changes.count
    }

    /// The kinds that there are changes of.
    var kinds: [ChangeKind] { ChangeKind.allCases.filter { total[$0] != nil } }

    /// A table of types and kinds, for a plan that is too long to be counted by its reader; nil for any other.
    var overview: String? {
        guard count >= Self.overviewMinimum else { return nil }
        var rows = types.map { row in [row.name] + kinds.map { String(row.counts[$0] ?? 0) } }
        if types.count > 1 { rows.append(["all"] + kinds.map { String(total[$0] ?? 0) }) }
        rows.insert([""] + kinds.map(\.rawValue), at: 0)
        let widths = (0...kinds.count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            var line = "  " + row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            for column in 1...kinds.count {
                line += "  " + String(repeating: " ", count: widths[column] - row[column].count) + row[column]
            }
            return line + "\n"
        }
        return "flinkform plans \(count) changes, by resource type and action:\n\n\(lines.joined())"
    }
}
