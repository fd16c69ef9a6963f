import JSON
import Messages
import PluginKit
import Satisfaction

/// Counts blocks again under another set than their own: the counting of every block, for some of the set's metrics, without
/// the detectors' input and without calls.
package struct HistoryTally: ~Copyable {
    private let reading: HistoryReading
    private var tally: BlockTally
    private let parser = JSONParser(documentBytesMax: 64 << 20)
    private var writer = JSONWriter(capacity: 1 << 16)

    /// - Parameters:
    ///   - metrics: places of the set's metrics that are counted.
    ///   - set: the set under which is counted.
    ///   - former: the set under which the blocks were accepted.
    /// - Throws: ``MessageError`` when this release does not have what one of the sets names.
    package init(of metrics: [Int], in set: DefinitionSet, former: DefinitionSet) throws(MessageError) {
        let definitions = metrics.map { place in
            let definition = set.metrics[place]
            return MetricDefinition(
                name: definition.name, kind: definition.kind, configuration: definition.configuration)
        }
        // Without rules there is nothing to watch, and so no model.
        let part = DefinitionSet(
            metrics: definitions, dimensions: set.dimensions, pairs: set.pairs, model: [],
            valuesPerDimensionMax: set.valuesPerDimensionMax, timeZone: set.timeZone, rules: [],
            stepMilliseconds: set.stepMilliseconds, latenessLimitMilliseconds: set.latenessLimitMilliseconds)
        let reading = try HistoryReading(metrics: definitions.map(\.name), of: set, former: former)
        let plan = try TallyPlan(part)
        self.reading = reading
        tally = BlockTally(plan: plan, history: reading)
    }

    /// Counts a block's events, one a line.
    /// - Returns: the member `metrics` of a tally message, as JSON.
    /// - Throws: ``MessageError`` when an event is not one that ingest would have accepted under any set.
    package mutating func count(_ events: UnsafeRawBufferPointer) throws(MessageError) -> [UInt8] {
        tally.begin()
        try tally.count(events: events, parser)
        writer.removeAll()
        tally.write(into: &writer)
        return Array(writer.bytes)
    }

    /// What has been left out so far.
    package var leftOut: LeftOut { reading.leftOut }
}
