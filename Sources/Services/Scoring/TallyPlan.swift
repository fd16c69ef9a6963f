import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// A set made ready for counting: its metrics as plugins, its dimensions by place, its time zone as a table.
package struct TallyPlan: Sendable {
    package let feeds: MetricFeeds
    package let names: [String]
    package let dimensions: [String]
    package let pairs: [(Int, Int)]
    package let model: [Int]
    package let timeZone: TimeZoneTable
    /// By metric: whether a rule watches it, so that detectors are fed with its model cells.
    let watched: [Bool]
    /// By metric: answers and the first channel's harm of an amount of one in each column; nil where nothing watches it.
    let weights: [(answers: [Int64], harms: [Int64])?]
    /// By metric: who is to be told of which answers.
    let calls: [CallThresholds?]
    private let dimensionBytes: [[UInt8]]

    package var metrics: [any Metric] { feeds.metrics }

    /// - Throws: ``MessageError`` when this release does not have what the set names.
    package init(_ set: DefinitionSet) throws(MessageError) {
        let feeds = try MetricFeeds(set)
        self.feeds = feeds
        names = set.metrics.map(\.name)
        dimensions = set.dimensions
        dimensionBytes = dimensions.map { Array($0.utf8) }
        guard let zone = TimeZoneTable(named: set.timeZone) else {
            throw MessageError("the set's time zone \(set.timeZone) is not in this machine's time zone database")
        }
        timeZone = zone
        let place = Dictionary(uniqueKeysWithValues: set.dimensions.enumerated().map { ($1, $0) })
        model = set.model.compactMap { place[$0] }
        pairs = set.pairs.compactMap { pair in
            guard pair.count == 2, let first = place[pair[0]], let second = place[pair[1]] else { return nil }
            return (first, second)
        }
        watched = zip(set.metrics, feeds.metrics).map { definition, metric in
            metric.watched != nil && set.rules.contains { $0.metric == definition.name }
        }
        weights = zip(watched, feeds.metrics).map { isWatched, metric in
            guard isWatched, let watched = metric.watched else { return nil }
            return (watched.answers, watched.channels[0].harms)
        }
        calls = zip(set.metrics, feeds.metrics).map { CallThresholds($0, $1) }
    }

    func feeds(ofAnswer name: JSONString) -> [MetricFeeds.Feed]? { Self.feeds(of: name, among: feeds.answers) }

    func feeds(ofMeasure name: JSONString) -> [MetricFeeds.Feed]? { Self.feeds(of: name, among: feeds.measures) }

    private static func feeds(of name: JSONString, among all: [MetricFeeds.Named]) -> [MetricFeeds.Feed]? {
        for named in all where name.equals(named.bytes) { return named.feeds }
        return nil
    }

    /// - Parameter expected: the place at which this name most likely stands.
    func dimension(named name: JSONString, expected: Int) -> Int? {
        if expected < dimensionBytes.count, name.equals(dimensionBytes[expected]) { return expected }
        return dimensionBytes.firstIndex { name.equals($0) }
    }
}

/// Which answers of a rated metric call for somebody: those at a threshold or beyond, on the bad side for a follow-up, on
/// the good side for an advocate.
struct CallThresholds: Sendable {
    private let lowest: Int
    private let isHigherBetter: Bool
    private let followUp: Double?
    private let advocate: Double?

    init?(_ definition: MetricDefinition, _ metric: any Metric) {
        guard definition.followUp != nil || definition.advocate != nil, let scale = metric.watchedRating?.scale else {
            return nil
        }
        lowest = scale.lowest
        isHigherBetter = metric.contract.polarity == .higherIsBetter
        followUp = definition.followUp
        advocate = definition.advocate
    }

    /// The call an answer on a step makes, if any.
    func call(step: Int) -> (type: MessageType, answer: Int, threshold: Double)? {
        let answer = lowest + step
        let value = Double(answer)
        if let followUp, isHigherBetter ? value <= followUp : value >= followUp {
            return (.followup, answer, followUp)
        }
        if let advocate, isHigherBetter ? value >= advocate : value <= advocate {
            return (.advocate, answer, advocate)
        }
        return nil
    }
}
