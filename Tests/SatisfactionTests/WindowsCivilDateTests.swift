import Satisfaction
import Testing

/// Dates, ISO weeks and the names of window lengths.
@Suite struct WindowsCivilDateTests {
    private func date(_ text: String) throws -> CivilDate {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return try #require(CivilDate(year: parts[0], month: parts[1], day: parts[2]))
    }

    /// Days, weeks, weekdays and days of the year as Python's datetime has them.
    @Test(arguments: [
        ("0001-01-01", -719_162, "0001-W01", 1, 1), ("1969-12-28", -4, "1969-W52", 7, 362),
        ("2000-01-02", 10_958, "1999-W52", 7, 2), ("2005-01-01", 12_784, "2004-W53", 6, 1),
        ("2008-12-29", 14_242, "2009-W01", 1, 364), ("2010-01-03", 14_612, "2009-W53", 7, 3),
        ("2012-12-31", 15_705, "2013-W01", 1, 366), ("2020-12-31", 18_627, "2020-W53", 4, 366),
        ("2021-01-03", 18_630, "2020-W53", 7, 3), ("2021-01-04", 18_631, "2021-W01", 1, 4),
        ("2024-02-29", 19_782, "2024-W09", 4, 60), ("2024-12-30", 20_087, "2025-W01", 1, 365),
        ("2026-11-22", 20_779, "2026-W47", 7, 326), ("2026-11-23", 20_780, "2026-W48", 1, 327),
        ("2026-12-31", 20_818, "2026-W53", 4, 365), ("2027-01-01", 20_819, "2026-W53", 5, 1),
        ("2027-01-04", 20_822, "2027-W01", 1, 4), ("2032-12-31", 23_010, "2032-W53", 5, 366),
        ("2100-03-01", 47_541, "2100-W09", 1, 60), ("9999-12-31", 2_932_896, "9999-W52", 5, 365),
    ])
    func datesOfTheCalendar(text: String, days: Int32, week: String, weekday: Int, dayOfYear: Int) throws {
        let date = try date(text)
        #expect(date.daysSince1970 == days && CivilDate(daysSince1970: days) == date)
        #expect(date.description == text && date.weekday == weekday && date.dayOfYear == dayOfYear)
        #expect(ISOWeek(containing: date).description == week)
        #expect(ISOWeek(containing: date).firstDay == days - Int32(weekday) + 1)
    }

    /// Counting on day by day meets every date the arithmetic knows.
    @Test(arguments: [1...5, 1599...1601, 1890...2110, 9990...9999])
    func countingOnMeetsEveryDate(years: ClosedRange<Int>) throws {
        var days = try #require(CivilDate(year: years.lowerBound, month: 1, day: 1)).daysSince1970
        var weekday = CivilDate(daysSince1970: days).weekday
        for year in years {
            let lengths = [31, CivilDate.isLeap(year: year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            #expect(CivilDate.dayCount(year: year) == lengths.reduce(0, +))
            var dayOfYear = 0
            for (index, length) in lengths.enumerated() {
                #expect(CivilDate(year: year, month: index + 1, day: length + 1) == nil)
                for day in 1...length {
                    dayOfYear += 1
                    let date = try #require(CivilDate(year: year, month: index + 1, day: day))
                    guard date.daysSince1970 == days, CivilDate(daysSince1970: days) == date, date.weekday == weekday,
                        date.dayOfYear == dayOfYear, date.quarter == index / 3 + 1
                    else {
                        Issue.record("\(date)")
                        return
                    }
                    days += 1
                    weekday = weekday % 7 + 1
                }
            }
        }
    }

    @Test(arguments: [
        (2025, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0), (0, 1, 1),
        (10_000, 1, 1), (Int.min, 1, 1), (2026, Int.max, 1), (2026, 1, Int.max),
    ])
    func noSuchDate(year: Int, month: Int, day: Int) { #expect(CivilDate(year: year, month: month, day: day) == nil) }

    @Test func daysOutsideTheCalendarAreItsEnds() {
        #expect(CivilDate(daysSince1970: .min) == .earliest && CivilDate(daysSince1970: .max) == .latest)
        #expect(CivilDate(daysSince1970: CivilDate.latest.daysSince1970 + 1) == .latest)
        #expect(CivilDate(daysSince1970: CivilDate.earliest.daysSince1970 - 1) == .earliest)
    }

    /// The arithmetic below the dates goes on beyond the years they are made for.
    @Test(arguments: [(0, 2, 29), (-1, 12, 31), (-400, 3, 1), (10_000, 1, 1), (250_000, 6, 15)])
    func partsBeyondTheCalendar(year: Int, month: Int, day: Int) {
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        #expect(CivilDate.parts(daysSince1970: days) == (year, month, day))
        #expect(CivilDate.parts(daysSince1970: days + 146_097) == (year + 400, month, day))
    }

    @Test(arguments: [
        ("2024-02-29", 12, "2025-02-28"), ("2024-02-29", 48, "2028-02-29"), ("2024-02-29", -12, "2023-02-28"),
        ("2026-01-31", 1, "2026-02-28"), ("2026-12-31", -1, "2026-11-30"), ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-23", 2, "2027-01-23"), ("2026-11-23", -11, "2025-12-23"), ("0001-12-31", -11, "0001-01-31"),
    ])
    func monthsLater(text: String, months: Int, expected: String) throws {
        #expect(try date(text).adding(months: months) == date(expected))
        if months % 12 == 0 { #expect(try date(text).adding(years: months / 12) == date(expected)) }
    }

    @Test(arguments: [Int.min, -120_000, -12, 119_988, 120_000, 3_651_694, 3_651_695, .max])
    func sumsBeyondTheCalendar(number: Int) throws {
        let first = try date("0001-12-31")
        #expect(first.adding(months: number) == nil && first.adding(years: number) == nil)
        #expect((first.adding(days: number) != nil) == (-364...3_651_694).contains(number))
        #expect(try date("9999-01-01").adding(months: 12) == nil)
        #expect(first.adding(days: 1)?.description == "0002-01-01")
    }

    @Test func weeksOfAYear() throws {
        let long = (2000...2060).filter { ISOWeek.count(year: $0) == 53 }
        #expect(long == [2004, 2009, 2015, 2020, 2026, 2032, 2037, 2043, 2048, 2054, 2060])
        #expect(ISOWeek(year: 2025, number: 53) == nil && ISOWeek(year: 2026, number: 0) == nil)
        let last = try #require(ISOWeek(year: 2026, number: 53))
        #expect(last.yearBefore == ISOWeek(year: 2025, number: 52))
        #expect(last < ISOWeek(year: 2027, number: 1)!)
        #expect(ISOWeek(year: 1, number: 1)?.yearBefore == nil)
    }

    @Test func lengthsAreReadAsTheyAreWritten() {
        for length in WindowLength.fixed + [.rolling(days: 2), .rolling(days: 90), .rolling(days: 3660)] {
            #expect(WindowLength(length.description) == length)
        }
        #expect(WindowLength("1d") == .day && WindowLength("7d") == .rolling(days: 7))
        #expect(WindowLength.known.contains("15m, 1h, 1d, 1w, 1mo, 1q, 1y, all, or"))
        #expect(WindowLength.known.contains("2...3660"))
    }

    @Test(arguments: [
        "", "d", "0d", "-7d", "+7d", "07d", "3661d", "99999999999d", "7", "7D", " 7d", "1m", "2w", "1é", "७d",
    ])
    func noSuchLength(text: String) { #expect(WindowLength(text) == nil) }
}
