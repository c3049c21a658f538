/// The modules that decide have no clock, no randomness, no concurrency, and no way to the outside.
enum PurityRule {
    static let modules: Set<String> = ["Diagnostics", "Values", "HCL", "Configuring", "Planning", "Reporting"]

    /// Words that have no place in the code of a pure module.
    private static let words: Set<String> = [
        "async", "await", "Task", "TaskGroup", "actor", "nonisolated",
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization",
        "Date", "UUID", "ProcessInfo", "FileManager", "FileHandle", "Process",
        "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "CommandLine",
    ]

    /// Words that are banned as calls only: a parameter may be called `random`.
    private static let calls: Set<String> = [
        "print", "debugPrint", "dump", "readLine", "random", "randomElement", "shuffled", "shuffle", "getenv", "open",
    ]

    static func check(_ repository: Repository) -> [Violation] {
        repository.sources.flatMap { source -> [Violation] in
            guard let module = source.module, modules.contains(module) else { return [] }
            return source.tokens.indices.compactMap { index in
                let token = source.tokens[index]
                let isCalled = index + 1 < source.tokens.count && source.tokens[index + 1].text == "("
                let isDeclared = index > 0 && source.tokens[index - 1].text == "func"
                guard words.contains(token.text) || (calls.contains(token.text) && isCalled && !isDeclared) else {
                    return nil
                }
                return Violation(source.path, token.line, "\(module) is pure: no \(token.text)")
            }
        }
    }
}
