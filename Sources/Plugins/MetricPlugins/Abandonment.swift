import JSON
import PluginKit
import Satisfaction

/// Cart abandonment: (carts − sales) / carts × 100. 60 to 80 % is what is usually seen; the bands say so.
///
/// Negative only where carts of one window are paid in another; such a window has no interval.
public struct Abandonment: Metric {
    public static let plugin = PluginDescription(
        name: "abandonment",
        summary: "Cart abandonment: carts that became no sale, in percent of all carts.",
        defaults: [
            "carts": "carts",  // name of the measure: carts begun, a count, 0 or more
            "sales": "sales",  // name of the measure: carts paid, a count, 0 or more
            "bands": nil,  // null: reference (60-80 % is usual); or a list, highest first, in percent
            "minimumSample": 0,  // carts below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["carts": "carts", "sales": "orders"])

    private static let reference = ReferenceBands.around(60...80, note: "60-80 % is usual")

    public let contract: ScoreContract
    public let unit = "%"
    public let range = -Double.infinity...100
    public let method = IntervalMethod.wilson
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        sums = try MeasuredSums(configuration, [.count("carts"), .count("sales")])
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: .lowerIsBetter, unit: unit, usual: ("reference", Self.reference),
            keys: sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    public var watched: WatchedAnswers? {
        sums.watchedShare(1, of: 0, name: "abandoned", good: true, best: 0, points: -100)
    }

    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? {
        let carts = sums.sum(0, in: tally)
        return MeasuredShare(carts - sums.sum(1, in: tally), of: carts)?.score(times: 100, within: range)
    }
}
