package import Planning
import Diagnostics

/// An adoption as text: what is taken over from a Terraform state, and what stays there.
package struct AdoptionText: Sendable {
    private let adoption: Adoption
    private let file: String
    private let stored: Set<String>

    /// How many names of what stays for the same reason are shown.
    private static let namesMaximum = 20

    /// Makes it.
    ///
    /// - Parameters:
    ///   - adoption: What was decided.
    ///   - file: The path of the Terraform state, as the user names it.
    ///   - stored: The ids of the objects whose secrets the secret store has already.
    package init(_ adoption: Adoption, file: String, stored: Set<String>) {
        self.adoption = adoption
        self.file = VisibleText.escaped(file)
        self.stored = stored
    }

    /// The table of what is taken, and the list of what stays.
    package var text: String {
        var parts: [String] = []
        let taken = adoption.takings.filter { $0.isTaken || isSecretNew($0) }
        if !taken.isEmpty {
            parts.append("flinkform will take over from \(file) (serial \(adoption.source.serial)):\n\n\(table(taken))")
        }
        if !adoption.remainders.isEmpty { parts.append("These stay in \(file):\n\n\(remainders)") }
        return parts.joined(separator: "\n")
    }

    /// Whether the file has a secret that the store lacks.
    private func isSecretNew(_ taking: Adoption.Taking) -> Bool {
        taking.secret != nil && !stored.contains(taking.id)
    }

    private func table(_ takings: [Adoption.Taking]) -> String {
        let rows =
            [["ADDRESS", "ID", "SECRET", ""]]
            + takings.map { [VisibleText.escaped($0.name), VisibleText.escaped($0.id), secret($0), remark($0)] }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = "  "
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            line += row[3]
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func secret(_ taking: Adoption.Taking) -> String {
        guard taking.hasSecret else { return "-" }
        if stored.contains(taking.id) { return "stored" }
        return taking.secret == nil ? "no" : "yes"
    }

    private func remark(_ taking: Adoption.Taking) -> String {
        switch taking.fate {
        case .new: taking.secret == nil && taking.hasSecret && !stored.contains(taking.id) ? "not known" : ""
        case .replaces(let id): "in the place of \(VisibleText.escaped(id)), which is gone"
        case .changed(let names): "changed: \(names.map(VisibleText.escaped).joined(separator: ", "))"
        case .kept: "managed already"
        }
    }

    /// Names by the reason why they stay, in the order of the first of each.
    private var remainders: String {
        var order: [String] = []
        var names: [String: [String]] = [:]
        for remainder in adoption.remainders {
            if names[remainder.reason] == nil { order.append(remainder.reason) }
            names[remainder.reason, default: []].append(remainder.name)
        }
        return order.map { reason in
            let all = names[reason] ?? []
            let shown = all.prefix(Self.namesMaximum).map { "    \(VisibleText.escaped($0))\n" }.joined()
            let more = all.count > Self.namesMaximum ? "    and \(all.count - Self.namesMaximum) more\n" : ""
            return "  \(VisibleText.escaped(reason))\n\(shown)\(more)"
        }.joined()
    }
}
