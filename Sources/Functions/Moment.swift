/// A moment with the offset from UTC that it was written with.
struct Moment {
    /// Seconds since 1970.
    private(set) var seconds: Int
    private(set) var nanoseconds: Int
    /// Seconds east of UTC.
    let offset: Int

    /// Why a text is no moment, in Terraform's words.
    struct Problem: Error {
        let text: String
        init(_ text: String) { self.text = "not a valid RFC3339 timestamp: " + text }
    }

    /// Reads the form of RFC 3339, capital letters only.
    init(_ text: String) throws(Problem) {
        var reader = Reader(text)
        let year = try reader.number("year", 4, 0...9999)
        try reader.take("-")
        let month = try reader.number("month", 2, 1...12)
        try reader.take("-")
        let day = try reader.number("day of month", 2, 0...99)
        guard reader.next == "T" else { throw Problem("missing required time introducer 'T'") }
        reader.skip()
        let hour = try reader.hour()
        try reader.take(":")
        let minute = try reader.minute()
        try reader.take(":")
        let second = try reader.number("second", 2, 0...59)
        nanoseconds = reader.fraction()
        offset = try reader.offset()
        guard (1...Calendar.length(of: month, in: year)).contains(day) else { throw Problem("day out of range") }
        if let late = reader.late { throw late }
        seconds = Calendar.days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
    }

    /// Adds nanoseconds.
    mutating func add(_ more: Int) {
        let sum = nanoseconds + more % 1_000_000_000
        seconds += more / 1_000_000_000 + (sum < 0 ? -1 : sum / 1_000_000_000)
        nanoseconds = sum < 0 ? sum + 1_000_000_000 : sum % 1_000_000_000
    }

    /// The date and time of the clocks there.
    var civil: Calendar { Calendar(secondsSince1970: seconds + offset) }

    /// The offset, such as `+02:00`.
    func offsetText(separator: String) -> String {
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + (minutes / 60).padded + separator + (minutes % 60).padded
    }

    /// Its form of RFC 3339, to the second.
    var text: String {
        let time = civil
        let year = (time.year < 0 ? "-" : "") + abs(time.year).padded(4)
        return
            "\(year)-\(time.month.padded)-\(time.day.padded)T\(time.hour.padded):\(time.minute.padded):\(time.second.padded)"
            + (offset == 0 ? "Z" : offsetText(separator: ":"))
    }
}

/// A date and time of the Gregorian calendar.
struct Calendar {
    let year, month, day, hour, minute, second: Int
    /// From 0, which is Sunday.
    let weekday: Int

    init(secondsSince1970 seconds: Int) {
        let rest = (seconds % 86_400 + 86_400) % 86_400
        let days = (seconds - rest) / 86_400
        (hour, minute, second) = (rest / 3_600, rest % 3_600 / 60, rest % 60)
        weekday = ((days + 4) % 7 + 7) % 7
        // Days are counted from 1 March of the year 0, so that leap days come last in their year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The days from the start of 1970 to a date.
    static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The number of days in a month.
    static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int {
    /// With two digits at least.
    var padded: String { padded(2) }

    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}

/// Reads the parts of a timestamp, and says of what is wrong there what Terraform says.
private struct Reader {
    private var rest: ArraySlice<Unicode.Scalar>

    init(_ text: String) { rest = Array(text.unicodeScalars)[...] }

    var next: Unicode.Scalar? { rest.first }

    mutating func skip() { rest.removeFirst() }

    private func shown(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return "\"\(String(view))\""
    }

    /// What is left when all that was read is left out.
    private var shownRest: String { shown(rest) }

    private func digits(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count else { return nil }
        var number = 0
        for digit in digits {
            guard ("0"..."9").contains(digit) else { return nil }
            number = number * 10 + Int(digit.value) - 48
        }
        return number
    }

    mutating func take(_ scalar: Unicode.Scalar) throws(Moment.Problem) {
        guard !rest.isEmpty else { throw Moment.Problem("end of string where \"\(scalar)\" is expected") }
        guard rest.first == scalar else {
            throw Moment.Problem("found \(shownRest) where \"\(scalar)\" is expected")
        }
        skip()
    }

    mutating func number(
        _ name: String, _ count: Int, _ range: ClosedRange<Int>
    ) throws(Moment.Problem) -> Int {
        guard !rest.isEmpty else { throw Moment.Problem("end of string before \(name)") }
        guard let number = digits(count) else { throw Moment.Problem("cannot use \(shownRest) as \(name)") }
        guard range.contains(number) else {
            // Terraform shows what is behind the number.
            throw Moment.Problem("cannot use \(shown(rest.dropFirst(count))) as \(name)")
        }
        rest = rest.dropFirst(count)
        return number
    }

    /// What Terraform finds only in a timestamp that is right otherwise.
    private(set) var late: Moment.Problem?

    /// An hour; one digit is refused late.
    mutating func hour() throws(Moment.Problem) -> Int {
        guard !rest.isEmpty else { throw Moment.Problem("end of string before hour") }
        let two = digits(2)
        guard let hour = two ?? digits(1), hour <= 23 else {
            throw Moment.Problem("hour must be between 0 and 23 inclusive")
        }
        if two == nil { late = Moment.Problem("hour must have exactly two digits") }
        rest = rest.dropFirst(two == nil ? 1 : 2)
        return hour
    }

    mutating func minute() throws(Moment.Problem) -> Int {
        guard !rest.isEmpty else { throw Moment.Problem("end of string before minute") }
        guard let minute = digits(2), minute <= 59 else {
            throw Moment.Problem("minute must have exactly two digits")
        }
        rest = rest.dropFirst(2)
        return minute
    }

    /// A fraction of a second, in nanoseconds; a comma is refused late.
    mutating func fraction() -> Int {
        guard let mark = rest.first, mark == "." || mark == ",", let first = rest.dropFirst().first,
            ("0"..."9").contains(first)
        else { return 0 }
        if mark == "," { late = late ?? Moment.Problem("cannot use \",\" as timestamp segment") }
        skip()
        var (result, unit) = (0, 100_000_000)
        while let digit = rest.first, ("0"..."9").contains(digit) {
            result += (Int(digit.value) - 48) * unit
            unit /= 10
            skip()
        }
        return result
    }

    mutating func offset() throws(Moment.Problem) -> Int {
        guard let sign = rest.first else { throw Moment.Problem("end of string before UTC offset") }
        if sign == "Z" {
            skip()
            guard rest.isEmpty else { throw Moment.Problem("cannot use \(shownRest) as timestamp segment") }
            return 0
        }
        let misfit = Moment.Problem("cannot use \(shownRest) as UTC offset")
        guard sign == "+" || sign == "-" else { throw misfit }
        skip()
        guard let hours = digits(2), rest.dropFirst(2).first == ":" else { throw misfit }
        rest = rest.dropFirst(3)
        guard let minutes = digits(2) else { throw misfit }
        rest = rest.dropFirst(2)
        guard hours <= 24, minutes <= 60 else {
            // Terraform shows what is behind the offset.
            throw rest.isEmpty
                ? Moment.Problem("end of string before UTC offset")
                : Moment.Problem("cannot use \(shownRest) as UTC offset")
        }
        guard rest.isEmpty else { throw Moment.Problem("cannot use \(shownRest) as timestamp segment") }
        if hours > 23 || minutes > 59 { late = late ?? misfit }
        return (hours * 3_600 + minutes * 60) * (sign == "-" ? -1 : 1)
    }
}
