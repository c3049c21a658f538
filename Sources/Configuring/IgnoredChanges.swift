/// The arguments, and parts of them, whose changes a resource's `lifecycle` ignores.
package struct IgnoredChanges: Hashable, Sendable {
    /// A step of the way to a part.
    package enum Step: Hashable, Sendable {
        /// `.name`: an argument, a nested block, or an attribute of an object.
        case attribute(String)
        /// `[0]`: an element of a list or a tuple.
        case index(Int)
        /// `["key"]`: an element of a map.
        case key(String)
    }

    /// Whether all are.
    package var all: Bool
    /// The ways, as they are written; one without steps means the whole of what this is about.
    package var paths: [[Step]]

    /// Makes a set of ignored changes.
    package init(all: Bool = false, paths: [[Step]] = []) {
        self.all = all
        self.paths = paths
    }

    /// Whether nothing is ignored.
    package var isEmpty: Bool { !all && paths.isEmpty }

    /// Whether the whole of what this is about is ignored.
    package var isWhole: Bool { all || paths.contains([]) }

    /// The keys of a map that are ignored as a whole.
    package var keys: [String] {
        paths.compactMap { path in
            if path.count == 1, case .key(let key) = path[0] { key } else { nil }
        }
    }

    /// What is ignored of what a step leads to.
    package func inside(_ step: Step) -> IgnoredChanges {
        IgnoredChanges(all: all, paths: paths.filter { $0.first == step }.map { Array($0.dropFirst()) })
    }

    /// The same, for one block of those that a name stands for: which of them is not told apart.
    package var insideBlock: IgnoredChanges {
        IgnoredChanges(
            all: all,
            paths: paths.map { path in if case .index = path.first { Array(path.dropFirst()) } else { path } })
    }
}
