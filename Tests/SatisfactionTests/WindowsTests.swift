import Satisfaction
import Testing

/// Windows by example.
@Suite struct WindowsTests {
    private let hour: Int64 = 3_600_000

    private func calendar(_ name: String) throws -> WindowCalendar {
        WindowCalendar(zone: try #require(TimeZoneTable(named: name)))
    }

    private func names(
        _ calendar: WindowCalendar, _ length: WindowLength, _ first: String, _ last: String
    ) throws
        -> [String]
    {
        func day(_ text: String) throws -> Range<Int64> {
            let parts = text.split(separator: "-").compactMap { Int($0) }
            return calendar.window(of: try #require(CivilDate(year: parts[0], month: parts[1], day: parts[2])))
        }
        return calendar.windows(length, from: try day(first).lowerBound, to: try day(last).upperBound)
            .map { calendar.name(of: $0, length) }
    }

    @Test func clocksGoBack() throws {
        let berlin = try calendar("Europe/Berlin")
        let hours = try names(berlin, .hour, "2026-10-25", "2026-10-25")
        #expect(hours.count == 25)
        #expect(hours[2...3] == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"])
    }

    /// Jordan's clocks went back from 01:00 to midnight, so that a day's first hour came twice.
    @Test func clocksGoBackToMidnight() throws {
        let hours = try names(try calendar("Asia/Amman"), .hour, "2021-10-29", "2021-10-29")
        #expect(hours.count == 25)
        #expect(hours[0...1] == ["2021-10-29T00:00+03:00", "2021-10-29T00:00+02:00"])
    }

    @Test func clocksGoForward() throws {
        let berlin = try calendar("Europe/Berlin")
        let hours = try names(berlin, .hour, "2026-03-29", "2026-03-29")
        #expect(hours.count == 23)
        #expect(hours[1...2] == ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"])
    }

    @Test func clocksSkipMidnight() throws {
        let saoPaulo = try calendar("America/Sao_Paulo")
        let hours = try names(saoPaulo, .hour, "2018-11-04", "2018-11-04")
        #expect(hours.count == 23 && hours[0] == "2018-11-04T01:00-02:00")
    }

    @Test func clocksChangeByHalfAnHour() throws {
        let lordHowe = try calendar("Australia/Lord_Howe")
        let spring = try names(lordHowe, .hour, "2026-10-04", "2026-10-04")
        #expect(spring[1...3] == ["2026-10-04T01:00+10:30", "2026-10-04T02:30+11:00", "2026-10-04T03:00+11:00"])
        let autumn = try names(lordHowe, .hour, "2026-04-05", "2026-04-05")
        #expect(autumn[1...3] == ["2026-04-05T01:00+11:00", "2026-04-05T01:30+10:30", "2026-04-05T02:00+10:30"])
    }

    @Test func aDateThatNeverWasHasNoWindow() throws {
        let apia = try calendar("Pacific/Apia")
        #expect(
            try names(apia, .day, "2011-12-28", "2012-01-01") == [
                "2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01",
            ])
        #expect(
            try names(apia, .rolling(days: 7), "2011-12-29", "2011-12-31") == [
                "7d to 2011-12-29", "7d to 2011-12-31",
            ])
        #expect(apia.window(of: CivilDate(year: 2011, month: 12, day: 30)!).isEmpty)
    }

