import JSON
import PluginKit
import Satisfaction

/// NPS, promoters less detractors in percent of all answers, in points from −100 to +100 (not a percentage).
///
/// On 0–10: promoters 9 and 10, passives 7 and 8, detractors 0 to 6 (F. Reichheld, "The one number you need to grow",
/// Harvard Business Review 81, 2003). The 1–10 variant has detractors 1 to 6 and is a contract of its own.
public struct NetPromoterScore: Metric {
    public static let plugin = PluginDescription(
        name: "nps",
        summary: "Net promoter score: promoters (9-10) less detractors (0-6), in points from -100 to +100.",
        defaults: .object(
            [
                ("scale", "0..10"),  // 0..10 | 1..10
                ("bands", nil),  // a list, highest first; null: none
                ("minimumSample", 0),  // answers below which a score is marked small
                ("displayDigits", 1),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: ["scale": "0..10"])

    public let contract: ScoreContract
    public let unit = "points"
    public let range = -100.0...100.0
    public let method = IntervalMethod.multinomial
    public let inputs: [MetricInput]
    public let width: Int
    private let reader: RatingReader

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scale = try SatisfiedSet.scale(configuration)
        guard scale.highest == 10, scale.lowest == 0 || scale.lowest == 1 else {
            throw PluginConfigurationError(key: "scale", sentence: "is \(scale), but must be 0..10 or 1..10")
        }
        reader = try RatingReader(configuration, scale: scale)
        inputs = [try RatingReader.input(configuration)]
        width = scale.steps
        contract = ScoreContract(
            kind: Self.plugin.name, rating: Rating(scale: scale, satisfied: 9...10),
            displayDigits: try configuration.displayDigits(), bands: try configuration.bands(),
            minimumSample: try configuration.minimumSample(), unit: unit,
            settings: reader.settings + [("detractors", .string("\(scale.lowest)..6")), ("passives", "7..8")])
    }

    /// The two cuts of which the score is made: promoters − detractors = 100 − (passives + detractors) − detractors.
    public var watched: WatchedAnswers? {
        .ratings(
            on: reader.scale, worstFirst: true, best: 100,
            [
                .share("passives and detractors", on: reader.scale, points: 100) { $0 <= 8 },
                .share("detractors", on: reader.scale, points: 100) { $0 <= 6 },
            ], tilt: false)
    }

    public var answerSchema: JSONTree { reader.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        sums.add(at: try reader.step(of: value))
    }

    public func score(_ tally: Tally) -> Score? {
        let counts = tally.answerCounts(on: reader.scale)
        let answers = counts.total
        guard counts.isPlausible else { return nil }
        let promoters = counts.count(of: 9...10, on: reader.scale)
        let detractors = counts.count(of: reader.scale.lowest...6, on: reader.scale)
        func percent(_ part: Int64) -> Double { 100 * Double(part) / Double(answers) }
        return .net(
            positive: promoters, negative: detractors, of: answers,
            figures: [
                Figure("promoters", percent(promoters), unit: "%"),
                Figure("passives", percent(answers - promoters - detractors), unit: "%"),
                Figure("detractors", percent(detractors), unit: "%"),
            ])
    }
}
