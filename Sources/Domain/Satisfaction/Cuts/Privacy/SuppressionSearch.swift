/// Withholds cell after cell until neither attack finds anything; see ``Suppression`` for what is done and why.
struct SuppressionSearch {
    let table: PublishedTable
    /// By cell of the table.
    private(set) var isPublished: [Bool]
    private let known: KnownSums
    private let minimumAnswers: Int64
    /// What has no cell of its own, and 1 up to the minimum answers.
    private let smallRests: [SubtractionAttack.Target]
    /// By line of known sums: cells withheld in it.
    private var withheldOfLine: [Int]

    init(_ table: PublishedTable, minimumAnswers: Int64) {
        self.table = table
        self.minimumAnswers = minimumAnswers
        known = KnownSums(table)
        isPublished = [Bool](repeating: true, count: table.cells.count)
        withheldOfLine = [Int](repeating: 0, count: known.lines.count)
        smallRests = SmallRests(table, known, minimumAnswers).targets
    }

    mutating func run() {
        for (index, cell) in table.cells.enumerated() where isTooFew(cell.answers) { set(index, published: false) }
        // Each round withholds a cell or is the last.
        while sweepCovers() || sweepSubtractions() {}
        redeem()
    }

    private func isTooFew(_ answers: Int64) -> Bool { answers > 0 && answers < minimumAnswers }

    private mutating func set(_ cell: Int, published: Bool) {
        isPublished[cell] = published
        for line in known.linesOfCell[cell] { withheldOfLine[line] += published ? -1 : 1 }
    }

    /// Cells less disjoint cells inside them.
    /// - Returns: whether anything was found.
    private mutating func sweepCovers() -> Bool {
        let cover = DisjointCover(table, margin: minimumAnswers, isPublished: isPublished)
        var hasFound = false
        // What lies inside has no more answers than what it lies in, and is put right first.
        let fewestFirst = table.cells.indices.sorted { (table.cells[$0].answers, $1) < (table.cells[$1].answers, $0) }
        for index in fewestFirst where isPublished[index] && table.cells[index].answers > 0 {
            let cell = table.cells[index]
            for sum in cover.inside(cell.series, cell.window) where isTooFew(cell.answers - sum.answers) {
                hasFound = true
                let used = [index] + cover.cells(of: sum).filter { table.cells[$0].answers > 0 }
                // A sum with a cell that this sweep has withheld is no longer there; the next sweep looks again.
                guard used.allSatisfy({ isPublished[$0] }) else { continue }
                withhold(oneOf: used)
                cover.isPublished = isPublished
            }
        }
        return hasFound
    }

    /// Whatever linear algebra computes.
    /// - Returns: whether a cell was withheld.
    private mutating func sweepSubtractions() -> Bool {
        let attack = SubtractionAttack(table, known, isPublished: isPublished)
        var hasWithheld = false
        for target in targets(attack) {
            guard let used = attack.cells(giving: target), !used.isEmpty, used.allSatisfy({ isPublished[$0] }) else {
                continue
            }
            withhold(oneOf: used)
            hasWithheld = true
        }
        return hasWithheld
    }

    private func targets(_ attack: SubtractionAttack) -> [SubtractionAttack.Target] {
        let withheld = table.cells.indices.filter { !isPublished[$0] }
        return withheld.map { attack.target(table.cells[$0]) } + smallRests
            + attack.smallStretches(minimumAnswers: minimumAnswers)
    }

    private mutating func withhold(oneOf cells: [Int]) {
        // Where two cost the same, the narrower segment goes, which the table's order has last.
        if let cheapest = cells.min(by: { (cost($0), $1) < (cost($1), $0) }) { set(cheapest, published: false) }
    }

    /// Its answers, and for each line in which it would be the only cell withheld those of the cell that then follows.
    private func cost(_ cell: Int) -> Int64 {
        known.linesOfCell[cell].reduce(table.cells[cell].answers) { cost, line in
            guard withheldOfLine[line] == 0 else { return cost }
            let next = known.lines[line].first { $0 != cell && isPublished[$0] && table.cells[$0].answers > 0 }
            return cost &+ (next.map { table.cells[$0].answers } ?? 0)
        }
    }

    /// Publishes again what later choices have made needless to withhold.
    private mutating func redeem() {
        let complementary = table.cells.indices.filter { !isPublished[$0] && !isTooFew(table.cells[$0].answers) }
            .sorted { (table.cells[$1].answers, $0) < (table.cells[$0].answers, $1) }
        for cell in complementary.prefix(Suppression.redemptionsMax) {
            set(cell, published: true)
            if !isSafe() { set(cell, published: false) }
        }
    }

    private func isSafe() -> Bool {
        let cover = DisjointCover(table, margin: minimumAnswers, isPublished: isPublished)
        for (index, cell) in table.cells.enumerated() where isPublished[index] && cell.answers > 0 {
            if cover.inside(cell.series, cell.window).contains(where: { isTooFew(cell.answers - $0.answers) }) {
                return false
            }
        }
        let attack = SubtractionAttack(table, known, isPublished: isPublished)
        return targets(attack).allSatisfy { attack.cells(giving: $0)?.isEmpty ?? true }
    }
}
