import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// What a set demands of incoming events.
package enum IntakeRules {
    /// - Throws: ``MessageError`` when this release does not have one of the set's metrics.
    package static func rules(of set: DefinitionSet) throws(MessageError) -> EventRules {
        let feeds = try MetricFeeds(set)
        let answers = ValueChecking(feeds, feeds.answers, path: "answers")
        let measures = ValueChecking(feeds, feeds.measures, path: "measures")
        return EventRules(
            answers: feeds.answers.map(\.name), measures: feeds.measures.map(\.name),
            checkAnswer: { answers.check($0, $1, $2, $3) }, checkMeasure: { measures.check($0, $1, $2, $3) })
    }
}

/// Asks every metric that a value feeds whether it can count it.
private final class ValueChecking {
    private let feeds: MetricFeeds
    private let named: [MetricFeeds.Named]
    private let path: String
    private var sums = Contributions()

    init(_ feeds: MetricFeeds, _ named: [MetricFeeds.Named], path: String) {
        self.feeds = feeds
        self.named = named
        self.path = path
    }

    func check(_ name: Int, _ value: JSONValue, _ time: Int64, _ data: JSONValue) -> Rejection? {
        for feed in named[name].feeds {
            do throws(AnswerRefusal) {
                sums.removeAll()
                try feeds.metrics[feed.metric].count(
                    value, input: feed.input, of: MetricEvent(time: time, data: data), into: &sums)
            } catch { return rejection(error, name: named[name].name) }
        }
        return nil
    }

    private func rejection(_ refusal: AnswerRefusal, name: String) -> Rejection {
        var pointer = "\(JSONPointer("data", .name(path), .name(name)))"
        for member in refusal.member?.split(separator: "/") ?? [] {
            pointer += "\(JSONPointer(.name(String(member))))"
        }
        let reason: Rejection.Reason =
            switch refusal.reason {
            case .wrongType: .wrongType
            case .notWhole: .notWhole
            case .outsideScale: .outsideScale
            case .otherScale: .otherScale
            case .unknownWord: .unknownWord
            }
        return Rejection(reason, at: pointer, refusal.sentence)
    }
}
