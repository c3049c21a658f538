/// Why an operation on values cannot be done.
///
/// Knows no source code: whoever evaluates adds the place.
package struct ValueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence.
    package var message: String
    /// Where, inside the value, the problem is; empty for the value itself.
    package var path: ValuePath

    /// Makes an error.
    package init(_ message: String, at path: ValuePath = ValuePath([])) {
        self.message = message
        self.path = path
    }

    /// The sentence, with the path before it where there is one.
    package var description: String { path.steps.isEmpty ? message : "\(path): \(message)" }

    /// The same error, one step further out.
    func inside(_ step: PathStep) -> ValueError {
        ValueError(message, at: ValuePath([step] + path.steps))
    }
}

/// One step into a value.
package enum PathStep: Hashable, Sendable {
    /// An attribute of an object.
    case attribute(String)
    /// An element of a collection, by number or by string.
    case index(Value)
}

/// A way into a value.
package struct ValuePath: Hashable, Sendable, CustomStringConvertible {
    /// The steps, outermost first.
    package var steps: [PathStep]

    /// Makes a path.
    package init(_ steps: [PathStep]) { self.steps = steps }

    /// Such as `.owner[0].id`.
    package var description: String {
        steps.map { step in
            switch step {
            case .attribute(let name): ".\(name)"
            case .index(let key): key.string.map { "[\"\($0)\"]" } ?? "[\(key.number?.description ?? "…")]"
            }
        }.joined()
    }
}
