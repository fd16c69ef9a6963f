import JSON
import PluginKit
import Satisfaction

/// ACSI, the American customer satisfaction index: three questions on 1…10, satisfaction over all, against expectations
/// and against an ideal.
///
/// index = Σ wᵢ (xᵢ − 1) / 9 × 100 (C. Fornell, M. D. Johnson, E. W. Anderson, J. Cha, B. E. Bryant, "The American Customer
/// Satisfaction Index: nature, purpose, and findings", Journal of Marketing 60, 1996). All three must be answered. The
/// sums of the answers' products are kept, so that the variance of a respondent's own index is exact, and with it
/// Student's interval.
public struct AmericanIndex: Metric {
    public static let plugin = PluginDescription(
        name: "acsi",
        summary: "American customer satisfaction index: three questions on 1-10, from 0 to 100.",
        defaults: [
            "weights": nil,  // {overall, expectations, ideal: share}; must sum to 1; null: a third each
            "answer": nil,  // name of the answer; null: the metric's name up to its first dot
            "bands": nil,  // null: standard; or a list, highest first
            "minimumSample": 100,  // responses below which a score is small
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["weights": ["overall": 0.3885, "expectations": 0.319, "ideal": 0.2925]])

    private static let questions = ["overall", "expectations", "ideal"]
    private static let scale = Scale(lowest: 1, highest: 10)!
    private static let pointsPerStep = 100.0 / 9

    /// Columns: responses, the sum of each question's steps (0…9), the sums of their products.
    private enum Column {
        static let responses = 0
        static let steps = 1
        static let products = 4
        static let count = 10

        /// Sum of the products of two questions' steps; of the squares, for one with itself.
        static func product(_ first: Int, _ second: Int) -> Int {
            let (low, high) = (min(first, second), max(first, second))
            return products + [0, 3, 5][low] + high - low
        }
    }

    public let contract: ScoreContract
    public let unit = "points"
    public let range = 0.0...100.0
    public let method = IntervalMethod.t
    public let inputs: [MetricInput]
    public let width = Column.count
    /// By question.
    private let weights: [Double]

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        weights = try Self.weights(configuration)
        inputs = [.answer(try configuration.optionalString("answer"))]
        contract = ScoreContract(
            kind: Self.plugin.name, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: IndexBands.named),
            minimumSample: try configuration.minimumSample(), unit: unit,
            settings: configuration.namedAnswer + [
                ("scale", .string("\(Self.scale)")),
                ("weights", GivenWeights.tree(zip(Self.questions, weights).map { ($0, $1) })),
            ])
    }

    private static func weights(_ configuration: PluginConfiguration) throws(PluginConfigurationError) -> [Double] {
        if configuration.isNull("weights") { return questions.map { _ in 1.0 / Double(questions.count) } }
        let given = try GivenWeights.read(
            configuration.tree("weights"), key: "weights", whole: 1, atMost: questions.count,
            example: "{overall: 0.4, expectations: 0.3, ideal: 0.3}")
        var weights: [Double] = []
        for question in questions {
            guard let weight = given.first(where: { $0.name == question })?.weight, given.count == questions.count
            else {
                throw PluginConfigurationError(
                    key: "weights",
                    sentence: "must weigh these three and no other: \(questions.joined(separator: ", "))")
            }
            weights.append(weight)
        }
        return weights
    }

    /// Every answer has all three ratings, so the index is a weighted sum of their distances from 10.
    public var watched: WatchedAnswers? {
        var answers = [Int64](repeating: 0, count: width)
        answers[Column.responses] = 1
        let unit = Int64(Self.scale.steps - 1)
        return WatchedAnswers(
            answers: answers,
            channels: Self.questions.indices.map { place in
                var harms = [Int64](repeating: 0, count: width)
                harms[Column.responses] = unit
                harms[Column.steps + place] = -1
                return .init(name: Self.questions[place], harms: harms, unit: unit, points: 100 * weights[place])
            }, best: 100)
    }

    public var answerSchema: JSONTree {
        let question: JSONTree = ["type": "integer", "minimum": 1, "maximum": 10]
        return [
            "type": "object", "required": .array(Self.questions.map(JSONTree.string)),
            "properties": .object(Self.questions.map { ($0, question) }),
        ]
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        let answer = try ComponentReading.object(
            value, nil, example: #"{"overall": 8, "expectations": 7, "ideal": 7}"#)
        let overall = try step(answer.member(named: "overall"), "overall")
        let expectations = try step(answer.member(named: "expectations"), "expectations")
        let ideal = try step(answer.member(named: "ideal"), "ideal")
        sums.add(at: Column.responses)
        sums.add(Int64(overall), at: Column.steps)
        sums.add(Int64(expectations), at: Column.steps + 1)
        sums.add(Int64(ideal), at: Column.steps + 2)
        sums.add(Int64(overall * overall), at: Column.products)
        sums.add(Int64(overall * expectations), at: Column.products + 1)
        sums.add(Int64(overall * ideal), at: Column.products + 2)
        sums.add(Int64(expectations * expectations), at: Column.products + 3)
        sums.add(Int64(expectations * ideal), at: Column.products + 4)
        sums.add(Int64(ideal * ideal), at: Column.products + 5)
    }

    private func step(_ value: JSONValue?, _ question: String) throws(AnswerRefusal) -> Int {
        guard let value else {
            throw AnswerRefusal(
                reason: .wrongType,
                sentence: "has no \"\(question)\"; all three must be answered on \(Self.scale): "
                    + Self.questions.joined(separator: ", "))
        }
        return try ComponentReading.step(value, on: Self.scale, question)
    }

    public func score(_ tally: Tally) -> Score? {
        let answers = tally[Column.responses]
        guard answers > 0 else { return nil }
        var value = 0.0
        var variance = 0.0
        var components: [ScoreComponent] = []
        for (place, name) in Self.questions.enumerated() {
            let mean = min(9, max(0, Double(tally[Column.steps + place]) / Double(answers)))
            let index = 100 * mean / 9
            value += weights[place] * index
            for other in Self.questions.indices {
                variance += weights[place] * weights[other] * covariance(place, other, tally)
            }
            components.append(
                ScoreComponent(
                    name: name, answers: answers, rating: mean + Double(Self.scale.lowest), scale: Self.scale,
                    deviation: max(0, covariance(place, place, tally)).squareRoot(), weight: weights[place],
                    index: index))
        }
        value = min(range.upperBound, max(range.lowerBound, value))
        let deviation = Self.pointsPerStep * max(0, variance).squareRoot()
        return Score(
            value: value,
            interval: .mean(mean: value, standardDeviation: deviation, answers: answers, within: range), method: .t,
            responses: answers, deviation: deviation, components: components.inFallingWeight)
    }

    private func covariance(_ first: Int, _ second: Int, _ tally: Tally) -> Double {
        ExactSpread.covariance(
            products: Int128(tally[Column.product(first, second)]), first: tally[Column.steps + first],
            second: tally[Column.steps + second], answers: tally[Column.responses])
    }
}
