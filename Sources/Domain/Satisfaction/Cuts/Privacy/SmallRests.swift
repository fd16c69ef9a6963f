/// Sets of few answers that have no cell of their own but follow from cells: segments in windows nobody listed, what
/// a segment holds beyond one of its parts, and beyond two parts that cross (neither this region nor that channel).
struct SmallRests {
    private(set) var targets: [SubtractionAttack.Target] = []

    private let table: PublishedTable
    /// With all cells: only what all together give away can be given away by some.
    private let attack: SubtractionAttack
    private let minimumAnswers: Int64

    init(_ table: PublishedTable, _ known: KnownSums, _ minimumAnswers: Int64) {
        self.table = table
        self.minimumAnswers = minimumAnswers
        attack = SubtractionAttack(
            table, known, isPublished: [Bool](repeating: true, count: table.cells.count))
        let stretches = table.endpoints.indices.dropLast().map { PublishedTable.Window(low: $0, high: $0 + 1) }
        let windows = Set(table.windows + stretches).sorted { ($0.high, $0.low) < ($1.high, $1.low) }
        let listed = Set(table.cells.map { Box(series: $0.series, window: table.windows[$0.window]) })
        for series in table.lattice.splits.indices {
            for window in windows {
                if !listed.contains(Box(series: series, window: window)) { add([(series, 1)], window) }
                addBeyond(series, window)
            }
        }
    }

    private struct Box: Hashable {
        let series: Int
        let window: PublishedTable.Window
    }

    private mutating func addBeyond(_ series: Int, _ window: PublishedTable.Window) {
        let wider = table.lattice.containers[series]
        for (index, first) in wider.enumerated() {
            add([(first, 1), (series, -1)], window)
            for second in wider[(index + 1)...] {
                let corners = table.lattice.containers[first].filter(table.lattice.containers[second].contains)
                for corner in corners { add([(corner, 1), (first, -1), (second, -1), (series, 1)], window) }
            }
        }
    }

    private mutating func add(_ terms: [(series: Int, sign: Int)], _ window: PublishedTable.Window) {
        let target = terms.flatMap { attack.target($0.series, window, sign: $0.sign) }
        if let answers = attack.answers(in: target), answers > 0, answers < minimumAnswers { targets.append(target) }
    }
}
