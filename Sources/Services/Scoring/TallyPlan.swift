import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// A set made ready for counting: its metrics as plugins, its dimensions by place, its time zone as a table.
package struct TallyPlan: Sendable {
    package let names: [String]
    package let metrics: [any Metric]
    package let dimensions: [String]
    package let pairs: [(Int, Int)]
    package let model: [Int]
    package let timeZone: TimeZoneTable
    private let nameBytes: [[UInt8]]
    private let dimensionBytes: [[UInt8]]

    /// - Throws: ``MessageError`` when this release does not have what the set names.
    package init(_ set: DefinitionSet) throws(MessageError) {
        var metrics: [any Metric] = []
        for definition in set.metrics { metrics.append(try definition.metric()) }
        self.metrics = metrics
        names = set.metrics.map(\.name)
        dimensions = set.dimensions
        nameBytes = names.map { Array($0.utf8) }
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
    }

    func metric(named name: JSONString) -> Int? { nameBytes.firstIndex { name.equals($0) } }

    /// - Parameter expected: the place at which this name most likely stands.
    func dimension(named name: JSONString, expected: Int) -> Int? {
        if expected < dimensionBytes.count, name.equals(dimensionBytes[expected]) { return expected }
        return dimensionBytes.firstIndex { name.equals($0) }
    }
}
