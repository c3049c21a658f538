package import Diagnostics
package import HCL
package import Values

/// A `backend` block: where the state is kept.
///
/// What its arguments mean is the backend's business; here they are text. Members of an object are named with a dot
/// (`endpoints.s3`), elements of a list by their number from zero (`shared_config_files.0`).
package struct BackendBlock: Hashable, Sendable {
    /// The label, such as `s3`; `cloud` for a `cloud` block.
    package var type: String
    /// Values as text, by name; a null is left out.
    package var arguments: [String: String] = [:]
    /// Where each value is written.
    package var ranges: [String: SourceRange] = [:]
    /// Where the block begins; nil when it comes from elsewhere.
    package var headerRange: SourceRange?

    /// Makes a block without arguments.
    package init(type: String, headerRange: SourceRange? = nil) {
        self.type = type
        self.headerRange = headerRange
    }

    /// Reads the body of a block; what needs names, or is neither text, number nor truth value, is an error.
    package mutating func read(_ body: Body, under prefix: String = "", diagnostics: inout [Diagnostic]) {
        for attribute in body.attributes {
            var problems: [Diagnostic] = []
            let value = attribute.expression.evaluate(in: .constant, diagnostics: &problems)
            guard problems.isEmpty, value.isWhollyKnown else {
                diagnostics.append(.variablesInBackend(at: attribute.expression.range))
                continue
            }
            add(value, prefix + attribute.name, attribute.expression.range, &diagnostics)
        }
        for block in body.blocks { read(block.body, under: "\(prefix)\(block.type).", diagnostics: &diagnostics) }
    }

    /// Takes the members of an object as arguments, unless they are not known; returns what is wrong with one, as a sentence.
    package mutating func add(_ members: Value) -> String? {
        var problems: [Diagnostic] = []
        for (name, value) in members.fields.map({ zip($0.names, $0.values) }).map(Array.init) ?? [] {
            add(value, name, nil, &problems)
        }
        return problems.first?.detail
    }

    private mutating func add(
        _ value: Value, _ name: String, _ range: SourceRange?, _ diagnostics: inout [Diagnostic]
    ) {
        if value.isNull || value.isUnknown { return }
        if let fields = value.fields {
            for (member, value) in zip(fields.names, fields.values) {
                add(value, "\(name).\(member)", range, &diagnostics)
            }
        } else if let elements = value.elements {
            for (index, value) in elements.enumerated() { add(value, "\(name).\(index)", range, &diagnostics) }
        } else if let text = (try? value.converted(to: .string))?.string {
            arguments[name] = text
            ranges[name] = range
        } else {
            diagnostics.append(
                .error(
                    "Unsuitable value type", "An argument of a backend is text, a number, true or false.", at: range))
        }
    }
}

extension Diagnostic {
    fileprivate static func variablesInBackend(at range: SourceRange) -> Diagnostic {
        .error(
            "Variables not allowed",
            "A backend is needed before variables have values, so its arguments must be written out. Leave an argument out and give it with \"flinkform init -backend-config=NAME=VALUE\", or by the backend's environment variables.",
            at: range)
    }
}
