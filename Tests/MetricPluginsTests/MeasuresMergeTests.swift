import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// Whoever counted which event, in which order: the sums and the score are the same.
@Suite struct MeasuresMergeTests {
    private static let values = [
        "0", "1", "true", "false", "2", "3", "4", "5", "0.1", "0.000001", "12345.678901", "86399.5", "1e9",
        #"{"from":"2026-11-21T10:00:00.25Z","to":"2026-11-21T12:00:00+01:00"}"#, "999999999999.999999", "-2.75",
    ]

    private func data(_ generator: inout MeasuresRandom) -> String {
        let channel = ["email", "social", "phone", "chat", "letter"].randomElement(using: &generator)!
        let person = Int.random(in: 0..<40, using: &generator)
        let survey = ["post-ticket", "yearly"].randomElement(using: &generator)!
        return #"{"segments":{"channel":"\#(channel)"},"respondent":"c-\#(person)","survey":"\#(survey)","#
            + #""invited":"2026-11-\#(Int.random(in: 10...21, using: &generator))T09:00:00Z"}"#
    }

    /// What random events add, those the metric refuses left out.
    private func events(_ feed: MeasuresFeed, _ generator: inout MeasuresRandom) -> [Contributions] {
        (0..<120).compactMap { _ in
            let input = feed.metric.inputs.randomElement(using: &generator)!
            let data = data(&generator)
            let isData = input == .invitation || input == .response
            let value = isData ? data : Self.values.randomElement(using: &generator)!
            return try? feed.contributions(value, to: input, data: data)
        }
    }

    @Test(arguments: measuredForms.indices) func anySplitGivesTheSameScore(form: Int) throws {
        let (type, configuration) = measuredForms[form]
        let feed = try MeasuresFeed(type, configuration)
        var generator = MeasuresRandom(seed: UInt64(form) + 1)
        let events = events(feed, &generator)
        #expect(events.count > 20)
        var whole = Tally(width: feed.metric.width)
        for event in events { add(event, to: &whole, times: 1) }
        let score = feed.metric.score(whole)
        for workers in [2, 3, 8] {
            var parts = [Tally](repeating: Tally(width: feed.metric.width), count: workers)
            for event in events.shuffled(using: &generator) {
                add(event, to: &parts[Int.random(in: 0..<workers, using: &generator)], times: 1)
            }
            var merged = Tally(width: feed.metric.width)
            for part in parts.shuffled(using: &generator) { merged.add(part) }
            #expect(merged == whole && feed.metric.score(merged) == score)
        }
        for event in events.shuffled(using: &generator) { add(event, to: &whole, times: -1) }
        #expect(whole.isEmpty && feed.metric.score(whole) == nil)
    }

    private func add(_ event: Contributions, to tally: inout Tally, times: Int64) {
        for entry in event.entries { tally.add(times * entry.amount, at: Int(entry.column)) }
    }

    /// A hundred thousand tenths are ten thousand, not a hair less.
    @Test func sumsAreExact() throws {
        var feed = try MeasuresFeed(DeclaredRatio.self)
        for _ in 0..<10 { try feed.add("0.1", to: "numerator", times: 10_000) }
        try feed.add("1", to: "denominator")
        #expect(feed.score?.value == 10_000)
        var carts = try MeasuresFeed(Abandonment.self)
        try carts.add(["carts": "2", "sales": "0.5"])
        #expect(carts.score?.value == 75)
        try feed.add("-0.000001", to: "numerator")
        #expect(feed.score?.value == 9999.999999)
        // A million of the largest amounts stay countable.
        try feed.add("1e12", to: "numerator", times: 1_000_000)
        #expect(feed.score?.value == 1e18 + 9999.999999)
    }
}
