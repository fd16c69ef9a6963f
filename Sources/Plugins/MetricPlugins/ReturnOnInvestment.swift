import JSON
import PluginKit
import Satisfaction

/// Return on investment: (sales × margin − spend) / spend × 100.
///
/// Detectors do not watch it: a ratio of two amounts of money has no worst answer to be measured by.
public struct ReturnOnInvestment: Metric {
    public static let plugin = PluginDescription(
        name: "roi",
        summary: "Return on investment: profit of the sales less what was spent, in percent of what was spent.",
        defaults: [
            "sales": "sales",  // name of the measure: sales in a currency; refunds below 0
            "spend": "spend",  // name of the measure: what was spent, in the same currency; refunds below 0
            "margin": 100,  // percent of the sales that is profit, 0...100; 100: the sales are told as profit
            "bands": nil,  // a list, highest first, in percent; null: none
            "minimumSample": 0,  // values told below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["sales": "campaignSales", "spend": "campaignSpend", "margin": 40])

    public let contract: ScoreContract
    public let unit = "%"
    public let range = -Double.infinity...Double.infinity
    public let method = IntervalMethod.none
    private let sums: MeasuredSums
    private let margin: Double

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        sums = try MeasuredSums(configuration, [.amount("sales"), .amount("spend")])
        margin = try configuration.number("margin", in: 0...100)
        contract = try ScoreContract(Self.plugin, configuration, unit: unit, keys: ["margin"] + sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? {
        let spend = sums.sum(1, in: tally)
        guard spend.isPositive else { return nil }
        let profit = sums.sum(0, in: tally).number * margin / 100
        let value = 100 * (profit - spend.number) / spend.number
        guard value.isFinite else { return nil }
        return Score(
            value: value, interval: nil, method: method,
            responses: max(1, sums.values(0, in: tally) &+ sums.values(1, in: tally)),
            figures: [Figure("profit", profit, unit: "")])
    }
}
