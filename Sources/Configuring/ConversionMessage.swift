import Values

extension ValueError {
    /// The sentence for a value that cannot be converted to a type, with the way to the part that cannot; one that hides what the
    /// value hides.
    func shown(_ value: Value, _ type: ValueType) -> String {
        guard value.allMarks.isEmpty else {
            return "a \(type.friendlyName) is required; the value is sensitive and not shown"
        }
        let way = path.steps.map { step in
            switch step {
            case .attribute(let name): "attribute \"\(name)\": "
            case .index(let key):
                if let name = key.string {
                    "element \"\(name)\": "
                } else {
                    "element \(key.number?.description ?? "…"): "
                }
            }
        }
        return way.joined() + message
    }
}
