import JSON
import PluginKit
import Satisfaction

/// Customer lifetime value: mean purchase × purchases per customer × mean lifetime of a customer, which is
/// (revenue / purchases) × (purchases / customers) × (Σ lifetimes / customers).
///
/// Lifetimes are measured in the period over which purchases are counted: in years, where the window is a year. (P. D.
/// Berger, N. I. Nasr, "Customer lifetime value: marketing models and applications", Journal of Interactive Marketing
/// 12, 1998, without discounting.)
///
/// Detectors do not watch it: it is a product of ratios, no mean over answers.
public struct LifetimeValue: Metric {
    public static let plugin = PluginDescription(
        name: "lifetime.value",
        summary: "Customer lifetime value: mean purchase, times purchases per customer, times mean lifetime.",
        defaults: [
            "revenue": "revenue",  // name of the measure: revenue in the currency; refunds below 0
            "purchases": "purchases",  // name of the measure: purchases, a count, 0 or more
            "customers": "customers",  // name of the measure: customers, a count, 0 or more
            "lifetimes": "lifetimes",  // name of the measure: sum of the customers' lifetimes, in windows, 0 or more
            "currency": "EUR",  // unit of the score
            "bands": nil,  // a list, highest first, in the currency; null: none
            "minimumSample": 0,  // customers below which a score is marked small, 0...1000000000
            "displayDigits": 2,  // 0...6 digits shown to people
        ],
        example: ["currency": "USD"])

    public let contract: ScoreContract
    public let unit: String
    public let range = -Double.infinity...Double.infinity
    public let method = IntervalMethod.none
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        sums = try MeasuredSums(
            configuration, [.amount("revenue"), .count("purchases"), .count("customers"), .count("lifetimes")])
        unit = try configuration.string("currency")
        contract = try ScoreContract(Self.plugin, configuration, unit: unit, keys: sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    /// - Returns: nil without purchases or customers, and until revenue and lifetimes are told.
    public func score(_ tally: Tally) -> Score? {
        let revenue = sums.sum(0, in: tally)
        let purchases = sums.sum(1, in: tally)
        let customers = sums.sum(2, in: tally)
        let lifetimes = sums.sum(3, in: tally)
        guard purchases.isPositive, customers.isPositive, sums.values(0, in: tally) > 0, sums.values(3, in: tally) > 0
        else { return nil }
        // The number of purchases cancels out; without it less is rounded.
        let value = revenue.number * lifetimes.number / (customers.number * customers.number)
        guard value.isFinite else { return nil }
        return Score(
            value: value, interval: nil, method: method, responses: max(1, customers.whole),
            figures: [
                Figure("meanPurchase", revenue.number / purchases.number, unit: unit),
                Figure("purchasesPerCustomer", purchases.number / customers.number, unit: ""),
                Figure("meanLifetime", lifetimes.number / customers.number, unit: ""),
            ])
    }
}
