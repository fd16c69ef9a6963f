import JSON
import PluginKit
import Satisfaction

/// CSAT as a net: satisfied less dissatisfied answers, in points of a hundred.
public struct SatisfactionNet: Metric {
    public static let plugin = PluginDescription(
        name: "csat.net",
        summary: "Net customer satisfaction: satisfied less dissatisfied answers, in points from -100 to +100.",
        defaults: .object(
            [
                ("scale", "1..5"),  // lowest..highest answer
                ("satisfied", nil),  // answers that count as satisfied; null: the usual ones of the scale
                ("neutral", "separate"),  // separate | dissatisfied
                ("bands", nil),  // a list, highest first; null: none
                ("minimumSample", 0),  // answers below which a score is marked small
                ("displayDigits", 1),  // 0...6 digits shown to people
            ] + RatingReader.defaults),
        example: ["scale": "1..5", "neutral": "dissatisfied"])

    public let contract: ScoreContract
    public let unit = "points"
    public let range = -100.0...100.0
    public let method = IntervalMethod.multinomial
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
            kind: Self.plugin.name, rating: rating, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(), minimumSample: try configuration.minimumSample(), unit: unit,
            settings: reader.settings)
    }

    /// satisfied − dissatisfied = 100 − (not satisfied) − dissatisfied; one channel where these are the same answers.
    public var watched: WatchedAnswers? {
        let satisfied = rating.satisfied
        let worst = RatingShares.dissatisfied(of: rating)
        let channels: [WatchedAnswers.Channel] =
            satisfied.count + worst.count == rating.scale.steps
            ? [.share("dissatisfied", on: rating.scale, points: 200) { worst.contains($0) }]
            : [
                .share("not satisfied", on: rating.scale, points: 100) { !satisfied.contains($0) },
                .share("dissatisfied", on: rating.scale, points: 100) { worst.contains($0) },
            ]
        return .ratings(
            on: rating.scale, worstFirst: satisfied.upperBound == rating.scale.highest, best: 100, channels)
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
        return .net(positive: shares.satisfied, negative: shares.dissatisfied, of: shares.answers)
    }
}

extension Score {
    /// The difference of two shares of one sample, in points, with its multinomial interval.
    /// - Returns: nil without answers.
    static func net(positive: Int64, negative: Int64, of answers: Int64, figures: [Figure] = []) -> Score? {
        guard answers > 0, positive >= 0, negative >= 0, positive <= answers, negative <= answers - positive else {
            return nil
        }
        let up = Double(positive) / Double(answers)
        let down = Double(negative) / Double(answers)
        return Score(
            value: 100 * Double(positive - negative) / Double(answers),
            interval: .multinomialDifference(positive: positive, negative: negative, answers: answers),
            method: .multinomial, responses: answers,
            deviation: answers > 1
                ? 100
                    * (max(0, up + down - (up - down) * (up - down)) * Double(answers) / Double(answers - 1))
                    .squareRoot()
                : 0, figures: figures)
    }
}
