package import Diagnostics
import HCL

/// An expression that somebody asks about, beside the configuration.
extension Configuration {
    /// The name of the output that stands for it; none in a file can have it.
    private static let question = ""

    /// The node of the expression that is asked about.
    package static let questionNode = Node.output(question)

    /// The output that stands for the expression that is asked about; nil when nothing is.
    package var question: OutputValue? { outputs[Self.question] }

    /// Whether a text is an expression, as far as its form goes.
    package static func isExpression(_ text: String) -> Bool {
        !SyntaxTree.parseExpression(Array(text.utf8), file: SourceFileID(index: 0)).1.hasErrors
    }

    /// The configuration with an expression that is asked about, as if it were the value of an output of the root module.
    ///
    /// - Parameter text: The expression as it was typed; messages show it as `<console-input>`.
    /// - Returns: The configuration, and what is wrong with the expression before anything is evaluated; with errors, nothing is asked.
    package func asking(_ text: String) -> (configuration: Configuration, diagnostics: [Diagnostic]) {
        var result = self
        let bytes = Array(text.utf8)
        let file = result.files.add(name: "<console-input>", bytes: bytes)
        let (expression, problems) = SyntaxTree.parseExpression(bytes, file: file)
        guard !problems.hasErrors else { return (result, problems) }
        var check = ReferenceCheck(configuration: self, unsupported: [])
        check.check(question: expression, Self.questionNode)
        guard !check.diagnostics.hasErrors else { return (result, problems + check.diagnostics) }
        result.setDependencies(of: Self.questionNode, to: check.edges[Self.questionNode] ?? [])
        result.modules[.root, default: Module(.root, directory: ".")].outputs[Self.question] = OutputValue(
            name: Self.question, expression: expression, isSensitive: true, description: "", range: expression.range)
        return (result, problems + check.diagnostics)
    }
}
