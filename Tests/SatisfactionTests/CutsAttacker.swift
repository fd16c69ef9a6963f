import Satisfaction

/// A fraction of whole numbers, exact.
private struct Fraction: Equatable {
    let above: Int128
    let below: Int128

    init(_ above: Int128, _ below: Int128 = 1) {
        var (a, b) = (above.magnitude, below.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        let divisor = Int128(max(1, a)) * (below < 0 ? -1 : 1)
        self.above = above / divisor
        self.below = below / divisor
    }

    static func - (left: Fraction, right: Fraction) -> Fraction {
        Fraction(left.above * right.below - right.above * left.below, left.below * right.below)
    }
    static func * (left: Fraction, right: Fraction) -> Fraction {
        Fraction(left.above * right.above, left.below * right.below)
    }
    static func / (left: Fraction, right: Fraction) -> Fraction {
        Fraction(left.above * right.below, left.below * right.above)
    }
}

/// Someone who subtracts: knows nothing of how cells were chosen, and works on the smallest sets of answers there are,
/// one for every value of every dimension (or none) in every slot of time.
struct CutsAttacker {
    /// Smallest sets of answers: a value for every dimension, "" for none, and a slot of time.
    struct Atom: Hashable {
        let values: [String]
        let slot: Int64
    }

    let table: CutsTable
    let decisions: [Suppression.Decision]
    /// Atoms that may hold answers, as far as the attacker knows.
    private let atoms: [Atom]
    private let published: [Int]
    private var rows: [[Fraction]] = []

    init(_ table: CutsTable, _ decisions: [Suppression.Decision]) {
        self.table = table
        self.decisions = decisions
        let cells = table.cells
        let empty = cells.indices.filter { decisions[$0] == .published && cells[$0].answers == 0 }
        atoms = table.atoms.filter { atom in
            !empty.contains { table.holds(cells[$0], atom) } && !table.isKnownEmpty(atom)
        }
        published = cells.indices.filter { decisions[$0] == .published && cells[$0].answers > 0 }
        for index in published {
            var row = reduced(vector(cells[index]).map { Fraction(Int128($0)) })
            guard let pivot = row.firstIndex(where: { $0.above != 0 }) else { continue }
            let scale = row[pivot]
            row = row.map { $0.above == 0 ? $0 : $0 / scale }
            for other in rows.indices where rows[other][pivot].above != 0 {
                let factor = rows[other][pivot]
                rows[other] = zip(rows[other], row).map { $1.above == 0 ? $0 : $0 - factor * $1 }
            }
            rows.append(row)
        }
    }

    private func vector(_ cell: Suppression.Cell) -> [Int] { atoms.map { table.holds(cell, $0) ? 1 : 0 } }

    private func reduced(_ given: [Fraction]) -> [Fraction] {
        var row = given
        for basis in rows {
            let pivot = basis.firstIndex { $0.above != 0 }!
            if row[pivot].above != 0 {
                let factor = row[pivot]
                row = zip(row, basis).map { $1.above == 0 ? $0 : $0 - factor * $1 }
            }
        }
        return row
    }

    /// Withheld cells whose number of answers follows from the published ones.
    func determined() -> [Suppression.Cell] {
        table.cells.indices.filter { index in
            decisions[index] != .published
                && reduced(vector(table.cells[index]).map { Fraction(Int128($0)) }).allSatisfy { $0.above == 0 }
        }.map { table.cells[$0] }
    }

    /// Sums and differences of up to `cellsMax` published cells that are sets of 1 up to the minimum.
    /// - Parameters:
    ///   - plusMax: how many of them may be added.
    ///   - knowsZeros: whether it is enough that they are a set where answers may be.
    func smallSets(minimumAnswers: Int64, plusMax: Int, cellsMax: Int, knowsZeros: Bool) -> [String] {
        let used = Array(published.prefix(cellsMax))
        let atoms = knowsZeros ? atoms : table.atoms
        let vectors = used.map { cell in atoms.map { table.holds(table.cells[cell], $0) ? 1 : 0 } }
        var found: [String] = []
        var sum = [Int](repeating: 0, count: atoms.count)
        var signs = [Int](repeating: 0, count: used.count)
        func visit(_ position: Int, _ plus: Int, _ answers: Int64) {
            if position == used.count {
                if answers > 0, answers < minimumAnswers, sum.allSatisfy({ $0 == 0 || $0 == 1 }) {
                    found.append(
                        zip(used, signs).filter { $1 != 0 }.map { "\($1 > 0 ? "+" : "-")\(table.cells[$0])" }
                            .joined(separator: " "))
                }
                return
            }
            visit(position + 1, plus, answers)
            for sign in plus < plusMax ? [1, -1] : [-1] {
                signs[position] = sign
                for (index, member) in vectors[position].enumerated() { sum[index] += sign * member }
                visit(
                    position + 1, plus + max(0, sign),
                    answers + Int64(sign) * table.cells[used[position]].answers)
                for (index, member) in vectors[position].enumerated() { sum[index] -= sign * member }
                signs[position] = 0
            }
        }
        visit(0, 0, 0)
        return found
    }
}

/// A small survey of which every answer is known, and the cells published of it.
struct CutsTable {
    let dimensions: [(name: String, values: [String])]
    let slots: Int64
    let counts: [CutsAttacker.Atom: Int64]
    var cells: [Suppression.Cell] = []
    let atoms: [CutsAttacker.Atom]

