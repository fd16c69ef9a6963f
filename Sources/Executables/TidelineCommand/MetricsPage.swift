import JSON
import MetricPlugins
import PluginKit
import Satisfaction

/// `docs/metrics.md`: what a metric is, and every metric there is by its own description.
struct MetricsPage {
    let meanings: SettingMeanings

    /// The whole page, without a line break at its end.
    var text: String {
        get throws {
            var parts = [MetricsPageIntroduction.text, table]
            for type in metricPlugins { parts.append(try MetricSection(type, meanings).text) }
            return parts.joined(separator: "\n\n")
        }
    }

    private var table: String {
        let rows = metricPlugins.map { type in
            let name = type.plugin.name
            return "| [`\(name)`](#\(Self.anchor(name))) | \(type.plugin.summary) |"
        }
        return (["## The metrics", "", "| kind | what it says |", "|---|---|"] + rows).joined(separator: "\n")
    }

    /// The anchor that a heading gets: dots are dropped.
    private static func anchor(_ name: String) -> String { name.lowercased().filter { $0 != "." } }
}

/// One metric's part of the page.
private struct MetricSection {
    private let type: any Metric.Type
    private let metric: any Metric
    private let meanings: SettingMeanings

    init(_ type: any Metric.Type, _ meanings: SettingMeanings) throws {
        self.type = type
        self.meanings = meanings
        metric = try type.init(configuration: PluginConfiguration(type.plugin.example, for: type.plugin))
    }

    private var plugin: PluginDescription { type.plugin }

    var text: String {
        [
            "### \(plugin.name)", plugin.summary, facts, "```yaml\n\(example)\n```", settings,
            "What \(subject) looks like (JSON Schema):", "```json\n\(SchemaText.lines(metric.answerSchema))\n```",
            source,
        ].joined(separator: "\n\n")
    }

    private var facts: String {
        var facts = [
            ("Unit", metric.unit.isEmpty ? "none" : "`\(metric.unit)`"), ("Range", range),
            ("Better", metric.contract.polarity == .higherIsBetter ? "higher" : "lower"),
            ("Certainty", ContractSentence.text(metric.method)), ("Made of", inputs),
        ]
        let bands = metric.contract.bands.bands
        if !bands.isEmpty { facts.append(("Bands", bands.map(Self.text(of:)).joined(separator: "; "))) }
        if metric.contract.minimumSample > 0 {
            facts.append(("Small", "below \(metric.contract.minimumSample) answers"))
        }
        return (["| | |", "|---|---|"] + facts.map { "| \($0.0) | \(Self.cell($0.1)) |" }).joined(separator: "\n")
    }

    private var range: String {
        func text(_ end: Double) -> String { JSONTree.number(end).text }
        let (low, high) = (metric.range.lowerBound, metric.range.upperBound)
        switch (low.isFinite, high.isFinite) {
        case (true, true): return "\(text(low)) to \(text(high))"
        case (true, false): return "from \(text(low))"
        case (false, true): return "up to \(text(high))"
        case (false, false): return "any number"
        }
    }

    private var inputs: String {
        var seen: Set<String> = []
        let inputs = metric.inputs.map { input in
            switch input {
            case .answer(nil): "the answer named as the metric is, up to its first dot"
            case .answer(let name?): "answer `\(name)`"
            case .measure(let name): "measure `\(name)`"
            case .invitation: "every invitation"
            case .response: "every response"
            }
        }
        return inputs.filter { seen.insert($0).inserted }.joined(separator: ", ")
    }

    private var subject: String {
        if metric.inputs.contains(where: { if case .measure = $0 { true } else { false } }) {
            return "a measured value"
        }
        return "an answer"
    }

    private static func text(of band: Band) -> String {
        let edge: String =
            switch band.edge {
            case .from(let value): " from \(JSONTree.number(value).text)"
            case .above(let value): " above \(JSONTree.number(value).text)"
            case .rest: " below"
            }
        return "*\(band.label)*\(edge)" + (band.note.map { " (\($0))" } ?? "")
    }

    /// Where the source is known, what each setting means.
    private var settings: String {
        guard case .object(let defaults) = plugin.defaults else { return "" }
        let hasMeanings = !meanings.isEmpty
        var lines =
            hasMeanings
            ? ["| setting | default | meaning |", "|---|---|---|"] : ["| setting | default |", "|---|---|"]
        for (key, value) in defaults {
            let row = "| `\(key)` | `\(YAMLText.flow(value))` |"
            let meaning = meanings.meaning(of: key, in: String(describing: type)) ?? ""
            lines.append(hasMeanings ? "\(row) \(Self.cell(meaning)) |" : row)
        }
        return lines.joined(separator: "\n")
    }

    /// In a table a bar ends the cell.
    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    private var source: String {
        let file = "Sources/Plugins/MetricPlugins/\(type).swift"
        return "Source: [`\(file)`](../\(file))"
    }

    // MARK: Example

    /// Names under which the kinds are shown that are made for names of one's own.
    private static let ownNames = [
        "share": "promises-kept", "mean": "basket", "ratio": "refunds", "index": "health",
    ]

    private var example: String {
        guard let members = plugin.example.object else { return "" }
        if plugin.name == ThemeCounts.plugin.name {
            return "metrics: {csat: {}}\nthemes: \(YAMLText.flow(plugin.example["themes"] ?? .null))"
        }
        var settings = members
        var name = plugin.name
        if let own = Self.ownNames[plugin.name] {
            name = own
            settings.insert(("kind", .string(plugin.name)), at: 0)
        }
        var others = ""
        if plugin.name == WeightedIndex.plugin.name {
            // A user names other metrics and their weights; what they are is filled in from the configuration.
            let parts = plugin.example["of"]?.object ?? []
            settings = settings.map { key, value in
                key == "of" ? (key, .object(parts.map { ($0.0, $0.1["weight"] ?? .null) })) : (key, value)
            }
            others = parts.map { "  \($0.0): {}\n" }.joined()
        }
        return "metrics:\n\(others)  \(name): \(YAMLText.flow(.object(settings)))"
    }
}

/// JSON over several lines, small objects and arrays in one.
private enum SchemaText {
    private static let widthMax = 110

    static func lines(_ tree: JSONTree, indent: Int = 0) -> String {
        let flat = flat(tree)
        guard indent + flat.count > widthMax else { return flat }
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch tree {
        case .array(let elements):
            let lines = elements.map { inner + Self.lines($0, indent: indent + 2) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        case .object(let members):
            let lines = members.map { name, value in
                "\(inner)\(JSONTree.string(name).text): \(Self.lines(value, indent: indent + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        default: return flat
        }
    }

    private static func flat(_ tree: JSONTree) -> String {
        switch tree {
        case .array(let elements): "[\(elements.map(flat).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\(JSONTree.string($0.0).text): \(flat($0.1))" }.joined(separator: ", "))}"
        default: tree.text
        }
    }
}
