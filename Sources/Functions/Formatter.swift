import HCL
import JSON
import Values

/// The verbs of `format`.
enum Formatter {
    /// The format with its verbs replaced by the arguments.
    static func format(_ format: String, _ arguments: [Value]) throws(FunctionError) -> Value {
        var result = ""
        var next = 0
        var used = 0
        var rest = Array(format)[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                result += "%"
                continue
            }
            let verb = try Verb(&rest)
            if let index = verb.index { next = index - 1 }
            guard arguments.indices.contains(next) else {
                throw FunctionError(
                    "not enough arguments for \"\(verb.text)\": need index \(next + 1) but have \(arguments.count) total"
                )
            }
            let value = arguments[next]
            next += 1
            used = max(used, next)
            if value.isUnknown { return .unknown(.string, .notNull) }
            result += try verb.apply(to: value, place: next)
        }
        if used < arguments.count {
            throw FunctionError("too many arguments; only \(used) used by format string", argument: used + 1)
        }
        return .string(result)
    }

    /// One verb with its flags.
    private struct Verb {
        var text = "%"
        var flags: Set<Character> = []
        var width = 0
        var precision: Int?
        var index: Int?
        var letter: Character = " "

        init(_ rest: inout ArraySlice<Character>) throws(FunctionError) {
            while let flag = rest.first, "-+# 0".contains(flag) {
                flags.insert(flag)
                text.append(rest.removeFirst())
            }
            width = number(&rest) ?? 0
            if rest.first == "." {
                text.append(rest.removeFirst())
                precision = number(&rest) ?? 0
            }
            if rest.first == "[" {
                text.append(rest.removeFirst())
                index = number(&rest)
                guard rest.first == "]", (index ?? 0) > 0 else {
                    throw FunctionError("the index in \"\(text)\" is not closed or not a number")
                }
                text.append(rest.removeFirst())
            }
            guard let verb = rest.popFirst() else { throw FunctionError("the format ends inside a verb") }
            letter = verb
            text.append(verb)
        }

        private mutating func number(_ rest: inout ArraySlice<Character>) -> Int? {
            var digits = ""
            while let digit = rest.first, digit.isASCII, digit.isNumber, digits.count < 5 {
                digits.append(rest.removeFirst())
            }
            text += digits
            return Int(digits)
        }

        func apply(to value: Value, place: Int) throws(FunctionError) -> String {
            switch letter {
            case "v":
                if flags.contains("#") { return padded(try json(value)) }
                if value.isNull { return padded("null") }
                if let text = value.string { return padded(text) }
                // Beyond 21 digits Go's shortest form has an exponent.
                if let number = value.number, abs(number.double) >= 1e21 {
                    return padded(Decimal.shortest(number.double))
                }
                return padded(try json(value))
            case "s":
                let text = try converted(value, .string, place).string ?? ""
                return padded(precision.map { String(text.prefix($0)) } ?? text)
            case "q":
                let text = try converted(value, .string, place).string ?? ""
                return padded(JSONValue.string(text).text(.compact))
            case "t": return padded(try converted(value, .bool, place).bool == true ? "true" : "false")
            case "d":
                let number = try converted(value, .number, place).number ?? Number(0)
                return signed((number.isNegative ? number.roundedUp : number.roundedDown).description)
            case "x", "X", "o", "b": return try based(value, place)
            case "f", "e", "g": return try floating(value, place)
            default: throw FunctionError("unsupported format verb \"%\(letter)\"")
            }
        }

        private func json(_ value: Value) throws(FunctionError) -> String {
            do throws(ValueError) {
                return try value.json().text(.compact)
            } catch {
                throw FunctionError("a value is not known yet")
            }
        }

        private func converted(_ value: Value, _ type: ValueType, _ place: Int) throws(FunctionError) -> Value {
            if value.isNull {
                throw FunctionError(
                    "unsupported value for \"\(text)\": null value cannot be formatted", argument: place)
            }
            do throws(ValueError) {
                return try value.converted(to: type)
            } catch {
                throw FunctionError("unsupported value for \"\(text)\": \(error.message)", argument: place)
            }
        }

        private func based(_ value: Value, _ place: Int) throws(FunctionError) -> String {
            if letter == "x" || letter == "X", let text = value.string {
                let digits = text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: letter == "X") }
                return padded(digits.joined())
            }
            guard let number = try converted(value, .number, place).number?.int else {
                throw FunctionError("a whole number of at most 64 bits is required for \"\(text)\"", argument: place)
            }
            let radix = letter == "o" ? 8 : letter == "b" ? 2 : 16
            return signed(String(number, radix: radix, uppercase: letter == "X"))
        }

        private func floating(_ value: Value, _ place: Int) throws(FunctionError) -> String {
            let number = try converted(value, .number, place).number?.double ?? 0
            switch letter {
            case "f": return signed(Decimal.fixed(number, precision ?? 6))
            case "e": return signed(Decimal.scientific(number, precision ?? 6))
            default: return signed(Decimal.shortest(number))
            }
        }

        private func signed(_ text: String) -> String {
            var text = text
            if !text.hasPrefix("-") { text = (flags.contains("+") ? "+" : flags.contains(" ") ? " " : "") + text }
            guard flags.contains("0"), !flags.contains("-"), text.count < width else { return padded(text) }
            let sign = text.prefix { "+- ".contains($0) }
            return sign + String(repeating: "0", count: width - text.count) + text.dropFirst(sign.count)
        }

        private func padded(_ text: String) -> String {
            guard text.count < width else { return text }
            let spaces = String(repeating: " ", count: width - text.count)
            return flags.contains("-") ? text + spaces : spaces + text
        }
    }
}