    init(dimensions: [(name: String, values: [String])], slots: Int64, count: (CutsAttacker.Atom) -> Int64) {
        self.dimensions = dimensions
        self.slots = slots
        var choices: [[String]] = [[]]
        for dimension in dimensions {
            choices = choices.flatMap { one in (dimension.values + [""]).map { one + [$0] } }
        }
        atoms = choices.flatMap { values in
            (0..<slots).map { CutsAttacker.Atom(values: values, slot: $0) }
        }
        var counts: [CutsAttacker.Atom: Int64] = [:]
        for atom in atoms { counts[atom] = count(atom) }
        self.counts = counts
    }

    mutating func publish(_ segment: Segment, _ window: Range<Int64>) {
        let empty = Suppression.Cell(segment: segment, window: window, answers: 0)
        let answers = atoms.filter { holds(empty, $0) }.reduce(0) { $0 + counts[$1]! }
        cells.append(Suppression.Cell(segment: segment, window: window, answers: answers))
    }

    func holds(_ cell: Suppression.Cell, _ atom: CutsAttacker.Atom) -> Bool {
        cell.window.contains(atom.slot)
            && cell.segment.parts.allSatisfy { part in
                atom.values[dimensions.firstIndex { $0.name == part.dimension }!] == part.value
            }
    }

    /// Whether the atom lies in a cell that its listed parts along a dimension make up, and in none of those parts.
    func isKnownEmpty(_ atom: CutsAttacker.Atom) -> Bool {
        cells.contains { cell in
            guard holds(cell, atom) else { return false }
            return dimensions.contains { dimension in
                guard cell.segment[dimension.name] == nil else { return false }
                let parts = cells.filter {
                    $0.window == cell.window && $0.segment.parts.count == cell.segment.parts.count + 1
                        && cell.segment.contains($0.segment) && $0.segment[dimension.name] != nil
                }
                return parts.reduce(0) { $0 + $1.answers } == cell.answers && !parts.contains { holds($0, atom) }
            }
        }
    }

    /// Of one or two dimensions, with or without answers that lack a value, in overlapping windows.
    static func random(_ random: inout CutsRandom) -> CutsTable {
        let isFlat = Bool.random(using: &random)
        let slots = Int64.random(in: 1...4, using: &random)
        let dimensions = [
            (name: "region", values: Array(["eu", "us", "jp"].prefix(Int.random(in: 2...3, using: &random)))),
            (name: "channel", values: Array(["chat", "mail", "phone"].prefix(Int.random(in: 2...3, using: &random)))),
        ]
        let lacksValues = Double.random(in: 0...1, using: &random) < 0.4
        let most = Int64([2, 6, 20].randomElement(using: &random)!)
        var random2 = random
        var table = CutsTable(dimensions: isFlat ? [dimensions[0]] : dimensions, slots: slots) { atom in
            if atom.values.contains("") && !(lacksValues && Double.random(in: 0...1, using: &random2) < 0.4) {
                return 0
            }
            return Double.random(in: 0...1, using: &random2) < 0.3 ? 0 : .random(in: 0...most, using: &random2)
        }
        random = random2
        let all = (0..<slots).flatMap { low in (low + 1...slots).map { low..<$0 } }
        let windows = [0..<slots] + all.shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random))
        var segments: [Segment] = [.total]
        for dimension in table.dimensions {
            segments += dimension.values.map { Segment(dimension: dimension.name, value: $0) }
        }
        if !isFlat {
            for region in dimensions[0].values {
                for channel in dimensions[1].values { segments.append(Segment("region:\(region),channel:\(channel)")!) }
            }
        }
        let family = Int.random(in: 0...3, using: &random)
        segments = segments.filter { segment in
            switch family {
            case 0: true
            case 1: segment.parts.count != 1
            case 2: segment.parts.count < 2
            default: segment.parts.count == 0 || Double.random(in: 0...1, using: &random) < 0.8
            }
        }
        let showsEmpty = Bool.random(using: &random)
        for window in Set(windows).sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            for segment in segments where window == 0..<slots || Double.random(in: 0...1, using: &random) < 0.8 {
                table.publish(segment, window)
                if !showsEmpty, table.cells.last!.answers == 0 { table.cells.removeLast() }
            }
        }
        table.cells.shuffle(using: &random)
        return table
    }
}
