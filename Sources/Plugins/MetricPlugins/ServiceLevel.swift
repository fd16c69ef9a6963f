import JSON
import PluginKit
import Satisfaction

/// Service level: days in stock as a ratio of all days, in stock or out of it, 0…1.
public struct ServiceLevel: Metric {
    public static let plugin = PluginDescription(
        name: "service.level",
        summary: "Service level: days in stock as a ratio of days in stock and out of stock, 0 to 1.",
        defaults: [
            "inStock": "inStockDays",  // name of the measure: days in stock, 0 or more
            "outOfStock": "outOfStockDays",  // name of the measure: days out of stock, 0 or more
            "bands": nil,  // a list, highest first, of ratios; null: none
            "minimumSample": 0,  // days below which a score is marked small, 0...1000000000
            "displayDigits": 3,  // 0...6 digits shown to people
        ],
        example: ["inStock": "inStockDays", "outOfStock": "outOfStockDays"])

    public let contract: ScoreContract
    public let unit = ""
    public let range = 0.0...1.0
    public let method = IntervalMethod.wilson
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        sums = try MeasuredSums(configuration, [.count("inStock"), .count("outOfStock")])
        contract = try ScoreContract(Self.plugin, configuration, unit: unit, keys: sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    /// Exact for whole numbers of things, as ``MeasuredSums/watchedShare(_:of:name:good:best:points:)``; every event
    /// counts either what was in stock or what was not.
    public var watched: WatchedAnswers? {
        let share = sums.watchedShare(1, of: 0, name: "out of stock", good: false, best: 1, points: 1)
        let answers = zip(share.answers, share.channels[0].harms).map { $0 + $1 }
        return WatchedAnswers(answers: answers, channels: share.channels, best: share.best)
    }

    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? {
        let inStock = sums.sum(0, in: tally)
        return MeasuredShare(inStock, of: inStock + sums.sum(1, in: tally))?.score(times: 1, within: range)
    }
}
