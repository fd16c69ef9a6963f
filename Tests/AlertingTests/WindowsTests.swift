import Alerting
import MachineTestKit
import Messages
import Satisfaction
import Testing

/// A line's buckets summed into civil windows of the configured zone.
@Suite struct WindowsTests {
    private let berlin = TimeZoneTable(named: "Europe/Berlin")!

    private func line(_ times: [String]) throws -> (AlertingMachineTests.Bench, Series) {
        var bench = try AlertingMachineTests.Bench()
        let events = times.enumerated().map {
            Responses.event("\($0)", csat: .integer(Int64($0 % 5 + 1)), at: Timestamp.read($1)!)
        }
        _ = bench.machine.take(try bench.tally(events))
        try bench.machine.commit(to: bench.store)
        return (bench, try #require(try bench.store.series(metric: "csat", segment: .total).first))
    }

    private func windows(
        _ length: WindowLength, _ bench: AlertingMachineTests.Bench, _ line: Series, _ from: String, _ to: String
    ) throws -> [(start: String, counts: [Int64])] {
        try ScoreWindows(length: length, zone: berlin)
            .tallies(of: line, in: bench.store, over: Timestamp.read(from)!..<Timestamp.read(to)!)
            .map { window in
                (Timestamp.text(window.window.lowerBound), (0..<5).map { window.tally[$0] })
            }
    }

    @Test func daysAreWholeWhateverTheSpan() throws {
        let (bench, line) = try line([
            "2026-11-20T22:45:00Z", "2026-11-20T23:00:00Z", "2026-11-21T22:59:59Z", "2026-11-21T23:00:00Z",
        ])
        let all = try windows(.day, bench, line, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
        #expect(all.map(\.counts) == [[1, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 1, 0]])
        let day = try windows(.day, bench, line, "2026-11-21T12:00:00Z", "2026-11-21T12:00:01Z")
        #expect(day.map(\.counts) == [[0, 1, 1, 0, 0]] && day[0].start == "2026-11-20T23:00:00.000Z")
        #expect(try windows(.day, bench, line, "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z").isEmpty)
    }

    @Test func rollingWindowsEndWithEveryDayThatHasAnythingBehindIt() throws {
        let (bench, line) = try line(["2026-11-01T12:00:00Z", "2026-11-03T12:00:00Z", "2026-11-05T12:00:00Z"])
        let three = try windows(.rolling(days: 3), bench, line, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z")
        #expect(
            three.map(\.counts) == [
                [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0],
                [0, 0, 1, 0, 0],
            ])
    }

    @Test func everythingIsTheSpanAskedFor() throws {
        let (bench, line) = try line(["2026-11-20T22:45:00Z", "2026-11-21T22:59:59Z", "2026-11-30T00:00:00Z"])
        let all = try windows(.all, bench, line, "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z")
        #expect(all.map(\.counts) == [[1, 1, 0, 0, 0]] && all[0].start == "2026-11-20T00:00:00.000Z")
    }
}
