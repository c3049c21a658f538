/// A graph as a picture, in SVG: drawn without any other program.
package struct SVGText {
    private let graph: Graph
    private let layout: GraphLayout

    private static let margin = 16.0
    /// The width of a character of the font that names are in, and the most of them that are shown.
    private static let advance = 7.25
    private static let charactersMaximum = 48

    /// Draws a graph.
    package init(_ graph: Graph) {
        self.graph = graph
        let widths = graph.nodes.map { node in
            let (first, second) = Self.words(of: node)
            let name = Self.shortened(second).count + (node.remark.isEmpty ? 0 : node.remark.count + 1)
            // The line above is smaller.
            return max(64, max(Double(name), Double(Self.shortened(first).count) * 0.84) * Self.advance + 28).rounded()
        }
        layout = GraphLayout(graph, widths: widths)
    }

    /// The picture as a file of its own, in the colours that the reader prefers.
    package var file: String {
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        return head + element(style: "<style>\(GraphStyle.file)</style>") + "\n"
    }

    /// The picture as a part of a page, whose style sheet has `GraphStyle.page`.
    var inline: String { element(style: "") }

    private func element(style: String) -> String {
        let (width, height) = (layout.width + 2 * Self.margin, layout.height + 2 * Self.margin)
        let size = "\(Markup.number(width)) \(Markup.number(height))"
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-label="Dependency graph" width="\(Markup.number(width))" \
            height="\(Markup.number(height))" viewBox="0 0 \(size)">\(style)
            <defs><marker id="needed" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" \
            orient="auto-start-reverse"><path class="head" d="M0 0.5 L8 4 L0 7.5 Z"/></marker></defs>
            <rect class="ground" width="100%" height="100%"/>
            <g transform="translate(\(Markup.number(Self.margin)) \(Markup.number(Self.margin)))">

            """
        for (place, needs) in graph.needs.enumerated() {
            for (index, need) in needs.enumerated() {
                let title = "\(graph.nodes[place].name) needs \(graph.nodes[need].name)"
                text +=
                    "<path class=\"line\" marker-end=\"url(#needed)\" d=\"\(path(layout.lines[place][index]))\"><title>\(Markup.escaped(title))</title></path>\n"
            }
        }
        for place in graph.nodes.indices { text += box(place) }
        return text + "</g></svg>"
    }

    /// A curve through points, level at each of them.
    private func path(_ points: [GraphLayout.Point]) -> String {
        guard let first = points.first else { return "" }
        var text = "M\(Markup.number(first.x)) \(Markup.number(first.y))"
        for (from, to) in zip(points, points.dropFirst()) {
            if from.y == to.y {
                text += " L\(Markup.number(to.x)) \(Markup.number(to.y))"
                continue
            }
            let middle = (from.x + to.x) / 2
            text +=
                " C\(Markup.number(middle)) \(Markup.number(from.y)) \(Markup.number(middle)) \(Markup.number(to.y)) \(Markup.number(to.x)) \(Markup.number(to.y))"
        }
        return text
    }

    private func box(_ place: Int) -> String {
        let node = graph.nodes[place]
        let corner = layout.corners[place]
        let (first, second) = Self.words(of: node)
        let y = first.isEmpty ? 24.5 : 30
        var text =
            "<g class=\"node \(node.kind.rawValue)\" transform=\"translate(\(Markup.number(corner.x)) \(Markup.number(corner.y)))\">"
        text += "<title>\(Markup.escaped(node.name))</title>"
        text +=
            "<rect class=\"box\" width=\"\(Markup.number(layout.widths[place]))\" height=\"\(Markup.number(GraphLayout.nodeHeight))\" rx=\"5\"/>"
        text += "<rect class=\"bar\" width=\"5\" height=\"\(Markup.number(GraphLayout.nodeHeight))\" rx=\"2.5\"/>"
        if !first.isEmpty {
            text += "<text class=\"type\" x=\"14\" y=\"15.5\">\(Markup.escaped(Self.shortened(first)))</text>"
        }
        text += "<text class=\"name\" x=\"14\" y=\"\(Markup.number(y))\">\(Markup.escaped(Self.shortened(second)))"
        if !node.remark.isEmpty { text += " <tspan class=\"remark\">\(Markup.escaped(node.remark))</tspan>" }
        text += "</text></g>\n"
        return node.link.isEmpty ? text : "<a href=\"\(Markup.escaped(node.link))\">\(text)</a>"
    }

    /// What stands in the two lines of a box: module and type, and the name.
    private static func words(of node: Graph.Node) -> (String, String) {
        var label = node.label[...]
        var first = ""
        // The type of a resource stands above its name.
        if let dot = label.firstIndex(of: "."),
            label[..<dot].allSatisfy({ $0.isLetter || $0.isNumber || "_-".contains($0) })
        {
            first = String(label[..<dot])
            label = label[label.index(after: dot)...]
            if first == "data", let next = label.firstIndex(of: ".") {
                first += ".\(label[..<next])"
                label = label[label.index(after: next)...]
            }
        }
        let module = node.module.isEmpty ? "" : node.module
        return ([module, first].filter { !$0.isEmpty }.joined(separator: " "), String(label))
    }

    /// A text without its middle, where it is long.
    private static func shortened(_ text: String) -> String {
        guard text.count > charactersMaximum else { return text }
        return text.prefix(charactersMaximum / 2 - 1) + "…" + text.suffix(charactersMaximum / 2)
    }
}
