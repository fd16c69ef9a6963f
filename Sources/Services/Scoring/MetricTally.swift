import JSON
import PluginKit
import Satisfaction

/// One metric's counts within a block: rows of (line, bucket) and of (cell, day), each with an amount per column.
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

    private let width: Int
    private let isDense: Bool
    private var lines: [Entry] = []
    private var cells: [Entry] = []
    private var rows: [Row] = []
    /// `width` amounts a row where the tally is narrow.
    private var dense: [Int64] = []
    /// By row and column where it is wide: a row's number in the high half of the key.
    private var sparse: [UInt64: Int64] = [:]
    /// Entry of the total, of each dimension's values and of pairs and cells by number; stale unless `lines[entry]` agrees.
    private var totalEntry: Int32 = -1
    private var valueEntries: [[Int32]]
    private var pairEntries: [Int32] = []
    private var cellEntries: [Int32] = []

    init(width: Int, dimensions: Int) {
        self.width = width
        isDense = Tally.isDense(width: width)
        valueEntries = [[Int32]](repeating: [], count: dimensions)
    }

    var isEmpty: Bool { lines.isEmpty }

    mutating func begin() {
        for entry in lines { forget(entry.line) }
        for entry in cells { cellEntries[entry.cell] = -1 }
        lines.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        dense.removeAll(keepingCapacity: true)
        sparse.removeAll(keepingCapacity: true)
    }

    private mutating func forget(_ line: Line) {
        switch line {
        case .total: totalEntry = -1
        case .value(let dimension, let value): valueEntries[dimension][value] = -1
        case .pair(let number): pairEntries[number] = -1
        }
    }

    mutating func add(_ sums: Contributions, line: Line, bucket: Bucket) {
        let entry = entry(of: line)
        let row = row(of: bucket.index, first: lines[entry].firstRow)
        if row == rows.count - 1, rows[row].next == Self.unlinked {
            rows[row].next = lines[entry].firstRow
            lines[entry].firstRow = Int32(row)
        }
        add(sums, row: row)
    }

    mutating func add(_ sums: Contributions, cell: Int, day: Int32, bucket: Bucket) {
        Self.reserve(&cellEntries, through: cell)
        if cellEntries[cell] < 0 {
            cellEntries[cell] = Int32(cells.count)
            cells.append(Entry(line: .total, cell: cell))
        }
        let entry = Int(cellEntries[cell])
        let row = row(of: day, first: cells[entry].firstRow)
        if row == rows.count - 1, rows[row].next == Self.unlinked {
            rows[row].next = cells[entry].firstRow
            cells[entry].firstRow = Int32(row)
        }
        rows[row].firstBucket = min(rows[row].firstBucket, bucket.index)
        rows[row].lastBucket = max(rows[row].lastBucket, bucket.index)
        add(sums, row: row)
    }

    private mutating func add(_ sums: Contributions, row: Int) {
        if isDense {
            for entry in sums.entries { dense[row * width + Int(entry.column)] &+= entry.amount }
        } else {
            for entry in sums.entries { sparse[Self.key(row, entry.column), default: 0] &+= entry.amount }
        }
    }

    private static func key(_ row: Int, _ column: Int32) -> UInt64 {
        UInt64(row) << 32 | UInt64(UInt32(bitPattern: column))
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

    /// A row that is in no list yet.
    private static let unlinked: Int32 = -2

    /// The row of `key` in the list that begins at `first`, or a new one for the caller to link; the newest rows stand
    /// first, because blocks are only mildly out of order.
    private mutating func row(of key: Int32, first: Int32) -> Int {
        var row = first
        while row >= 0 {
            if rows[Int(row)].key == key { return Int(row) }
            row = rows[Int(row)].next
        }
        rows.append(Row(key: key, next: Self.unlinked, firstBucket: .max, lastBucket: .min))
        if isDense { for _ in 0..<width { dense.append(0) } }
        return rows.count - 1
    }

    // MARK: Writing

    func writeLines(into writer: inout JSONWriter, segment: (Line, inout JSONWriter) -> Void) {
        let columns = sparseColumns
        writer.beginArray()
        for entry in lines {
            writer.beginArray()
            writer.beginArray()
            segment(entry.line, &writer)
            writer.endArray()
            writeRows(of: entry, columns, withSpan: false, into: &writer)
            writer.endArray()
        }
        writer.endArray()
    }

    func writeCells(into writer: inout JSONWriter, cell: (Int, inout JSONWriter) -> Void) {
        let columns = sparseColumns
        writer.beginArray()
        for entry in cells {
            writer.beginArray()
            writer.beginArray()
            cell(entry.cell, &writer)
            writer.endArray()
            writeRows(of: entry, columns, withSpan: true, into: &writer)
            writer.endArray()
        }
        writer.endArray()
    }

    /// A wide tally's columns of every row, in their order; empty for a narrow one.
    private var sparseColumns: [[Int32]] {
        guard !isDense else { return [] }
        var columns = [[Int32]](repeating: [], count: rows.count)
        for key in sparse.keys.sorted() { columns[Int(key >> 32)].append(Int32(truncatingIfNeeded: key)) }
        return columns
    }

    private func writeRows(
        of entry: Entry, _ columns: [[Int32]], withSpan: Bool, into writer: inout JSONWriter
    ) {
        var row = entry.firstRow
        while row >= 0 {
            let place = Int(row)
            writer.beginArray()
            writer.value(Int64(rows[place].key))
            if withSpan {
                writer.value(Int64(rows[place].firstBucket))
                writer.value(Int64(rows[place].lastBucket))
            }
            if isDense {
                for column in 0..<width { write(dense[place * width + column], at: Int64(column), into: &writer) }
            } else {
                for column in columns[place] {
                    write(sparse[Self.key(place, column)] ?? 0, at: Int64(column), into: &writer)
                }
            }
            writer.endArray()
            row = rows[place].next
        }
    }

    private func write(_ amount: Int64, at column: Int64, into writer: inout JSONWriter) {
        guard amount != 0 else { return }
        writer.value(column)
        writer.value(amount)
    }
}
