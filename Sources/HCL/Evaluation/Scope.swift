package import Values

/// The names that an expression may use: functions, whatever a resolver knows, and names that are bound inside expressions.
package struct Scope: Sendable {
    /// What became of a name.
    package enum Resolution: Sendable {
        /// The value, and how many of the attribute names were used to find it.
        case value(Value, consumed: Int)
        /// There is no such thing; the user is told this.
        case problem(summary: String, detail: String)
        /// It was reported before: unknown, and nothing is said.
        case reported
    }

    /// Finds the longest root that it knows, such as `var.x` or `data.TYPE.NAME`.
    ///
    /// It is given the first name of a reference and up to three attribute names after it.
    package typealias Resolver = @Sendable (_ root: String, _ attributes: [String]) -> Resolution

    /// The functions.
    package let functions: FunctionTable
    private let resolve: Resolver
    private var names: [String: Value] = [:]

    /// Makes a scope.
    package init(functions: FunctionTable, resolve: @escaping Resolver) {
        self.functions = functions
        self.resolve = resolve
    }

    /// No names and no functions.
    package static let constant = Scope(functions: FunctionTable([])) { _, _ in
        .problem(summary: "Variables not allowed", detail: "Variables may not be used here.")
    }

    /// The same scope with more names, which go before all others.
    package func with(_ more: [String: Value]) -> Scope {
        guard !more.isEmpty else { return self }
        var scope = self
        if names.isEmpty {
            scope.names = more
            return scope
        }
        scope.names.merge(more) { _, new in new }
        return scope
    }

    /// What a name stands for.
    func resolution(of root: String, _ attributes: [String]) -> Resolution {
        if let value = names[root] { return .value(value, consumed: 0) }
        return resolve(root, attributes)
    }
}
