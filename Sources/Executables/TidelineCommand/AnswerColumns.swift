import Export
import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// The columns that one answer of a response becomes: a whole number where a rated metric reads it, else one column for
/// each number or text its metric's schema describes.
struct AnswerColumns {
    private enum Form {
        /// Read by the metric itself, so that words, stars and declared conversions are the numbers they count as.
        case rating(any Metric, input: Int, lowest: Int)
        /// As they stand, each at its path below the answer.
        case leaves([Leaf])
    }

    private struct Leaf {
        let path: [String]
        let isWhole: Bool?
    }

    /// Name of the answer.
    let name: String
    let columns: [ExportColumn]
    private let form: Form

    /// Levels below an answer that get columns of their own.
    private static let depthMax = 4

    /// The columns of every answer that a metric of the set is made of, in the order of the metrics.
    static func all(_ set: DefinitionSet) throws -> [AnswerColumns] {
        var fed: [(name: String, by: [(metric: any Metric, input: Int)])] = []
        for definition in set.metrics {
            let metric = try definition.metric()
            for (place, input) in metric.inputs.enumerated() {
                guard case .answer(let given) = input else { continue }
                let name = given ?? MetricInput.answerName(ofMetric: definition.name)
                if let known = fed.firstIndex(where: { $0.name == name }) {
                    fed[known].by.append((metric, place))
                } else {
                    fed.append((name, [(metric, place)]))
                }
            }
        }
        return fed.map { AnswerColumns(name: $0.name, fedTo: $0.by) }
    }

    private init(name: String, fedTo feeds: [(metric: any Metric, input: Int)]) {
        self.name = name
        if let rated = feeds.first(where: { $0.metric.watchedRating != nil }), let rating = rated.metric.watchedRating {
            form = .rating(rated.metric, input: rated.input, lowest: rating.scale.lowest)
            let labels = AnswerLabels(rated.metric, input: rated.input, rating).labels
            columns = [
                ExportColumn(
                    name: name, label: type(of: rated.metric).plugin.summary, kind: .integer(valueLabels: labels))
            ]
            return
        }
        let metric = feeds[0].metric
        var leaves: [Leaf] = []
        var columns: [ExportColumn] = []
        Self.walk(metric.answerSchema, [], depth: 0) { path, isWhole, labels in
            leaves.append(Leaf(path: path, isWhole: isWhole))
            let kind: ExportColumn.Kind =
                switch isWhole {
                case true?: .integer(valueLabels: labels)
                case false?: .number()
                case nil: .text(bytesMax: 1)
                }
            let summary = type(of: metric).plugin.summary
            columns.append(
                ExportColumn(
                    name: ([name] + path).joined(separator: "."),
                    label: path.isEmpty ? summary : "\(path.joined(separator: ", ")): \(summary)", kind: kind))
        }
        form = .leaves(leaves)
        self.columns = columns
    }

    /// Calls `found` with every end of a schema: its path, whether it is a whole number (nil: no number), its labels.
    private static func walk(
        _ schema: JSONTree, _ path: [String], depth: Int, _ found: ([String], Bool?, [(Int64, String)]) -> Void
    ) {
        if schema["type"]?.string == "object", let properties = schema["properties"]?.object, !properties.isEmpty,
            depth < depthMax
        {
            for (name, property) in properties { walk(property, path + [name], depth: depth + 1, found) }
            return
        }
        let labelled = (schema["oneOf"]?.array ?? []).compactMap { form -> (Int64, String)? in
            guard let value = form["const"]?.int64 else { return nil }
            return (value, form["title"]?.string ?? "")
        }
        switch schema["type"]?.string {
        case "integer": found(path, true, [])
        case "number": found(path, false, [])
        default: found(path, labelled.isEmpty ? nil : true, labelled)
        }
    }

    // MARK: Values

    /// The cells of one response.
    /// - Parameters:
    ///   - answers: `data.answers` of the response.
    ///   - sums: room to count in, used again.
    /// - Returns: nil where the answer is there, but is none under the metrics in force.
    func values(_ answers: JSONValue?, of event: MetricEvent, _ sums: inout Contributions) -> [ExportValue]? {
        guard let answer = answers?.object?.member(named: name) else { return columns.map { _ in .missing } }
        switch form {
        case .rating(let metric, let input, let lowest):
            sums.removeAll()
            guard (try? metric.count(answer, input: input, of: event, into: &sums)) != nil,
                let step = sums.entries.first?.column
            else { return nil }
            return [.integer(Int64(lowest) + Int64(step))]
        case .leaves(let leaves):
            let values = leaves.map { Self.value($0, of: answer) }
            return values.contains(nil) ? nil : values.map { $0! }
        }
    }

    private static func value(_ leaf: Leaf, of answer: JSONValue) -> ExportValue? {
        var value = answer
        for name in leaf.path {
            guard let member = value.object?.member(named: name) else { return .missing }
            value = member
        }
        switch leaf.isWhole {
        case true?: return value.int64.map { .integer($0) }
        case false?: return value.double.map { .number($0) }
        case nil: return .text(value.string?.text ?? JSONTree(value).text)
        }
    }
}

/// What the answers of a rated metric stand for: the words of its mapping, the groups of NPS, else the ends of the scale
/// and which answers are satisfied.
struct AnswerLabels {
    let labels: [(Int64, String)]

    init(_ metric: any Metric, input: Int, _ rating: Rating) {
        let scale = rating.scale
        let words = Self.words(metric, input: input)
        let kind = metric.contract.kind
        labels = (scale.lowest...scale.highest).compactMap { answer in
            var parts: [String] = []
            if let word = words[answer - scale.lowest] { parts.append(word) }
            if kind == "nps" {
                parts.append(answer >= 9 ? "promoter" : answer >= 7 ? "passive" : "detractor")
            } else {
                if parts.isEmpty, answer == scale.lowest { parts.append("lowest") }
                if parts.isEmpty, answer == scale.highest { parts.append("highest") }
                if kind == "csat", rating.satisfied.contains(answer) { parts.append("satisfied") }
            }
            return parts.isEmpty ? nil : (Int64(answer), parts.joined(separator: ", "))
        }
    }

    /// The first word of every step, as the metric itself reads the words its schema names.
    private static func words(_ metric: any Metric, input: Int) -> [Int: String] {
        let parser = JSONParser()
        var words: [Int: String] = [:]
        for word in (metric.answerSchema["anyOf"]?.array ?? []).flatMap({ $0["enum"]?.array ?? [] }) {
            withExtendedLifetime(parser) {
                guard let value = try? parser.parse(Array(word.text.utf8)) else { return }
                var sums = Contributions()
                let event = MetricEvent(time: 0, data: value)
                guard (try? metric.count(value, input: input, of: event, into: &sums)) != nil,
                    let step = sums.entries.first.map({ Int($0.column) })
                else { return }
                words[step] = words[step] ?? word.string
            }
        }
        return words
    }
}
