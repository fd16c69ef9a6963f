import JSON
import PluginKit
import Satisfaction

/// CSAT, the share of satisfied answers among those who answered, in percent.
///
/// The satisfied set per scale and the bands are those of the field: the two highest of five steps by default, above
/// 80 % excellent. People who were asked and did not answer are not answers; without answers there is no score.
public struct CustomerSatisfaction: Metric {
    public static let plugin = PluginDescription(
        name: "csat",
        summary: "Customer satisfaction: satisfied answers in percent of all answers.",
        defaults: .object(
            [
                ("scale", .string("1..5")),  // lowest..highest answer
                ("satisfied", .null),  // answers that count as satisfied; null: the usual ones of the scale
                ("neutral", .string("separate")),  // separate | dissatisfied
                ("bands", .null),  // null: standard; problem; or a list, highest first
                ("minimumSample", 0),  // answers below which a score is marked small
                ("displayDigits", .integer(1)),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: .object([("scale", .string("1..5")), ("satisfied", .string("4..5"))]))

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0.0...100.0
    public let method = IntervalMethod.wilson
    public let inputs: [MetricInput]
    public let width: Int
    private let reader: RatingReader
    private let rating: Rating

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scale = try SatisfiedSet.scale(configuration)
        reader = try RatingReader(configuration, scale: scale)
        inputs = [try RatingReader.input(configuration)]
        width = scale.steps
        rating = Rating(
            scale: scale,
            satisfied: try SatisfiedSet.satisfied(configuration, on: scale, usual: SatisfiedSet.usual(on: scale)),
            neutral: try configuration.oneOf("neutral", NeutralRule.self))
        contract = ScoreContract(
            kind: Self.plugin.name, formulaVersion: 1, rating: rating,
            displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: RatingBands.named), minimumSample: try configuration.minimumSample(),
            unit: unit, settings: reader.settings)
    }

    public var answerSchema: JSONTree { reader.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        sums.add(at: try reader.step(of: value))
    }

    public func score(_ tally: Tally) -> Score? {
        let counts = tally.answerCounts(on: rating.scale)
        guard counts.isPlausible else { return nil }
        let shares = RatingShares(counts, rating)
        return .share(
            shares.satisfied, of: shares.answers,
            figures: [
                Figure("dissatisfied", shares.percent(shares.dissatisfied), unit: "%"),
                Figure("mean", RatingMean(counts, on: rating.scale).mean, unit: ""),
            ])
    }
}
