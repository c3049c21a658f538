package import Configuring
package import Diagnostics
package import HCL
package import Values

/// Evaluates the configuration, one node after another, from values that are already there.
///
/// Each scope holds only what its node refers to, so the cost of evaluating everything is that of its references.
package struct Evaluation: Sendable {
    /// The configuration.
    package let configuration: Configuration
    private let functions: FunctionTable
    private let paths: Value
    private var values: [Node: Value]

    /// Starts with the values of the input variables.
    ///
    /// - Parameters:
    ///   - configuration: What is evaluated.
    ///   - variables: The input variables' values, marked; one that is missing is unknown.
    ///   - functions: The functions that expressions may call.
    ///   - directory: The working directory: `path.module`, `path.root` and `path.cwd`.
    package init(
        configuration: Configuration, variables: [String: Value], functions: FunctionTable, directory: String
    ) {
        self.configuration = configuration
        self.functions = functions
        self.paths = .object(["module": .string("."), "root": .string("."), "cwd": .string(directory)])
        self.values = [:]
        for (name, value) in variables { values[.variable(name)] = value }
    }

    /// The value of a node, or nil while it has none.
    package func value(of node: Node) -> Value? { values[node] }

    /// Gives a node its value.
    package mutating func set(_ node: Node, to value: Value) { values[node] = value }

    /// The names that the expressions of a node may use.
    package func scope(for node: Node) -> Scope {
        scope(of: configuration.dependencies(of: node))
    }

    /// The names that a set of nodes stands for.
    package func scope(of nodes: [Node]) -> Scope {
        var known: [Node: Value] = [:]
        for node in nodes { known[node] = values[node] }
        let paths = paths
        let names = known
        return Scope(functions: functions) { root, attributes in
            Self.resolve(root, attributes, in: names, paths: paths)
        }
    }

    /// Evaluates a local value.
    package mutating func evaluate(local: LocalValue, diagnostics: inout [Diagnostic]) {
        let node = Node.local(local.name)
        values[node] = local.expression.evaluate(in: scope(for: node), diagnostics: &diagnostics)
    }

    private static func resolve(
        _ root: String, _ attributes: [String], in values: [Node: Value], paths: Value
    ) -> Scope.Resolution {
        func found(_ node: Node, consumed: Int) -> Scope.Resolution {
            // What has no value was reported where it was evaluated.
            values[node].map { .value($0, consumed: consumed) } ?? .reported
        }
        switch root {
        case "path": return .value(paths, consumed: 0)
        case "terraform": return .value(.object(["workspace": .string("default")]), consumed: 0)
        case "var", "local":
            guard let name = attributes.first else {
                return .problem(summary: "Invalid reference", detail: "A name must follow \"\(root)\", as in \"\(root).NAME\".")
            }
            return found(root == "var" ? .variable(name) : .local(name), consumed: 1)
        case "data":
            guard attributes.count >= 2 else {
                return .problem(
                    summary: "Invalid reference",
                    detail: "A data source is referred to by its type and its name, as in \"data.TYPE.NAME\".")
            }
            return found(
                .resource(ResourceAddress(mode: .data, type: attributes[0], name: attributes[1])), consumed: 2)
        default:
            guard let name = attributes.first else {
                return .problem(
                    summary: "Invalid reference",
                    detail: "A resource is referred to by its type and its name, as in \"TYPE.NAME\".")
            }
            return found(.resource(ResourceAddress(mode: .managed, type: root, name: name)), consumed: 1)
        }
    }
}
