import Glibc

/// Moments as exports write them.
package enum ExportMoment {
    /// 1583-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z in milliseconds since 1970: later than the year 9999 has no
    /// RFC 3339 form, earlier than October 1582 has no form in SPSS.
    package static let range: ClosedRange<Int64> = -12_212_553_600_000...253_402_300_799_999

    struct Fields: Equatable {
        let year, month, day, hour, minute, second, millisecond: Int
    }

    /// The moment in UTC; it lies in ``range``.
    static func fields(_ milliseconds: Int64) -> Fields {
        let floored = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        var seconds = time_t(floored)
        var time = tm()
        gmtime_r(&seconds, &time)
        return Fields(
            year: Int(time.tm_year) + 1900, month: Int(time.tm_mon) + 1, day: Int(time.tm_mday),
            hour: Int(time.tm_hour), minute: Int(time.tm_min), second: Int(time.tm_sec),
            millisecond: Int(milliseconds - floored * 1000))
    }

    /// RFC 3339 with milliseconds, such as `2026-11-21T10:15:30.123Z`; the moment lies in ``range``.
    static func text(_ milliseconds: Int64) -> String {
        let moment = fields(milliseconds)
        let date = "\(digits(moment.year, 4))-\(digits(moment.month, 2))-\(digits(moment.day, 2))"
        let time = "\(digits(moment.hour, 2)):\(digits(moment.minute, 2)):\(digits(moment.second, 2))"
        return "\(date)T\(time).\(digits(moment.millisecond, 3))Z"
    }

    /// The number with leading zeros.
    static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