    /// Newfoundland's clocks went back at 00:01, to 23:01 of the day before; here both lie in one day.
    @Test func changesWithinABucketAreTakenAtItsEdge() throws {
        let stJohns = try calendar("America/St_Johns")
        #expect(stJohns.roundsEdges)
        let hours = try names(stJohns, .hour, "2010-11-06", "2010-11-07")
        #expect(hours.count == 49)
        #expect(
            hours[23...25] == [
                "2010-11-06T23:00-02:30", "2010-11-06T23:00-03:30", "2010-11-07T00:00-03:30",
            ])
        for zone in ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"] {
            #expect(try !calendar(zone).roundsEdges)
        }
    }

    @Test func weeksOverNewYear() throws {
        let berlin = try calendar("Europe/Berlin")
        #expect(try names(berlin, .week, "2026-12-27", "2027-01-04") == ["2026-W52", "2026-W53", "2027-W01"])
        #expect(try names(berlin, .quarter, "2026-12-27", "2027-01-04") == ["2026-Q4", "2027-Q1"])
        #expect(try names(berlin, .month, "2026-12-31", "2027-02-01") == ["2026-12", "2027-01", "2027-02"])
        #expect(try names(berlin, .year, "2026-12-31", "2027-01-01") == ["2026", "2027"])
        #expect(try names(berlin, .all, "2026-12-31", "2027-01-01") == ["all"])
    }

    @Test func theLastSevenDays() throws {
        let berlin = try calendar("Europe/Berlin")
        let length = WindowLength.rolling(days: 7)
        let window = berlin.window(
            length, containing: berlin.window(of: CivilDate(year: 2026, month: 11, day: 23)!).lowerBound)
        #expect(berlin.name(of: window, length) == "7d to 2026-11-23")
        #expect(berlin.date(of: window.lowerBound).description == "2026-11-17")
        let before = try #require(berlin.before(window, length))
        #expect(berlin.name(of: before, length) == "7d to 2026-11-16")
        // Beyond its range a number of days is the nearest inside.
        #expect(
            berlin.window(.rolling(days: .max), containing: 0) == berlin.window(.rolling(days: 3660), containing: 0))
        #expect(berlin.window(.rolling(days: .min), containing: 0) == berlin.window(.rolling(days: 2), containing: 0))
    }

    @Test func windowsAreMadeAsTheyAreAskedFor() throws {
        let berlin = try calendar("Europe/Berlin")
        let endless = berlin.windows(.quarterHour, from: .min, to: .max)
        #expect(endless.countUpperBound > 300_000_000)
        #expect(
            Array(endless.prefix(2)).map { $0.upperBound - $0.lowerBound } == [
                Bucket.milliseconds, Bucket.milliseconds,
            ])
        #expect(Array(berlin.windows(.year, from: .min, to: .max)).count == 9999)
        for (start, end) in [(Int64(5), Int64(5)), (5, 4), (.max, .min), (.max - 1, .max), (.min, .min + 1)] {
            let none = berlin.windows(.day, from: start, to: end)
            #expect(none.countUpperBound == 0 && Array(none).isEmpty)
        }
    }

    @Test func rangesThatAreNoWindowsDoNotTrap() throws {
        for name in ["UTC", "Europe/Berlin", "Pacific/Apia"] {
            let calendar = try calendar(name)
            for length in WindowsPropertyTests.lengths + [.rolling(days: .min), .rolling(days: .max)] {
                for range in [Int64.min..<Int64.min, .min ..< .max, .max ..< .max, 0..<0, 1..<7] {
                    _ = calendar.before(range, length)
                    _ = calendar.yearBefore(range, length)
                    #expect(!calendar.name(of: range, length).isEmpty)
                }
            }
        }
    }

    /// The time clocks show and the moment it stands for.
    @Test func momentsOfLocalTimes() throws {
        let berlin = try #require(TimeZoneTable(named: "Europe/Berlin"))
        // 2026-10-25 02:30, which comes twice.
        let twice = Int64(20_751) * 24 * hour + 5 * hour / 2
        #expect(berlin.moment(local: twice) == twice - 2 * hour)
        #expect(berlin.moment(local: twice, preferring: hour) == twice - hour)
        #expect(berlin.moment(local: twice, preferring: 5 * hour) == twice - 2 * hour)
        // 2026-03-29 02:30, which was skipped: clocks showed 03:30.
        let never = Int64(20_541) * 24 * hour + 5 * hour / 2
        #expect(berlin.moment(local: never) == never - hour)
        #expect(berlin.moment(local: never, preferring: 2 * hour) == never - hour)
        #expect(berlin.moment(local: 0) == -hour)
    }
}
