import HCL
import Values

/// Functions of moments, and of chance.
enum TimeFunctions {
    static func all(_ environment: FunctionEnvironment) -> [Function] {
        let planned = environment.planned
        return [
            formatdate, timeadd, timecmp,
            Function("plantimestamp", [], result: .string) { _ throws(FunctionError) in .string(planned) },
            passing("timestamp", environment) { now, _ in now() }, passing("uuid", environment) { _, uuid in uuid() },
        ]
    }

    /// A function whose result is another one each time, and therefore not known before apply.
    private static func passing(
        _ name: String, _ environment: FunctionEnvironment,
        _ result: @escaping @Sendable (_ now: () -> String, _ uuid: () -> String) -> String
    ) -> Function {
        let phase = environment.phase
        return Function(name, [], result: .string) { _ throws(FunctionError) in
            guard case .applying(let now, let uuid) = phase else { return .unknown(.string, .notNull) }
            return .string(result(now, uuid))
        }
    }

    private static func moment(_ value: Value, argument: Int? = nil) throws(FunctionError) -> Moment {
        do throws(Moment.Problem) {
            return try Moment(value.string ?? "")
        } catch {
            throw FunctionError(error.text, argument: argument)
        }
    }

    private static let formatdate = Function(
        "formatdate", [.init("format", .string), .init("time", .string)], result: .string
    ) { values throws(FunctionError) in
        let moment = try moment(values[1], argument: 1)
        do throws(DateFormat.Problem) {
            return .string(try DateFormat.text(of: moment, values[0].string ?? ""))
        } catch {
            throw FunctionError(error.text, argument: 0)
        }
    }

    private static let timeadd = Function(
        "timeadd", [.init("timestamp", .string), .init("duration", .string)], result: .string
    ) { values throws(FunctionError) in
        var moment = try moment(values[0])
        do throws(GoDuration.Problem) {
            moment.add(try GoDuration.nanoseconds(values[1].string ?? ""))
        } catch {
            throw FunctionError(error.text)
        }
        return .string(moment.text)
    }

    private static let timecmp = Function(
        "timecmp", [.init("timestamp_a", .string), .init("timestamp_b", .string)], result: .number
    ) { values throws(FunctionError) in
        let (first, second) = (try moment(values[0], argument: 0), try moment(values[1], argument: 1))
        let (one, other) = ((first.seconds, first.nanoseconds), (second.seconds, second.nanoseconds))
        return .number(one == other ? 0 : one < other ? -1 : 1)
    }
}

/// The verbs of `formatdate`.
private enum DateFormat {
    struct Problem: Error {
        let text: String
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    static func text(of moment: Moment, _ format: String) throws(Problem) -> String {
        let time = moment.civil
        var result = String.UnicodeScalarView()
        var rest = Array(format.unicodeScalars)[...]
        while let first = rest.first {
            if first == "'" {
                try quoted(&rest, &result)
            } else if ("a"..."z").contains(first) || ("A"..."Z").contains(first) {
                let verb = rest.prefix { $0 == first }
                rest = rest.dropFirst(verb.count)
                result.append(contentsOf: try text(of: moment, time, first, verb.count).unicodeScalars)
            } else {
                result.append(first)
                rest.removeFirst()
            }
        }
        return String(result)
    }

    /// Text between quotes, in which two quotes stand for one.
    private static func quoted(
        _ rest: inout ArraySlice<Unicode.Scalar>, _ result: inout String.UnicodeScalarView
    ) throws(Problem) {
        rest.removeFirst()
        if rest.first == "'" {
            result.append(rest.removeFirst())
            return
        }
        while let scalar = rest.popFirst() {
            if scalar != "'" {
                result.append(scalar)
            } else if rest.first == "'" {
                result.append(rest.removeFirst())
            } else {
                return
            }
        }
        throw Problem(text: "unterminated literal '")
    }

