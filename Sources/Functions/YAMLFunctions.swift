import HCL
import Values

/// YAML.
enum YAMLFunctions {
    static let all: [Function] = [yamlencode, yamldecode]

    private static let yamlencode = Function(
        "yamlencode", [.init("value", .dynamic, allowsNull: true)], result: .string
    ) { values throws(FunctionError) in
        do throws(ValueError) {
            return .string(try YAMLWriting.text(values[0]))
        } catch {
            throw FunctionError(error.message, argument: 0)
        }
    }

    private static let yamldecode = Function("yamldecode", [.init("src", .string)], result: .dynamic) {
        values throws(FunctionError) in
        do throws(YAMLProblem) {
            return try YAMLReading.value(values[0].string ?? "")
        } catch {
            throw FunctionError(error.text)
        }
    }
}

/// Makes values of YAML, by the rules that Terraform has for tags and for words that are no strings.
struct YAMLReading {
    private static let prefix = "tag:yaml.org,2002:"
    /// How many values a text may stand for, with what it refers to counted each time.
    private static let maximumCount = 1_000_000

    private let events: [YAMLEvent]
    /// What is wrong behind the last event.
    private let problem: YAMLProblem?
    private var place = 0
    private var depth = 0
    private var count = 0
    /// What anchors stand for, and how many values that are; nil while it is read.
    private var anchors: [String: (value: Value, count: Int)?] = [:]

    private init(_ text: String) throws(YAMLProblem) { (events, problem) = try YAMLEvents.read(text) }

    /// The value of a text with one document.
    static func value(_ text: String) throws(YAMLProblem) -> Value {
        var reading = try YAMLReading(text)
        _ = try reading.next()
        let start = try reading.next()
        guard case .documentStart = start.kind else {
            throw YAMLProblem(reason: "missing start of document", place: (max(1, start.place.line), 0))
        }
        let value = try reading.read(try reading.next())
        _ = try reading.next()
        let end = try reading.next()
        guard case .streamEnd = end.kind else {
            throw YAMLProblem(reason: "unexpected extra content after value", place: end.place)
        }
        guard !value.isNested() else { throw YAMLProblem(reason: "it is nested too deeply") }
        return value
    }

    private mutating func next() throws(YAMLProblem) -> YAMLEvent {
        guard place < events.count else { throw problem ?? YAMLProblem(reason: "unexpected end of text") }
        defer { place += 1 }
        return events[place]
    }

