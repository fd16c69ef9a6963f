import Alerting
import JSON
import Satisfaction

/// All that a trend store holds, as lines of text that two equal stores have alike.
///
/// The epoch, random for each store, is written as EPOCH.
package func text(of store: TrendStore) throws -> String {
    let contents = try store.contents()
    var lines: [String] = []
    for (node, state) in contents.nodes.sorted(by: { $0.key < $1.key }) {
        lines.append("node \(node) \(state.next) \(state.mark ?? "-") \(state.step) \(state.clock) \(state.set)")
    }
    for hash in contents.sets.keys.sorted() { lines.append("set \(hash)") }
    for tally in contents.waiting { lines.append("waiting \(tally.node) \(tally.number) \(tally.mark)") }
    for (rule, detector) in contents.detectors.sorted(by: { $0.key < $1.key }) {
        lines.append("detector \(rule) \(detector.fingerprint) \(Digest(ofBytes: detector.state))")
    }
    for (metric, open) in contents.openSteps.sorted(by: { $0.key < $1.key }) { lines.append("open \(metric) \(open)") }
    for (topic, sequence) in contents.sequences.sorted(by: { $0.key < $1.key }) {
        lines.append("sequence \(topic) \(sequence)")
    }
    for series in contents.series {
        lines.append("series \(series.id) \(series.metric) \(series.contract) \(series.segment)")
        var buckets: [WindowTally] = []
        try store.forEachBucket(of: series, in: -8_000_000_000_000..<253_370_764_800_000) { start in
            buckets.append(WindowTally(window: start..<start + Bucket.milliseconds, width: series.width))
            return buckets.last
        }
        for bucket in buckets {
            let sums = bucket.tally.columns.map { "\($0.column):\($0.amount)" }.joined(separator: " ")
            lines.append("  \(Bucket(containing: bucket.window.lowerBound).index) \(sums) revision \(bucket.revision)")
        }
    }
    for alert in try store.alerts(state: nil, limit: 10_000) { lines.append("alert \(alert.text)") }
    for message in try store.feed(prefix: "", after: 0, limit: 10_000) {
        let event = String(decoding: message.event, as: UTF8.self)
        lines.append("feed \(message.topic) \(message.sequence) \(event.replacing(contents.epoch, with: "EPOCH"))")
    }
    return lines.joined(separator: "\n")
}

extension AlertingMachine {
    package mutating func take(_ tally: SentTally) -> TallyOutcome {
        tally.event.withUnsafeBytes { take(tally: $0, set: tally.set) }
    }

    /// One transaction.
    package mutating func commit(to store: TrendStore) throws {
        let changes = takeChanges()
        try store.commit(changes)
        markStored(changes)
    }
}
