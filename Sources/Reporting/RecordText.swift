import Diagnostics
import JSON

/// How a command prints what it found: for people, or in one of two languages for machines.
package enum RecordFormat: String, CaseIterable, Sendable {
    /// A table or a box.
    case human
    /// JSON, indented by two spaces.
    case json
    /// YAML.
    case yaml
}

/// One thing that a command shows: named values, in their order.
package struct Record: Hashable, Sendable {
    /// One value of a record.
    package struct Field: Hashable, Sendable {
        /// What people see above or before it.
        package var heading: String
        /// Its name for machines.
        package var name: String
        /// What it is.
        package var value: Value
        /// The number of characters at which a table breaks it into lines; nil for never.
        package var wrap: Int?

        /// Makes a field.
        package init(_ heading: String, _ name: String, _ value: Value, wrap: Int? = nil) {
            self.heading = heading
            self.name = name
            self.value = value
            self.wrap = wrap
        }
    }

    /// What a field holds.
    package enum Value: Hashable, Sendable {
        /// A text.
        case text(String)
        /// Whether something is so: people see `*` or nothing.
        case flag(Bool)
        /// The same; machines see it only when it is so.
        case flagIfSet(Bool)
    }

    /// Its fields, in the order in which they are shown.
    package var fields: [Field]

    /// Makes a record.
    package init(_ fields: [Field]) { self.fields = fields }
}

/// Records as text, in each of the formats.
package enum RecordText {
    /// Any number of records of one kind: a table, or a sequence; with a newline at the end.
    package static func list(_ records: [Record], _ format: RecordFormat) -> String {
        switch format {
        case .human:
            guard let first = records.first else { return "None found.\n" }
            let columns = first.fields.map { TableText.Column($0.heading, wrap: $0.wrap) }
            return TableText.table(columns, rows: records.map { $0.fields.map(\.shown) })
        case .json: return JSONValue.array(records.map(\.json)).text(.indented) + "\n"
        case .yaml: return records.isEmpty ? "[]\n" : records.map { yaml($0, first: "- ", others: "  ") }.joined()
        }
    }

    /// One record: a box, or a mapping; with a newline at the end.
    package static func one(_ record: Record, _ format: RecordFormat) -> String {
        switch format {
        case .human: TableText.box(record.fields.map { (name: $0.heading, value: $0.shown) })
        case .json: record.json.text(.indented) + "\n"
        case .yaml: yaml(record, first: "", others: "")
        }
    }

    private static func yaml(_ record: Record, first: String, others: String) -> String {
        record.machineFields.enumerated().map { index, field in
            let value: String
            switch field.value {
            case .text(let text): value = YAMLScalar.text(text)
            case .flag(let isSet), .flagIfSet(let isSet): value = isSet ? "true" : "false"
            }
            return "\(index == 0 ? first : others)\(field.name): \(value)\n"
        }.joined()
    }
}

extension Record {
    /// What machines see.
    fileprivate var machineFields: [Field] { fields.filter { $0.value != .flagIfSet(false) } }

    fileprivate var json: JSONValue {
        .object(
            JSONObject(
                machineFields.map { field -> (String, JSONValue) in
                    switch field.value {
                    case .text(let text): (field.name, .string(text))
                    case .flag(let isSet), .flagIfSet(let isSet): (field.name, .bool(isSet))
                    }
                }))
    }
}

extension Record.Field {
    fileprivate var shown: String {
        switch value {
        case .text(let text): text
        case .flag(let isSet), .flagIfSet(let isSet): isSet ? "*" : ""
        }
    }
}
