/// A date and time of the Gregorian calendar, in UTC.
package struct CivilTime: Hashable, Sendable {
    /// Its RFC 3339 form to the second, such as `2026-11-23T06:56:56Z`.
    package let text: String

    /// The time that lies so many seconds after the start of 1970.
    package init(secondsSince1970 seconds: Int) {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        // Days are counted from 1 March of the year 0, so that leap days come last in their year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        text =
            "\(padded(year, 4))-\(padded(calendarMonth))-\(padded(day))T"
            + "\(padded(rest / 3_600)):\(padded(rest % 3_600 / 60)):\(padded(rest % 60))Z"
    }
}
