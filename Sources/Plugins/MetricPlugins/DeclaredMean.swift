import JSON
import PluginKit
import Satisfaction

/// A mean declared in configuration: of an answer on its scale, or of a measure.
public struct DeclaredMean: Metric {
    public static let plugin = PluginDescription(
        name: "mean",
        summary: "A mean declared without code: of an answer on its scale, or of a measure's values.",
        defaults: .object(
            [
                ("of", nil),  // "answer NAME" | "measure NAME"; null: the answer named as the metric is
                ("scale", "1..5"),  // of an answer: lowest..highest
                ("lowest", nil),  // of a measure: smallest value taken, in its unit, ±1e12; null: no limit
                ("highest", nil),  // of a measure: largest value taken, in its unit, ±1e12; null: no limit
                ("unit", ""),  // unit of the mean
                ("polarity", "higherIsBetter"),  // higherIsBetter | lowerIsBetter
                ("bands", nil),  // a list, highest first, in the unit; null: none
                ("minimumSample", 0),  // values below which a score is marked small, 0...1000000000
                ("displayDigits", 2),  // 0...6 digits shown to people
            ] + RatingReader.defaults.filter { $0.0 != "answer" }),
        example: ["of": "measure basket", "unit": "EUR", "lowest": 0])

    private enum Subject {
        case values
        case answers(RatingReader)
    }

    public let contract: ScoreContract
    public let unit: String
    public let range: ClosedRange<Double>
    public let method = IntervalMethod.t
    public let inputs: [MetricInput]
    public let width: Int
    private let subject: Subject

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let of = try DeclaredSubject(configuration)
        let polarity = try configuration.oneOf("polarity", Polarity.self)
        inputs = [of.input]
        unit = try configuration.string("unit")
        var rating: Rating?
        var settings: [(String, JSONTree)] = []
        switch of {
        case .measure:
            subject = .values
            width = MeasuredMean.width
            range = try Self.limits(configuration)
            settings = ["lowest", "highest"].map { ($0, configuration.tree($0)) }.filter { $0.1 != .null }
        case .answer:
            let scale = try SatisfiedSet.scale(configuration)
            let reader = try RatingReader(configuration, scale: scale)
            subject = .answers(reader)
            width = scale.steps
            range = Double(scale.lowest)...Double(scale.highest)
            rating = Self.rating(on: scale, polarity)
            settings = reader.settings
        }
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: polarity, rating: rating, unit: unit, keys: ["of"],
            settings: settings)
    }

    private static func limits(
        _ configuration: PluginConfiguration
    ) throws(PluginConfigurationError) -> ClosedRange<Double> {
        let all = -Double(MeasuredValue.magnitudeMax)...Double(MeasuredValue.magnitudeMax)
        let lowest = configuration.isNull("lowest") ? -Double.infinity : try configuration.number("lowest", in: all)
        let highest = configuration.isNull("highest") ? Double.infinity : try configuration.number("highest", in: all)
        guard lowest < highest else {
            throw PluginConfigurationError(
                key: "lowest", sentence: "is \(lowest), but must be below highest, \(highest)")
        }
        return lowest...highest
    }

    /// What detectors watch: as many of the best answers as CSAT takes on the same scale, or the best one.
    private static func rating(on scale: Scale, _ polarity: Polarity) -> Rating {
        let best = SatisfiedSet.usual(on: scale)?.count ?? 1
        return Rating(
            scale: scale,
            satisfied: polarity == .higherIsBetter
                ? scale.highest - best + 1...scale.highest : scale.lowest...scale.lowest + best - 1)
    }

    /// Nil for measured values without `lowest` and `highest`, and where these are farther from zero than a million: a
    /// harm needs a worst value to be measured by, in millionths.
    public var watched: WatchedAnswers? {
        let isHighGood = contract.polarity == .higherIsBetter
        switch subject {
        case .answers(let reader): return .mean(on: reader.scale, worstFirst: isHighGood)
        case .values: return MeasuredMean.watched(within: range, isHighGood: isHighGood)
        }
    }

    public var answerSchema: JSONTree {
        switch subject {
        case .answers(let reader): reader.schema
        case .values: MeasuredValue.schema(range.lowerBound >= 0 ? .notNegative : .any)
        }
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        switch subject {
        case .answers(let reader): sums.add(at: try reader.step(of: value))
        case .values:
            let measured = try MeasuredValue(value, .any)
            guard range.contains(measured.number) else {
                throw AnswerRefusal(
                    reason: .outsideScale,
                    sentence: "is \(measured.number), but must lie in \(range.lowerBound)...\(range.upperBound)")
            }
            MeasuredMean.add(measured, into: &sums)
        }
    }

    public func score(_ tally: Tally) -> Score? {
        switch subject {
        case .values: return MeasuredMean(tally)?.score(within: range)
        case .answers(let reader):
            guard tally.holdsAnswerCounts else { return nil }
            return RatingMean(tally.answerCounts(on: reader.scale), on: reader.scale).score(on: reader.scale)
        }
    }
}

extension Tally {
    /// No count is below 0, and their sum leaves room to be weighted by answers: not so only for hostile content.
    fileprivate var holdsAnswerCounts: Bool {
        var room = Int64.max / Int64(Scale.stepsMax)
        for (_, amount) in columns {
            guard amount >= 0, amount <= room else { return false }
            room -= amount
        }
        return true
    }
}
