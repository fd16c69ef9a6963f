import JSON
import Satisfaction

/// One metric's counts within a block: rows of (line, bucket) and of (cell, day), each with a count per step.
struct MetricTally {
    enum Line {
        case total
        case value(dimension: Int, value: Int)
        /// Number of a pair of values in the block's pair table.
        case pair(Int)
    }

    /// A series or cell the block mentions: its rows are a list through `next`.
    private struct Entry {
        let line: Line
        let cell: Int
        var firstRow: Int32 = -1
    }

    private struct Row {
        /// Bucket of a line, day of a cell.
        let key: Int32
        var next: Int32
        var firstBucket: Int32
        var lastBucket: Int32
    }

    private let steps: Int
    private var lines: [Entry] = []
    private var cells: [Entry] = []
    private var rows: [Row] = []
    private var counts: [Int32] = []
    /// Entry of the total, of each dimension's values and of pairs and cells by number; stale unless `lines[entry]` agrees.
    private var totalEntry: Int32 = -1
    private var valueEntries: [[Int32]]
    private var pairEntries: [Int32] = []
    private var cellEntries: [Int32] = []

    init(steps: Int, dimensions: Int) {
        self.steps = steps
        valueEntries = [[Int32]](repeating: [], count: dimensions)
    }

    var isEmpty: Bool { lines.isEmpty }

    mutating func begin() {
        for entry in lines { forget(entry.line) }
        for entry in cells { cellEntries[entry.cell] = -1 }
        lines.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
    }

    private mutating func forget(_ line: Line) {
        switch line {
        case .total: totalEntry = -1
        case .value(let dimension, let value): valueEntries[dimension][value] = -1
        case .pair(let number): pairEntries[number] = -1
        }
    }

    mutating func add(_ step: Int, line: Line, bucket: Bucket) {
        let entry = entry(of: line)
        let row = Self.row(
            bucket.index, first: &lines[entry].firstRow, rows: &rows, counts: &counts, steps: steps)
        counts[row * steps + step] += 1
    }

    mutating func add(_ step: Int, cell: Int, day: Int32, bucket: Bucket) {
        Self.reserve(&cellEntries, through: cell)
        if cellEntries[cell] < 0 {
            cellEntries[cell] = Int32(cells.count)
            cells.append(Entry(line: .total, cell: cell))
        }
        let entry = Int(cellEntries[cell])
        let row = Self.row(day, first: &cells[entry].firstRow, rows: &rows, counts: &counts, steps: steps)
        rows[row].firstBucket = min(rows[row].firstBucket, bucket.index)
        rows[row].lastBucket = max(rows[row].lastBucket, bucket.index)
        counts[row * steps + step] += 1
    }

    private mutating func entry(of line: Line) -> Int {
        let known: Int32
        switch line {
        case .total: known = totalEntry
        case .value(let dimension, let value):
            Self.reserve(&valueEntries[dimension], through: value)
            known = valueEntries[dimension][value]
        case .pair(let number):
            Self.reserve(&pairEntries, through: number)
            known = pairEntries[number]
        }
        if known >= 0 { return Int(known) }
        let entry = lines.count
        lines.append(Entry(line: line, cell: -1))
        switch line {
        case .total: totalEntry = Int32(entry)
        case .value(let dimension, let value): valueEntries[dimension][value] = Int32(entry)
        case .pair(let number): pairEntries[number] = Int32(entry)
        }
        return entry
    }

    private static func reserve(_ entries: inout [Int32], through index: Int) {
        while entries.count <= index { entries.append(-1) }
    }

    /// The row of `key` in the list that begins at `first`; the newest rows stand first, because blocks are only mildly
    /// out of order.
    private static func row(
        _ key: Int32, first: inout Int32, rows: inout [Row], counts: inout [Int32], steps: Int
    ) -> Int {
        var row = first
        while row >= 0 {
            if rows[Int(row)].key == key { return Int(row) }
            row = rows[Int(row)].next
        }
        let new = rows.count
        rows.append(Row(key: key, next: first, firstBucket: .max, lastBucket: .min))
        for _ in 0..<steps { counts.append(0) }
        first = Int32(new)
        return new
    }

    // MARK: Writing

    func writeLines(into writer: inout JSONWriter, segment: (Line, inout JSONWriter) -> Void) {
        writer.beginArray()
        for entry in lines {
            writer.beginArray()
            writer.beginArray()
            segment(entry.line, &writer)
            writer.endArray()
            writeRows(of: entry, withSpan: false, into: &writer)
            writer.endArray()
        }
        writer.endArray()
    }

    func writeCells(into writer: inout JSONWriter, cell: (Int, inout JSONWriter) -> Void) {
        writer.beginArray()
        for entry in cells {
            writer.beginArray()
            writer.beginArray()
            cell(entry.cell, &writer)
            writer.endArray()
            writeRows(of: entry, withSpan: true, into: &writer)
            writer.endArray()
        }
        writer.endArray()
    }

    private func writeRows(of entry: Entry, withSpan: Bool, into writer: inout JSONWriter) {
        var row = entry.firstRow
        while row >= 0 {
            let place = Int(row)
            writer.beginArray()
            writer.value(Int64(rows[place].key))
            if withSpan {
                writer.value(Int64(rows[place].firstBucket))
                writer.value(Int64(rows[place].lastBucket))
            }
            for step in 0..<steps where counts[place * steps + step] != 0 {
                writer.value(Int64(step))
                writer.value(Int64(counts[place * steps + step]))
            }
            writer.endArray()
            row = rows[place].next
        }
    }
}
