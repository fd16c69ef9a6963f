import JSON
import Messages
import PluginKit
import Settings

/// Checks a tally from end to end against its set, before any of it is merged.
struct TallyCheck {
    private let contracts: [String: (metric: String, steps: Int)]
    private let dimensions: [[UInt8]]
    private let modelCount: Int

    /// - Throws: ``MessageError`` when this release does not have one of the set's metrics.
    init(_ set: DefinitionSet) throws(MessageError) {
        var contracts: [String: (metric: String, steps: Int)] = [:]
        for definition in set.metrics {
            let contract = try definition.metric().contract
            contracts[contract.hash.text] = (definition.name, contract.scale.steps)
        }
        self.contracts = contracts
        dimensions = set.dimensions.map { Array($0.utf8) }
        modelCount = set.model.count
    }

    func check(_ data: JSONValue) throws(MessageError) {
        guard let metrics = data.member(named: "metrics")?.array else {
            throw MessageError("/data/metrics must be an array")
        }
        for value in metrics {
            let tally = try MetricTallyReader(value)
            guard let known = contracts[tally.contract], known.metric == tally.metric else {
                throw MessageError("/data/metrics: \(tally.metric) under \(tally.contract) is not of the block's set")
            }
            let steps = known.steps
            func checkStep(_ step: Int) throws(MessageError) {
                guard step < steps else { throw MessageError("/data/metrics: step \(step) is not on the scale") }
            }
            try tally.forEachLine { segment throws(MessageError) in
                try checkSegment(segment)
            } count: { _, step, _ throws(MessageError) in
                try checkStep(step)
            }
            try tally.forEachCell { cell throws(MessageError) in
                guard cell.count == modelCount, cell.allSatisfy({ $0.string != nil }) else {
                    throw MessageError("/data/metrics: a model cell must have \(modelCount) texts")
                }
            } count: { _, step, _ throws(MessageError) in
                try checkStep(step)
            }
        }
    }

    /// A flat list of at most two dimensions of the set, each with its value.
    private func checkSegment(_ segment: JSONArray) throws(MessageError) {
        var place = 0
        for part in segment {
            guard let text = part.string, place < 4 else {
                throw MessageError("/data/metrics: a segment is at most two dimensions with their values")
            }
            if place % 2 == 0, !dimensions.contains(where: { text.equals($0) }) {
                throw MessageError("/data/metrics: a segment names a dimension its set does not have")
            }
            place += 1
        }
        guard place % 2 == 0 else { throw MessageError("/data/metrics: a segment lacks a value") }
    }
}