    private static func text(
        of moment: Moment, _ time: Calendar, _ letter: Unicode.Scalar, _ count: Int
    ) throws(Problem) -> String {
        func number(_ value: Int, _ wish: String) throws(Problem) -> String {
            switch count {
            case 1: return String(value)
            case 2: return value.padded
            default: throw misfit(letter, count, wish)
            }
        }
        switch (letter, count) {
        case ("Y", 2): return (time.year % 100).padded
        case ("Y", 4): return (time.year / 100).padded + (time.year % 100).padded
        case ("Y", _): throw misfit(letter, count, "year must either be \"YY\" or \"YYYY\"")
        case ("M", 3): return String(months[time.month - 1].prefix(3))
        case ("M", 4): return months[time.month - 1]
        case ("M", _): return try number(time.month, "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"")
        case ("D", _): return try number(time.day, "day of month must either be \"D\" or \"DD\"")
        case ("E", 3): return String(weekdays[time.weekday].prefix(3))
        case ("E", 4): return weekdays[time.weekday]
        case ("E", _): throw misfit(letter, count, "day of week must either be \"EEE\" or \"EEEE\"")
        case ("h", _): return try number(time.hour, "24-hour must either be \"h\" or \"hh\"")
        case ("H", _):
            return try number((time.hour + 11) % 12 + 1, "12-hour must either be \"H\" or \"HH\"")
        case ("A", 2): return time.hour < 12 ? "AM" : "PM"
        case ("a", 2): return time.hour < 12 ? "am" : "pm"
        case ("A", _), ("a", _): throw misfit(letter, count, "must be \"\(letter)\(letter)\"")
        case ("m", _): return try number(time.minute, "minute must either be \"m\" or \"mm\"")
        case ("s", _): return try number(time.second, "second must either be \"s\" or \"ss\"")
        case ("Z", 1): return moment.offset == 0 ? "Z" : moment.offsetText(separator: ":")
        case ("Z", 3): return moment.offset == 0 ? "UTC" : moment.offsetText(separator: "")
        case ("Z", 4): return moment.offsetText(separator: "")
        case ("Z", 5): return moment.offsetText(separator: ":")
        case ("Z", _): throw misfit(letter, count, "timezone must be Z, ZZZZ, or ZZZZZ")
        default: throw misfit(letter, count, nil)
        }
    }

    private static func misfit(_ letter: Unicode.Scalar, _ count: Int, _ wish: String?) -> Problem {
        let verb = String(repeating: String(letter), count: count)
        return Problem(text: "invalid date format verb \"\(verb)\"" + (wish.map { ": " + $0 } ?? ""))
    }
}

/// Durations as Go writes them, such as `1h30m`.
private enum GoDuration {
    struct Problem: Error {
        let text: String
    }

    private static let units: [String: UInt64] = [
        "ns": 1, "us": 1_000, "\u{b5}s": 1_000, "\u{3bc}s": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]
    private static let maximum = UInt64(Int64.max) + 1

    static func nanoseconds(_ text: String) throws(Problem) -> Int {
        let invalid = Problem(text: "time: invalid duration \(quoted(text))")
        var rest = Array(text.unicodeScalars)[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == ["0"] { return 0 }
        guard !rest.isEmpty else { throw invalid }
        var total: UInt64 = 0
        while !rest.isEmpty {
            let whole = digits(&rest)
            var fraction = ArraySlice<Unicode.Scalar>()
            if rest.first == "." {
                rest.removeFirst()
                fraction = digits(&rest)
            }
            guard !whole.isEmpty || !fraction.isEmpty else { throw invalid }
            let unit = rest.prefix { $0 != "." && !("0"..."9").contains($0) }
            guard !unit.isEmpty else { throw Problem(text: "time: missing unit in duration \(quoted(text))") }
            rest = rest.dropFirst(unit.count)
            var name = String.UnicodeScalarView()
            name.append(contentsOf: unit)
            guard let length = units[String(name)] else {
                throw Problem(text: "time: unknown unit \(quoted(String(name))) in duration \(quoted(text))")
            }
            guard let value = number(whole),
                case let (product, overflow) = value.multipliedReportingOverflow(by: length),
                !overflow, product <= maximum
            else { throw invalid }
            // Each is at most 2^63, and the part less than a unit: the sum of two of them may be more than there are bits.
            let (sum, isBeyond) = total.addingReportingOverflow(product + part(fraction, of: length))
            guard !isBeyond, sum <= maximum else { throw invalid }
            total = sum
        }
        guard total < maximum || isNegative else { throw invalid }
        return isNegative ? Int(truncatingIfNeeded: 0 &- total) : Int(total)
    }

    private static func digits(_ rest: inout ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private static func number(_ digits: ArraySlice<Unicode.Scalar>) -> UInt64? {
        var result: UInt64 = 0
        for digit in digits {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= maximum else { return nil }
            result = product + UInt64(digit.value - 48)
        }
        return result <= maximum ? result : nil
    }

    private static func part(_ fraction: ArraySlice<Unicode.Scalar>, of length: UInt64) -> UInt64 {
        var (value, scale) = (0 as UInt64, 1.0)
        for digit in fraction {
            // Go stops before a digit that might not fit.
            guard value <= UInt64(Int64.max) / 10 else { break }
            let next = value * 10 + UInt64(digit.value - 48)
            guard next <= maximum else { break }
            (value, scale) = (next, scale * 10)
        }
        return UInt64(Double(value) * (Double(length) / scale))
    }

    /// The text as Go quotes it there: bytes that are not of ASCII one by one.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += "\\" + String(Unicode.Scalar(byte))
            case 0x20..<0x80: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return result + "\""
    }
}
