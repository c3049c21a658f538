/// Modules import only what the table of docs/architecture.md lets them.
///
/// SwiftPM does not check that.
enum ImportRule {
    private static let hclAndBelow: Set<String> = ["HCL", "Values", "Diagnostics", "JSON"]
    private static let configuringAndBelow = hclAndBelow.union(["Configuring"])
    private static let planningAndBelow = configuringAndBelow.union(["Planning"])
    private static let applyingAndBelow = planningAndBelow.union(["Applying"])

    /// For each module of ours, those of ours that it may import.
    static let arrows: [String: Set<String>] = [
        "JSON": [],
        "Diagnostics": ["JSON"],
        "Values": ["JSON"],
        "HCL": ["Values", "Diagnostics", "JSON"],
        "Functions": hclAndBelow,
        "Configuring": hclAndBelow,
        "Planning": configuringAndBelow,
        "Reporting": planningAndBelow,
        "Applying": planningAndBelow,
        "Networking": [],
        "Storage": applyingAndBelow.union(["Networking"]),
        "ConfluentClient": ["Networking", "JSON"],
        "ConfluentProvider": applyingAndBelow.union(["ConfluentClient", "Networking"]),
        "BuiltinProvider": applyingAndBelow,
        "Emulator": ["JSON"],
        "Commands": applyingAndBelow.union([
            "Functions", "Reporting", "Storage", "Networking", "ConfluentClient", "ConfluentProvider",
            "BuiltinProvider",
        ]),
        "flinkform": ["Commands"],
        "confluent-emulator": ["Emulator"],
    ]

    /// Libraries that only the named modules may touch.
    ///
    /// A name that ends in `*` stands for all that start so.
    static let owners: [(library: String, modules: Set<String>)] = [
        ("CJSONC", ["JSON"]),
        ("CZlib", ["Storage", "ConfluentProvider", "Emulator", "Functions"]),
        ("CPostgres", ["Storage"]),
        ("CYAML", ["Functions"]),
        ("Crypto*", ["Storage", "Functions"]),
        ("ArgumentParser", ["Commands", "confluent-emulator"]),
        ("AsyncHTTPClient", ["Networking"]),
        ("NIO*", ["Networking", "Emulator"]),
        ("Hummingbird*", ["Emulator"]),
        ("HTTPTypes", ["Emulator"]),
        ("GRDB", ["Emulator"]),
        ("Foundation", []),
        ("FoundationNetworking", []),
        ("FoundationInternationalization", []),
    ]

    static func check(_ repository: Repository) -> [Violation] {
        repository.sources.flatMap { source -> [Violation] in
            guard let module = source.module else { return [] }
            guard let allowed = arrows[module] else {
                return [Violation(source.path, nil, "module \(module) has no place in the table of modules")]
            }
            return imports(of: source).compactMap { imported in
                problem(of: imported.text, in: module, allowed: allowed)
                    .map { Violation(source.path, imported.line, $0) }
            }
        }
    }

    /// The first name after each `import`, whatever kind of declaration is imported.
    static func imports(of source: SwiftSource) -> [SwiftSource.Token] {
        let kinds: Set<String> = ["struct", "enum", "class", "protocol", "func", "var", "let", "typealias", "actor"]
        return source.tokens.indices.compactMap { index in
            guard source.tokens[index].text == "import" else { return nil }
            var next = index + 1
            if next < source.tokens.count, kinds.contains(source.tokens[next].text) { next += 1 }
            return next < source.tokens.count ? source.tokens[next] : nil
        }
    }

    private static func problem(of imported: String, in module: String, allowed: Set<String>) -> String? {
        if arrows[imported] != nil {
            return allowed.contains(imported) ? nil : "\(module) may not import \(imported)"
        }
        for (library, modules) in owners {
            let isMeant = library.last == "*" ? imported.hasPrefix(library.dropLast()) : imported == library
            if isMeant, !modules.contains(module) { return "\(module) may not import \(imported)" }
        }
        return nil
    }
}
