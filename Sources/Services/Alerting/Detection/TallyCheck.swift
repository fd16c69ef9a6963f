import JSON
import Messages
import PluginKit
import Settings

/// Checks a tally from end to end against its set, before any of it is merged.
struct TallyCheck {
    private struct Known {
        let metric: String
        let width: Int
        /// Whether the columns are counts of answers on the steps of a scale.
        let isRating: Bool
        /// Columns of model cells.
        let cellWidth: Int
    }

    private let contracts: [String: Known]
    private let dimensions: [[UInt8]]
    private let modelCount: Int
    /// Answers of one row: more than any block holds.
    private static let answersMax: Int64 = 1 << 32

    /// - Throws: ``MessageError`` when this release does not have one of the set's metrics.
    init(_ set: DefinitionSet) throws(MessageError) {
        var contracts: [String: Known] = [:]
        for definition in set.metrics {
            let metric = try definition.metric()
            contracts[metric.contract.hash.text] = Known(
                metric: definition.name, width: metric.width, isRating: metric.watchedRating != nil,
                cellWidth: metric.watched == nil ? 0 : metric.width)
        }
        self.contracts = contracts
        dimensions = set.dimensions.map { Array($0.utf8) }
        modelCount = set.model.count
    }

    func check(_ data: JSONValue) throws(MessageError) {
        guard let metrics = data.member(named: "metrics")?.array else {
            throw MessageError("/data/metrics must be an array")
        }
        for value in metrics { try check(MetricTallyReader(value)) }
        for call in data.member(named: "calls")?.array.map(Array.init) ?? [] { _ = try AnswerCall(call) }
    }

    private func check(_ tally: MetricTallyReader) throws(MessageError) {
        guard let known = contracts[tally.contract], known.metric == tally.metric else {
            throw MessageError("/data/metrics: \(tally.metric) under \(tally.contract) is not of the block's set")
        }
        func checkAmount(_ column: Int, _ amount: Int64, _ width: Int) throws(MessageError) {
            guard column < width else {
                throw MessageError("/data/metrics: column \(column) is not one of \(tally.metric)'s \(width)")
            }
            guard !known.isRating || (1...Self.answersMax).contains(amount) else {
                throw MessageError("/data/metrics: a count of answers lies in 1...\(Self.answersMax)")
            }
        }
        try tally.forEachLine { segment throws(MessageError) in
            try checkSegment(segment)
        } count: { _, column, amount throws(MessageError) in
            try checkAmount(column, amount, known.width)
        }
        try tally.forEachCell { cell throws(MessageError) in
            guard cell.count == modelCount, cell.allSatisfy({ $0.string != nil }) else {
                throw MessageError("/data/metrics: a model cell must have \(modelCount) texts")
            }
        } count: { _, column, amount throws(MessageError) in
            try checkAmount(column, amount, known.cellWidth)
        }
        try tally.forEachSource { _, _, _ throws(MessageError) in }
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
