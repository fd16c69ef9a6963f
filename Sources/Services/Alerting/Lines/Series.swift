import JSON
import Messages
import Satisfaction
import Tables

/// One trend line: a metric under one contract in one segment.
package struct Series: Sendable, Equatable {
    package let id: Int32
    package let metric: String
    package let contract: String
    package let segment: Segment
    /// Columns of the metric's tally.
    package let width: Int
}

/// Gives series their numbers and admits segment values, in journal order, up to the set's cap per dimension.
///
/// A value beyond the cap goes to `other`; which values were admitted depends on the order of the journal alone, so that
/// every replay admits the same.
struct SeriesRegistry {
    static let other = "other"

    private(set) var all: [Series] = []
    /// Series not stored yet.
    private(set) var fresh: [Series] = []
    /// Answers that went to `other` because the cap was reached.
    private(set) var overflowed: UInt64 = 0

    private var dimensions: [DimensionValues] = []
    private var names: [[UInt8]] = []
    private var valuesMax = 0
    private var lines: [String: MetricLines] = [:]

    private struct DimensionValues {
        let name: String
        var table = ByteTable()
    }

    /// Series ids of one contract, by place.
    private struct MetricLines {
        let metric: String
        let contract: String
        let width: Int
        var total: Int32 = -1
        /// By dimension and value number; the last slot of each dimension is `other`.
        var values: [[Int32]]
        var others: [Int32]
        var combined: [Segment: Int32] = [:]
    }

    /// Takes up the stored series; call before anything else.
    mutating func restore(_ stored: [Series]) {
        all = stored
    }

    /// Makes a set's dimensions and contracts the ones in force; what earlier sets admitted stays admitted.
    mutating func activate(
        dimensions names: [String], valuesMax: Int, contracts: [(metric: String, contract: Digest, width: Int)]
    ) {
        self.valuesMax = valuesMax
        self.names = names.map { Array($0.utf8) }
        dimensions = names.map { DimensionValues(name: $0) }
        lines = [:]
        for (metric, contract, width) in contracts {
            lines[contract.text] = MetricLines(
                metric: metric, contract: contract.text, width: width,
                values: names.map { _ in [] }, others: names.map { _ in -1 })
        }
        for series in all { index(series) }
    }

    private mutating func index(_ series: Series) {
        guard var entry = lines[series.contract], entry.metric == series.metric else { return }
        lines[series.contract] = nil
        switch series.segment.parts.count {
        case 0: entry.total = series.id
        case 1:
            let part = series.segment.parts[0]
            if let dimension = dimensions.firstIndex(where: { $0.name == part.dimension }) {
                if part.value == Self.other, dimensions[dimension].table.count >= valuesMax {
                    entry.others[dimension] = series.id
                } else {
                    let number = dimensions[dimension].table.intern(part.value)
                    Self.put(series.id, at: number, of: &entry.values[dimension])
                }
            }
        default: entry.combined[series.segment] = series.id
        }
        lines[series.contract] = entry
    }

    private static func put(_ id: Int32, at index: Int, of ids: inout [Int32]) {
        while ids.count <= index { ids.append(-1) }
        ids[index] = id
    }

    /// The series of a tally's line, admitting its values and numbering it if it is new.
    ///
    /// - Parameter segment: a flat list of dimension and value.
    mutating func series(contract: String, segment: JSONArray) throws(MessageError) -> Int32 {
        var iterator = segment.makeIterator()
        guard let first = iterator.next() else { return try total(contract) }
        guard let dimension = dimension(first), let value = iterator.next()?.string else {
            throw MessageError("/data/metrics: a segment names a dimension its set does not have")
        }
        guard let second = iterator.next() else {
            return try series(contract, dimension: dimension, value: value)
        }
        guard let other = self.dimension(second), let otherValue = iterator.next()?.string else {
            throw MessageError("/data/metrics: a segment names a dimension its set does not have")
        }
        return try series(contract, pair: [(dimension, value), (other, otherValue)])
    }

    private func dimension(_ value: JSONValue) -> Int? {
        guard let name = value.string else { return nil }
        return names.firstIndex { name.equals($0) }
    }

    private func unknown(_ contract: String) -> MessageError {
        MessageError("/data/metrics: contract \(contract) is not one of the set's")
    }

    private mutating func total(_ contract: String) throws(MessageError) -> Int32 {
        guard let entry = lines[contract] else { throw unknown(contract) }
        if entry.total >= 0 { return entry.total }
        let id = add(entry, .total)
        lines[contract]!.total = id
        return id
    }

    private mutating func series(
        _ contract: String, dimension: Int, value: JSONString
    ) throws(MessageError) -> Int32 {
        guard let place = lines.index(forKey: contract) else { throw unknown(contract) }
        guard let number = admit(value, to: dimension) else {
            let known = lines.values[place].others[dimension]
            if known >= 0 { return known }
            let segment = Segment(dimension: dimensions[dimension].name, value: Self.other)
            let id = add(lines.values[place], segment)
            lines.values[place].others[dimension] = id
            return id
        }
        let ids = lines.values[place].values[dimension]
        if number < ids.count, ids[number] >= 0 { return ids[number] }
        let id = add(lines.values[place], Segment(dimension: dimensions[dimension].name, value: value.text))
        Self.put(id, at: number, of: &lines.values[place].values[dimension])
        return id
    }

    private mutating func series(
        _ contract: String, pair: [(dimension: Int, value: JSONString)]
    ) throws(MessageError) -> Int32 {
        guard let place = lines.index(forKey: contract) else { throw unknown(contract) }
        let parts = pair.map { part in
            Segment.Part(
                dimension: dimensions[part.dimension].name,
                value: admit(part.value, to: part.dimension) == nil ? Self.other : part.value.text)
        }
        let segment = Segment(parts)
        if let known = lines.values[place].combined[segment] { return known }
        let id = add(lines.values[place], segment)
        lines.values[place].combined[segment] = id
        return id
    }

    /// - Returns: nil when the dimension is full and the value is not among those admitted.
    private mutating func admit(_ value: JSONString, to dimension: Int) -> Int? {
        if let known = dimensions[dimension].table.find(value.bytes) { return known }
        guard dimensions[dimension].table.count < valuesMax else {
            overflowed += 1
            return nil
        }
        return dimensions[dimension].table.intern(value.bytes)
    }

    private mutating func add(_ entry: MetricLines, _ segment: Segment) -> Int32 {
        let series = Series(
            id: Int32(all.count), metric: entry.metric, contract: entry.contract, segment: segment, width: entry.width)
        all.append(series)
        fresh.append(series)
        return series.id
    }

    mutating func markStored() { fresh.removeAll(keepingCapacity: true) }

    /// The series of a segment under a contract, if it has had an answer.
    func find(contract: String, segment: Segment) -> Series? {
        all.first { $0.contract == contract && $0.segment == segment }
    }
}
