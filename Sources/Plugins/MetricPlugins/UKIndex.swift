import JSON
import PluginKit
import Satisfaction

/// UKCSI, after the UK customer satisfaction index: the mean of answers on 1…10, times ten.
///
/// The Institute of Customer Service publishes its index as the mean of its measures on 1…10, as a score out of 100. The
/// lowest answer is worth 10, not nothing; the range given is nevertheless 0…100, in which the index is read.
public struct UKIndex: Metric {
    public static let plugin = PluginDescription(
        name: "ukcsi",
        summary: "Index after the UK customer satisfaction index: the mean of answers on 1-10, times ten.",
        defaults: .object(
            [
                ("satisfied", nil),  // answers that detectors take as satisfied; null: 8..10
                ("bands", nil),  // null: standard; or a list, highest first
                ("minimumSample", 100),  // answers below which a score is small
                ("displayDigits", 1),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: ["displayDigits": 1])

    private static let pointsPerStep = 10.0

    public let contract: ScoreContract
    public let unit = "points"
    public let range = 0.0...100.0
    public let method = IntervalMethod.t
    public let inputs: [MetricInput]
    public let width: Int
    private let reader: RatingReader

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scale = Scale(lowest: 1, highest: 10)!
        reader = try RatingReader(configuration, scale: scale)
        inputs = [try RatingReader.input(configuration)]
        width = scale.steps
        contract = ScoreContract(
            kind: Self.plugin.name,
            rating: Rating(
                scale: scale,
                satisfied: try SatisfiedSet.satisfied(configuration, on: scale, usual: SatisfiedSet.usual(on: scale))),
            displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: IndexBands.named),
            minimumSample: try configuration.minimumSample(), unit: unit, settings: reader.settings)
    }

    public var watched: WatchedAnswers? {
        .mean(
            on: reader.scale, worstFirst: true, best: Self.pointsPerStep * Double(reader.scale.highest),
            points: Self.pointsPerStep * Double(reader.scale.steps - 1))
    }

    public var answerSchema: JSONTree { reader.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        sums.add(at: try reader.step(of: value))
    }

    public func score(_ tally: Tally) -> Score? {
        let mean = RatingMean(tally.answerCounts(on: reader.scale), on: reader.scale)
        guard mean.answers > 0 else { return nil }
        let value = Self.pointsPerStep * mean.mean
        let deviation = Self.pointsPerStep * mean.deviation
        return Score(
            value: value,
            interval: .mean(
                mean: value, standardDeviation: deviation, answers: mean.answers,
                within: Self.pointsPerStep * Double(reader.scale.lowest)...range.upperBound),
            method: .t, responses: mean.answers, deviation: deviation,
            figures: [Figure("mean", mean.mean, unit: "")])
    }
}
