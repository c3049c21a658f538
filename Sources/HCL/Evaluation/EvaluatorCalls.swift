import Diagnostics
import JSON
import Values

/// Function calls: arguments are counted, converted and checked here, so that functions need not.
extension Evaluator {
    mutating func call(_ node: Node, _ index: UInt32, _ scope: Scope) -> Value {
        let call = tree.calls[Int(node.a)]
        let name = call.name.hasPrefix("core::") ? String(call.name.dropFirst(6)) : call.name
        if scope.functions.isEmpty {
            report("Function calls not allowed", "Functions may not be called here.", at: index)
            return .unknown(.dynamic)
        }
        guard let function = scope.functions[name] else {
            diagnostics.append(
                .error(
                    "Call to unknown function",
                    "There is no function named \"\(VisibleText.escaped(call.name))\".\(Suggestion.phrase(name, among: scope.functions.names))",
                    at: tree.range(Int(call.nameStart), Int(call.nameEnd))))
            return .unknown(.dynamic)
        }
        if case .lazy(let body) = function.body { return lazyCall(function, body, call, index, scope) }
        guard let arguments = arguments(of: call, scope) else { return .unknown(.dynamic) }
        return apply(function, arguments, call, index, scope)
    }

    /// The arguments' values, an expanded one as many; nil when it cannot be expanded.
    private mutating func arguments(of call: Call, _ scope: Scope) -> [(value: Value, node: UInt32)]? {
        var result: [(value: Value, node: UInt32)] = []
        for (place, argument) in call.arguments.enumerated() {
            let value = evaluate(argument, scope)
            guard call.isExpanding, place == call.arguments.count - 1 else {
                result.append((value, argument))
                continue
            }
            if value.isUnknown { return nil }
            guard let items = value.elements else {
                report(
                    "Invalid expanding argument value",
                    "The expanding argument (indicated by ...) must be of a tuple, list, or set type.", at: argument,
                    scope)
                return nil
            }
            result += items.map { ($0.withMarks(value.marks), argument) }
        }
        return result
    }

    private mutating func apply(
        _ function: Function, _ arguments: [(value: Value, node: UInt32)], _ call: Call, _ index: UInt32, _ scope: Scope
    ) -> Value {
        let count = function.parameters.count
        guard arguments.count >= count, function.variadic != nil || arguments.count == count else {
            reportCount(function, arguments.count, call, index)
            return .unknown(function.result)
        }
        var values: [Value] = []
        var marks: Marks = []
        var isUnknown = false
        for (place, argument) in arguments.enumerated() {
            guard let parameter = place < count ? function.parameters[place] : function.variadic else { break }
            guard var value = checked(argument.value, parameter, argument.node, function, scope) else {
                return Value(.unknown(function.result, .none), marks: marks)
            }
            if !parameter.allowsMarks {
                let own = parameter.isShallow ? value.marks : value.allMarks
                marks.formUnion(own)
                if parameter.isShallow {
                    value = Value(value.content, marks: [])
                } else if !own.isEmpty {
                    value = value.withoutMarks(own)
                }
            }
            let isKnown = parameter.isShallow ? !value.isUnknown : value.isWhollyKnown
            if !parameter.allowsUnknown, !isKnown { isUnknown = true }
            values.append(value)
        }
        if isUnknown { return Value(.unknown(function.result, .none), marks: marks) }
        guard case .values(let body) = function.body else { return .unknown(.dynamic) }
        do {
            return try body(values).withMarks(marks)
        } catch {
            reportFailure(
                function, error, arguments.map(\.node), index, scope, isHidden: isHiding || !marks.isEmpty)
            return Value(.unknown(function.result, .none), marks: marks)
        }
    }

    private mutating func checked(
        _ value: Value, _ parameter: Function.Parameter, _ node: UInt32, _ function: Function, _ scope: Scope
    ) -> Value? {
        if value.isNull, !parameter.allowsNull {
            report(
                "Invalid function argument",
                "Invalid value for \"\(parameter.name)\" parameter: argument must not be null.", at: node, scope,
                calling: function)
            return nil
        }
        do {
            return try value.converted(to: parameter.type)
        } catch {
            // The path of an error names keys.
            let reason = isShowable(value) ? "\(error)" : "a \(parameter.type.friendlyName) is required"
            report(
                "Invalid function argument", "Invalid value for \"\(parameter.name)\" parameter: \(reason).", at: node,
                scope, calling: function)
            return nil
        }
    }

