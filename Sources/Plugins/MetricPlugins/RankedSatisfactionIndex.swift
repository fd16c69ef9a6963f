import JSON
import PluginKit
import Satisfaction

/// CSI with weights by mention: every respondent names the components that matter most to them, and rates components
/// against what they had expected.
///
/// weight = mentions of the component / all mentions; index = Σ weight × mean rating / 6 × 100, or with `(mean − 1) / 5`
/// under the other normalisation. Ratings compare with expectations, as in R. L. Oliver, "A cognitive model of the
/// antecedents and consequences of satisfaction decisions", Journal of Marketing Research 17 (1980).
///
/// A respondent need not rate what they named, nor name what they rated: a component's mean is over those who rated it.
/// There is no score as long as a component that was named has not been rated by anybody. In a component, `importance` is
/// the share of respondents who named it, in percent; its gap is that less its index.
///
/// Detectors do not watch it: the weights are shares themselves, so the index is not linear in answers.
public struct RankedSatisfactionIndex: Metric {
    public static let plugin = PluginDescription(
        name: "csi.ranked",
        summary:
            "Customer satisfaction index of components rated against expectations, weighted by how often each is named.",
        defaults: .object(
            IndexComponents.defaults + [
                ("mentions", 4),  // 1...32 most important components a respondent names
                ("fewerMentions", "allowed"),  // allowed: 1 up to that many | refused: exactly that many
                ("normalisation", "ratio"),  // ratio: mean / 6 | range: (mean - 1) / 5
                ("answer", nil),  // name of the answer; null: the metric's name up to its first dot
                ("bands", nil),  // null: standard; or a list, highest first
                ("minimumSample", 100),  // responses below which a score is small
                ("displayDigits", 1),  // 0...6 digits shown to people
            ]),
        example: ["components": ["speed", "price", "friendliness", "reach", "cleanliness"], "mentions": 4])

    /// What the ratings mean, the lowest first.
    public static let labels = [
        "awful", "bad", "much worse than expected", "slightly below expectations", "as expected",
        "better than expected",
    ]
    private static let scale = Scale(lowest: 1, highest: labels.count)!

    private enum FewerMentions: String, CaseIterable { case allowed, refused }

    public let contract: ScoreContract
    public let unit = "points"
    public let range = 0.0...100.0
    public let method = IntervalMethod.conservative
    public let inputs: [MetricInput]
    public let width: Int
    private let components: IndexComponents
    private let mentions: ClosedRange<Int>
    private let normalisation: Normalisation

