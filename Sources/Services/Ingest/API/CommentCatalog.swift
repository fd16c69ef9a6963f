import JSON
import Messages
import MetricPlugins
import PluginKit
import Satisfaction
import Settings
import Wording

/// What questions about comments may name: the metrics and themes of a set, and its time zone.
///
/// Comments that came under an earlier set are read under this one.
struct CommentCatalog: Sendable {
    let zone: TimeZoneTable
    /// By name; those that are made of answers.
    let metrics: [String: AnsweredMetric]
    let themes: ThemeMatcher

    /// - Throws: ``MessageError`` when this release does not have what the set names.
    init(_ set: DefinitionSet) throws(MessageError) {
        guard let zone = TimeZoneTable(named: set.timeZone) else {
            throw MessageError("the set's time zone \(set.timeZone) is unknown on this machine")
        }
        self.zone = zone
        var metrics: [String: AnsweredMetric] = [:]
        for definition in set.metrics where definition.kind != ThemeCounts.plugin.name {
            guard let metric = AnsweredMetric(definition.name, try definition.metric()) else { continue }
            metrics[definition.name] = metric
        }
        self.metrics = metrics
        do { themes = try ThemeMatcher(Self.themes(of: set)) } catch {
            throw MessageError("the set's themes: \(error)")
        }
    }

    /// Every rated metric of a set has the same themes beside it.
    private static func themes(of set: DefinitionSet) -> [ThemeDefinition] {
        let counted = set.metrics.first { $0.kind == ThemeCounts.plugin.name }
        return (counted?.configuration["themes"]?.object ?? []).map { name, words in
            ThemeDefinition(name: name, words: (words.array ?? []).compactMap(\.string))
        }
    }
}

/// A metric made of answers, and how its answers are read as numbers.
struct AnsweredMetric: Sendable {
    let name: String
    let answers: [(name: String, input: Int)]
    private let metric: any Metric
    /// The scale of a metric of plain ratings.
    private let scale: Scale?
    /// Whether an answer is one number, or a word that stands for one.
    let isOfNumbers: Bool

    /// - Returns: nil for a metric made of measures or invitations, which come without comments.
    init?(_ name: String, _ metric: any Metric) {
        answers = metric.inputs.enumerated().compactMap { place, input in
            guard case .answer(let given) = input else { return nil }
            return (given ?? MetricInput.answerName(ofMetric: name), place)
        }
        guard !answers.isEmpty else { return nil }
        self.name = name
        self.metric = metric
        scale = metric.watchedRating?.scale
        isOfNumbers = answers.count == 1 && metric.answerSchema["type"]?.string != "object"
    }

    /// The answer as the metric understands it: on its own scale where it has one, with words, stars and declared
    /// conversions read; otherwise the number given, by itself or as `value`.
    /// - Parameter sums: room to count in, used again from call to call.
    /// - Returns: nil for what is no such answer.
    func number(of answer: JSONValue, input: Int, _ event: MetricEvent, _ sums: inout Contributions) -> Double? {
        guard let scale else { return answer.double ?? answer.member(named: "value")?.double }
        sums.removeAll()
        do throws(AnswerRefusal) { try metric.count(answer, input: input, of: event, into: &sums) } catch { return nil }
        return sums.entries.first.map { Double(scale.lowest) + Double($0.column) }
    }
}
