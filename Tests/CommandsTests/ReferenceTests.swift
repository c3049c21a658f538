import BuiltinProvider
import ConfluentProvider
import Configuring
import Diagnostics
import TestSupport
import Testing
import Values

/// The pages in `docs/reference` say what the schemas say, and their examples are valid.
///
/// Run with `UPDATE=1`, the tables are written anew; what people wrote in the column "Meaning" stays.
@Suite struct ReferenceTests {
    private static let catalog = Catalog([
        BuiltinProvider.schema { _, _ in nil }, Catalogue.schema,
    ])

    /// A page: of a resource type or of a data source.
    struct Page: Sendable, CustomTestStringConvertible {
        var name: String
        var isResource: Bool
        var schema: Schema

        var testDescription: String { path }
        /// Below the folder `fixtures`, where the helpers look for files.
        var path: String { "../docs/reference/\(isResource ? "resources" : "data-sources")/\(name).md" }

        static let all = ReferenceTests.catalog.providers.values.flatMap { provider in
            provider.resourceTypes.map { Page(name: $0.key, isResource: true, schema: $0.value) }
                + provider.dataSources.map { Page(name: $0.key, isResource: false, schema: $0.value) }
        }
    }

    /// A row of a table: what the schema says.
    private struct Row {
        var name: String
        var cells: [String]
    }

    private func rows(_ block: BlockSchema, in path: String, configurable: Bool) -> [Row] {
        var result: [Row] = []
        for attribute in block.attributes where attribute.isConfigurable == configurable {
            let mode =
                attribute.mode == .required
                ? "required" : attribute.mode == .optionalComputed ? "optional, else set by the cloud" : "optional"
            let change = attribute.forcesReplacement ? "a change makes a new object" : ""
            let notes = [mode, change].filter { !$0.isEmpty }.joined(separator: "; ")
            let hidden = attribute.isSecret ? "; never in state" : attribute.isSensitive ? "; sensitive" : ""
            let type = attribute.type == .dynamic ? "any" : attribute.type.friendlyName
            result.append(Row(name: path + attribute.name, cells: configurable ? [type, notes] : [type + hidden]))
        }
        guard configurable else { return result }
        for nested in block.blocks {
            let number =
                nested.minimum > 0
                ? "block, required" : nested.isComputed ? "block, else set by the cloud" : "block, optional"
            result.append(
                Row(
                    name: path + nested.name,
                    cells: [number, nested.forcesReplacement ? "a change makes a new object" : ""]))
            result += rows(nested.block, in: path + nested.name + ".", configurable: true)
        }
        return result
    }

    private func table(_ heading: [String], _ rows: [Row], meanings: [String: String]) -> String {
        let lines = rows.map { row in
            "| `\(row.name)` | \(row.cells.joined(separator: " | ")) | \(meanings[row.name] ?? "") |"
        }
        guard !rows.isEmpty else { return "None." }
        let head = [
            "| " + heading.joined(separator: " | ") + " |",
            "|" + heading.map { _ in "---" }.joined(separator: "|") + "|",
        ]
        return (head + lines).joined(separator: "\n")
    }

    /// The page with its tables written anew.
    private func written(_ text: String, _ page: Page) -> String {
        var meanings: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.dropFirst(2).dropLast(2).split(separator: " | ", omittingEmptySubsequences: false)
            meanings[cells[0].filter { $0 != "`" }] = String(cells[cells.count - 1])
        }
        let arguments = table(
            ["Argument", "Type", "", "Meaning"], rows(page.schema.block, in: "", configurable: true), meanings: meanings
        )
        let attributes = table(
            ["Attribute", "Type", "Meaning"], rows(page.schema.block, in: "", configurable: false), meanings: meanings)
        var result: [String] = []
        for section in text.split(separator: "\n## ", omittingEmptySubsequences: false) {
            let heading = section.prefix { $0 != "\n" }
            let prose = section.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
                .filter { !$0.hasPrefix("|") && $0 != "None." }.joined(separator: "\n").trimmingNewlines
            switch heading {
            case "Arguments": result.append("Arguments\n\n\(prose.isEmpty ? "" : prose + "\n\n")\(arguments)\n")
            case "Attributes": result.append("Attributes\n\n\(prose.isEmpty ? "" : prose + "\n\n")\(attributes)\n")
            default: result.append(String(section))
            }
        }
        return result.joined(separator: "\n## ")
    }

    @Test("A page has the arguments and attributes of its schema, each with its meaning", arguments: Page.all)
    func tables(_ page: Page) throws {
        let text = try Fixtures.text(page.path)
        let difference = Snapshot.difference(written(text, page), golden: page.path)
        #expect(difference == nil)
        #expect(!text.contains("|  |\n"), "a meaning is missing")
        #expect(text.contains("\n## Import\n") == page.isResource)
    }

    @Test("The examples of a page are valid", arguments: Page.all)
    func examples(_ page: Page) throws {
        let parts = try Fixtures.text(page.path).split(separator: "```hcl\n").dropFirst()
        #expect(!parts.isEmpty)
        for part in parts {
            let example = part.prefix { _ in true }.split(separator: "\n```").first ?? ""
            #expect(example.contains("\"\(page.name)\""))
            let (configuration, problems) = Configuration.load(
                [(name: "main.tf", bytes: Array(example.utf8))], catalog: Self.catalog)
            #expect(
                problems.isEmpty,
                "\(DiagnosticRenderer(files: configuration.files, width: 80, isColored: false).text(problems))")
        }
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = self[...]
        while text.first == "\n" { text.removeFirst() }
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
