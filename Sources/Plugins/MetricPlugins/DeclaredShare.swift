import JSON
import PluginKit
import Satisfaction

/// A share declared in configuration: of the answers that count among all answers, or of a measure's true values.
public struct DeclaredShare: Metric {
    public static let plugin = PluginDescription(
        name: "share",
        summary: "A share declared without code: answers that count, or true values of a measure, in percent of all.",
        defaults: .object(
            [
                ("of", nil),  // "answer NAME" | "measure NAME", true or false; null: the answer named as the metric is
                ("scale", "1..5"),  // of an answer: lowest..highest
                ("counts", nil),  // of an answer: which count, LOWEST..HIGHEST or one; null: the usual satisfied ones
                ("polarity", "higherIsBetter"),  // higherIsBetter | lowerIsBetter
                ("bands", nil),  // a list, highest first, in percent; null: none
                ("minimumSample", 0),  // answers below which a score is marked small, 0...1000000000
                ("displayDigits", 1),  // 0...6 digits shown to people
            ] + RatingReader.defaults.filter { $0.0 != "answer" }),
        example: ["of": "answer csat", "scale": "1..5", "counts": "1..2", "polarity": "lowerIsBetter"])

    private enum Subject {
        case outcomes
        /// With the steps that count.
        case answers(RatingReader, Range<Int>)
    }

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0.0...100.0
    public let method = IntervalMethod.wilson
    public let inputs: [MetricInput]
    public let width: Int
    private let subject: Subject

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let of = try DeclaredSubject(configuration)
        let polarity = try configuration.oneOf("polarity", Polarity.self)
        inputs = [of.input]
        var rating: Rating?
        var settings: [(String, JSONTree)] = []
        switch of {
        case .measure:
            subject = .outcomes
            width = MeasuredOutcomes.width
        case .answer:
            let scale = try SatisfiedSet.scale(configuration)
            let reader = try RatingReader(configuration, scale: scale)
            let counting = try Self.counting(configuration, on: scale)
            let first = counting.lowerBound - scale.lowest
            subject = .answers(reader, first..<first + counting.count)
            width = scale.steps
            rating = Self.rating(counting, on: scale, polarity)
            settings =
                reader.settings + [
                    ("counts", .string("\(counting.lowerBound)..\(counting.upperBound)")),
                    ("scale", .string("\(scale)")),
                ]
        }
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: polarity, rating: rating, unit: unit, keys: ["of"],
            settings: settings)
    }

    private static func counting(
        _ configuration: PluginConfiguration, on scale: Scale
    ) throws(PluginConfigurationError) -> ClosedRange<Int> {
        if configuration.isNull("counts") {
            guard let usual = SatisfiedSet.usual(on: scale) else {
                throw PluginConfigurationError(
                    key: "counts", sentence: "must be given, since the scale \(scale) has no usual satisfied answers")
            }
            return usual
        }
        let text = try configuration.string("counts")
        let range = Scale(text).map { $0.lowest...$0.highest } ?? Int(text).map { $0...$0 }
        guard let range, scale.contains(range.lowerBound), scale.contains(range.upperBound), range.count < scale.steps
        else {
            throw PluginConfigurationError(
                key: "counts", sentence: "is \"\(text)\", but must be a part of \(scale), such as \(scale.highest)")
        }
        return range
    }

    /// What detectors watch: the good answers, which are those that count or all others.
    /// - Returns: nil where those that count touch no end of the scale.
    private static func rating(_ counting: ClosedRange<Int>, on scale: Scale, _ polarity: Polarity) -> Rating? {
        let atLowest = counting.lowerBound == scale.lowest
        guard atLowest || counting.upperBound == scale.highest else { return nil }
        let others =
            atLowest ? counting.upperBound + 1...scale.highest : scale.lowest...counting.lowerBound - 1
        return Rating(scale: scale, satisfied: polarity == .higherIsBetter ? counting : others)
    }

    /// Bad are the answers that count, or all others, as the polarity has it.
    public var watched: WatchedAnswers? {
        let isHighGood = contract.polarity == .higherIsBetter
        switch subject {
        case .outcomes: return MeasuredOutcomes.watched(isHighGood: isHighGood)
        case .answers(let reader, let columns):
            let scale = reader.scale
            let counting = columns.lowerBound + scale.lowest..<columns.upperBound + scale.lowest
            let share = WatchedAnswers.Channel.share(
                isHighGood ? "others" : "counting", on: scale, points: isHighGood ? 100 : -100
            ) { counting.contains($0) != isHighGood }
            let worstFirst = contract.rating.map { $0.satisfied.upperBound == scale.highest }
            return .ratings(
                on: scale, worstFirst: worstFirst ?? true, best: isHighGood ? 100 : 0, [share], tilt: worstFirst != nil)
        }
    }

    public var answerSchema: JSONTree {
        switch subject {
        case .outcomes: MeasuredOutcomes.schema
        case .answers(let reader, _): reader.schema
        }
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        switch subject {
        case .outcomes: try MeasuredOutcomes.count(value, into: &sums)
        case .answers(let reader, _): sums.add(at: try reader.step(of: value))
        }
    }

    public func score(_ tally: Tally) -> Score? {
        switch subject {
        case .outcomes: MeasuredOutcomes.score(tally)
        case .answers(_, let counting):
            MeasuredShare(counted: tally.sum(counting), of: tally.sum(0..<width))?.score(times: 100, within: range)
        }
    }
}
