import JSON
import PluginKit
import Satisfaction

/// Churn, the customers lost in a period: (start − end) / start × 100 of the period's customer counts, negative where
/// their number grew; or lost / new × 100.
///
/// Counts at the start and the end are published once a period and cut; over several periods the score is their mean
/// rate, weighted by the customers at each start. A window without a count at the end has no score: nobody is lost
/// because nobody counted. (F. Reichheld, W. E. Sasser, "Zero defections: quality comes to services", Harvard Business
/// Review 68, 1990.)
public struct Churn: Metric {
    public static let plugin = PluginDescription(
        name: "churn",
        summary: "Churn: customers lost in a period, in percent of those at its start or of the new ones.",
        defaults: [
            "basis": "start",  // start: (start - end) / start | new: lost / new
            "start": "customersStart",  // name of the measure: customers at the period's start, a count, 0 or more
            "end": "customersEnd",  // name of the measure: customers at the period's end, a count, 0 or more
            "lost": "customersLost",  // name of the measure: customers lost in the period, a count, 0 or more
            "new": "customersNew",  // name of the measure: customers won in the period, a count, 0 or more
            "bands": nil,  // a list, highest first, in percent; null: none
            "minimumSample": 0,  // customers below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["basis": "start", "start": "subscribersAtStart", "end": "subscribersAtEnd"])

    private enum Basis: String, CaseIterable { case start, new }

    public let contract: ScoreContract
    public let unit = "%"
    public let range: ClosedRange<Double>
    public let method: IntervalMethod
    private let basis: Basis
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        basis = try configuration.oneOf("basis", Basis.self)
        switch basis {
        case .start:
            sums = try MeasuredSums(configuration, [.count("start"), .count("end")])
            range = -Double.infinity...100
            method = .wilson
        case .new:
            sums = try MeasuredSums(configuration, [.count("lost"), .count("new")])
            range = 0...Double.infinity
            // Those lost are not among the new ones: no share of a sample.
            method = .none
        }
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: .lowerIsBetter, unit: unit, keys: ["basis"] + sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    /// Nil for those lost over those won, a ratio without a bound.
    public var watched: WatchedAnswers? {
        basis == .start ? sums.watchedShare(1, of: 0, name: "lost", good: true, best: 0, points: -100) : nil
    }

    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? {
        let first = sums.sum(0, in: tally)
        let second = sums.sum(1, in: tally)
        switch basis {
        case .start:
            guard sums.values(1, in: tally) > 0 else { return nil }
            return MeasuredShare(first - second, of: first)?.score(times: 100, within: range)
        case .new:
            guard let share = MeasuredShare(first, of: second) else { return nil }
            let value = share.value(times: 100)
            guard range.contains(value) else { return nil }
            return Score(value: value, interval: nil, method: method, responses: share.responses)
        }
    }
}
