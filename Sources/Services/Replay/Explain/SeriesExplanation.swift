import Foundation
import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// What a rule can be expected to find in one line of answers, and how fast.
package struct SeriesExplanation: Sendable {
    /// One size of drop.
    package struct Delay: Sendable, Equatable {
        package let points: Double
        /// Mean days to detection; nil where the score cannot fall so far.
        package let days: Double?
        /// Standard error of that mean.
        package let error: Double?
        package let runs: Int
        /// Runs in which nothing was found within ``daysMax``; the mean counts them as that.
        package let missed: Int
        /// Mean days of a detector that knows both rates and lacks only the moment; nil where no exact figure is known.
        package let oracleDays: Double?
    }

    package let rule: RuleDefinition
    package let standing: SeriesStanding
    /// Unit of the score.
    package let unit: String
    /// Answers a baseline needs; nil where the detector has no such setting.
    package let armedFrom: Double?
    /// Days of this line between two false alarms.
    package let patienceDays: Double
    package let delays: [Delay]

    package static let points = [5.0, 10, 20]
    package static let daysMax = DelaySimulation.daysMax

    /// - Parameters:
    ///   - counts: answers of the line by column of the metric's tally, where they are known.
    ///   - watched: segments that share the budget where it is for all.
    /// - Throws: ``MessageError`` when the line has no answers or its metric cannot be tried out.
    package init(
        of rule: RuleDefinition, in set: DefinitionSet, standing: SeriesStanding, watched: Int, counts: [Double]?,
        seed: UInt64
    ) throws(MessageError) {
        guard let definition = set.metrics.first(where: { $0.name == rule.metric }) else {
            throw MessageError("rule \(rule.name) watches \(rule.metric), which is not configured")
        }
        let metric = try definition.metric()
        guard let seen = metric.watched else {
            throw MessageError("rule \(rule.name): no detector can tell good from bad in \(rule.metric)")
        }
        guard standing.volume > 0, standing.volume.isFinite else {
            throw MessageError("\(standing.segment) has had no answers of \(rule.metric) lately: nothing can be said")
        }
        self.rule = rule
        self.standing = standing
        unit = metric.unit
        armedFrom = rule.configuration["armedResponses"]?.double
        patienceDays = min(
            rule.budget.patienceDays(watched: max(1, watched)), FalseAlarmBudget.daysRange.upperBound)
        guard let baseline = standing.baseline, baseline.isFinite else {
            delays = []
            return
        }
        let model = try AnswerModel(watched: seen, metric: rule.metric, counts: counts, score: baseline)
        let budget = FalseAlarmBudget(scope: .segment, days: patienceDays)
        var simulation = DelaySimulation(
            model: model, volume: standing.volume, dispersion: standing.dispersion,
            historyDays: Self.historyDays(rule, standing), stepMilliseconds: set.stepMilliseconds, seed: seed
        ) { () throws(MessageError) -> any Detector in
            try RuleSentence.detector(of: rule, in: set, dimensions: [], budget: budget)
        }
        var delays: [Delay] = []
        for points in Self.points {
            let outcome = try simulation.delay(of: points)
            let oracle = Self.oracle(model, points, volume: standing.volume, patienceDays: patienceDays)
            delays.append(
                Delay(
                    points: points, days: outcome?.days, error: outcome?.error, runs: outcome?.runs ?? 0,
                    missed: outcome?.missed ?? 0, oracleDays: oracle))
        }
        self.delays = delays
    }

    /// Days in which a line of that volume gathers the baseline's answers, which fade with the detector's half-life, and
    /// those that its quarantine keeps out.
    private static func historyDays(_ rule: RuleDefinition, _ standing: SeriesStanding) -> Double {
        var days = standing.baselineAnswers / standing.volume
        if let halfLife = rule.configuration["halfLifeDays"]?.double, halfLife > 0 {
            let most = halfLife / log(2)
            days = -most * log(max(0.01, 1 - days / most))
        }
        return days + (rule.configuration["quarantineDays"]?.double ?? 0)
    }

    private static func oracle(
        _ model: AnswerModel, _ points: Double, volume: Double, patienceDays: Double
    ) -> Double? {
        guard model.isBinary, let fallen = model.falling(by: points),
            let sum = CumulativeSum(before: model.badShare, after: fallen.badShare),
            let lengths = sum.runLengths(patience: volume * patienceDays)
        else { return nil }
        return lengths.steadyState / volume
    }

    /// "160 of 300 answers; about 8 more days at 20 a day"; nil unless the line is still learning.
    package var learning: String? {
        guard standing.state == .learning else { return nil }
        let have = Int(standing.baselineAnswers.rounded())
        guard let armedFrom, standing.baselineAnswers < armedFrom else {
            return "\(have) answers of baseline, and the detector wants to see more"
        }
        let days = Int(((armedFrom - standing.baselineAnswers) / standing.volume).rounded(.up))
        return "\(have) of \(Int(armedFrom)) answers; about \(days) more day\(days == 1 ? "" : "s") at "
            + "\(plain(standing.volume)) a day"
    }

    package var tree: JSONTree {
        func number(_ value: Double?) -> JSONTree { value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
        return .object([
            ("rule", .string(rule.name)), ("metric", .string(rule.metric)), ("detector", .string(rule.detector)),
            ("falseAlarms", .string("\(rule.budget)")),
            ("segment", .object(standing.segment.parts.map { ($0.dimension, .string($0.value)) })),
            ("state", .string(standing.state.rawValue)), ("answersPerDay", number(standing.volume)),
            ("baseline", number(standing.baseline)), ("unit", .string(unit)),
            ("baselineAnswers", number(standing.baselineAnswers)), ("dispersion", number(standing.dispersion)),
            ("evidence", number(standing.evidence)), ("threshold", number(standing.threshold)),
            ("daysWatched", .integer(standing.daysWatched)), ("patienceDays", number(patienceDays)),
            ("learning", learning.map { .string($0) } ?? .null),
            (
                "drops",
                .array(
                    delays.map { delay in
                        .object([
                            ("points", .number(delay.points)), ("days", number(delay.days)),
                            ("standardError", number(delay.error)), ("runs", .integer(Int64(delay.runs))),
                            ("notFound", .integer(Int64(delay.missed))), ("allKnowingDays", number(delay.oracleDays)),
                        ])
                    })
            ),
        ])
    }
}
