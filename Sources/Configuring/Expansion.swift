package import Diagnostics
package import HCL
package import Values

/// Which instances a resource or a module has, and what `each` and `count` are for each.
package struct Expansion: Sendable {
    private enum Form: Sendable {
        case single
        case count
        case each
    }

    private let form: Form
    /// The instances and their names, in order.
    package let instances: [(key: InstanceKey, names: [String: Value])]
    /// False when `count` or `for_each` is faulty, so that nothing may be concluded from an instance's absence.
    package let isKnown: Bool
    /// Where each key of `for_each` is among the instances.
    private let positions: [String: Int]

    /// Whether the resource has `count`.
    package var isCounted: Bool { form == .count }
    /// Whether the resource has `for_each`.
    package var isEach: Bool { form == .each }

    /// What expressions see of the resource.
    ///
    /// - Parameters:
    ///   - values: The instances' values, in their order.
    ///   - type: The type of one, for when nothing is known.
    package func collection(_ values: [Value], type: ValueType) -> Value {
        guard isKnown else { return .unknown(.dynamic) }
        switch form {
        case .single: return values.first ?? .unknown(type)
        case .count: return .tuple(values)
        case .each:
            var fields: [String: Value] = [:]
            for (instance, value) in zip(instances, values) {
                if case .key(let key) = instance.key { fields[key] = value }
            }
            return .object(fields)
        }
    }

    /// The names that one instance adds; nil when there is no such instance.
    package func names(of key: InstanceKey) -> [String: Value]? {
        switch (form, key) {
        case (.single, .none): [:]
        case (.count, .index(let index)):
            instances.indices.contains(index) ? instances[index].names : nil
        case (.each, .key(let key)): positions[key].map { instances[$0].names }
        default: nil
        }
    }

    private init(_ form: Form, _ instances: [(key: InstanceKey, names: [String: Value])], isKnown: Bool = true) {
        self.form = form
        self.instances = instances
        self.isKnown = isKnown
        var positions: [String: Int] = [:]
        for (place, instance) in instances.enumerated() {
            if case .key(let key) = instance.key { positions[key] = place }
        }
        self.positions = positions
    }

    /// The one instance of a block that is not repeated.
    package static let single = Expansion(.single, [(.none, [:])])

    fileprivate static func counted(_ count: Int) -> Expansion {
        let names = KeyTable(["index"])
        return Expansion(
            .count,
            (0..<count).map { index in
                (.index(index), ["count": Value(.object(Fields(names: names, values: [.number(index)])))])
            })
    }

    fileprivate static func each(_ pairs: [(key: String, value: Value)]) -> Expansion {
        let names = KeyTable(["key", "value"])
        return Expansion(
            .each,
            pairs.map { key, value in
                (.key(key), ["each": Value(.object(Fields(names: names, values: [.string(key), value])))])
            })
    }

    fileprivate static func faulty(isCounted: Bool) -> Expansion {
        Expansion(isCounted ? .count : .each, [], isKnown: false)
    }
}

extension Repetition {
    /// Whether instances have keys.
    package var isRepeated: Bool { count != nil || forEach != nil }

    /// What expressions see of a resource of which only some instances are there.
    ///
    /// - Parameters:
    ///   - values: The instances that are there.
    ///   - type: The type of one, for when nothing is known.
    package func collection(_ values: [InstanceKey: Value], type: ValueType) -> Value {
        if forEach != nil {
            var fields: [String: Value] = [:]
            for case (.key(let key), let value) in values { fields[key] = value }
            return .object(fields)
        }
        guard count != nil else { return values[.none] ?? .unknown(type) }
        var items: [Value] = []
        for case (.index(let index), let value) in values.sorted(by: { $0.key < $1.key }) {
            // No configuration asks for so many: it is a leftover that somebody named by hand.
            guard index < Self.countMaximum else { break }
            while items.count < index { items.append(.unknown(type)) }
            items.append(value)
        }
        return .tuple(items)
    }

    /// How many instances `count` may ask for.
    private static let countMaximum = 100_000

    /// Which instances there are to be.
    ///
    /// - Parameters:
    ///   - scope: What `count` and `for_each` may refer to.
    ///   - construct: The block, for diagnostics.
    ///   - diagnostics: Problems are added here; the expansion is not known then. What is unknown is no problem of its own when
    ///     there is an error already, since that may be the cause.
    package func expansion(in scope: Scope, of construct: String, diagnostics: inout [Diagnostic]) -> Expansion {
        guard let expression = count ?? forEach else { return .single }
        let isCounted = count != nil
        var problems: [Diagnostic] = []
        let value = expression.evaluate(in: scope, diagnostics: &problems)
        let mayBeCaused = diagnostics.hasErrors || problems.hasErrors
        defer { diagnostics += problems.map { $0.inside(construct) } }
        do throws(Fault) {
            return isCounted ? .counted(try Self.number(of: value)) : .each(try Self.pairs(of: value))
        } catch {
            if !(error.isUnknown && mayBeCaused) {
                var problem = Diagnostic.error(error.summary, error.detail, at: expression.range)
                if error.hasFacts { problem.facts = expression.facts(in: scope, isDecided: false) }
                problems.append(problem)
            }
            return .faulty(isCounted: isCounted)
        }
    }

