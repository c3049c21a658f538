/// The top level of the repository is short, and stays so.
enum TopLevelRule {
    static let entries: Set<String> = [
        "Package.swift", "Sources", "Tests", "fixtures", "docs", "README.md", "LICENSE", "CHANGELOG.md", "Makefile",
        ".ci", ".gitignore", ".swift-format",
    ]

    static func check(_ repository: Repository) -> [Violation] {
        let present = Set(repository.topLevel).subtracting(Repository.notOurs)
        return present.subtracting(entries).sorted().map { Violation($0, nil, "has no place at the top level") }
            + entries.subtracting(present).sorted().map { Violation($0, nil, "is missing at the top level") }
    }
}
