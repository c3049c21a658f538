package import Applying
import Diagnostics
package import JSON

extension LockHolder {
    /// The record as Terraform writes it.
    package var json: JSONValue {
        [
            "ID": .string(id), "Operation": .string(operation), "Info": .string(info), "Who": .string(who),
            "Version": .string(version), "Created": .string(created), "Path": .string(path),
        ]
    }

    /// Reads what `json` writes; nil when it is not that.
    package init?(json: JSONValue) {
        guard let id = json["ID"]?.string else { return nil }
        self.init(
            id: id, operation: json["Operation"]?.string ?? "", who: json["Who"]?.string ?? "",
            version: json["Version"]?.string ?? "", created: json["Created"]?.string ?? "",
            path: json["Path"]?.string ?? "", info: json["Info"]?.string ?? "")
    }

    /// The record as Terraform shows it, a line for each field.
    package var table: String {
        let rows = [
            ("ID", id), ("Path", path), ("Operation", operation), ("Who", who), ("Version", version),
            ("Created", created), ("Info", info),
        ]
        return rows.map { name, text in
            let spaces = String(repeating: " ", count: 11 - name.count - 1)
            return "  \(name):\(spaces)\(VisibleText.escaped(text))\n"
        }.joined()
    }
}
