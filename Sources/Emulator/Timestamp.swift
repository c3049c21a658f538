import Glibc

/// A moment of the emulator's clock, in whole microseconds since 1970-01-01T00:00:00Z.
///
/// Microseconds, because that is the resolution in which the service writes its times.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch; negative before it.
    package var microseconds: Int64

    /// Creates the moment that lies the given number of microseconds after the epoch.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment the system's clock shows.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// Orders moments by time.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment moved by a duration; parts below a microsecond are dropped.
    package func advanced(by duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds + duration.wholeMicroseconds)
    }

    /// The moment in RFC 3339, UTC, with six digits of fraction: `2023-11-11T20:35:48.764784Z`.
    package var rfc3339: String {
        let moment = civil
        let date = "\(padded(moment.year, 4))-\(padded(moment.month, 2))-\(padded(moment.day, 2))"
        let time = "\(padded(moment.hour, 2)):\(padded(moment.minute, 2)):\(padded(moment.second, 2))"
        return "\(date)T\(time).\(padded(moment.microsecond, 6))Z"
    }

    /// The moment as the HTTP `Date` header writes it: `Sat, 11 Nov 2023 20:35:48 GMT`.
    package var httpDate: String {
        let moment = civil
        let date = "\(weekdays[moment.weekday]), \(padded(moment.day, 2)) \(months[moment.month - 1])"
        let time = "\(padded(moment.hour, 2)):\(padded(moment.minute, 2)):\(padded(moment.second, 2))"
        return "\(date) \(padded(moment.year, 4)) \(time) GMT"
    }

    private struct Civil {
        var year, month, day, hour, minute, second, microsecond, weekday: Int
    }

    /// The calendar's reading of the moment, by the usual era arithmetic of the proleptic Gregorian calendar.
    private var civil: Civil {
        let (days, rest) = flooredDivision(microseconds, 86_400_000_000)
        let (era, dayOfEra) = flooredDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let seconds = rest / 1_000_000
        return Civil(
            year: Int(year), month: Int(month), day: Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1),
            hour: Int(seconds / 3_600), minute: Int(seconds / 60 % 60), second: Int(seconds % 60),
            microsecond: Int(rest % 1_000_000), weekday: Int(flooredDivision(days + 4, 7).remainder))
    }
}

extension Duration {
    /// The duration in microseconds, cut off below.
    var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}

private let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

private func flooredDivision(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
