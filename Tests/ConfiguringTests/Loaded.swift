import Configuring
import Diagnostics
import HCL
import Values

/// A configuration that a test loads, with everything that is said about it.
struct Loaded {
    var configuration: Configuration
    var diagnostics: [Diagnostic]

    /// Loads files; those in directories below are modules that may be called.
    init(_ sources: [(name: String, text: String)]) {
        let directories = Dictionary(grouping: sources) { source in
            source.name.lastIndex(of: "/").map { String(source.name[..<$0]) } ?? "."
        }.mapValues { $0.map { (name: $0.name, bytes: Array($0.text.utf8)) } }
        (configuration, diagnostics) = Configuration.load(
            directories["."] ?? [], catalog: TestCatalog.catalog, modules: { directories[$0] })
    }

    init(_ text: String) { self.init([("main.tf", text)]) }

    /// The summaries, in order.
    var summaries: [String] { diagnostics.map(\.summary) }

    /// The diagnostics as a user sees them.
    func shown(_ width: Int = 78) -> String {
        DiagnosticRenderer(files: configuration.files, width: width, isColored: false).text(diagnostics)
    }

    /// Gives the variables their values, and says which rules those break.
    mutating func resolve(_ sources: [VariableSource] = []) -> VariableValues {
        let result = configuration.resolveVariables(sources, diagnostics: &diagnostics)
        let scope = Self.scope(Dictionary(uniqueKeysWithValues: result.values.map { (.variable($0), $1) }))
        for (_, variable) in configuration.variables.sorted(by: { $0.key < $1.key }) {
            diagnostics += configuration.validate(variable, of: .root, in: scope).flatMap(\.diagnostics)
        }
        return result
    }

    /// Evaluates everything with what the cloud would set unknown; the values of locals, resources and outputs by name.
    mutating func evaluate(_ sources: [VariableSource] = []) -> [String: Value] {
        let variables = resolve(sources)
        var values: [Node: Value] = [:]
        var result: [String: Value] = [:]
        for (name, value) in variables.values { values[.variable(name)] = value }
        for name in configuration.providers.keys.sorted() {
            guard let schema = TestCatalog.catalog.providers[name]?.configuration else { continue }
            result["provider.\(name)"] = configuration.evaluateProvider(
                name, schema: schema, in: Self.scope(values), diagnostics: &diagnostics)
        }
        for node in configuration.topologicalOrder().nodes {
            let scope = Self.scope(values)
            switch node.kind {
            case .variable, .provider, .call, .validation, .check: continue
            case .local(let name):
                let value = configuration.root.locals[name]?.expression.evaluate(in: scope, diagnostics: &diagnostics)
                values[node] = value
                result["local.\(name)"] = value
            case .output(let name):
                guard let output = configuration.outputs[name] else { continue }
                let value = output.expression.evaluate(in: scope, diagnostics: &diagnostics)
                diagnostics += [output.sensitivityProblem(of: value)].compactMap { $0 }
                result["output.\(name)"] = value
            case .resource(let address):
                guard let resource = configuration.resource(address) else { continue }
                let expansion = resource.repetition.expansion(
                    in: scope, of: resource.construct, diagnostics: &diagnostics)
                var objects: [Value] = []
                for instance in expansion.instances {
                    let object = resource.evaluate(in: scope.with(instance.names), diagnostics: &diagnostics)
                    result[InstanceAddress(address, instance.key).description] = object
                    objects.append(Self.planned(object, resource.schema.block))
                }
                values[node] = expansion.collection(objects, type: resource.schema.type)
            }
        }
        return result
    }

    /// The object with what the cloud sets unknown, and secrets marked.
    private static func planned(_ object: Value, _ schema: BlockSchema) -> Value {
        guard var fields = object.fields else { return object }
        for attribute in schema.attributes where attribute.isComputed && fields[attribute.name]?.isNull == true {
            let marks: Marks = attribute.isSecret ? [.sensitive, .secret] : []
            fields = fields.replacing(attribute.name, with: .unknown(attribute.type).withMarks(marks))
        }
        return Value(.object(fields), marks: object.marks)
    }

    static func scope(_ values: [Node: Value]) -> Scope {
        Scope(functions: functions) { root, names in
            func found(_ node: Node, _ consumed: Int) -> Scope.Resolution {
                values[node].map { .value($0, consumed: consumed) } ?? .reported
            }
            switch (root, names.first) {
            case ("var", let name?): return found(.variable(name), 1)
            case ("local", let name?): return found(.local(name), 1)
            case ("path", _): return .value(.object(["module": .string(".")]), consumed: 0)
            case ("data", let type?) where names.count > 1:
                return found(.resource(ResourceAddress(mode: .data, type: type, name: names[1])), 2)
            case (let type, let name?):
                return found(.resource(ResourceAddress(mode: .managed, type: type, name: name)), 1)
            default: return .reported
            }
        }
    }

    static let functions = FunctionTable([
        Function("toset", [marked]) { (values) throws(FunctionError) in
            do throws(ValueError) {
                return try values[0].converted(to: .set(.dynamic))
            } catch {
                throw FunctionError(error.description, argument: 0)
            }
        },
        Function("sensitive", [marked]) { $0[0].withMarks(.sensitive) },
        Function("secret", [marked]) { $0[0].withMarks([.secret, .sensitive]) },
        Function("length", [.init("value", .dynamic)], result: .number) { values in
            .number(values[0].string?.count ?? values[0].elements?.count ?? 0)
        },
    ])

    private static let marked = Function.Parameter(
        "value", .dynamic, allowsNull: true, allowsUnknown: true, allowsMarks: true)
}
