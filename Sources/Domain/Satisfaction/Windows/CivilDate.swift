/// A day of the proleptic Gregorian calendar, years 1 to 9999, in no particular time zone.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let year: Int
    /// 1...12.
    public let month: Int
    /// 1...31.
    public let day: Int

    public static let earliest = CivilDate(unchecked: 1, 1, 1)
    public static let latest = CivilDate(unchecked: 9999, 12, 31)

    /// - Returns: nil for a day that does not exist, such as the 30th of February, and outside years 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.dayCount(month: month, year: year)
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    /// The date `days` after 1970-01-01; days outside years 1...9999 become ``earliest`` or ``latest``.
    public init(daysSince1970 days: Int32) {
        let (year, month, day) = CivilDate.parts(daysSince1970: Int(days))
        if year < 1 {
            self = .earliest
        } else if year > 9999 {
            self = .latest
        } else {
            self.init(unchecked: year, month, day)
        }
    }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    public var daysSince1970: Int32 {
        Int32(CivilDate.daysSince1970(year: year, month: month, day: day))
    }

    /// "2026-11-23".
    public var description: String { "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))" }

    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

// MARK: - Of the calendar

extension CivilDate {
    /// Monday 1 … Sunday 7 (ISO 8601).
    public var weekday: Int { CivilDate.weekday(daysSince1970: Int(daysSince1970)) }

    /// 1...366.
    public var dayOfYear: Int {
        Int(daysSince1970) - CivilDate.daysSince1970(year: year, month: 1, day: 1) + 1
    }

    /// 1...4.
    public var quarter: Int { (month + 2) / 3 }

    /// The same day of another month, or that month's last day where it is shorter: 31 January and a month is 28 or 29
    /// February.
    /// - Parameter months: may be negative.
    /// - Returns: nil outside years 1...9999.
    public func adding(months: Int) -> CivilDate? {
        // No two of the calendar's months lie further apart, so that no number overflows below.
        guard abs(months.clamped(to: -120_000...120_000)) < 120_000 else { return nil }
        let sum = year * 12 + month - 1 + months
        let newYear = sum.flooredQuotient(12)
        guard (1...9999).contains(newYear) else { return nil }
        let newMonth = sum - newYear * 12 + 1
        return CivilDate(
            unchecked: newYear, newMonth, min(day, CivilDate.dayCount(month: newMonth, year: newYear)))
    }

    /// The same date of another year; 29 February becomes 28 February in a common year.
    /// - Returns: nil outside years 1...9999.
    public func adding(years: Int) -> CivilDate? { adding(months: years.clamped(to: -10_000...10_000) * 12) }

    /// - Returns: nil outside years 1...9999.
    public func adding(days: Int) -> CivilDate? {
        let sum = Int(daysSince1970) + days.clamped(to: -4_000_000...4_000_000)
        let (year, month, day) = CivilDate.parts(daysSince1970: sum)
        return CivilDate(year: year, month: month, day: day)
    }

    public static func isLeap(year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    public static func dayCount(year: Int) -> Int { isLeap(year: year) ? 366 : 365 }

    /// Days of a month, 1...12 (another number is a programmer's error and answers 31).
    public static func dayCount(month: Int, year: Int) -> Int {
        assert((1...12).contains(month))
        return switch month {
        case 2: isLeap(year: year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

// MARK: - Days and parts

extension CivilDate {
    /// Days from 1970-01-01 to a date, by counting in eras of 400 years that begin in March, so that the leap day comes
    /// last: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
    ///
    /// For code that reads and writes moments: it takes any year, 0 and below included, and does not ask whether the day
    /// exists; ``init(year:month:day:)`` does.
    /// - Parameters:
    ///   - year: within a billion of 0.
    ///   - month: 1...12.
    ///   - day: within a billion of 0; days outside the month count on from it.
    public static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        assert((1...12).contains(month))
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredQuotient(400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse, from the same source, for days within a hundred thousand million of 1970 (which no moment in
    /// milliseconds leaves). The year may be 0 or negative, or above 9999.
    public static func parts(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Monday 1 … Sunday 7; day 0 was a Thursday.
    public static func weekday(daysSince1970 days: Int) -> Int { days + 3 - (days + 3).flooredQuotient(7) * 7 + 1 }
}

/// `number` in decimal with zeros before it to fill `count` digits; `number` is not negative.
func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
