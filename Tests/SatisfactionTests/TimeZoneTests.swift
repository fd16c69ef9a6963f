import Satisfaction
import Testing

/// Civil days of named zones.
@Suite struct TimeZoneTests {
    private let hour: Int64 = 3_600_000

    private func hours(_ zone: TimeZoneTable, day: Int32) -> Int64 {
        (zone.start(ofDay: day + 1) - zone.start(ofDay: day)) / hour
    }

    @Test func berlinsDaysOfTwentyThreeAndTwentyFiveHours() throws {
        let berlin = try #require(TimeZoneTable(named: "Europe/Berlin"))
        // 2026-03-29 and 2026-10-25.
        let spring: Int32 = 20_541
        let autumn: Int32 = 20_751
        #expect(berlin.start(ofDay: spring) == Int64(spring) * 24 * hour - hour)
        #expect(hours(berlin, day: spring) == 23)
        #expect(berlin.start(ofDay: autumn) == Int64(autumn) * 24 * hour - 2 * hour)
        #expect(hours(berlin, day: autumn) == 25)
        #expect(hours(berlin, day: spring - 1) == 24 && hours(berlin, day: autumn + 1) == 24)
        let change = Int64(spring) * 24 * hour + hour
        #expect(berlin.offset(at: change - 1) == hour && berlin.offset(at: change) == 2 * hour)
    }

    /// A day begins with its first moment, whatever the clocks do at midnight.
    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/Havana", "America/Santiago", "Atlantic/Azores", "Asia/Beirut", "Africa/Cairo",
        "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati",
    ])
    func aDayBeginsWithItsFirstMoment(name: String) throws {
        let zone = try #require(TimeZoneTable(named: name))
        for day in Int32(10_600)...Int32(25_000) {
            let start = zone.start(ofDay: day)
            if zone.day(of: start) != day || zone.day(of: start - 1) >= day {
                Issue.record("day \(day) of \(name) begins at \(start)")
                return
            }
        }
    }

    /// Samoa skipped 2011-12-30: that day has no moment, and the next begins where the one before ends.
    @Test func aDayThatNeverWas() throws {
        let apia = try #require(TimeZoneTable(named: "Pacific/Apia"))
        let skipped: Int32 = 15_338
        #expect(apia.day(of: apia.start(ofDay: skipped + 1)) == skipped + 1)
        #expect(apia.day(of: apia.start(ofDay: skipped + 1) - 1) == skipped - 1)
    }

    @Test func momentsBeforeAndAfterTheTableTakeTheNearestOffset() throws {
        let berlin = try #require(TimeZoneTable(named: "Europe/Berlin"))
        #expect(berlin.offset(at: .min) == hour && berlin.offset(at: .max) == hour)
        #expect(berlin.day(of: -1) == 0 && berlin.day(of: -hour - 1) == -1)
        #expect(TimeZoneTable.utc.offset(at: .max) == 0)
    }

    @Test(arguments: ["", "Europe/Atlantis", "../etc/passwd", "europe berlin"])
    func noSuchZone(name: String) { #expect(TimeZoneTable(named: name) == nil) }

    @Test func aBucketIsAQuarterOfAnHourOfUTC() {
        #expect(Bucket(containing: 0).index == 0)
        #expect(Bucket(containing: 899_999).index == 0)
        #expect(Bucket(containing: 900_000).index == 1)
        #expect(Bucket(containing: -1).index == -1)
        #expect(Bucket(containing: -900_000).index == -1)
        #expect(Bucket(containing: -900_001).index == -2)
        let bucket = Bucket(containing: 1_795_256_100_123)
        #expect(bucket.start <= 1_795_256_100_123 && 1_795_256_100_123 < bucket.end)
        #expect(bucket.end - bucket.start == Bucket.milliseconds)
        #expect(Bucket(index: -1) < Bucket(index: 0))
    }

    @Test(arguments: [(7, 2, 3), (-7, 2, -4), (-8, 2, -4), (0, 5, 0), (-1, 100, -1), (Int.min, 1, Int.min)])
    func quotientsAreFloored(value: Int, divisor: Int, expected: Int) {
        #expect(value.flooredQuotient(divisor) == expected)
    }
}
