import ArgumentParser
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// `flinkform graph`.
struct GraphCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw what depends on what.",
        discussion: """
            Shows the resources of the configuration, and which others each of them needs. With -type it shows all that an \
            operation goes through, variables, values and modules too; with -plan the steps of a saved plan, and which of them \
            each waits for.

            An arrow leads to what is needed first. The graph is printed in the DOT language, for Graphviz and its like, or drawn \
            as SVG, for a browser, without any other program.
            """)

    /// The forms that a graph is written in.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case dot, svg
    }

    @Option(
        name: .both("type"),
        help: ArgumentHelp(
            "What is shown: plan, plan-refresh-only, plan-destroy or apply. The resources alone, when this is left out.",
            valueName: "type"), completion: .list(["plan", "plan-refresh-only", "plan-destroy", "apply"]))
    var type: String?

    @Option(
        name: .both("plan"),
        help: ArgumentHelp("Show the steps of this saved plan. It implies -type=apply.", valueName: "planfile"),
        completion: .file())
    var plan: String?

    @Option(
        name: .both("format"), help: ArgumentHelp("How it is written: dot or svg.", valueName: "format"))
    var format = Format.dot

    @Flag(
        name: .both("draw-cycles"),
        help: "Accepted for Terraform's sake; a cycle is an error that names the places that refer to one another.")
    var drawCycles = false

    @Flag(name: .both("verbose"), help: .hidden)
    var verbose = false

    @Option(name: .both("module-depth"), help: .hidden)
    var moduleDepth: Int?

    func run(_ invocation: Invocation) async throws -> Int32 {
        let (graph, isSummary) = try await graph(invocation)
        let text =
            switch format {
            case .svg: SVGText(graph).file
            case .dot: isSummary ? DOTText.summary(graph) : DOTText.operation(graph)
            }
        invocation.terminal.write(text)
        return 0
    }

    private func graph(_ invocation: Invocation) async throws -> (Graph, isSummary: Bool) {
        if let plan {
            guard type == nil || type == "apply" else { throw Problems(.otherTypeThanApply) }
            let encryption = try EncryptionSource.encryption(invocation)
            return (
                Graph(stepsOf: try PlanFile.read(invocation.path(plan), named: plan, on: invocation.files, encryption)),
                false
            )
        }
        switch type {
        case nil:
            let configuration = try Project.configuration(invocation, mayBeEmpty: true).configuration
            return (Graph(resourcesOf: configuration, and: try await StateReading(invocation).state()), true)
        case "plan-destroy": return (Graph(destroying: try await StateReading(invocation).state()), false)
        case "plan", "plan-refresh-only", "apply":
            return (Graph(evaluationOf: try Project.configuration(invocation, mayBeEmpty: true).configuration), false)
        case let other?: throw Problems(.unsupportedGraphType(other))
        }
    }
}

extension Diagnostic {
    fileprivate static func unsupportedGraphType(_ type: String) -> Diagnostic {
        let types = ["plan", "plan-refresh-only", "plan-destroy", "apply"]
        return .error(
            "Unsupported graph type",
            "The -type=... argument must be either \"plan\", \"plan-refresh-only\", \"plan-destroy\", or \"apply\".\(Suggestion.phrase(type, among: types))"
        )
    }

    fileprivate static var otherTypeThanApply: Diagnostic {
        .error(
            "Unsupported graph type",
            "-plan shows the steps of a plan, which is what -type=apply means. Leave -type out, or leave -plan out to see the graph of another operation."
        )
    }
}
