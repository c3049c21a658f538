package import Values

/// Output values as state keeps them.
package enum OutputCoding {
    /// The value of an output in state, marked; null of no particular type when the state's own type does not fit it.
    package static func value(_ output: OutputState) -> Value {
        let type = (try? ValueType(json: output.type)) ?? .dynamic
        let value = (try? Value(json: output.value, type: type)) ?? (try? Value(impliedFrom: output.value))
        return (value ?? .null(.dynamic)).withMarks(output.isSensitive ? .sensitive : [])
    }

    /// The output as state keeps it: secrets are null.
    ///
    /// Throws when a part is not known.
    package static func state(_ value: Value, isSensitive: Bool) throws(ValueError) -> OutputState {
        let bare = ObjectMarks.withoutAnySecret(value).unmarked
        return OutputState(value: try bare.json(as: bare.type), type: bare.type.json, isSensitive: isSensitive)
    }
}
