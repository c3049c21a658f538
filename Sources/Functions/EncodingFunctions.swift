import Diagnostics
import FoundationEssentials
import HCL
import JSON
import Values

/// Encodings.
enum EncodingFunctions {
    static let all: [Function] = [jsonencode, jsondecode, base64encode, base64decode, urlencode, csvdecode]

    private static let jsonencode = Function("jsonencode", [.init("val", .dynamic, allowsNull: true)], result: .string)
    { values throws(FunctionError) in
        do throws(ValueError) {
            return .string(try values[0].json().text(.compact))
        } catch {
            throw FunctionError(error.message, argument: 0)
        }
    }

    private static let jsondecode = Function("jsondecode", [.init("str", .string)], result: .dynamic) {
        values throws(FunctionError) in
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: values[0].string ?? "", repeatedKeys: .lastWins)
        } catch {
            throw FunctionError("the string is not JSON: \(error)", argument: 0)
        }
        do throws(ValueError) {
            return try Value(impliedFrom: json)
        } catch {
            throw FunctionError(error.message, argument: 0)
        }
    }

    private static let base64encode = Function("base64encode", [.init("str", .string)], result: .string) {
        values throws(FunctionError) in
        .string(Data((values[0].string ?? "").utf8).base64EncodedString())
    }

    private static let base64decode = Function("base64decode", [.init("str", .string)], result: .string) {
        values throws(FunctionError) in
        guard let data = try? LenientBase64.bytes(of: values[0].string ?? "") else {
            throw FunctionError("failed to decode base64 data \"\(values[0].string ?? "")\"")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw FunctionError("the result of decoding the provided string is not valid UTF-8", argument: 0)
        }
        return .string(text)
    }

    private static let urlencode = Function("urlencode", [.init("str", .string)], result: .string) {
        values throws(FunctionError) in
        var result = ""
        for byte in (values[0].string ?? "").utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += "+"
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return .string(result)
    }

    private static let csvdecode = Function("csvdecode", [.init("str", .string)], result: .list(.dynamic)) {
        values throws(FunctionError) in
        let rows = try SeparatedValues.rows(values[0].string ?? "")
        guard let names = rows.first else { throw FunctionError("missing header line") }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw FunctionError("duplicate column name \"\(name)\"") }
        let type = ValueType.object(ObjectType(Dictionary(uniqueKeysWithValues: names.map { ($0, .string) })))
        return .list(
            type,
            rows.dropFirst().map { row in
                .object(Dictionary(uniqueKeysWithValues: zip(names, row.map { .string($0) })))
            })
    }
}

/// Values separated by commas, as RFC 4180 has them.
enum SeparatedValues {
    /// The rows; all have as many fields as the first, and empty lines are none.
    static func rows(_ text: String) throws(FunctionError) -> [[String]] {
        var rows: [[String]] = []
        var rest = Array(text.replacing("\r\n", with: "\n").utf8)[...]
        var line = 1
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: "\n") {
                rest.removeFirst()
                line += 1
                continue
            }
            let start = line
            let row = try row(&rest, &line)
            if let first = rows.first, first.count != row.count { throw failure(start, "wrong number of fields") }
            rows.append(row)
        }
        return rows
    }

    private static func failure(_ line: Int, _ reason: String) -> FunctionError {
        FunctionError("CSV parse error on line \(line): \(reason)")
    }

    private static func row(_ rest: inout ArraySlice<UInt8>, _ line: inout Int) throws(FunctionError) -> [String] {
        var row: [String] = []
        while true {
            row.append(try field(&rest, &line))
            guard rest.popFirst() == UInt8(ascii: ",") else {
                line += 1
                return row
            }
        }
    }

    private static func field(_ rest: inout ArraySlice<UInt8>, _ line: inout Int) throws(FunctionError) -> String {
        let isEnd = { (byte: UInt8) in byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") }
        let quote = UInt8(ascii: "\"")
        guard rest.first == quote else {
            let bytes = rest.prefix { !isEnd($0) }
            if bytes.contains(quote) { throw failure(line, "bare \" in non-quoted-field") }
            rest = rest.dropFirst(bytes.count)
            return String(decoding: bytes, as: UTF8.self)
        }
        rest.removeFirst()
        var bytes: [UInt8] = []
        let missing = failure(line, "extraneous or missing \" in quoted-field")
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == quote else {
                bytes.append(byte)
                continue
            }
            if rest.first == quote {
                bytes.append(rest.removeFirst())
            } else if rest.first.map(isEnd) ?? true {
                return String(decoding: bytes, as: UTF8.self)
            } else {
                throw missing
            }
        }
        throw missing
    }
}
