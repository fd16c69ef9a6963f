import JSON
import PluginKit
import Satisfaction

/// Feature adoption: people who use a feature in percent of all who use the product.
///
/// Either both numbers are given, or people are told apart by their respondent, each counted once however often they
/// come: by HyperLogLog, 1.6 % standard error (see ``DistinctSketch``). Who used the feature counts as active too.
public struct Adoption: Metric {
    public static let plugin = PluginDescription(
        name: "adoption",
        summary: "Feature adoption: different people who use a feature, in percent of all who use the product.",
        defaults: [
            "count": "given",  // given: sums of both numbers | distinct: different respondents of events, within 1.6 %
            "featureUsers": "featureUsers",  // name of the measure with `given`: users of the feature, 0 or more
            "users": "users",  // name of the measure with `given`: all users, 0 or more
            "featureUsed": "featureUsed",  // name of the measure with `distinct`: true when somebody used the feature
            "active": "active",  // name of the measure with `distinct`: true when somebody used the product
            "bands": nil,  // a list, highest first, in percent; null: none
            "minimumSample": 0,  // users below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["count": "distinct", "featureUsed": "exportUsed", "active": "signedIn"])

    private enum CountForm: String, CaseIterable { case given, distinct }

    /// How the users reach the bus.
    private enum Form {
        case given(MeasuredSums)
        case distinct
    }

    /// Two sketches side by side.
    private enum Column {
        static let feature = 0
        static let active = DistinctSketch.columnCount
        static let end = 2 * DistinctSketch.columnCount
    }

    public let contract: ScoreContract
    public let unit = "%"
    public let range: ClosedRange<Double>
    public let method: IntervalMethod
    public let inputs: [MetricInput]
    public let width: Int
    private let form: Form

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let keys: [String]
        switch try configuration.oneOf("count", CountForm.self) {
        case .given:
            let sums = try MeasuredSums(configuration, [.count("featureUsers"), .count("users")])
            form = .given(sums)
            range = 0...Double.infinity
            method = .wilson
            (inputs, width, keys) = (sums.inputs, sums.width, sums.keys)
        case .distinct:
            let names = try MeasuredSums(configuration, [.count("featureUsed"), .count("active")])
            form = .distinct
            range = 0...100
            method = .sketch
            (inputs, width, keys) = (names.inputs, Column.end, names.keys)
        }
        contract = try ScoreContract(Self.plugin, configuration, unit: unit, keys: ["count"] + keys)
    }

    /// Nil where people are told apart by a sketch: what an answer adds to it is no amount of anything.
    public var watched: WatchedAnswers? {
        guard case .given(let sums) = form else { return nil }
        return sums.watchedShare(0, of: 1, name: "without the feature", good: true, best: 100, points: 100)
    }

    public var answerSchema: JSONTree {
        switch form {
        case .given(let sums): sums.schema
        case .distinct: MeasuredOutcomes.schema
        }
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        switch form {
        case .given(let measured): try measured.count(value, input: input, into: &sums)
        case .distinct:
            guard try MeasuredOutcomes.truth(value) else { return }
            guard let respondent = event.respondent, !respondent.isEmpty else {
                throw AnswerRefusal(
                    reason: .wrongType,
                    sentence: "counts different people, but the event names nobody; give data.respondent")
            }
            let column = DistinctSketch.column(hash: DistinctSketch.hash(respondent.bytes))
            if input == 0 { sums.add(at: Column.feature + column) }
            sums.add(at: Column.active + column)
        }
    }

    public func score(_ tally: Tally) -> Score? {
        switch form {
        case .given(let sums):
            MeasuredShare(sums.sum(0, in: tally), of: sums.sum(1, in: tally))?.score(times: 100, within: range)
        case .distinct: distinctScore(tally)
        }
    }

    /// Both numbers are off by 1.6 % of their own, and taken as independent; that they share people would narrow the
    /// interval.
    private func distinctScore(_ tally: Tally) -> Score? {
        let feature = estimate(tally, from: Column.feature)
        let active = estimate(tally, from: Column.active)
        guard active > 0 else { return nil }
        let value = min(100, 100 * feature / active)
        let half = value * Self.normalQuantile * (2.0).squareRoot() * DistinctSketch.relativeError
        return Score(
            value: value, interval: Interval(low: max(0, value - half), high: min(100, value + half)), method: method,
            responses: max(1, Int64(min(active, 0x1p62))),
            figures: [Figure("featureUsers", feature, unit: ""), Figure("users", active, unit: "")])
    }

    private func estimate(_ tally: Tally, from first: Int) -> Double {
        DistinctSketch(tally.columns(in: first..<first + DistinctSketch.columnCount), from: first).estimate
    }

    /// Of a two-sided interval of 95 %.
    private static let normalQuantile = 1.959963984540054
}
