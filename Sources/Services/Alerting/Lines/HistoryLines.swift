import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// Adds counts of past blocks to the trend lines of a store that no alerting has open.
///
/// Values are admitted as alerting admits them: those that lines of the set's contracts have keep their place, further ones
/// follow in the order in which they are added, up to the set's cap per dimension.
package struct HistoryLines {
    private let metrics: [String: (name: String, width: Int)]
    private let set: DefinitionSet
    private var series = SeriesRegistry()
    private var lines: LineBook

    /// - Parameters:
    ///   - stored: every series of the store.
    ///   - set: the set under whose contracts is counted.
    ///   - chunks: where stored days are read from.
    /// - Throws: ``MessageError`` when this release does not have one of the set's metrics.
    package init(stored: [Series], set: DefinitionSet, chunks: any ChunkSource) throws(MessageError) {
        self.set = set
        lines = LineBook(source: chunks)
        var metrics: [String: (name: String, width: Int)] = [:]
        var contracts: [(metric: String, contract: Digest, width: Int)] = []
        for definition in set.metrics {
            let metric = try definition.metric()
            metrics[metric.contract.hash.text] = (definition.name, metric.width)
            contracts.append((definition.name, metric.contract.hash, metric.width))
        }
        self.metrics = metrics
        series.restore(stored)
        series.activate(
            dimensions: set.dimensions, valuesMax: set.valuesPerDimensionMax, contracts: contracts)
    }

    /// Adds the lines of a block's tally.
    ///
    /// - Parameters:
    ///   - counted: the member `metrics` of a tally message.
    ///   - step: step of the arrival clock in which the block lies.
    package mutating func add(_ counted: JSONValue, step: Int64) throws(MessageError) {
        for value in counted.array.map(Array.init) ?? [] {
            let tally = try MetricTallyReader(value)
            guard let metric = metrics[tally.contract], metric.name == tally.metric else {
                throw MessageError(
                    "\(tally.metric) has the same contract as another metric, so that their lines cannot be told apart")
            }
            var current: Int32 = -1
            try tally.forEachLine { segment throws(MessageError) in
                current = try series.series(contract: tally.contract, segment: segment)
            } count: { bucket, column, amount throws(MessageError) in
                lines.add(
                    amount, column: column, bucket: bucket, series: current, width: metric.width, step: step)
            }
        }
    }

    /// Everything since the last ``markStored()``, for one transaction, together with the set that the lines are under.
    /// - Throws: ``TrendStoreError`` when a stored day could not be read; nothing may be stored then.
    package func changes() throws(TrendStoreError) -> StoreChanges {
        if let failure = lines.failure {
            throw TrendStoreError(
                "\(failure). Move the trend store away: ingest sends everything again from its message files")
        }
        var changes = StoreChanges()
        changes.sets = [(set.hash.text, set.text)]
        changes.series = series.fresh
        changes.chunks = lines.changes
        return changes
    }

    /// The last ``changes()`` are durable.
    package mutating func markStored() {
        series.markStored()
        lines.markStored()
    }
}