    private mutating func reportCount(_ function: Function, _ given: Int, _ call: Call, _ index: UInt32) {
        let wanted = function.parameters.count
        report(
            given < wanted ? "Not enough function arguments" : "Too many function arguments",
            "Function \"\(function.name)\" expects \(function.variadic == nil ? "" : "at least ")\(wanted) argument\(wanted == 1 ? "" : "s"), but \(given) \(given == 1 ? "was" : "were") given. It is called as \(function.signature).",
            at: given > wanted ? call.arguments[min(wanted, call.arguments.count - 1)] : index)
        diagnostics[diagnostics.count - 1].functionCall = function.called
    }

    private mutating func reportFailure(
        _ function: Function, _ error: FunctionError, _ nodes: [UInt32], _ index: UInt32, _ scope: Scope, isHidden: Bool
    ) {
        // A function's own message may quote its arguments.
        let message =
            isHidden
            ? "the arguments do not fit (they are sensitive and not shown)" : VisibleText.escaped(error.message)
        if let argument = error.argument, nodes.indices.contains(argument) {
            report(
                "Invalid function argument",
                "Invalid value for \"\(function.parameterName(argument))\" parameter: \(message).".withoutDoubledStop,
                at: nodes[argument], scope, calling: function)
        } else {
            report(
                "Error in function call",
                "Call to function \"\(function.name)\" failed: \(message).".withoutDoubledStop,
                at: index, scope, calling: function)
        }
    }

    private mutating func lazyCall(
        _ function: Function, _ body: ([Function.LazyArgument], FunctionTable) throws(FunctionError) -> Value,
        _ call: Call,
        _ index: UInt32, _ scope: Scope
    ) -> Value {
        let (tree, isHiding) = (tree, isHiding)
        let arguments = call.arguments.map { argument in
            Function.LazyArgument(form: form(of: argument)) {
                var evaluator = Evaluator(tree: tree, isHiding: isHiding)
                let value = evaluator.evaluate(argument, scope)
                return (value, evaluator.diagnostics)
            }
        }
        guard !arguments.isEmpty else {
            report("Not enough function arguments", "Function \"\(call.name)\" expects at least 1 argument.", at: index)
            return .unknown(.dynamic)
        }
        guard function.variadic != nil || arguments.count == function.parameters.count else {
            reportCount(function, arguments.count, call, index)
            return .unknown(function.result)
        }
        do {
            return try body(arguments, scope.functions)
        } catch {
            reportFailure(function, error, call.arguments, index, scope, isHidden: false)
            return .unknown(function.result)
        }
    }

    private func form(of index: UInt32) -> Function.LazyArgument.Form {
        let node = tree.nodes[Int(index)]
        switch node.kind {
        case .variable: return .reference
        case .chain: return tree.nodes[Int(node.a)].kind == .variable ? .reference : .other
        case .template: return .text
        case .constant: return tree.constants[Int(node.a)].string == nil ? .other : .text
        case .wrap: return .wrapped
        default: return .other
        }
    }
}

extension Evaluator {
    /// Reports what is wrong with a call, which is told before what the names in it stand for.
    private mutating func report(
        _ summary: String, _ detail: String, at index: UInt32, _ scope: Scope, calling function: Function
    ) {
        report(summary, detail, at: index, scope)
        diagnostics[diagnostics.count - 1].functionCall = function.called
    }
}

extension Function {
    /// How it is called, such as `join(separator, lists...)`.
    fileprivate var signature: String {
        let names = parameters.map(\.name) + (variadic.map { ["\($0.name)..."] } ?? [])
        return "\(name)(\(names.joined(separator: ", ")))"
    }

    /// A call of it, for messages.
    fileprivate var called: Diagnostic.FunctionCall {
        func json(_ parameter: Parameter) -> JSONValue {
            ["name": .string(parameter.name), "type": parameter.type.json]
        }
        var object: JSONObject = ["name": .string(name), "params": .array(parameters.map(json))]
        if let variadic { object["variadic_param"] = json(variadic) }
        object["return_type"] = result.json
        return Diagnostic.FunctionCall(
            signature: signature, json: ["called_as": .string(name), "signature": .object(object)])
    }

    /// The name of what an argument is given to.
    fileprivate func parameterName(_ argument: Int) -> String {
        argument < parameters.count ? parameters[argument].name : variadic?.name ?? ""
    }
}

extension String {
    /// A sentence that was given a second full stop, with one.
    fileprivate var withoutDoubledStop: String { hasSuffix("..") ? String(dropLast()) : self }
}
