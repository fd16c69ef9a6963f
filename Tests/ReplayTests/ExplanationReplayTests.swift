import Alerting
import Demo
import JSON
import MachineTestKit
import MetricPlugins
import Messages
import PluginKit
import Replay
import Satisfaction
import Testing

/// What a replay says of a dip in words: the place, the themes, the release before it; the same at every run.
@Suite struct ExplanationReplayTests {
    private static let sample = DemoSample(seed: 5, days: 45, perDay: 260, dipDay: 38, drop: 50)

    /// CSAT with its themes; a release six hours before the dip of the sample, and a holiday long before.
    private static func set() throws -> DefinitionSet {
        let onset = try #require(sample.truth).onset
        let plain = Definitions.csat(
            dimensions: ["region", "channel"], pairs: [["region", "channel"]], timeZone: "Europe/Berlin", step: 600_000)
        let themes = try PluginConfiguration(
            ["themes": ["machines": ["chat", "bot", "queue", "Warteschlange"], "forms": ["form", "fee"]]],
            for: ThemeCounts.plugin)
        return DefinitionSet(
            metrics: plain.metrics + [
                MetricDefinition(name: "csat.themes", kind: "themes", configuration: themes.effective)
            ], dimensions: plain.dimensions, pairs: plain.pairs, model: plain.model,
            valuesPerDimensionMax: plain.valuesPerDimensionMax, timeZone: plain.timeZone, rules: plain.rules,
            stepMilliseconds: plain.stepMilliseconds, latenessLimitMilliseconds: plain.latenessLimitMilliseconds,
            calendar: [
                CalendarNote(
                    name: "Founder's Day", kind: .holiday, start: onset - 20 * 86_400_000,
                    end: onset - 19 * 86_400_000),
                CalendarNote(name: "4.2", kind: .release, start: onset - 21_600_000, end: onset - 21_540_000),
            ])
    }

    private final class Told { var alerts: [JSONTree] = [] }

    private func replay() throws -> [JSONTree] {
        let told = Told()
        var replay = try Replay.open(set: Self.set()) { told.alerts.append($0.data) }
        for line in Self.sample { _ = try line.bytes.withUnsafeBytes { try replay.take(line: $0) } }
        try replay.finish()
        return told.alerts
    }

    @Test func everyRevisionHasItsSentence() throws {
        let alerts = try replay()
        #expect(try replay().map(\.text) == alerts.map(\.text))
        let dips = alerts.filter { $0["state"] == "firing" && $0["kind"] == "dip" }
        #expect(!dips.isEmpty)
        for alert in dips {
            let sentence = try #require(alert["sentence"]?.string)
            #expect(sentence.hasPrefix("CSAT") && sentence.contains(" fell from ") && sentence.hasSuffix("."))
            // What is told can be told again from the message alone.
            #expect(try AlertRecord(alert).data.text == alert.text)
        }
        let last = try #require(dips.last)
        let words = try #require(last["sentence"]?.string)
        #expect(last["calendar"]?.array?.map { $0["name"]?.string } == ["4.2"], "\(words)")
        #expect(words.contains("release 4.2"))
        let themes = try #require(last["themes"]?.array)
        #expect(themes.compactMap { $0["theme"]?.string } == ["machines"], "\(words)")
        #expect(words.contains("name 'machines'"))
        for theme in themes {
            let share = try #require(theme["share"]?.double)
            let usual = try #require(theme["usual"]?.double)
            #expect(share > usual && share <= 100 && (theme["comments"]?.int64 ?? 0) >= 5)
        }
    }
}
