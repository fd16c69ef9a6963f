import JSON
import MachineTestKit
import Messages
import PluginKit
import Satisfaction
import Settings
import Testing

@testable import Replay

/// What is said of a line of answers, against figures computed by hand and against the all-knowing detector.
@Suite struct ExplanationTests {
    private static let rule = try! RuleSentence.rule("name=csat-dip", in: Definitions.csat(rules: []))
    private static let watched = WatchedAnswers.share(of: 4...5, on: Scale("1..5")!)

    private func model(_ score: Double, counts: [Double]? = nil) throws -> AnswerModel {
        try AnswerModel(watched: Self.watched, metric: "csat", counts: counts, score: score)
    }

    @Test func sharesGiveTheScore() throws {
        for score in [2.0, 50, 84.5, 99] {
            #expect(abs(try model(score).badShare - (100 - score) / 100) < 1e-9)
            let tilted = try model(score, counts: [4, 3, 8, 30, 55])
            #expect(abs(tilted.badShare - (100 - score) / 100) < 1e-9)
            #expect(abs(tilted.shares[4] / tilted.shares[3] - 55.0 / 30) < 0.01)
        }
        let fallen = try #require(try model(84, counts: [4, 3, 8, 30, 55]).falling(by: 10))
        #expect(abs(fallen.badShare - 0.26) < 1e-9 && abs(fallen.shares.reduce(0, +) - 1) < 1e-9)
        #expect(try model(4).falling(by: 5) == nil, "a score of 4 cannot fall by 5")
    }

    @Test func drawnAnswersAreOfTheModel() throws {
        let model = try model(80, counts: [4, 3, 8, 30, 55])
        var generator = SplitMix(state: 3)
        var bad: Int64 = 0
        for _ in 0..<400 { bad += model.draw(250, badShare: 0.2, &generator)[0] }
        // 100,000 answers: five standard deviations are 0.63 points.
        #expect(abs(Double(bad) / 100_000 - 0.2) < 0.0063)
    }

    @Test func daysScatterAsAsked() {
        var generator = SplitMix(state: 5)
        let (mean, answers, dispersion) = (0.15, 80.0, 3.0)
        var sum = 0.0
        let days = 20_000
        for _ in 0..<days {
            let share = generator.share(around: mean, dispersion: dispersion, answers: answers)
            let bad = Double(generator.binomial(Int(answers), share))
            sum += (bad - answers * mean) * (bad - answers * mean) / (answers * mean * (1 - mean))
        }
        #expect(abs(sum / Double(days) - dispersion) < 0.2, "\(sum / Double(days))")
    }

    @Test func theDetectorTakesLongerThanOneThatKnowsAll() throws {
        let standing = SeriesStanding(
            segment: .total, state: .watching, volume: 100, baseline: 85, baselineAnswers: 4_000, threshold: 11,
            daysWatched: 100)
        let explained = try SeriesExplanation(
            of: Self.rule, in: Definitions.csat(step: 3_600_000), standing: standing, watched: 5, counts: nil, seed: 1)
        #expect(explained.patienceDays == 2_000 && explained.learning == nil)
        let twenty = try #require(explained.delays.last)
        #expect(twenty.points == 20 && twenty.missed == 0)
        // 0.85 to 0.65 with 200,000 answers between false alarms: a little more than the 64 answers of 100,000.
        #expect(abs(twenty.oracleDays! - 0.70) < 0.05, "\(twenty.oracleDays!)")
        #expect(twenty.days! > twenty.oracleDays! && twenty.days! < 2.5 * twenty.oracleDays!, "\(twenty.days!)")
        #expect(twenty.error! <= 0.05 * twenty.days! && twenty.runs >= DelaySimulation.runsMin)
        let days = explained.delays.compactMap(\.days)
        #expect(days.count == 3 && days == days.sorted(by: >), "smaller drops take longer")
    }

    @Test func theSameSeedGivesTheSameFigures() throws {
        func figure() throws -> DelaySimulation.Outcome? {
            var simulation = DelaySimulation(
                model: try model(90), volume: 40, dispersion: 2, historyDays: 25, stepMilliseconds: 3_600_000, seed: 9
            ) { () throws(MessageError) -> any Detector in
                try RuleSentence.detector(
                    of: Self.rule, in: Definitions.csat(step: 3_600_000), dimensions: [], budget: .perSegmentDefault)
            }
            return try simulation.delay(of: 30)
        }
        let first = try figure()
        let second = try figure()
        #expect(first == second && first != nil)
    }

    @Test func learningSaysWhatIsMissing() throws {
        let standing = SeriesStanding(
            segment: .total, state: .learning, volume: 20, baseline: nil, baselineAnswers: 160, daysWatched: 0)
        let explained = try SeriesExplanation(
            of: Self.rule, in: Definitions.csat(), standing: standing, watched: 1, counts: nil, seed: 1)
        #expect(explained.learning == "160 of 300 answers; about 7 more days at 20 a day")
        #expect(explained.delays.isEmpty)
        #expect(explained.tree["learning"]?.string == explained.learning && explained.tree["baseline"] == .null)
    }

    @Test func aSilentLineHasNothingToSay() {
        let standing = SeriesStanding(
            segment: .total, state: .watching, volume: 0, baseline: 85, baselineAnswers: 900, daysWatched: 1)
        #expect(throws: MessageError.self) {
            _ = try SeriesExplanation(
                of: Self.rule, in: Definitions.csat(), standing: standing, watched: 1, counts: nil, seed: 1)
        }
    }
}
