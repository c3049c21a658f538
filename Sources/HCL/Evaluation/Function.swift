package import Diagnostics
package import Values

/// Why a function cannot give a result.
package struct FunctionError: Error, Hashable, Sendable {
    /// A sentence.
    package var message: String
    /// The argument at fault, from 0; nil means the call as a whole.
    package var argument: Int?

    /// Makes an error.
    package init(_ message: String, argument: Int? = nil) {
        self.message = message
        self.argument = argument
    }
}

/// A function of the language.
package struct Function: Sendable {
    /// What a function takes in one place.
    package struct Parameter: Sendable {
        /// Its name, for messages.
        package var name: String
        /// The type that the argument is converted to.
        package var type: ValueType
        /// Whether null is given to the function; else it is an error.
        package var allowsNull: Bool
        /// Whether unknown values are given to the function; else its result is unknown.
        package var allowsUnknown: Bool
        /// Whether marks are given to the function; else they are taken off and put on the result.
        package var allowsMarks: Bool
        /// Whether only the argument itself must be known, and gives its marks to the result; what is inside is given as it is.
        package var isShallow: Bool

        /// Makes a parameter.
        package init(
            _ name: String, _ type: ValueType, allowsNull: Bool = false, allowsUnknown: Bool = false,
            allowsMarks: Bool = false, isShallow: Bool = false
        ) {
            self.isShallow = isShallow
            self.name = name
            self.type = type
            self.allowsNull = allowsNull
            self.allowsUnknown = allowsUnknown
            self.allowsMarks = allowsMarks
        }
    }

    /// An argument that the function evaluates itself.
    package struct LazyArgument {
        /// How it is written.
        package enum Form {
            /// A reference, such as `local.text` or `data.x.y["k"].text`.
            case reference
            /// A string between quotes, or a heredoc.
            case text
            /// An expression alone in a string.
            case wrapped
            /// Anything else.
            case other
        }

        /// How it is written.
        package let form: Form
        /// Evaluates it; the problems are not reported unless the function fails.
        package let evaluate: () -> (value: Value, problems: [Diagnostic])
    }

    /// How it is computed.
    package enum Body: Sendable {
        /// From values that were checked against the parameters.
        case values(@Sendable ([Value]) throws(FunctionError) -> Value)
        /// From arguments that were not evaluated, and with the functions of the scope.
        case lazy(@Sendable ([LazyArgument], FunctionTable) throws(FunctionError) -> Value)
    }

    /// Its name.
    package let name: String
    /// What it takes.
    package let parameters: [Parameter]
    /// What it takes any number of times after these; nil when nothing.
    package let variadic: Parameter?
    /// The type of its result when that is not known yet.
    package let result: ValueType
    /// How it is computed.
    package let body: Body

    /// Makes a function of values.
    package init(
        _ name: String, _ parameters: [Parameter], variadic: Parameter? = nil, result: ValueType = .dynamic,
        call: @escaping @Sendable ([Value]) throws(FunctionError) -> Value
    ) {
        self.name = name
        self.parameters = parameters
        self.variadic = variadic
        self.result = result
        self.body = .values(call)
    }

    /// Makes a function that evaluates its arguments itself; without parameters it takes one at least.
    package init(
        lazy name: String, _ parameters: [Parameter] = [], result: ValueType = .dynamic,
        call: @escaping @Sendable ([LazyArgument], FunctionTable) throws(FunctionError) -> Value
    ) {
        self.name = name
        self.parameters = parameters
        self.variadic = parameters.isEmpty ? Parameter("expressions", .dynamic) : nil
        self.result = result
        self.body = .lazy(call)
    }
}

/// Functions by name.
package struct FunctionTable: Sendable {
    private let functions: [String: Function]

    /// Makes a table; of equal names the last counts.
    package init(_ functions: [Function]) {
        self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { _, new in new })
    }

    /// The function of a name, or nil.
    package subscript(name: String) -> Function? { functions[name] }

    /// Whether there are none.
    var isEmpty: Bool { functions.isEmpty }

    /// All names, sorted.
    package var names: [String] { functions.keys.sorted() }
}
