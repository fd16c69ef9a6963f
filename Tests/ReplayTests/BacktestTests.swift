import MachineTestKit
import Messages
import Satisfaction
import Settings
import Testing

@testable import Replay

/// What rules would have said: the same alerts as a plain replay, what they make of planted drops, and the page of it.
@Suite struct BacktestTests {
    @Test func plantedDropsAreFound() throws {
        let recorded = Recorded(days: 80, perDay: 80)
        let eager = try RuleSentence.rule("name=eager, falseAlarms=1 per month", in: Recorded.set)
        #expect(eager.budget == FalseAlarmBudget(scope: .all, days: 30.4375) && eager.detector == "sr-mixture")
        let backtest = try Backtest(history: recorded.history, set: Recorded.set, rules: [eager])
        let plan = try backtest.plan([Recorded.request("segment=channel:chat drop=30 from=2026-02-24 days=25")])
        let outcome = try backtest.run(planting: plan.shared)
        let results = BacktestResults(outcome: outcome, shared: 1, repeated: [])
        #expect(results.rules.map(\.rule.name) == ["csat-dip", "eager"])
        for rule in results.rules {
            let finding = try #require(rule.findings.first)
            let days = try #require(finding.daysToDetection)
            #expect(days > 0 && days < 10, "\(days)")
            #expect(finding.answersToDetection! > 5 && finding.answersToDetection! < 400)
            #expect(abs(finding.onsetErrorDays!) < 4)
            #expect(finding.isRightlyBlamed)
            #expect(rule.unexplained == rule.dips - rule.alerts.count { outcome.isOf($0, outcome.drops[0]) })
            #expect(rule.answers == 6_400 && rule.days == 80)
        }
        #expect(outcome.changed[0] > 200)
    }

    @Test func withoutDropsItIsAPlainReplay() throws {
        let recorded = Recorded(days: 60, perDay: 60, seed: 3, satisfied: ["chat": 0.9, "phone": 0.8])
        var told: [String] = []
        let backtest = try Backtest(history: recorded.history, set: Recorded.set)
        let outcome = try backtest.run(planting: []) { told.append($0.data.text) }
        var plain: [String] = []
        var replay = try Replay.open(set: Recorded.set) { plain.append($0.data.text) }
        for line in recorded.lines { _ = try line.withUnsafeBytes { try replay.take(line: $0) } }
        try replay.finish()
        #expect(told == plain)
        #expect(outcome.accepted == 3_600 && outcome.rejected == 0 && outcome.duplicates == 0)
    }

    @Test func momentsAreDrawnWithinTheHistoryAndFromTheSeed() throws {
        let recorded = Recorded(days: 100, perDay: 20)
        func spans(_ seed: UInt64) throws -> [Range<Int64>] {
            let backtest = try Backtest(history: recorded.history, set: Recorded.set, seed: seed)
            return try backtest.plan([Recorded.request("drop=10 from=random days=14 times=30")]).repeated.map(\.span)
        }
        let first = try spans(7)
        let again = try spans(7)
        let other = try spans(8)
        #expect(first == again && first != other)
        #expect(Set(first.map(\.lowerBound)).count > 20)
        for span in first {
            let day = Double(span.lowerBound - Recorded.begin) / Double(Recorded.day)
            #expect((24.9...80).contains(day))
            #expect(span.upperBound - span.lowerBound == 14 * Recorded.day)
        }
    }

    @Test func aDistributionCountsWhatWasNeverFound() {
        let days: [Double?] = [1, nil, 3, 2, nil, 8, 5, 4, 6, 7]
        let found = days.compactMap { $0 }.sorted()
        let one = DropDistribution(rule: "r", points: 5, segment: .total, planted: days.count, days: found)
        #expect(one.within(0.5) == 5 && one.within(0.8) == 8 && one.within(0.9) == nil)
        #expect(median(found) == 4.5 && median([]) == nil && median([2]) == 2)
    }

    @Test func aShortHistorySaysFromWhenItIsArmed() throws {
        let backtest = try Backtest(history: Recorded(days: 6, perDay: 20).history, set: armed(300))
        let outcome = try backtest.run(planting: [])
        let rule = try #require(BacktestResults(outcome: outcome, shared: 0, repeated: []).rules.first)
        #expect(rule.neverArmed && rule.armedFrom == 300 && rule.answers == 120)
        let page = BacktestPage(
            results: BacktestResults(outcome: outcome, shared: 0, repeated: []), title: "<b>&", seed: 1
        ).html
        #expect(page.contains("6 days and 120 answers") && page.contains("&lt;b&gt;&amp;") && !page.contains("<b>"))
    }

    private func armed(_ answers: Int64) throws -> DefinitionSet {
        let rule = try RuleSentence.rule("name=r, metric=csat, detector.armedResponses=\(answers)", in: Recorded.set)
        return try Definitions.csat(dimensions: ["channel"], model: ["channel"], rules: [], step: 3_600_000)
            .adding([rule])
    }

    @Test(arguments: [
        ("detector=ewma", "name"), ("name=x, detector=crystal-ball", "crystal-ball"), ("name=x, metric=nps", "csat"),
        ("name=x, falseAlarms=never", "never"), ("name=x, smallestDip=-1", "smallestDip"),
        ("name=x, colour=red", "colour"),
        ("name=x, detector.colour=red", "colour"), ("name=x, name=y", "twice"),
        ("name=x, detector.armedResponses=few", "armedResponses"),
    ])
    func rulesThatMakeNoSense(_ text: String, _ named: String) {
        let error = #expect(throws: MessageError.self) { _ = try RuleSentence.rule(text, in: Recorded.set) }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }

    @Test func aNameThatIsTakenIsRefused() throws {
        let rule = try RuleSentence.rule("name=csat-dip", in: Recorded.set)
        #expect(throws: MessageError.self) { _ = try Recorded.set.adding([rule]) }
    }

    @Test func segmentsThatShareAnswers() {
        func overlap(_ a: String, _ b: String) -> Bool { Segment(a)!.overlaps(Segment(b)!) }
        #expect(overlap("total", "channel:chat") && overlap("region:eu", "channel:chat"))
        #expect(overlap("channel:chat", "channel:chat,region:eu") && !overlap("channel:chat", "channel:phone"))
    }
}
