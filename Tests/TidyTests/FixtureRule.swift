/// Every fixture is read by some test or script; the scripts among the fixtures are what recorded them.
enum FixtureRule {
    static func check(_ repository: Repository) -> [Violation] {
        let mentioned = mentions(in: repository)
        return repository.files.compactMap { file in
            guard file.path.hasPrefix("fixtures/"), !file.path.hasSuffix(".sh") else { return nil }
            return isMentioned(String(file.path.dropFirst("fixtures/".count)), mentioned)
                ? nil : Violation(file.path, nil, "no test and no script mentions this fixture or its folder")
        }
    }

    /// Paths below `fixtures`, as tests write them; of a path that is put together, the fixed folders in front.
    static func mentions(in repository: Repository) -> Set<String> {
        var found: Set<String> = []
        for source in repository.sources where source.path.hasPrefix("Tests/") {
            for literal in source.literals { found.formUnion(mentions(inText: literal)) }
        }
        for file in repository.files where isScript(file.path) {
            let words = String(decoding: file.bytes, as: UTF8.self).split { " \n\t\"'=;()".contains($0) }
            for word in words { found.formUnion(mentions(inText: String(word))) }
        }
        found.remove("")
        return found
    }

    private static func isScript(_ path: String) -> Bool {
        path == "Makefile" || path == ".ci/run" || (path.hasPrefix("Tests/") && path.hasSuffix(".sh"))
    }

    private static func mentions(inText text: String) -> [String] {
        var path = Substring(text)
        if let range = path.firstRange(of: "fixtures/") { path = path[range.upperBound...] }
        path = path.drop { $0 == "/" }
        let fixed = path.prefix { !"\\$*{".contains($0) }
        if fixed.endIndex == path.endIndex {
            return [String(fixed.last == "/" ? fixed.dropLast() : fixed)]
        }
        // The last part goes on with something computed, so its folder is what is meant.
        guard let slash = fixed.lastIndex(of: "/") else { return [] }
        return [String(fixed[..<slash])]
    }

    private static func isMentioned(_ path: String, _ mentioned: Set<String>) -> Bool {
        let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
        let stem = name.prefix { $0 != "." }
        if mentioned.contains(String(name)) || mentioned.contains(String(stem)) { return true }
        var prefix = Substring(path)
        while !mentioned.contains(String(prefix)) {
            guard let slash = prefix.lastIndex(of: "/") else { return false }
            prefix = prefix[..<slash]
        }
        return true
    }
}