    private mutating func read(_ event: YAMLEvent) throws(YAMLProblem) -> Value {
        let before = count
        count += 1
        guard count <= Self.maximumCount else {
            throw YAMLProblem(reason: "the text stands for more than \(Self.maximumCount) values", place: event.place)
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Value.nestingMaximum + 1 else {
            throw YAMLProblem(reason: "it is nested too deeply", place: event.place)
        }
        if case .alias(let name) = event.kind {
            switch anchors[name] {
            case nil: throw YAMLProblem(reason: "reference to undefined anchor \"\(name)\"", place: event.place)
            case .some(nil):
                throw YAMLProblem(
                    reason: "cannot refer to anchor \"\(name)\" from inside its own definition", place: event.place)
            case .some(let known?):
                count += known.count
                guard count <= Self.maximumCount else {
                    throw YAMLProblem(
                        reason: "the text stands for more than \(Self.maximumCount) values", place: event.place)
                }
                return known.value
            }
        }
        if let anchor = event.anchor { anchors[anchor] = .some(nil) }
        let value: Value
        switch event.kind {
        case .scalar(let text, let isPlain): value = try scalar(text, isPlain, event)
        case .sequenceStart:
            try check(event, "sequence", "seq")
            value = try sequence()
        case .mappingStart:
            try check(event, "mapping", "map")
            value = try mapping()
        default: throw YAMLProblem(reason: "unexpected end of text", place: event.place)
        }
        if let anchor = event.anchor { anchors[anchor] = .some((value, count - before)) }
        return value
    }

    private func check(_ event: YAMLEvent, _ kind: String, _ name: String) throws(YAMLProblem) {
        guard let tag = event.tag, tag != Self.prefix + name else { return }
        throw YAMLProblem(
            reason: tag.hasPrefix(Self.prefix) ? "can't interpret \(kind) as \(tag)" : "unsupported tag \"\(tag)\"",
            place: event.place)
    }

    private mutating func sequence() throws(YAMLProblem) -> Value {
        var items: [Value] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return .tuple(items) }
            items.append(try read(event))
        }
    }

    private mutating func mapping() throws(YAMLProblem) -> Value {
        var members: [String: Value] = [:]
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return .object(members) }
            guard case .scalar(let text, let isPlain) = event.kind else {
                throw YAMLProblem(reason: "only strings are allowed as mapping keys", place: event.place)
            }
            if text == "<<", isPlain, event.tag == nil {
                let merged = try read(try next())
                guard let fields = merged.fields else {
                    throw YAMLProblem(
                        reason: "cannot merge \(merged.type.friendlyName) into mapping", place: event.place)
                }
                members.merge(zip(fields.names, fields.values)) { _, new in new }
                continue
            }
            let key = try scalar(text, isPlain, event)
            guard !key.isNull else { throw YAMLProblem(reason: "mapping key cannot be null", place: event.place) }
            guard let name = (try? key.converted(to: .string))?.string else {
                throw YAMLProblem(reason: "only strings are allowed as mapping keys", place: event.place)
            }
            members[name] = try read(try next())
        }
    }

    // MARK: - Scalars

    private func scalar(_ text: String, _ isPlain: Bool, _ event: YAMLEvent) throws(YAMLProblem) -> Value {
        guard let tag = event.tag else { return isPlain ? try Self.implied(text, event) : .string(text) }
        let name = tag.hasPrefix(Self.prefix) ? String(tag.dropFirst(Self.prefix.count)) : ""
        let misfit = YAMLProblem(reason: "cannot parse \"\(text)\" as \(tag)", place: event.place)
        let value: Value?
        switch name {
        case "binary":
            guard (try? LenientBase64.bytes(of: text)) != nil else {
                throw YAMLProblem(reason: misfit.reason + ": not valid base64", place: event.place)
            }
            return .string(text)
        case "str": return .string(text)
        case "null", "bool", "int", "float", "timestamp":
            guard isPlain else { return .string(text) }
            value =
                switch name {
                case "null": .null(.dynamic)
                case "bool": Self.flag(text)
                case "timestamp": Self.moment(text)
                default: try Self.number(text, event)
                }
        default: throw YAMLProblem(reason: "unsupported tag \"\(tag)\"", place: event.place)
        }
        guard let value else { throw misfit }
        return value
    }

    /// What a plain word stands for.
    private static func implied(_ text: String, _ event: YAMLEvent) throws(YAMLProblem) -> Value {
        if ["", "~", "null", "Null", "NULL"].contains(text) { return .null(.dynamic) }
        if let value = flag(text) { return value }
        if let value = try number(text, event) { return value }
        return moment(text) ?? .string(text)
    }

    private static func flag(_ text: String) -> Value? {
        func isWritten(_ words: [String]) -> Bool {
            words.contains { [$0, $0.uppercased(), $0.prefix(1).uppercased() + $0.dropFirst()].contains(text) }
        }
        if isWritten(["true", "yes", "on", "y"]) { return .bool(true) }
        return isWritten(["false", "no", "off", "n"]) ? .bool(false) : nil
    }

    private static func number(_ text: String, _ event: YAMLEvent) throws(YAMLProblem) -> Value? {
        if [".nan", ".NaN", ".NAN"].contains(text) {
            throw YAMLProblem(reason: "floating point NaN is not supported", place: event.place)
        }
        let isNegative = text.hasPrefix("-")
        let unsigned = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
        if [".inf", ".Inf", ".INF"].contains(unsigned) {
            return .number(isNegative ? Number.infinity.negated : .infinity)
        }
        for (mark, base) in [("0x", 16), ("0o", 8)] where text.hasPrefix(mark) {
            let digits = text.dropFirst(2)
            guard digits.utf8.allSatisfy(\.isWord), let number = NumberFunctions.number(String(digits), base) else {
                return nil
            }
            return .number(number)
        }
        guard let digits = decimal(unsigned[...]), let number = Number(literal: digits) else { return nil }
        return .number(isNegative ? number.negated : number)
    }

    /// Digits, with a fraction and an exponent perhaps, in the form of a literal; nil for anything else.
    private static func decimal(_ text: Substring) -> String? {
        func digits(_ text: Substring) -> Substring { text.prefix { ("0"..."9").contains($0) } }
        let whole = digits(text)
        var rest = text.dropFirst(whole.count)
        var fraction = Substring()
        if rest.first == "." {
            fraction = digits(rest.dropFirst())
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var result = String(whole.drop { $0 == "0" })
        if result.isEmpty { result = "0" }
        if !fraction.isEmpty { result += "." + fraction }
        guard let mark = rest.first else { return result }
        let exponent = rest.dropFirst()
        let signless = exponent.first == "+" || exponent.first == "-" ? exponent.dropFirst() : exponent
        guard mark == "e" || mark == "E", !signless.isEmpty, digits(signless) == signless else { return nil }
        return result + "e" + exponent
    }

    /// A date, with a time of day perhaps, in the form of RFC 3339.
    private static func moment(_ text: String) -> Value? {
        let zoned = #/^(\d{4})-(\d\d?)-(\d\d?)[Tt](\d\d?):(\d\d?):(\d\d?)(\.\d+)?(Z|[-+]\d\d:\d\d)$/#
        let local = #/^(\d{4})-(\d\d?)-(\d\d?)(?: (\d\d?):(\d\d?):(\d\d?)(\.\d+)?)?$/#
        func two(_ part: Substring?) -> String { part.map { ($0.count < 2 ? "0" : "") + $0 } ?? "00" }
        let form: String
        if let match = text.wholeMatch(of: zoned)?.output {
            form =
                "\(match.1)-\(two(match.2))-\(two(match.3))T\(two(match.4)):\(two(match.5)):\(two(match.6))\(match.8)"
        } else if let match = text.wholeMatch(of: local)?.output {
            form = "\(match.1)-\(two(match.2))-\(two(match.3))T\(two(match.4)):\(two(match.5)):\(two(match.6))Z"
        } else {
            return nil
        }
        return (try? Moment(form)).map { .string($0.text) }
    }
}
