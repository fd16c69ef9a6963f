import JSON
import PluginKit
import Satisfaction

/// CSAT as the mean of its answers, on their own scale.
public struct SatisfactionMean: Metric {
    public static let plugin = PluginDescription(
        name: "csat.mean",
        summary: "Customer satisfaction as the mean of the answers, on their own scale.",
        defaults: .object(
            [
                ("scale", "1..5"),  // lowest..highest answer
                ("satisfied", nil),  // answers that detectors take as satisfied; null: the usual ones
                ("bands", nil),  // a list, highest first; null: none
                ("minimumSample", 0),  // answers below which a score is marked small
                ("displayDigits", 2),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: ["scale": "1..5"])

    public let contract: ScoreContract
    public let unit = ""
    public let range: ClosedRange<Double>
    public let method = IntervalMethod.t
    public let inputs: [MetricInput]
    public let width: Int
    private let reader: RatingReader

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scale = try SatisfiedSet.scale(configuration)
        reader = try RatingReader(configuration, scale: scale)
        inputs = [try RatingReader.input(configuration)]
        width = scale.steps
        range = Double(scale.lowest)...Double(scale.highest)
        let usual = SatisfiedSet.usual(on: scale) ?? scale.highest...scale.highest
        contract = ScoreContract(
            kind: Self.plugin.name,
            rating: Rating(
                scale: scale, satisfied: try SatisfiedSet.satisfied(configuration, on: scale, usual: usual)),
            displayDigits: try configuration.displayDigits(), bands: try configuration.bands(),
            minimumSample: try configuration.minimumSample(), unit: unit, settings: reader.settings)
    }

    public var watched: WatchedAnswers? { .mean(on: reader.scale, worstFirst: true) }

    public var answerSchema: JSONTree { reader.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        sums.add(at: try reader.step(of: value))
    }

    public func score(_ tally: Tally) -> Score? {
        let counts = tally.answerCounts(on: reader.scale)
        return counts.isPlausible ? RatingMean(counts, on: reader.scale).score(on: reader.scale) : nil
    }
}
