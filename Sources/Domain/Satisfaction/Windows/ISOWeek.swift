/// A week of ISO 8601: Monday to Sunday, belonging to the year its Thursday lies in.
///
/// The week-year differs from the calendar year around New Year: 2027-01-01 lies in 2026-W53.
public struct ISOWeek: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The week-year, 1...9999.
    public let year: Int
    /// 1...52, or 53 in a long year.
    public let number: Int

    /// - Returns: nil when the year has no such week, and outside years 1...9999.
    public init?(year: Int, number: Int) {
        guard (1...9999).contains(year), number >= 1, number <= ISOWeek.count(year: year) else { return nil }
        self.year = year
        self.number = number
    }

    /// The week a date lies in. The calendar of years 1...9999 begins with a Monday and ends with a Friday, so that no
    /// date's week-year lies outside.
    public init(containing date: CivilDate) {
        let day = Int(date.daysSince1970)
        let thursday = day - CivilDate.weekday(daysSince1970: day) + 4
        year = CivilDate.parts(daysSince1970: thursday).year
        number = (thursday - CivilDate.daysSince1970(year: year, month: 1, day: 1)) / 7 + 1
    }

    /// The week's Monday, days since 1970-01-01.
    public var firstDay: Int32 { Int32(ISOWeek.firstDay(year: year) + (number - 1) * 7) }

    /// The week of the same number in the year before; week 53 becomes that year's last.
    public var yearBefore: ISOWeek? {
        guard year > 1 else { return nil }
        return ISOWeek(year: year - 1, number: min(number, ISOWeek.count(year: year - 1)))
    }

    /// 52 or 53: the weeks of a week-year.
    public static func count(year: Int) -> Int { (firstDay(year: year + 1) - firstDay(year: year)) / 7 }

    /// "2026-W47".
    public var description: String { "\(digits(year, 4))-W\(digits(number, 2))" }

    public static func < (left: ISOWeek, right: ISOWeek) -> Bool {
        (left.year, left.number) < (right.year, right.number)
    }

    /// The Monday of week 1, which is the week of 4 January.
    private static func firstDay(year: Int) -> Int {
        let fourth = CivilDate.daysSince1970(year: year, month: 1, day: 4)
        return fourth - CivilDate.weekday(daysSince1970: fourth) + 1
    }
}
