import JSON
import PluginKit
import Satisfaction

/// An index of other metrics, declared by their weights: each metric's score becomes a percentage of its own range, turned
/// round where low is good, and the index is their weighted mean.
///
/// Its tally holds the tallies of its parts side by side, fed by the same answers, so it is merged, windowed and
/// segmented like any other; its contract holds theirs.
///
/// Detectors do not watch it: its parts count answers of their own, so there is no number of answers of the index.
/// Watch the parts.
public struct WeightedIndex: Metric {
    public static let plugin = PluginDescription(
        name: "index",
        summary: "A weighted index of other metrics, each taken as a percentage of its own range.",
        defaults: [
            "of": [:],  // {metric: weight}; weights must sum to 100
            "bands": nil,  // a list, highest first; null: none
            "minimumSample": 0,  // answers below which a score is marked small
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: [
            "of": [
                "csat": ["weight": 60, "kind": "csat", "configuration": [:]],
                "nps": ["weight": 40, "kind": "nps", "configuration": [:]],
            ]
        ])

    static let partsMax = 32
    private static let depthMax = 8

    private struct Part: Sendable {
        let name: String
        let weight: Double
        let metric: any Metric
        let firstInput: Int
        let firstColumn: Int
    }

    public let contract: ScoreContract
    public let unit = "points"
    public let range = 0.0...100.0
    public let method = IntervalMethod.conservative
    public private(set) var inputs: [MetricInput] = []
    public private(set) var width = 0
    private var parts: [Part] = []

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        guard let given = configuration.tree("of").object, !given.isEmpty, given.count <= Self.partsMax else {
            throw PluginConfigurationError(
                key: "of",
                sentence: "must map 1 to \(Self.partsMax) metrics to their weights, such as {csat: 60, nps: 40}")
        }
        guard Self.depth(configuration.tree("of")) <= 6 * Self.depthMax else {
            throw PluginConfigurationError(key: "of", sentence: "nests indexes more than \(Self.depthMax) deep")
        }
        var contracts: [(String, JSONTree)] = []
        for (name, tree) in given {
            let part = try Self.part(name, tree, firstInput: inputs.count, firstColumn: width)
            parts.append(part)
            inputs += part.metric.inputs.map { $0.named(forMetric: name) }
            width += part.metric.width
            contracts.append(
                (name, ["contract": .string(part.metric.contract.hash.text), "weight": .number(part.weight)]))
        }
        guard width <= Tally.widthMax else {
            throw PluginConfigurationError(key: "of", sentence: "has parts of too many columns together")
        }
        let sum = parts.reduce(0) { $0 + $1.weight }
        guard abs(sum - 100) < 1e-9 else {
            throw PluginConfigurationError(
                key: "of", sentence: "has weights that sum to \(sum), but they must sum to 100")
        }
        contract = ScoreContract(
            kind: Self.plugin.name, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(), minimumSample: try configuration.minimumSample(), unit: unit,
            settings: [("of", .object(contracts))])
    }

    private static func depth(_ tree: JSONTree) -> Int {
        1 + ((tree.object ?? []).map { depth($0.1) }.max() ?? 0)
    }

    private static func part(
        _ name: String, _ tree: JSONTree, firstInput: Int, firstColumn: Int
    ) throws(PluginConfigurationError) -> Part {
        guard let weight = (tree["weight"] ?? tree).double, weight > 0, weight <= 100 else {
            throw PluginConfigurationError(key: "of", sentence: "must give \(name) a weight above 0 and at most 100")
        }
        let kind = tree["kind"]?.string ?? name
        guard let type = metricPlugins.first(where: { $0.plugin.name == kind }) else {
            throw PluginConfigurationError(key: "of", sentence: "names \(name), whose kind \(kind) is no metric")
        }
        let metric = try type.init(
            configuration: PluginConfiguration(tree["configuration"] ?? .null, for: type.plugin))
        guard metric.range.lowerBound.isFinite, metric.range.upperBound.isFinite else {
            throw PluginConfigurationError(
                key: "of", sentence: "names \(name), which has no highest or lowest score to be a percentage of")
        }
        return Part(
            name: name, weight: weight, metric: metric, firstInput: firstInput, firstColumn: firstColumn)
    }

    public var answerSchema: JSONTree { .object(parts.map { ($0.name, $0.metric.answerSchema) }) }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        let part = parts.last { $0.firstInput <= input }!
        let first = sums.entries.count
        try part.metric.count(value, input: input - part.firstInput, of: event, into: &sums)
        sums.shift(from: first, by: part.firstColumn)
    }

    /// - Returns: nil until every part has a score: an index of some of its parts would be another index.
    public func score(_ tally: Tally) -> Score? {
        var value = 0.0
        var half = 0.0
        var hasInterval = true
        var responses = Int64.max
        var components: [ScoreComponent] = []
        for part in parts {
            var own = Tally(width: part.metric.width)
            for entry in tally.columns(in: part.firstColumn..<part.firstColumn + part.metric.width) {
                own.add(entry.amount, at: entry.column - part.firstColumn)
            }
            guard let score = part.metric.score(own) else { return nil }
            let span = part.metric.range.upperBound - part.metric.range.lowerBound
            let share = 100 * (score.value - part.metric.range.lowerBound) / span
            let index = part.metric.contract.polarity == .higherIsBetter ? share : 100 - share
            value += part.weight / 100 * index
            if let interval = score.interval {
                half += part.weight / 100 * 100 * max(interval.high - score.value, score.value - interval.low) / span
            } else {
                hasInterval = false
            }
            responses = min(responses, score.responses)
            components.append(
                ScoreComponent(
                    name: part.name, answers: score.responses, rating: score.value, weight: part.weight / 100,
                    index: index))
        }
        let interval = Interval(low: max(0, value - half), high: min(100, value + half))
        return Score(
            value: min(100, max(0, value)), interval: hasInterval ? interval : nil, method: method,
            responses: responses, components: components)
    }
}
