import JSON
import PluginKit
import Satisfaction

/// CSI as a scorecard: indicators with given weights, each valued 0…100.
///
/// index = Σ weight / 100 × mean value (after the weighted scorecard of R. S. Kaplan and D. P. Norton, "The balanced
/// scorecard: measures that drive performance", Harvard Business Review 70, 1992). A target and a yearly path to it are
/// settings every metric has.
///
/// An answer may leave indicators out: an indicator's mean is over the answers that value it. There is no score until
/// every indicator has a value. Values count to the millionth, the rest is rounded to the nearest.
///
/// Detectors do not watch it: an indicator's mean is over the answers that value it, each with a number of answers of
/// its own. Watch a `mean` of an indicator.
public struct ScorecardIndex: Metric {
    public static let plugin = PluginDescription(
        name: "csi.scorecard",
        summary: "Customer satisfaction index of indicators valued 0 to 100, with given weights in percent.",
        defaults: [
            "weights": [:],  // {indicator: percent}, 1...32 of them; must sum to 100
            "answer": nil,  // name of the answer; null: the metric's name up to its first dot
            "bands": nil,  // null: standard; or a list, highest first
            "minimumSample": 100,  // responses below which a score is small
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["weights": ["quality": 40, "service": 35, "price": 25]])

    public let contract: ScoreContract
    public let unit = "points"
    public let range = 0.0...100.0
    public let method = IntervalMethod.conservative
    public let inputs: [MetricInput]
    public let width: Int
    private let indicators: IndexComponents
    /// Shares of the index, by place among the indicators.
    private let weights: [Double]

    /// Column of the responses; each indicator's four follow.
    private static let responses = 0
    private static let indicatorWidth = 4
    private static func firstColumn(_ place: Int) -> Int { 1 + place * indicatorWidth }

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let given = try GivenWeights.read(
            configuration.tree("weights"), key: "weights", whole: 100, atMost: IndexComponents.countMax,
            example: "{quality: 60, service: 40}")
        let indicators = try IndexComponents(given.map(\.name), key: "weights")
        weights = indicators.names.map { name in given.first { $0.name == name }!.weight / 100 }
        self.indicators = indicators
        inputs = [.answer(try configuration.optionalString("answer"))]
        width = 1 + indicators.count * Self.indicatorWidth
        contract = ScoreContract(
            kind: Self.plugin.name, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: IndexBands.named),
            minimumSample: try configuration.minimumSample(), unit: unit,
            settings: configuration.namedAnswer + [("weights", GivenWeights.tree(given))])
    }

    public var answerSchema: JSONTree {
        let indicator: JSONTree = ["type": "number", "minimum": 0, "maximum": 100]
        return [
            "type": "object", "required": ["indicators"],
            "properties": [
                "indicators": [
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": .object(indicators.names.map { ($0, indicator) }),
                ]
            ],
        ]
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        let example = #"{"indicators": {"quality": 71.5}}"#
        let answer = try ComponentReading.object(value, nil, example: example)
        let given = try ComponentReading.object(answer.member(named: "indicators"), "indicators", example: example)
        var named = NamedComponents()
        for member in given {
            let place = try ComponentReading.place(of: member.name, among: indicators, &named, "indicators")
            guard let number = member.value.double else {
                throw AnswerRefusal(
                    reason: .wrongType, sentence: "must be a number from 0 to 100, not \(member.value.kind)",
                    member: "indicators/\(member.name)")
            }
            guard let amount = FixedPointSums.Amount(number, in: 0...100) else {
                throw AnswerRefusal(
                    reason: .outsideScale, sentence: "is \(number), but must lie in 0 to 100",
                    member: "indicators/\(member.name)")
            }
            let first = Self.firstColumn(place)
            sums.add(at: first)
            sums.add(amount.value, at: first + 1)
            sums.add(amount.squareHigh, at: first + 2)
            sums.add(amount.squareLow, at: first + 3)
        }
        guard !named.isEmpty else { throw ComponentReading.nothing("indicators") }
        sums.add(at: Self.responses)
    }

    public func score(_ tally: Tally) -> Score? {
        var parts: [IndexPart] = []
        for (place, name) in indicators.names.enumerated() {
            let first = Self.firstColumn(place)
            let sums = FixedPointSums(
                answers: tally[first], sum: tally[first + 1], squareHigh: tally[first + 2], squareLow: tally[first + 3])
            guard sums.answers > 0 else { return nil }
            let mean = min(100, max(0, sums.mean))
            parts.append(
                IndexPart(
                    component: ScoreComponent(
                        name: name, answers: sums.answers, rating: mean, deviation: sums.deviation,
                        weight: weights[place], index: mean),
                    deviation: sums.deviation))
        }
        return .index(parts, responses: tally[Self.responses], within: range)
    }
}
