import JSON
import PluginKit
import Satisfaction

/// Conversion: visitors who acted in percent of all visitors.
///
/// Above 100 % only where visitors of one window act in another; such a window has no interval.
public struct Conversion: Metric {
    public static let plugin = PluginDescription(
        name: "conversion",
        summary: "Conversion: visitors who acted, in percent of all visitors.",
        defaults: [
            "acted": "acted",  // name of the measure: visitors who acted, a count, 0 or more
            "visitors": "visitors",  // name of the measure: visitors, a count, 0 or more
            "bands": nil,  // a list, highest first, in percent; null: none
            "minimumSample": 0,  // visitors below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["acted": "signups", "visitors": "visitors"])

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0...Double.infinity
    public let method = IntervalMethod.wilson
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        sums = try MeasuredSums(configuration, [.count("acted"), .count("visitors")])
        contract = try ScoreContract(Self.plugin, configuration, unit: unit, keys: sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    public var watched: WatchedAnswers? {
        sums.watchedShare(0, of: 1, name: "did not act", good: true, best: 100, points: 100)
    }

    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? {
        MeasuredShare(sums.sum(0, in: tally), of: sums.sum(1, in: tally))?.score(times: 100, within: range)
    }
}