    /// Reports what is wrong with it whatever is unknown.
    package func check(in scope: Scope, of construct: String, diagnostics: inout [Diagnostic]) {
        guard let expression = count ?? forEach else { return }
        var problems: [Diagnostic] = []
        let value = expression.evaluate(in: scope, diagnostics: &problems)
        // What is not known yet, and what depends on it, is no problem here.
        if !value.isWhollyKnown || problems.hasErrors {
            diagnostics += problems.map { $0.inside(construct) }
        } else {
            _ = expansion(in: scope, of: construct, diagnostics: &diagnostics)
        }
    }

    /// Why a value cannot say which instances there are.
    private struct Fault: Error {
        var summary: String
        var detail: String
        /// Whether it is for want of a value.
        var isUnknown = false
        /// Whether it is told what the names stand for.
        var hasFacts = true

        static func count(_ detail: String, isUnknown: Bool = false) -> Fault {
            Fault(summary: "Invalid count argument", detail: detail, isUnknown: isUnknown, hasFacts: false)
        }

        static func each(_ detail: String, isUnknown: Bool = false) -> Fault {
            Fault(summary: "Invalid for_each argument", detail: detail, isUnknown: isUnknown)
        }

        static func unsuitable(count why: String) -> Fault {
            .count("The given \"count\" argument value is unsuitable: \(why).")
        }

        static func unsuitable(each why: String, isSet: Bool = false) -> Fault {
            var fault = each("The given \"for_each\" argument value is unsuitable: \(why).")
            if isSet { fault.summary = "Invalid for_each set argument" }
            return fault
        }
    }

    private static func number(of value: Value) throws(Fault) -> Int {
        if value.allMarks.contains(.secret) {
            throw .count(
                """
                The "count" value depends on a secret, which must not decide how many instances there are: their number \
                is kept in state.
                """)
        }
        if value.isNull { throw .count("The given \"count\" argument value is null. An integer is required.") }
        guard let number = try? value.converted(to: .number) else {
            throw Fault(
                summary: "Incorrect value type", detail: "Invalid expression value: a number is required.")
        }
        if number.isUnknown { throw .count(unknownCount, isUnknown: true) }
        guard let count = number.number?.int else {
            throw .unsuitable(count: "value must be a whole number, between \(Int.min) and \(Int.max)")
        }
        guard count >= 0 else { throw .unsuitable(count: "must be greater than or equal to zero") }
        guard count <= countMaximum else { throw .unsuitable(count: "must be \(countMaximum) at most") }
        return count
    }

    private static func pairs(of value: Value) throws(Fault) -> [(key: String, value: Value)] {
        // The keys of a map are never hidden on their own; the elements of a set are its keys.
        let isSet = if case .set = value.content { true } else { false }
        if !(isSet ? value.allMarks : value.marks).isEmpty {
            throw .each(
                """
                Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the \
                sensitive value could be exposed as a resource instance key.
                """)
        }
        switch value.content {
        case .null:
            throw .unsuitable(
                each: "the given \"for_each\" argument value is null. A map, or set of strings is allowed")
        case .map(_, let fields), .object(let fields):
            return Array(zip(fields.names, fields.values)).map { ($0, $1) }
        case .set(let element, let items):
            var pairs: [(key: String, value: Value)] = []
            for item in items {
                if item.isNull, element == .string {
                    throw .unsuitable(each: "\"for_each\" sets must not contain null values", isSet: true)
                }
                if item.isNull || item.type != .string && item.type != .dynamic {
                    throw .unsuitable(
                        each: """
                            "for_each" supports maps and sets of strings, but you have provided a set containing type \
                            \(element.friendlyName)
                            """, isSet: true)
                }
                guard let key = item.string else { throw .each(unknownElements, isUnknown: true) }
                pairs.append((key, item))
            }
            return pairs
        case .unknown(let type, _):
            switch type {
            case .set(.string), .set(.dynamic): throw .each(unknownElements, isUnknown: true)
            case .dynamic, .map, .object: throw .each(unknownKeys, isUnknown: true)
            default: throw wrongType(type)
            }
        default: throw wrongType(value.type)
        }
    }

    private static func wrongType(_ type: ValueType) -> Fault {
        let advice =
            switch type {
            case .list(.string), .tuple: "; toset(…) makes a set of it"
            default: ""
            }
        return .unsuitable(
            each: """
                the "for_each" argument must be a map, or set of strings, and you have provided a value of type \
                \(type.friendlyName)\(advice)
                """)
    }

    private static let unknownCount = """
        The "count" value depends on resource attributes that cannot be determined until apply, so flinkform cannot predict how \
        many instances will be created. To work around this, use the -target argument to first apply only the resources that \
        the count depends on.
        """

    private static let unknownElements = """
        The "for_each" set includes values derived from resource attributes that cannot be determined until apply, and so \
        flinkform cannot determine the full set of keys that will identify the instances of this resource.

        When working with unknown values in for_each, it's better to use a map value where the keys are defined statically in \
        your configuration and where only the values contain apply-time results.

        \(targets)
        """

    private static let unknownKeys = """
        The "for_each" map includes keys derived from resource attributes that cannot be determined until apply, and so \
        flinkform cannot determine the full set of keys that will identify the instances of this resource.

        When working with unknown values in for_each, it's better to define the map keys statically in your configuration and \
        place apply-time results only in the map values.

        \(targets)
        """

    private static let targets = """
        Alternatively, you could use the -target planning option to first apply only the resources that the for_each value \
        depends on, and then apply a second time to fully converge.
        """
}