/// Doubles as decimal text.
private enum Decimal {
    static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
        let exact = Number(abs(value))?.description ?? "0"
        let parts = exact.split(separator: ".")
        var digits = Array((parts[0] + (parts.count > 1 ? parts[1] : "")).utf8).map { Int($0) - 48 }
        let wanted = parts[0].count + places
        let rounds =
            digits.count > wanted
            && (digits[wanted] > 5
                || (digits[wanted] == 5
                    && (digits[(wanted + 1)...].contains { $0 > 0 } || (wanted > 0 && digits[wanted - 1] % 2 == 1))))
        digits = Array(digits.prefix(wanted)) + Array(repeating: 0, count: max(0, wanted - digits.count))
        if rounds {
            var place = digits.count - 1
            while place >= 0, digits[place] == 9 {
                digits[place] = 0
                place -= 1
            }
            if place >= 0 { digits[place] += 1 } else { digits.insert(1, at: 0) }
        }
        let text = digits.map(String.init).joined()
        let whole = text.dropLast(places)
        return (value < 0 ? "-" : "") + (whole.isEmpty ? "0" : whole) + (places > 0 ? "." + text.suffix(places) : "")
    }

    static func scientific(_ value: Double, _ places: Int) -> String {
        guard value.isFinite, value != 0 else { return fixed(value, places) + (value == 0 ? "e+00" : "") }
        var exponent = 0
        var scaled = abs(value)
        while scaled >= 10 {
            scaled /= 10
            exponent += 1
        }
        while scaled < 1 {
            scaled *= 10
            exponent -= 1
        }
        var text = fixed(scaled, places)
        if text.hasPrefix("10") {
            text = fixed(scaled / 10, places)
            exponent += 1
        }
        let digits = String(abs(exponent))
        return (value < 0 ? "-" : "") + text + "e" + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
    }

    static func shortest(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : value < 0 ? "-Inf" : "+Inf" }
        let size = abs(value)
        if size >= 1e21 || size < 1e-4 {
            let text = "\(value)"
            guard let mark = text.firstIndex(of: "e") else { return text }
            let exponent = Int(text[text.index(after: mark)...]) ?? 0
            var mantissa = String(text[..<mark])
            if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
            let digits = String(abs(exponent))
            return mantissa + "e" + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
        }
        return Number(value).map { number in
            let text = "\(value)"
            return text.contains("e") ? number.description : text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        } ?? ""
    }
}
