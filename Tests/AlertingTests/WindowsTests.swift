import Alerting
import MachineTestKit
import Messages
import Satisfaction
import Testing

/// Windows are civil ones of the configured zone.
@Suite struct WindowsTests {
    private let berlin = TimeZoneTable(named: "Europe/Berlin")!

    private func window(_ step: WindowStep, _ moment: String, _ zone: TimeZoneTable? = nil) -> String {
        let window = Windows(step: step, zone: zone ?? berlin)
            .window(of: Timestamp.read(moment)!, from: 0, to: 86_400_000)
        return "\(Timestamp.text(window.lowerBound).dropLast(8))...\(Timestamp.text(window.upperBound).dropLast(8))"
    }

    @Test func quartersAndHours() {
        #expect(window(.quarterHour, "2026-11-21T10:14:59.999Z") == "2026-11-21T10:00...2026-11-21T10:15")
        #expect(window(.hour, "2026-11-21T10:59:59Z") == "2026-11-21T10:00...2026-11-21T11:00")
        let kolkata = TimeZoneTable(named: "Asia/Kolkata")!
        #expect(window(.hour, "2026-11-21T10:29:59Z", kolkata) == "2026-11-21T09:30...2026-11-21T10:30")
    }

    @Test func daysOfTwentyThreeAndTwentyFiveHours() {
        #expect(window(.day, "2026-03-29T12:00:00Z") == "2026-03-28T23:00...2026-03-29T22:00")
        #expect(window(.day, "2026-10-25T22:59:59Z") == "2026-10-24T22:00...2026-10-25T23:00")
        #expect(window(.day, "2026-11-21T22:59:59Z") == "2026-11-20T23:00...2026-11-21T23:00")
    }

    @Test func weeksBeginOnMonday() {
        #expect(window(.week, "2026-11-22T22:59:59Z") == "2026-11-15T23:00...2026-11-22T23:00")
        #expect(window(.week, "2026-11-22T23:00:00Z") == "2026-11-22T23:00...2026-11-29T23:00")
        #expect(window(.week, "1969-12-31T00:00:00Z", .utc) == "1969-12-29T00:00...1970-01-05T00:00")
    }

    @Test(arguments: [
        ("2026-01-31T22:59:59Z", "2025-12-31T23:00...2026-01-31T23:00"),
        ("2026-02-28T22:59:59Z", "2026-01-31T23:00...2026-02-28T23:00"),
        ("2028-02-29T12:00:00Z", "2028-01-31T23:00...2028-02-29T23:00"),
        ("2100-02-28T12:00:00Z", "2100-01-31T23:00...2100-02-28T23:00"),
        ("2026-03-31T21:59:59Z", "2026-02-28T23:00...2026-03-31T22:00"),
        ("2026-12-31T22:59:59Z", "2026-11-30T23:00...2026-12-31T23:00"),
    ])
    func months(moment: String, expected: String) { #expect(window(.month, moment) == expected) }

    @Test func everythingIsTheSpanAskedFor() {
        #expect(window(.all, "2026-11-21T10:00:00Z") == "1970-01-01T00:00...1970-01-02T00:00")
    }

    /// Every moment lies in its own window, and windows follow one another without gap or overlap.
    @Test(arguments: [
        "Europe/Berlin", "America/Havana", "Atlantic/Azores", "America/Santiago", "Asia/Beirut", "Asia/Kathmandu",
        "Pacific/Apia",
    ])
    func windowsTileTheYear(name: String) throws {
        let zone = try #require(TimeZoneTable(named: name))
        for step in [WindowStep.quarterHour, .day, .week, .month] {
            let windows = Windows(step: step, zone: zone)
            var moment: Int64 = 1_767_225_600_000
            var last: Range<Int64>?
            while moment < 1_798_761_600_000 {
                let window = windows.window(of: moment, from: 0, to: 0)
                #expect(window.contains(moment), "\(step.rawValue) \(Timestamp.text(moment))")
                if let last, last != window { #expect(last.upperBound == window.lowerBound) }
                last = window
                moment += step == .quarterHour ? 900_000 * 37 : 900_000
                if step == .quarterHour { last = nil }
            }
        }
    }

    @Test func aLinesBucketsAreSummedByWindow() throws {
        var bench = try AlertingMachineTests.Bench()
        let times = ["2026-11-20T22:45:00Z", "2026-11-20T23:00:00Z", "2026-11-21T22:59:59Z", "2026-11-21T23:00:00Z"]
        let events = times.enumerated().map {
            Responses.event("\($0)", csat: .integer(Int64($0 + 1)), at: Timestamp.read($1)!)
        }
        _ = bench.machine.take(try bench.tally(events))
        try bench.machine.commit(to: bench.store)
        let total = try #require(try bench.store.series(metric: "csat", segment: .total).first)
        func days(_ from: String, _ to: String) throws -> [[Int64]] {
            try Windows(step: .day, zone: berlin)
                .counts(of: total, in: bench.store, from: Timestamp.read(from)!, to: Timestamp.read(to)!)
                .map { $0.1.steps }
        }
        #expect(
            try days("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z") == [
                [1, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 1, 0],
            ])
        #expect(try days("2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z") == [[0, 1, 1, 0, 0]])
        #expect(try days("2026-11-21T23:00:00Z", "2026-11-21T23:00:00Z").isEmpty)
    }
}
