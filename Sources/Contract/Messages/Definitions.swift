import JSON
import Satisfaction

/// A metric of the set: its name, its plugin and the plugin's effective configuration.
package struct MetricDefinition: Sendable, Equatable {
    package let name: String
    package let kind: String
    package let configuration: JSONTree
    package init(name: String, kind: String, configuration: JSONTree) {
        self.name = name
        self.kind = kind
        self.configuration = configuration
    }
}

/// A rule of the set: which metric is watched, by which detector, on what budget.
package struct RuleDefinition: Sendable, Equatable {
    package let name: String
    package let metric: String
    package let detector: String
    package let configuration: JSONTree
    /// Points of the score.
    package let smallestDip: Double
    /// Days of one segment between two false alarms.
    package let patienceDays: Double
    package init(
        name: String, metric: String, detector: String, configuration: JSONTree, smallestDip: Double,
        patienceDays: Double
    ) {
        self.name = name
        self.metric = metric
        self.detector = detector
        self.configuration = configuration
        self.smallestDip = smallestDip
        self.patienceDays = patienceDays
    }
}

/// The set: everything that decides what a block's responses become, journaled by ingest and named by every block.
///
/// Two services that hold the same text compute the same thing.
package struct DefinitionSet: Sendable {
    package let metrics: [MetricDefinition]
    package let dimensions: [String]
    /// Pairs of dimensions whose combinations are series too.
    package let pairs: [[String]]
    /// Dimensions whose combinations are the detectors' cells.
    package let model: [String]
    package let valuesPerDimensionMax: Int
    package let timeZone: String
    package let rules: [RuleDefinition]
    package let stepMilliseconds: Int64
    package let latenessLimitMilliseconds: Int64

    /// Canonical JSON: members in alphabetical order, no white space.
    package let text: [UInt8]
    package let hash: Digest

    package init(
        metrics: [MetricDefinition], dimensions: [String], pairs: [[String]], model: [String],
        valuesPerDimensionMax: Int, timeZone: String, rules: [RuleDefinition], stepMilliseconds: Int64,
        latenessLimitMilliseconds: Int64
    ) {
        self.metrics = metrics
        self.dimensions = dimensions
        self.pairs = pairs
        self.model = model
        self.valuesPerDimensionMax = valuesPerDimensionMax
        self.timeZone = timeZone
        self.rules = rules
        self.stepMilliseconds = stepMilliseconds
        self.latenessLimitMilliseconds = latenessLimitMilliseconds
        let strings = { (texts: [String]) in JSONTree.array(texts.map { .string($0) }) }
        let tree = JSONTree.object([
            ("caps", .object([("valuesPerDimensionMax", .integer(Int64(valuesPerDimensionMax)))])),
            ("dimensions", strings(dimensions)),
            ("latenessLimit", .integer(latenessLimitMilliseconds)),
            (
                "metrics",
                .array(
                    metrics.map {
                        .object([
                            ("configuration", $0.configuration), ("kind", .string($0.kind)), ("name", .string($0.name)),
                        ])
                    })
            ),
            ("model", strings(model)),
            ("pairs", .array(pairs.map(strings))),
            ("rules", .array(rules.map(Self.tree(of:)))),
            ("step", .integer(stepMilliseconds)),
            ("timezone", .string(timeZone)),
        ])
        text = tree.canonical
        hash = Digest(ofBytes: text)
    }

    private static func tree(of rule: RuleDefinition) -> JSONTree {
        .object([
            ("configuration", rule.configuration), ("detector", .string(rule.detector)),
            ("metric", .string(rule.metric)), ("name", .string(rule.name)),
            ("patienceDays", .number(rule.patienceDays)), ("smallestDip", .number(rule.smallestDip)),
        ])
    }

    /// Reads what ``text`` wrote.
    /// - Throws: ``MessageError`` naming the member that is missing or wrong.
    package init(text: [UInt8]) throws(MessageError) {
        let root: JSONTree
        do { root = try text.withUnsafeBytes { bytes throws(JSONSyntaxError) in try JSONTree.parse(bytes) } } catch {
            throw MessageError("the set is not JSON: \(error)")
        }
        let reader = TreeReader(root, place: "set")
        var metrics: [MetricDefinition] = []
        for entry in try reader.array("metrics") {
            let metric = TreeReader(entry, place: "set/metrics")
            metrics.append(
                MetricDefinition(
                    name: try metric.string("name"), kind: try metric.string("kind"),
                    configuration: try metric.tree("configuration")))
        }
        var rules: [RuleDefinition] = []
        for entry in try reader.array("rules") {
            let rule = TreeReader(entry, place: "set/rules")
            rules.append(
                RuleDefinition(
                    name: try rule.string("name"), metric: try rule.string("metric"),
                    detector: try rule.string("detector"), configuration: try rule.tree("configuration"),
                    smallestDip: try rule.number("smallestDip"), patienceDays: try rule.number("patienceDays")))
        }
        var pairs: [[String]] = []
        for entry in try reader.array("pairs") { pairs.append(try TreeReader.strings(entry, place: "set/pairs")) }
        self.init(
            metrics: metrics,
            dimensions: try TreeReader.strings(try reader.tree("dimensions"), place: "set/dimensions"),
            pairs: pairs, model: try TreeReader.strings(try reader.tree("model"), place: "set/model"),
            valuesPerDimensionMax: Int(
                try TreeReader(try reader.tree("caps"), place: "set/caps").integer("valuesPerDimensionMax")),
            timeZone: try reader.string("timezone"), rules: rules, stepMilliseconds: try reader.integer("step"),
            latenessLimitMilliseconds: try reader.integer("latenessLimit"))
    }
}

extension DefinitionSet: Equatable {
    /// Sets are what their canonical text says, whatever the order in which it was configured.
    package static func == (left: DefinitionSet, right: DefinitionSet) -> Bool { left.text == right.text }
}
