import JSON
import PluginKit
import Satisfaction

/// CSI with weights that the respondents give: every component is rated and given an importance, both on 1…max.
///
/// weight = mean importance / sum of the mean importances; index = Σ weight × mean rating / max × 100, or with
/// `(mean − 1) / (max − 1)` under the other normalisation (N. Hill and J. Alexander, "Handbook of Customer Satisfaction
/// and Loyalty Measurement", 2nd edition, 2000: the weighted satisfaction index).
///
/// A respondent may leave components out: a component's means are over those who rated it. As long as nobody has rated
/// one of the components there is no score, since an index of some of its components would be another index.
/// A component's gap is its mean importance as percent of the importance scale less its index: the highest is to be
/// mended first.
///
/// Detectors do not watch it: the weights are means themselves, so the index is not linear in answers.
public struct WeightedSatisfactionIndex: Metric {
    public static let plugin = PluginDescription(
        name: "csi.weighted",
        summary: "Customer satisfaction index of components, weighted by the importance respondents give them.",
        defaults: .object(
            IndexComponents.defaults + [
                ("scale", "1..5"),  // 1..max of the ratings
                ("importanceScale", nil),  // 1..max of the importances; null: that of the ratings
                ("normalisation", "ratio"),  // ratio: mean / max | range: (mean - 1) / (max - 1)
                ("answer", nil),  // name of the answer; null: the metric's name up to its first dot
                ("bands", nil),  // null: standard; or a list, highest first
                ("minimumSample", 100),  // responses below which a score is small
                ("displayDigits", 1),  // 0...6 digits shown to people
            ]),
        example: ["components": ["speed", "price", "friendliness"], "scale": "1..5"])

    public let contract: ScoreContract
    public let unit = "points"
    public let range = 0.0...100.0
    public let method = IntervalMethod.conservative
    public let inputs: [MetricInput]
    public let width: Int
    private let components: IndexComponents
    private let scale: Scale
    private let importanceScale: Scale
    private let normalisation: Normalisation

    /// Column of the responses; each component's ratings by step and importances by step follow.
    private static let responses = 0
    private var componentWidth: Int { scale.steps + importanceScale.steps }
    private func firstColumn(_ place: Int) -> Int { 1 + place * componentWidth }

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        components = try IndexComponents(configuration)
        scale = try Self.scale("scale", configuration)
        importanceScale =
            configuration.isNull("importanceScale") ? scale : try Self.scale("importanceScale", configuration)
        normalisation = try configuration.oneOf("normalisation", Normalisation.self)
        inputs = [.answer(try configuration.optionalString("answer"))]
        width = 1 + components.count * (scale.steps + importanceScale.steps)
        contract = ScoreContract(
            kind: Self.plugin.name, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: IndexBands.named),
            minimumSample: try configuration.minimumSample(), unit: unit,
            settings: configuration.namedAnswer + [
                ("components", components.tree), ("importanceScale", .string("\(importanceScale)")),
                ("normalisation", .string(normalisation.rawValue)), ("scale", .string("\(scale)")),
            ])
    }

    private static func scale(
        _ key: String, _ configuration: PluginConfiguration
    ) throws(PluginConfigurationError) -> Scale {
        let text = try configuration.string(key)
        guard let scale = Scale(text), scale.lowest == 1 else {
            throw PluginConfigurationError(
                key: key, sentence: "is \"\(text)\", but must be 1..MAX of at most \(Scale.stepsMax) steps, as 1..5")
        }
        return scale
    }

    public var answerSchema: JSONTree {
        func whole(_ scale: Scale) -> JSONTree {
            ["type": "integer", "minimum": .integer(Int64(scale.lowest)), "maximum": .integer(Int64(scale.highest))]
        }
        let component: JSONTree = [
            "type": "object", "required": ["rating", "importance"],
            "properties": ["rating": whole(scale), "importance": whole(importanceScale)],
        ]
        return [
            "type": "object", "required": ["components"],
            "properties": [
                "components": [
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": .object(components.names.map { ($0, component) }),
                ]
            ],
        ]
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        let example = #"{"components": {"speed": {"rating": 4, "importance": 5}}}"#
        let answer = try ComponentReading.object(value, nil, example: example)
        let given = try ComponentReading.object(answer.member(named: "components"), "components", example: example)
        var named = NamedComponents()
        for member in given {
            let place = try ComponentReading.place(of: member.name, among: components, &named, "components")
            guard let rating = member.value.member(named: "rating"),
                let importance = member.value.member(named: "importance")
            else {
                throw AnswerRefusal(
                    reason: .wrongType,
                    sentence:
                        "must be an object with a rating on \(scale) and an importance on \(importanceScale); leave "
                        + "out a component that was not rated", member: "components/\(member.name)")
            }
            let first = firstColumn(place)
            sums.add(
                at: first + (try ComponentReading.step(rating, on: scale, "components/\(member.name)/rating")))
            sums.add(
                at: first + scale.steps
                    + (try ComponentReading.step(
                        importance, on: importanceScale, "components/\(member.name)/importance")))
        }
        guard !named.isEmpty else { throw ComponentReading.nothing("components") }
        sums.add(at: Self.responses)
    }

    public func score(_ tally: Tally) -> Score? {
        var means: [(rating: RatingMean, importance: RatingMean)] = []
        for place in 0..<components.count {
            let first = firstColumn(place)
            let rating = RatingMean(tally.counts(first, on: scale), on: scale)
            let importance = RatingMean(tally.counts(first + scale.steps, on: importanceScale), on: importanceScale)
            guard rating.answers > 0, importance.answers > 0 else { return nil }
            means.append((rating, importance))
        }
        let importances = means.reduce(0) { $0 + $1.importance.mean }
        let parts = zip(components.names, means).map { name, mean in
            let index = normalisation.percent(mean.rating.mean, on: scale)
            return IndexPart(
                component: ScoreComponent(
                    name: name, answers: mean.rating.answers, rating: mean.rating.mean, scale: scale,
                    deviation: mean.rating.deviation, importance: mean.importance.mean,
                    weight: mean.importance.mean / importances, index: index,
                    gap: normalisation.percent(mean.importance.mean, on: importanceScale) - index),
                deviation: mean.rating.deviation * normalisation.percentPerStep(on: scale))
        }
        return .index(
            parts, responses: tally[Self.responses], within: normalisation.percent(1, on: scale)...100)
    }
}
