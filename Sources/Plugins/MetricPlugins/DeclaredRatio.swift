import JSON
import PluginKit
import Satisfaction

/// A ratio declared in configuration: one measure's sum over another's, times a scale.
public struct DeclaredRatio: Metric {
    public static let plugin = PluginDescription(
        name: "ratio",
        summary: "A ratio declared without code: the sum of one measure over the sum of another, times a scale.",
        defaults: [
            "numerator": nil,  // name of the measure above the line, in its unit; must be given
            "denominator": nil,  // name of the measure below the line, in its unit; must be given
            "scale": 1,  // 1 | 100 | 1000
            "unit": nil,  // unit of the score; null: none for 1, % for 100, ‰ for 1000
            "interval": "none",  // none | wilson: counts, part of the whole | poisson: events over an exposure
            "polarity": "higherIsBetter",  // higherIsBetter | lowerIsBetter
            "bands": nil,  // a list, highest first, in the unit; null: none
            "minimumSample": 0,  // sum of the denominator below which a score is marked small, 0...1000000000
            "displayDigits": 2,  // 0...6 digits shown to people
        ],
        example: ["numerator": "refunds", "denominator": "orders", "scale": 100, "unit": "%"])

    private enum Sample: String, CaseIterable { case none, wilson, poisson }

    public let contract: ScoreContract
    public let unit: String
    public let range: ClosedRange<Double>
    public let method: IntervalMethod
    private let scale: Double
    private let sums: MeasuredSums

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        for key in ["numerator", "denominator"] where configuration.isNull(key) {
            throw PluginConfigurationError(key: key, sentence: "must name a measure, such as orders")
        }
        let sample = try configuration.oneOf("interval", Sample.self)
        switch sample {
        case .none:
            sums = try MeasuredSums(configuration, [.amount("numerator"), .amount("denominator")])
            method = .none
            range = -Double.infinity...Double.infinity
        case .wilson, .poisson:
            sums = try MeasuredSums(configuration, [.count("numerator"), .count("denominator")])
            method = sample == .wilson ? .wilson : .poisson
            range = 0...Double.infinity
        }
        let scale = try configuration.integer("scale", in: 1...1000)
        let usual: String
        switch scale {
        case 1: usual = ""
        case 100: usual = "%"
        case 1000: usual = "‰"
        default:
            throw PluginConfigurationError(key: "scale", sentence: "is \(scale), but must be 1, 100 or 1000")
        }
        self.scale = Double(scale)
        unit = configuration.isNull("unit") ? usual : try configuration.string("unit")
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: configuration.oneOf("polarity", Polarity.self), unit: unit,
            keys: ["scale", "interval"] + sums.keys)
    }

    public var inputs: [MetricInput] { sums.inputs }
    public var width: Int { sums.width }
    /// The share of a sample, as `interval: wilson` declares it. Nil for other ratios, which have no bound and so no worst
    /// answer.
    public var watched: WatchedAnswers? {
        guard method == .wilson else { return nil }
        return contract.polarity == .higherIsBetter
            ? sums.watchedShare(0, of: 1, name: "others", good: true, best: scale, points: scale)
            : sums.watchedShare(0, of: 1, name: "counting", good: false, best: 0, points: -scale)
    }

    public var answerSchema: JSONTree { sums.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try self.sums.count(value, input: input, into: &sums)
    }

    /// - Returns: nil while the denominator's sum is not above 0.
    public func score(_ tally: Tally) -> Score? {
        guard let share = MeasuredShare(sums.sum(0, in: tally), of: sums.sum(1, in: tally)) else { return nil }
        switch method {
        case .wilson: return share.score(times: scale, within: range)
        case .poisson: return share.rate(times: scale, within: range)
        default:
            let value = share.value(times: scale)
            guard value.isFinite else { return nil }
            return Score(value: value, interval: nil, method: method, responses: share.responses)
        }
    }
}
