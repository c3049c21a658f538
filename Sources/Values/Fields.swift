/// Sorted keys that many objects share.
///
/// A class, so that ten thousand instances of a resource hold one table; it never changes.
package final class KeyTable: Sendable, Hashable {
    /// The keys, sorted by their UTF-8 bytes, each once.
    package let names: [String]

    /// Makes a table of keys that are sorted and distinct.
    package init(_ names: [String]) { self.names = names }

    /// The position of a key, or nil.
    package func position(of name: String) -> Int? {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low < names.count && names[low] == name ? low : nil
    }

    /// Whether both have the same keys.
    package static func == (left: KeyTable, right: KeyTable) -> Bool {
        left === right || left.names == right.names
    }

    /// Feeds the keys.
    package func hash(into hasher: inout Hasher) { hasher.combine(names) }
}

/// Values by key: the content of maps and objects.
package struct Fields: Hashable, Sendable {
    /// The keys; shared.
    package let keyTable: KeyTable
    /// The values, in the order of the keys.
    package let values: [Value]

    /// Makes fields of a table and values in its order.
    package init(names: KeyTable, values: [Value]) {
        keyTable = names
        self.values = values
    }

    /// Makes fields of a dictionary.
    package init(_ members: [String: Value]) {
        let sorted = members.sorted { $0.key < $1.key }
        keyTable = KeyTable(sorted.map(\.key))
        values = sorted.map(\.value)
    }

    /// The keys, sorted.
    package var names: [String] { keyTable.names }

    /// The value of a key, or nil.
    package subscript(name: String) -> Value? { keyTable.position(of: name).map { values[$0] } }

    /// The same fields with another value for a key that is there; unchanged when it is not.
    package func replacing(_ name: String, with value: Value) -> Fields {
        guard let position = keyTable.position(of: name) else { return self }
        var values = values
        values[position] = value
        return Fields(names: keyTable, values: values)
    }

    /// The same keys with other values.
    package func mapped(_ transform: (Value) -> Value) -> Fields {
        Fields(names: keyTable, values: values.map(transform))
    }
}
