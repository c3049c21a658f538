import Diagnostics

/// A graph in the DOT language, for Graphviz and its like, as Terraform writes it.
package enum DOTText {
    /// The resources of a configuration, those of each module in a frame.
    package static func summary(_ graph: Graph) -> String {
        var lines = [
            "digraph G {", "  rankdir = \"RL\";", "  node [shape = rect, fontname = \"sans-serif\"];",
        ]
        if graph.nodes.isEmpty {
            lines += [
                "  /* This configuration does not contain any resources.         */",
                "  /* For a more detailed graph, try: flinkform graph -type=plan */",
            ]
        }
        var modules: [String] = []
        var members: [String: [Graph.Node]] = [:]
        for node in graph.nodes {
            if members[node.module] == nil { modules.append(node.module) }
            members[node.module, default: []].append(node)
        }
        for module in modules.sorted() {
            let isRoot = module.isEmpty
            let spaces = isRoot ? "  " : "    "
            if !isRoot {
                lines += [
                    "  subgraph \(quoted("cluster_\(module)")) {", "    label = \(quoted(module))",
                    "    fontname = \"sans-serif\"",
                ]
            }
            lines += (members[module] ?? []).map { "\(spaces)\(quoted($0.name)) [label=\(quoted($0.label))];" }
            if !isRoot { lines.append("  }") }
        }
        for (place, node) in graph.nodes.enumerated() {
            lines += graph.needs[place].map { "  \(quoted(node.name)) -> \(quoted(graph.nodes[$0].name));" }
        }
        return (lines + ["}", ""]).joined(separator: "\n")
    }

    /// What an operation does.
    package static func operation(_ graph: Graph) -> String {
        var lines = ["digraph {", "\tcompound = \"true\"", "\tnewrank = \"true\"", "\tsubgraph \"root\" {"]
        for node in graph.nodes {
            lines.append(
                "\t\t\(quoted("[root] \(node.name)")) [label = \(quoted(node.name)), shape = \"\(shape(node.kind))\"]")
        }
        for (place, node) in graph.nodes.enumerated() {
            lines += graph.needs[place].map {
                "\t\t\(quoted("[root] \(node.name)")) -> \(quoted("[root] \(graph.nodes[$0].name)"))"
            }
        }
        return (lines + ["\t}", "}", ""]).joined(separator: "\n")
    }

    private static func shape(_ kind: Graph.Kind) -> String {
        switch kind {
        case .resource, .data, .create, .update, .replace, .delete, .read, .unchanged: "box"
        case .value: "note"
        case .provider: "diamond"
        case .other: "ellipse"
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"\(VisibleText.escaped(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
