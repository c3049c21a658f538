package import Configuring
import Diagnostics
package import Planning
import Values

/// A plan as a page that needs nothing else: for whoever reviews it in a browser.
///
/// It has no script and asks the network for nothing; its policy forbids both. All that comes from outside is escaped.
package struct PlanPage {
    private let plan: Plan
    private let configuration: Configuration
    private let catalog: Catalog
    private let shown: [Change]
    private let counts: ChangeCounts
    private let plain: PlanText
    private let painted: PlanText

    /// A graph of more resources is left out: nobody could read it, and it is drawn on demand.
    private static let graphMaximum = 300
    /// In a plan of more changes only those that destroy are open from the beginning.
    private static let openMaximum = 40

    /// Makes the page of a plan.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - configuration: The configuration that it was made of.
    ///   - catalog: The resource types there are.
    package init(_ plan: Plan, _ configuration: Configuration, catalog: Catalog) {
        self.plan = plan
        self.configuration = configuration
        self.catalog = catalog
        plain = PlanText(plan, catalog: catalog, isColored: false)
        painted = PlanText(plan, catalog: catalog, isColored: true)
        shown = plain.shown
        counts = ChangeCounts(shown)
    }

    /// The page.
    package var text: String {
        let sections = [warnings, changes, outputs, drift, moves, graph, variables].filter { !$0.isEmpty }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(PageStyle.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <title>\(Markup.escaped(title))</title>
            <style>\(PageStyle.sheet)</style>
            </head>
            <body>
            <main>
            \(head)
            \(sections.joined(separator: "\n"))
            <footer>Made by flinkform. This page runs no script and asks the network for nothing.</footer>
            </main>
            </body>
            </html>

            """
    }

    private var title: String { plan.isEmpty ? "Plan: no changes" : "Plan: \(PlanCounts(plan).planned)" }

    // MARK: - Summary

    private var head: String {
        var facts = [("Workspace", plan.workspace)]
        if !plan.timestamp.isEmpty { facts.append(("Made", plan.timestamp)) }
        if let origin = plan.origin {
            facts.append(("Organization", origin.organization))
            facts.append(("Endpoint", origin.endpoint))
        }
        facts.append(("State", "serial \(plan.serial)"))
        let list = facts.map { "<div><dt>\($0.0)</dt><dd>\(Markup.escaped($0.1))</dd></div>" }.joined()
        return """
            <header>
            <h1>\(heading)</h1>
            <p class="lead">\(lead)</p>
            <dl class="facts">\(list)</dl>
            </header>
            \(cards)\(table)
            """
    }

    private var heading: String {
        if plan.mode == .destroy { return "Plan to destroy everything" }
        return plan.mode == .refreshOnly ? "Plan to update the state only" : "Plan"
    }

    private var lead: String {
        if plan.isEmpty { return "No changes. The infrastructure matches the configuration." }
        return Markup.escaped(
            shown.isEmpty ? "No object changes: only the state and the outputs do." : PlanCounts(plan).planned)
    }

    /// How many changes of each kind, and how many objects stay.
    private var cards: String {
        let unchanged = plan.changes.count - shown.count
        var cards = counts.kinds.map { kind in
            "<li class=\"card \(kind.rawValue)\"><a href=\"#\(kind.rawValue)\"><b>\(counts.total[kind] ?? 0)</b> \(Self.title(of: kind).lowercased())</a></li>"
        }
        if unchanged > 0 { cards.append("<li class=\"card same\"><b>\(unchanged)</b> unchanged</li>") }
        return cards.isEmpty ? "" : "<ul class=\"cards\">\(cards.joined())</ul>\n"
    }

    /// Types against kinds, where there is more than one type.
    private var table: String {
        guard counts.types.count > 1 else { return "" }
        let head = counts.kinds.map { "<th scope=\"col\">\($0.rawValue)</th>" }.joined()
        let rows = counts.types.map { type in
            let cells = counts.kinds.map { kind in
                type.counts[kind].map { "<td class=\"\(kind.rawValue)\">\($0)</td>" } ?? "<td class=\"none\">–</td>"
            }
            return "<tr><th scope=\"row\">\(Markup.escaped(type.name))</th>\(cells.joined())</tr>"
        }
        return
            "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Resource type</th>\(head)</tr></thead><tbody>\(rows.joined())</tbody></table></div>\n"
    }

    // MARK: - Changes

    private static func title(of kind: ChangeKind) -> String {
        switch kind {
        case .destroy: "To destroy"
        case .replace: "To replace"
        case .update: "To change"
        case .create: "To create"
        case .importing: "To import"
        case .read: "To read"
        case .other: "In the state only"
        }
    }

    private static func symbol(of kind: ChangeKind) -> String {
        switch kind {
        case .destroy: "−"
        case .replace: "±"
        case .update: "~"
        case .create: "+"
        case .importing: "→"
        case .read: "≤"
        case .other: "·"
        }
    }

    private var changes: String {
        var groups: [ChangeKind: [String]] = [:]
        for (index, change) in shown.enumerated() {
            groups[ChangeKind(change), default: []].append(block(change, index))
        }
        return counts.kinds.map { kind in
            let blocks = groups[kind] ?? []
            return """
                <section id="\(kind.rawValue)" class="\(kind.rawValue)">
                <h2>\(Self.title(of: kind)) <span class="count">\(blocks.count)</span></h2>
                \(blocks.joined(separator: "\n"))
                </section>
                """
        }.joined(separator: "\n")
    }

    private func block(_ change: Change, _ index: Int) -> String {
        let kind = ChangeKind(change)
        let isOpen = shown.count <= Self.openMaximum || kind == .destroy || kind == .replace
        let lines = painted.text(change).split(separator: "\n", omittingEmptySubsequences: false)
        let body = lines.drop { Self.isHeading(DiffMarkup.plain(String($0))) }.dropLast()
        let said = plain.text(change).split(separator: "\n").prefix { Self.isHeading(String($0)) }
            .map { $0.drop { $0 == " " || $0 == "#" } }
        let address = VisibleText.escaped(change.address.description)
        var words = said.map(String.init)
        if let first = words.first, first.hasPrefix(address) { words[0] = String(first.dropFirst(address.count)) }
        let remarks = words.map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
            .map { "<span class=\"why\">\(Markup.escaped(String($0)))</span>" }.joined(separator: " ")
        return """
            <details id="change-\(index)"\(isOpen ? " open" : "")><summary><span class="symbol" aria-hidden="true">\(Self.symbol(of: kind))</span>\
            <span><span class="address">\(Markup.escaped(change.address.description))</span> \(remarks)</span></summary>\
            <pre>\(DiffMarkup.lines(body))</pre></details>
            """
    }

    /// Whether a line of a change's text says what becomes of the object.
    private static func isHeading(_ line: String) -> Bool { line.drop { $0 == " " }.hasPrefix("# ") }

    // MARK: - The rest

    private var outputs: String {
        let lines = painted.outputs.split(separator: "\n").dropFirst()
        guard !lines.isEmpty else { return "" }
        return section("outputs", "Outputs", "<pre>\(DiffMarkup.lines(lines))</pre>")
    }

    private var drift: String {
        let changed = plan.drift.filter { $0.action != .noOp }
        guard !changed.isEmpty else { return "" }
        let blocks = changed.map { found($0, "!", $0.action == .delete ? "is gone" : "has changed") }
        return section(
            "drift", "Changed outside of flinkform",
            "<p>Since the last run, this was changed by another hand. The plan starts from what is there now.</p>\n"
                + blocks.joined(separator: "\n"))
    }

    /// What a plan that takes note of changes alone finds at another address.
    private var moves: String {
        let moved = plan.drift.filter { $0.action == .noOp }
        guard !moved.isEmpty else { return "" }
        let blocks = moved.map { change in
            found(change, "·", change.previous.map { "was \($0.description)" } ?? "")
        }
        return section(
            "moves", "Moved", "<p>The state takes note of new addresses.</p>\n" + blocks.joined(separator: "\n"))
    }

    private func found(_ change: Change, _ symbol: String, _ remark: String) -> String {
        let summary =
            "<summary><span class=\"symbol\" aria-hidden=\"true\">\(symbol)</span><span><span class=\"address\">\(Markup.escaped(change.address.description))</span> <span class=\"why\">\(Markup.escaped(remark))</span></span></summary>"
        return "<details>\(summary)<pre>\(DiffMarkup.lines(painted.body(of: change)))</pre></details>"
    }

    /// What a reviewer must know before anything else.
    private var warnings: String {
        var items: [String] = []
        if plan.isPartial {
            items.append(
                "This plan is about parts of the configuration only (<code>-target</code> or <code>-exclude</code>): it may not represent all of the changes that the configuration asks for."
            )
        }
        for subject in plan.checks.subjects {
            for object in plan.checks[subject] where object.status == .fail || object.status == .error {
                let texts = object.failures.isEmpty ? ["The condition could not be evaluated."] : object.failures
                items += texts.map { "<code>\(Markup.escaped(object.address))</code>: \(Markup.escaped($0))" }
            }
        }
        items += plan.lookAlikes.map { item in
            "<code>\(Markup.escaped(item.address.description))</code>: there is an object like this one already, <code>\(Markup.escaped(item.importID))</code>, that nobody here knows. Is it the one that is meant, it should be imported."
        }
        items += plain.settlements.split(separator: "\n").filter { $0.hasPrefix("  # ") }
            .map { Markup.escaped(String($0.dropFirst(4))) }
        guard !items.isEmpty else { return "" }
        return section(
            "warnings", "Warnings", "<ul>\(items.map { "<li>\($0)</li>" }.joined())</ul>", count: items.count)
    }

    private var graph: String {
        var first: [ResourceAddress: Int] = [:]
        for (index, change) in shown.enumerated() where first[change.address.resource.inConfiguration] == nil {
            first[change.address.resource.inConfiguration] = index
        }
        let graph = Graph(changesOf: plan, configuration) { address in first[address].map { "#change-\($0)" } ?? "" }
        guard graph.nodes.count > 1 else { return "" }
        guard graph.nodes.count <= Self.graphMaximum else {
            return section(
                "graph", "What depends on what",
                "<p>\(graph.nodes.count) resources are too many for a picture here. <code>flinkform graph -format=svg</code> draws it.</p>"
            )
        }
        let legend = Graph.Kind.allCases.filter { kind in graph.nodes.contains { $0.kind == kind } }
            .map { "<li class=\"\($0.rawValue)\">\(Self.words(for: $0))</li>" }.joined()
        return section(
            "graph", "What depends on what",
            """
            <p>An arrow leads to what is needed first.</p>
            <ul class="legend">\(legend)</ul>
            <div class="picture" tabindex="0">\(SVGText(graph).inline)</div>
            """)
    }

    private static func words(for kind: Graph.Kind) -> String {
        switch kind {
        case .create: "created"
        case .update: "changed in place"
        case .replace: "replaced"
        case .delete: "destroyed"
        case .read: "read during apply"
        case .data: "data source"
        case .unchanged: "unchanged"
        case .resource, .value, .provider, .other: "other"
        }
    }

    private var variables: String {
        guard !plan.variables.isEmpty || !plan.sensitiveVariables.isEmpty else { return "" }
        var lines = plan.variables.map { name, value in
            (name, ValueText.text(value, indentation: 0))
        }
        lines += plan.sensitiveVariables.map { ($0, ValueText.sensitive) }
        let sorted = lines.sorted { $0.0 < $1.0 }.flatMap { name, text in
            "\(VisibleText.escaped(name)) = \(text)".split(separator: "\n", omittingEmptySubsequences: false)
        }
        return section(
            "variables", "Input variables", "<pre>\(DiffMarkup.lines(sorted))</pre>",
            count: lines.count)
    }

    private func section(_ id: String, _ title: String, _ content: String, count: Int? = nil) -> String {
        let count = count.map { " <span class=\"count\">\($0)</span>" } ?? ""
        return "<section id=\"\(id)\" class=\"\(id)\">\n<h2>\(title)\(count)</h2>\n\(content)\n</section>"
    }
}
