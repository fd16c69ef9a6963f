import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

@testable import Alerting

/// Themes that rose, and notes that stand beside a beginning.
@Suite struct ExplanationTests {
    static func themes(_ names: [String]) throws -> ThemeCounts {
        try ThemeCounts(
            configuration: PluginConfiguration(
                ["themes": .object(names.map { ($0, .array([.string($0)])) })], for: ThemeCounts.plugin))
    }

    /// A tally of dissatisfied comments, and how many of them name each theme.
    static func tally(_ comments: Int64, _ named: [Int64]) -> Tally {
        Tally([comments, comments, named.reduce(0, +)] + named.flatMap { [$0, $0] })
    }

    static func find(_ since: (Int64, [Int64]), _ before: (Int64, [Int64])) throws -> [RisenTheme] {
        try ThemeRises.find(
            themes((0..<since.1.count).map { "theme\($0)" }), since: tally(since.0, since.1),
            before: tally(before.0, before.1))
    }

    @Test func whatRoseIsFound() throws {
        let found = try Self.find((60, [30, 12, 6]), (300, [50, 60, 30]))
        #expect(found == [RisenTheme(theme: "theme0", share: 50, usual: 100.0 * 50 / 300, comments: 30)])
        #expect(found[0].times.map { abs($0 - 3) < 1e-9 } == true)
        // The largest rise in points first, whatever the ratio.
        #expect(
            try Self.find((200, [40, 120]), (1000, [20, 300])).map(\.theme) == ["theme1", "theme0"])
    }

    @Test func fewCommentsSayNothing() throws {
        #expect(try Self.find((4, [4]), (10_000, [1])) == [])
        #expect(try Self.find((5, [5]), (10_000, [1])).map(\.comments) == [5])
        #expect(try Self.find((50, [25]), (0, [0])) == [])
        #expect(try Self.find((0, [0]), (50, [5])) == [])
        #expect(try Self.find((-3, [-1]), (50, [5])) == [], "corrections can leave less than nothing")
        #expect(try Self.find((50, [5]), (500, [50])) == [])
        #expect(try Self.find((50, [5]), (500, [200])) == [], "falls are none")
    }

    @Test func atMostFive() throws {
        let found = try Self.find(
            (1000, (0..<8).map { 300 + 10 * $0 }), (1000, [Int64](repeating: 50, count: 8)))
        #expect(found.map(\.theme) == ["theme7", "theme6", "theme5", "theme4", "theme3"])
    }

    /// Where nothing has risen, some theme is named in at most the promised part of comparisons, however many there are.
    @Test(arguments: [1, 8, 40]) func chanceIsHeldDown(count: Int) throws {
        var state: UInt64 = 11
        func isNamed() -> Bool {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / 9_007_199_254_740_992 < 0.15
        }
        func sample(_ comments: Int64) -> (Int64, [Int64]) {
            (comments, (0..<count).map { _ in (0..<comments).reduce(Int64(0)) { sum, _ in sum + (isNamed() ? 1 : 0) } })
        }
        let trials = 2000
        var named = 0
        for _ in 0..<trials where try !Self.find(sample(80), sample(200)).isEmpty { named += 1 }
        // 20 are promised; 35 lie beyond three standard deviations.
        #expect(named <= 35, "\(named) of \(trials)")
    }

    // MARK: Calendar

    static let hour: Int64 = 3_600_000

    /// Notes as `name kind first…last`, in hours after the onset.
    static func near(_ notes: (String, CalendarNote.Kind, Int64, Int64)...) -> [String] {
        let onset = Bucket(index: 1_000_000)
        let range = Bucket(index: onset.index - 8)...Bucket(index: onset.index + 7)
        return AlertCalendar.notes(
            notes.map {
                CalendarNote(name: $0.0, kind: $0.1, start: onset.start + $0.2 * hour, end: onset.start + $0.3 * hour)
            }, near: range
        ).map(\.name)
    }

    @Test func notesNearABeginning() {
        // The beginning lies two hours around the onset, to the hour.
        #expect(
            Self.near(
                ("old", .release, -71, -70), ("oldest kept", .release, -70, -69), ("new", .release, 1, 2),
                ("later", .release, 2, 3), ("holiday", .holiday, -10, -1), ("over", .holiday, -10, -2),
                ("next", .note, 2, 3), ("around", .note, -100, 100))
                == ["new", "oldest kept", "holiday", "around"])
        #expect(Self.near().isEmpty)
        #expect(
            Self.near(
                ("a", .note, 0, 1), ("b", .note, 0, 1), ("c", .note, 0, 1), ("d", .note, 0, 1), ("e", .note, 0, 1),
                ("f", .note, 0, 1)
            ).count == 5)
    }

    @Test func holidaysAreCivilDays() {
        let berlin = TimeZoneTable(named: "Europe/Berlin")!
        let day = 20_000 * 24 * Self.hour
        func days(_ from: Int64, _ to: Int64, _ kind: CalendarNote.Kind = .holiday) -> [Int32] {
            AlertCalendar.holidays(
                [CalendarNote(name: "x", kind: kind, start: day + from * Self.hour, end: day + to * Self.hour)],
                in: berlin
            )
            .sorted()
        }
        // 20,000 days after 1970 is 4 October 2024: Berlin is two hours ahead.
        #expect(days(-2, 22) == [20_000] && days(-2, 23) == [20_000, 20_001] && days(8, 10) == [20_000])
        #expect(days(-2, 22, .release) == [])
    }
}
