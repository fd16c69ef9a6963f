import JSON
import PluginKit
import Satisfaction

/// Contact rate: requests for help in percent of transactions.
///
/// A transaction may cause several requests, so the rate is one of events over an exposure and may pass 100 %; its
/// interval is that of a Poisson rate. Per channel it is the segment of that dimension.
public struct ContactRate: Metric {
    public static let plugin = PluginDescription(
        name: "contact.rate",
        summary: "Contact rate: requests for help in percent of transactions.",
        defaults: [
            "requests": "requests",  // name of the measure: requests for help, a count, 0 or more
            "transactions": "transactions",  // name of the measure: transactions, a count, 0 or more
            "bands": nil,  // a list, highest first, in percent; null: none
            "minimumSample": 0,  // transactions below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["requests": "tickets", "transactions": "orders"])

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0...Double.infinity
    public let method = IntervalMethod.poisson
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        sums = try MeasuredSums(configuration, [.count("requests"), .count("transactions")])
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: .lowerIsBetter, unit: unit, keys: sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    /// Requests are the harm of transactions, one of each at most; where there are more, detectors take all as harmed.
    public var watched: WatchedAnswers? {
        sums.watchedShare(0, of: 1, name: "with a request", good: false, best: 0, points: -100)
    }

    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? {
        MeasuredShare(sums.sum(0, in: tally), of: sums.sum(1, in: tally))?.rate(times: 100, within: range)
    }
}
