/// Which call may come next, and how many rows there are.
///
/// A step is broken from its beginning until `succeed`, so that an error thrown anywhere between leaves the writer
/// refusing what follows.
struct ExportProgress {
    private enum Phase {
        case ready, rows, finished, broken
    }

    private var phase = Phase.ready
    private(set) var columns: [ExportColumn] = []
    /// The rows written; while one is being written, it counts.
    private(set) var row = 0

    mutating func begin(_ columns: [ExportColumn]) throws {
        try enter(from: .ready)
        try ExportColumn.check(columns)
        self.columns = columns
    }

    /// Returns the values as their columns' kinds.
    mutating func beginRow(_ values: [ExportValue]) throws -> [ExportValue] {
        try enter(from: .rows)
        row += 1
        guard values.count == columns.count else {
            throw ExportError(
                .rowLength, row: row,
                "\(values.count) values for \(columns.count) columns: give each column one, if only a missing one")
        }
        var settled = values
        for index in columns.indices { settled[index] = try columns[index].settle(values[index], row: row) }
        return settled
    }

    mutating func beginFinish() throws { try enter(from: .rows) }

    /// The step begun last is done, and rows may follow.
    mutating func succeed() { phase = .rows }

    /// The file is whole.
    mutating func finish() { phase = .finished }

    private mutating func enter(from expected: Phase) throws {
        guard phase == expected else { throw ExportError(.order, sentence) }
        phase = .broken
    }

    private var sentence: String {
        switch phase {
        case .ready: "nothing has begun: begin with the columns"
        case .rows: "the columns are written: go on with rows, or finish"
        case .finished: "the file is finished: begin another with a new writer"
        case .broken: "an error ended this export before: begin another with a new writer"
        }
    }
}
