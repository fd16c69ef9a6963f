/// What everybody knows of a publication before a single number is looked at, or from its zeros: which sums hold, and
/// where there is nothing. It does not depend on what is withheld.
struct KnownSums {
    /// A segment is the sum of its parts along one dimension between two neighbouring moments.
    struct Sum {
        let series: Int
        let split: Int
        /// Endpoint at which the stretch begins; it ends at the next.
        let moment: Int
    }

    private(set) var sums: [Sum] = []
    /// Stretches between neighbouring moments in which a segment has no answers, as nodes at their beginnings.
    private(set) var emptyNodes: Set<Int> = []
    /// Cells of which one is the sum of the others, by rising answers.
    private(set) var lines: [[Int]] = []
    /// By cell, the lines in which it stands.
    private(set) var linesOfCell: [[Int]]

    init(_ table: PublishedTable) {
        linesOfCell = [[Int]](repeating: [], count: table.cells.count)
        for cell in table.cells where cell.answers == 0 { markEmpty(cell.series, cell.window, table) }
        // Of a segment that has no cell in a window, what its inside adds up to, which may be less than it holds.
        let all = DisjointCover(
            table, margin: 1, isPublished: [Bool](repeating: true, count: table.cells.count))
        var exact = Set(table.cells.map { table.box($0.series, $0.window) })
        // Containers come first, and make exact what they hold.
        for series in table.lattice.splits.indices {
            for window in table.windowsWithin[series] where exact.contains(table.box(series, window)) {
                let whole = all.cover(series, window)[0].answers
                guard whole > 0 else { continue }
                for split in table.lattice.splits[series] {
                    let parts = split.children.map { all.cover($0, window)[0].answers }
                    guard whole <= parts.reduce(0, +) else { continue }
                    addLine(series, split, window, table)
                    for (child, part) in zip(split.children, parts) {
                        exact.insert(table.box(child, window))
                        if part == 0 { markEmpty(child, window, table) }
                    }
                }
            }
        }
        addSums(table)
    }

    private mutating func addLine(
        _ series: Int, _ split: SegmentLattice.Split, _ window: Int, _ table: PublishedTable
    ) {
        let members = ([series] + split.children).flatMap { table.cells($0, window) }
        for cell in members { linesOfCell[cell].append(lines.count) }
        lines.append(members.sorted { (table.cells[$0].answers, $0) < (table.cells[$1].answers, $1) })
    }

    private mutating func addSums(_ table: PublishedTable) {
        for series in table.lattice.splits.indices {
            for (index, split) in table.lattice.splits[series].enumerated() {
                // A rest that takes part in no other sum may be anything, and nothing follows where it is not empty.
                let loose = split.rests.filter {
                    table.lattice.containers[$0].count == 1 && table.lattice.splits[$0].isEmpty
                }
                for moment in table.endpoints.indices.dropLast()
                where loose.allSatisfy({ emptyNodes.contains(table.node($0, moment)) }) {
                    sums.append(Sum(series: series, split: index, moment: moment))
                }
            }
        }
    }

    /// What lies inside nothing is nothing.
    private mutating func markEmpty(_ series: Int, _ window: Int, _ table: PublishedTable) {
        let span = table.windows[window]
        var isNew = false
        for moment in span.low..<span.high where emptyNodes.insert(table.node(series, moment)).inserted {
            isNew = true
        }
        guard isNew else { return }
        for split in table.lattice.splits[series] {
            for child in split.children { markEmpty(child, window, table) }
        }
    }
}
