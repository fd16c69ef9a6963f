import JSON
import PluginKit
import Satisfaction

/// CSAT by the top box: the share of the very best answer, in percent.
///
/// Stricter than ``CustomerSatisfaction`` and therefore a contract of its own: the two are never compared.
public struct SatisfactionTopBox: Metric {
    public static let plugin = PluginDescription(
        name: "csat.topbox",
        summary: "Customer satisfaction by the top box: the best answer in percent of all answers.",
        defaults: .object(
            [
                ("scale", "1..5"),  // lowest..highest answer
                ("bands", nil),  // a list, highest first; null: none
                ("minimumSample", 0),  // answers below which a score is marked small
                ("displayDigits", 1),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: ["scale": "1..5"])

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0.0...100.0
    public let method = IntervalMethod.wilson
    public let inputs: [MetricInput]
    public let width: Int
    private let reader: RatingReader

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scale = try SatisfiedSet.scale(configuration)
        reader = try RatingReader(configuration, scale: scale)
        inputs = [try RatingReader.input(configuration)]
        width = scale.steps
        contract = ScoreContract(
            kind: Self.plugin.name, rating: Rating(scale: scale, satisfied: scale.highest...scale.highest),
            displayDigits: try configuration.displayDigits(), bands: try configuration.bands(),
            minimumSample: try configuration.minimumSample(), unit: unit, settings: reader.settings)
    }

    public var answerSchema: JSONTree { reader.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        sums.add(at: try reader.step(of: value))
    }

    public func score(_ tally: Tally) -> Score? {
        let counts = tally.answerCounts(on: reader.scale)
        return counts.isPlausible ? .share(counts[width - 1], of: counts.total) : nil
    }
}
