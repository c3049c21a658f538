/// A moment by the cloud's clock, to the microsecond.
///
/// Made of the two spellings that Confluent Cloud uses: RFC 3339 in objects, and the `Date` header of HTTP. Comparing
/// such moments with the clock of this machine is the caller's risk; the two may differ.
package struct CloudTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let microseconds: Int64

    /// Makes a moment of its distance from 1970.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Reads RFC 3339, such as `2023-11-11T20:35:48.764784Z`; digits beyond microseconds are dropped; nil when it is
    /// none.
    package init?(rfc3339 text: String) {
        var scan = DigitScan(text)
        guard let year = scan.number(4), scan.skip("-"), let month = scan.number(2), scan.skip("-"),
            let day = scan.number(2), scan.skip("T") || scan.skip("t") || scan.skip(" "),
            let hour = scan.number(2), scan.skip(":"), let minute = scan.number(2), scan.skip(":"),
            let second = scan.number(2)
        else { return nil }
        var fraction = 0
        if scan.skip(".") {
            guard let read = scan.fraction() else { return nil }
            fraction = read
        }
        var offset = 0
        if !scan.skip("Z") && !scan.skip("z") {
            let isWest = scan.skip("-")
            guard isWest || scan.skip("+"), let hours = scan.number(2), scan.skip(":"), let minutes = scan.number(2),
                hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
        }
        guard scan.isAtEnd, let seconds = Self.seconds(year, month, day, hour, minute, second) else { return nil }
        microseconds = (seconds - Int64(offset)) * 1_000_000 + Int64(fraction)
    }

    /// Reads HTTP's date, such as `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else, older spellings included.
    package init?(httpDate text: String) {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT" || parts[5] == "UTC",
            let month = names.firstIndex(of: String(parts[2])), text.utf8.count <= 40
        else { return nil }
        var scan = DigitScan("\(parts[3])-\(parts[1])T\(parts[4])")
        guard let year = scan.number(4), scan.skip("-"), let day = scan.number(2), scan.skip("T"),
            let hour = scan.number(2), scan.skip(":"), let minute = scan.number(2), scan.skip(":"),
            let second = scan.number(2), scan.isAtEnd,
            let seconds = Self.seconds(year, month + 1, day, hour, minute, second)
        else { return nil }
        microseconds = seconds * 1_000_000
    }

    /// RFC 3339 in UTC with microseconds.
    package var description: String {
        let (day, time) = microseconds.flooringQuotientAndRemainder(dividingBy: 86_400_000_000)
        let (year, month, date) = Self.civil(day)
        let second = time / 1_000_000
        return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(date, 2) + "T"
            + Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2) + ":" + Self.padded(second % 60, 2)
            + "." + Self.padded(time % 1_000_000, 6) + "Z"
    }

    /// Earlier moments come first.
    package static func < (a: CloudTime, b: CloudTime) -> Bool {
        a.microseconds < b.microseconds
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func seconds(
        _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
    ) -> Int64? {
        guard (1...12).contains(month), day >= 1, day <= length(of: month, in: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        // Days from the civil date: years start in March, so that the leap day is the last of its year.
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let (era, yearOfEra) = shifted.flooringQuotientAndRemainder(dividingBy: 400)
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = (days + 719_468).flooringQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func flooringQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads numbers of fixed width from a short ASCII text.
private struct DigitScan {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8.prefix(64))
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func number(_ width: Int) -> Int? {
        guard index + width <= bytes.count else { return nil }
        var number = 0
        for byte in bytes[index..<index + width] {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        index += width
        return number
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// Digits after the point, as microseconds; nil when there is none.
    mutating func fraction() -> Int? {
        var microseconds = 0
        var count = 0
        while index < bytes.count, (48...57).contains(bytes[index]) {
            if count < 6 { microseconds = microseconds * 10 + Int(bytes[index] - 48) }
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 6 - count) { microseconds *= 10 }
        return microseconds
    }
}