    /// Column of the responses; each component's mentions and ratings by step follow.
    private static let responses = 0
    private static let componentWidth = 1 + labels.count
    private static func firstColumn(_ place: Int) -> Int { 1 + place * componentWidth }

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        components = try IndexComponents(configuration)
        let most = try configuration.integer("mentions", in: 1...IndexComponents.countMax)
        guard most <= components.count else {
            throw PluginConfigurationError(
                key: "mentions",
                sentence:
                    "is \(most), but there are only \(components.count) components to name; list more of them, or ask "
                    + "for fewer mentions")
        }
        let fewer = try configuration.oneOf("fewerMentions", FewerMentions.self)
        mentions = (fewer == .allowed ? 1 : most)...most
        normalisation = try configuration.oneOf("normalisation", Normalisation.self)
        inputs = [.answer(try configuration.optionalString("answer"))]
        width = 1 + components.count * Self.componentWidth
        contract = ScoreContract(
            kind: Self.plugin.name, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: IndexBands.named),
            minimumSample: try configuration.minimumSample(), unit: unit,
            settings: configuration.namedAnswer + [
                ("components", components.tree), ("fewerMentions", .string(fewer.rawValue)),
                ("mentions", .integer(Int64(most))), ("normalisation", .string(normalisation.rawValue)),
                ("scale", .string("\(Self.scale)")),
            ])
    }

    public var answerSchema: JSONTree {
        let rating: JSONTree = [
            "oneOf": .array(
                Self.labels.enumerated().reversed().map { step, label in
                    ["const": .integer(Int64(step + Self.scale.lowest)), "title": .string(label)]
                })
        ]
        return [
            "type": "object", "required": ["mentions", "ratings"],
            "properties": [
                "mentions": [
                    "type": "array", "items": ["enum": components.tree], "uniqueItems": true,
                    "minItems": .integer(Int64(mentions.lowerBound)), "maxItems": .integer(Int64(mentions.upperBound)),
                ],
                "ratings": [
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": .object(components.names.map { ($0, rating) }),
                ],
            ],
        ]
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        let example = #"{"mentions": ["speed", "price"], "ratings": {"speed": 5, "price": 4}}"#
        let answer = try ComponentReading.object(value, nil, example: example)
        try countMentions(answer, into: &sums)
        let ratings = try ComponentReading.object(answer.member(named: "ratings"), "ratings", example: example)
        var named = NamedComponents()
        for member in ratings {
            let place = try ComponentReading.place(of: member.name, among: components, &named, "ratings")
            let step = try ComponentReading.step(member.value, on: Self.scale, "ratings/\(member.name)")
            sums.add(at: Self.firstColumn(place) + 1 + step)
        }
        guard !named.isEmpty else { throw ComponentReading.nothing("ratings") }
        sums.add(at: Self.responses)
    }

    private func countMentions(_ answer: JSONObject, into sums: inout Contributions) throws(AnswerRefusal) {
        guard let value = answer.member(named: "mentions"), let list = value.array else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "must list the components that matter most, \(mentionsInWords)",
                member: answer.member(named: "mentions") == nil ? nil : "mentions")
        }
        var named = NamedComponents()
        for (position, element) in list.enumerated() {
            guard let name = element.string else {
                throw AnswerRefusal(
                    reason: .wrongType, sentence: "must be the name of a component, not \(element.kind)",
                    member: "mentions/\(position)")
            }
            guard let place = components.place(of: name) else {
                throw ComponentReading.unknown(name, among: components, member: "mentions/\(position)")
            }
            guard named.insert(place) else {
                throw AnswerRefusal(
                    reason: .wrongType, sentence: "is \"\(name)\" once more; mention a component once",
                    member: "mentions/\(position)")
            }
            sums.add(at: Self.firstColumn(place))
        }
        guard mentions.contains(named.count) else {
            throw AnswerRefusal(
                reason: .outsideScale,
                sentence: "has \(named.count) components, but must have \(mentionsInWords)", member: "mentions")
        }
    }

    private var mentionsInWords: String {
        mentions.count == 1 ? "exactly \(mentions.upperBound)" : "1 to \(mentions.upperBound) of them"
    }

    public func score(_ tally: Tally) -> Score? {
        let responses = tally[Self.responses]
        let named = (0..<components.count).map { tally[Self.firstColumn($0)] }
        let all = named.reduce(0, &+)
        guard responses > 0, all > 0 else { return nil }
        var parts: [IndexPart] = []
        for (place, name) in components.names.enumerated() {
            let first = Self.firstColumn(place)
            let rating = RatingMean(tally.counts(first + 1, on: Self.scale), on: Self.scale)
            guard rating.answers > 0 else {
                if named[place] == 0 { continue }
                return nil
            }
            let index = normalisation.percent(rating.mean, on: Self.scale)
            let importance = 100 * Double(named[place]) / Double(responses)
            parts.append(
                IndexPart(
                    component: ScoreComponent(
                        name: name, answers: rating.answers, rating: rating.mean, scale: Self.scale,
                        deviation: rating.deviation, importance: importance,
                        weight: Double(named[place]) / Double(all), index: index, gap: importance - index),
                    deviation: rating.deviation * normalisation.percentPerStep(on: Self.scale)))
        }
        return .index(parts, responses: responses, within: normalisation.percent(1, on: Self.scale)...100)
    }
}
