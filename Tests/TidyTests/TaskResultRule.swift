/// The result of a child task is no tuple.
///
/// swiftc 6.3, optimising, gives the tuple of a child task back with wrong members when one of them is awaited inside the tuple's
/// own expression. Only a release build shows it, so that tests pass. Structs and enums come back whole.
enum TaskResultRule {
    static func check(_ repository: Repository) -> [Violation] {
        repository.sources.flatMap { source -> [Violation] in
            source.tokens.enumerated().compactMap { index, token in
                guard token.text.hasSuffix("TaskGroup"),
                    source.tokens.dropFirst(index + 1).prefix(4).map(\.text) == ["(", "of", ":", "("]
                else { return nil }
                return Violation(source.path, token.line, "a child task's result is a struct or an enum, not a tuple")
            }
        }
    }
}
