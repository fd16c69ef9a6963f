import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// How events that were accepted under one set are read under another: on which scale their answers were given, and what
/// is left out because the other set does not take it.
///
/// A plain answer does not say its scale: it is on that of the contract it was accepted under. Read as it stands under a
/// contract on another scale, 4 of 5 would become 4 of 10. So it is read as if its sender had named the scale, which the
/// other contract then converts by its declared rule or refuses.
final class HistoryReading {
    /// What plain answers of a name mean.
    private enum Former {
        case scale(Scale)
        /// The answer's parts were on a scale that the set has no rule to convert from.
        case otherParts
    }

    private let metrics: [String]
    private let formers: [(name: [UInt8], former: Former)]
    private let configured: [[UInt8]]
    private let parser = JSONParser()
    private(set) var leftOut = LeftOut()

    /// - Parameters:
    ///   - metrics: names of the metrics that are counted, by their place in the plan that counts them.
    ///   - set: the set under which is counted.
    ///   - former: the set under which the events were accepted.
    /// - Throws: ``MessageError`` when this release does not have what one of the sets names.
    init(metrics: [String], of set: DefinitionSet, former: DefinitionSet) throws(MessageError) {
        self.metrics = metrics
        let present = try MetricFeeds(set)
        let past = try MetricFeeds(former)
        configured = present.answers.map(\.bytes) + present.measures.map(\.bytes)
        formers = past.answers.compactMap { named in
            guard let now = present.answers.first(where: { $0.name == named.name }) else { return nil }
            return Self.former(named, past, former, now: now, present, set).map { (named.bytes, $0) }
        }
    }

    private static func former(
        _ named: MetricFeeds.Named, _ past: MetricFeeds, _ former: DefinitionSet, now: MetricFeeds.Named,
        _ present: MetricFeeds, _ set: DefinitionSet
    ) -> Former? {
        // Metrics on several scales may share an answer; the one named like the answer speaks for it, else the first.
        let rated = named.feeds.filter { past.metrics[$0.metric].contract.rating != nil }
        let own = rated.first { former.metrics[$0.metric].name == named.name } ?? rated.first
        if let scale = own.flatMap({ past.metrics[$0.metric].contract.rating?.scale }) {
            let scales = Set(now.feeds.compactMap { present.metrics[$0.metric].contract.rating?.scale })
            return scales == [scale] ? nil : .scale(scale)
        }
        for feed in now.feeds {
            let definition = set.metrics[feed.metric]
            let before = named.feeds.lazy.map { former.metrics[$0.metric] }.first { $0.kind == definition.kind }
            if let before, scales(of: before) != scales(of: definition) { return .otherParts }
        }
        return nil
    }

    /// The scales in a definition's configuration, as its answer's parts are given on.
    private static func scales(of definition: MetricDefinition) -> [String: Scale] {
        var scales: [String: Scale] = [:]
        for (key, value) in definition.configuration.object ?? [] {
            if let scale = value.string.flatMap({ Scale($0) }) { scales[key] = scale }
        }
        return scales
    }

    /// The value of an answer as it was meant; nil where it was on another scale that cannot be converted.
    ///
    /// What is returned is valid until the next call.
    func meant(_ answer: JSONMember) throws(MessageError) -> JSONValue? {
        guard let former = formers.first(where: { answer.name.equals($0.name) })?.former else { return answer.value }
        switch former {
        case .otherParts: return nil
        case .scale(let scale): return try named(answer.value, scale)
        }
    }

    /// A number with its scale; words, truth values and answers that say their scale stay as they are.
    private func named(_ value: JSONValue, _ scale: Scale) throws(MessageError) -> JSONValue {
        let number: JSONValue
        if let described = value.object {
            guard described.member(named: "scale") == nil, let member = described.member(named: "value") else {
                return value
            }
            number = member
        } else {
            number = value
        }
        guard number.double != nil || number.int64 != nil else { return value }
        let text = JSONTree.object([("value", JSONTree(number)), ("scale", .string("\(scale)"))]).text
        do { return try parser.parse(Array(text.utf8)) } catch {
            throw MessageError("an answer of the block cannot be written with its scale: \(error)")
        }
    }

    func refuse(_ metric: Int, _ reason: AnswerRefusal.Reason) { leftOut.refuse(metrics[metric], reason) }

    /// An answer or measure that feeds none of the metrics counted: it is left out where the whole set has no use for it.
    func ignore(_ name: JSONString) {
        if !configured.contains(where: { name.equals($0) }) { leftOut.ignore(name.text) }
    }
}
