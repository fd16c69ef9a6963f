import JSON
import PluginKit
import Satisfaction

/// CES, how easy it was: the mean of ease or effort answers, with the share of the best answer beside it.
///
/// The polarity is part of the contract: `ease` ("made it easy", agree is good) or `effort` ("how much effort", high is
/// bad). (M. Dixon, K. Freeman, N. Toman, "Stop trying to delight your customers", Harvard Business Review 88, 2010.)
public struct CustomerEffortScore: Metric {
    public static let plugin = PluginDescription(
        name: "ces",
        summary: "Customer effort score: mean of ease or effort answers on 1-5, 1-7 or 1-10, with its top-box share.",
        defaults: .object(
            [
                ("scale", "1..7"),  // 1..5 | 1..7 | 1..10
                ("polarity", "ease"),  // ease: high is good | effort: high is bad
                ("bands", nil),  // a list, highest first; null: none
                ("minimumSample", 0),  // answers below which a score is marked small
                ("displayDigits", 2),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: ["scale": "1..7", "polarity": "ease"])

    private enum Question: String, CaseIterable { case ease, effort }

    public let contract: ScoreContract
    public let unit = ""
    public let range: ClosedRange<Double>
    public let method = IntervalMethod.t
    public let inputs: [MetricInput]
    public let width: Int
    private let reader: RatingReader
    private let best: Int

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scale = try SatisfiedSet.scale(configuration)
        guard scale.lowest == 1, [5, 7, 10].contains(scale.highest) else {
            throw PluginConfigurationError(key: "scale", sentence: "is \(scale), but must be 1..5, 1..7 or 1..10")
        }
        let question = try configuration.oneOf("polarity", Question.self)
        reader = try RatingReader(configuration, scale: scale)
        inputs = [try RatingReader.input(configuration)]
        width = scale.steps
        range = Double(scale.lowest)...Double(scale.highest)
        best = question == .ease ? scale.steps - 1 : 0
        // As many of the best answers as CSAT takes on the same scale.
        let usual = SatisfiedSet.usual(on: scale)!.count
        contract = ScoreContract(
            kind: Self.plugin.name,
            rating: Rating(
                scale: scale,
                satisfied: question == .ease ? (scale.highest - usual + 1)...scale.highest : 1...usual),
            polarity: question == .ease ? .higherIsBetter : .lowerIsBetter,
            displayDigits: try configuration.displayDigits(), bands: try configuration.bands(),
            minimumSample: try configuration.minimumSample(), unit: unit, settings: reader.settings)
    }

    public var watched: WatchedAnswers? {
        .mean(on: reader.scale, worstFirst: contract.polarity == .higherIsBetter)
    }

    public var answerSchema: JSONTree { reader.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        sums.add(at: try reader.step(of: value))
    }

    public func score(_ tally: Tally) -> Score? {
        let counts = tally.answerCounts(on: reader.scale)
        guard counts.isPlausible else { return nil }
        let mean = RatingMean(counts, on: reader.scale)
        let topBox = 100 * Double(tally[best]) / Double(mean.answers)
        return mean.score(on: reader.scale, figures: [Figure("topBox", topBox, unit: "%")])
    }
}
