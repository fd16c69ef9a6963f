/// How many of the answers of a segment in a window published cells inside it account for, without overlap.
///
/// A box (a segment in a window) is accounted for by its own cell, by the values of one dimension in that window, or
/// by windows inside it one after the other, and each of these again. Of all sums that can be reached only those less
/// than `margin` below the greatest are kept: more than that is never left over by a subtraction that matters.
///
/// A class, because what it has found is shared by all that ask, and copied by none.
final class DisjointCover {
    struct Sum {
        let answers: Int64
        /// Place in `joints`; -1 for no cell.
        fileprivate let joint: Int
    }

    private enum Joint {
        case cell(Int)
        case both(Int, Int)
    }

    let table: PublishedTable
    let margin: Int64
    /// By cell. Sums found before one was withheld may still contain it; ``cells(of:)`` tells.
    var isPublished: [Bool]
    private var joints: [Joint] = []
    private var covers: [Int: [Sum]] = [:]
    private var dimensionCovers: [Int: [Sum]] = [:]

    init(_ table: PublishedTable, margin: Int64, isPublished: [Bool]) {
        self.table = table
        self.margin = margin
        self.isPublished = isPublished
    }

    /// Greatest sum first; at least one, if only of nothing.
    func cover(_ series: Int, _ window: Int) -> [Sum] {
        let box = table.box(series, window)
        if let known = covers[box] { return known }
        // The cell itself leaves nothing over; what other sums of its inside leave is looked at where it stands.
        let sums: [Sum]
        if let own = own(series, window) { sums = own } else { sums = inside(series, window) }
        covers[box] = sums
        return sums
    }

    /// As ``cover(_:_:)``, without the box's own cell.
    func inside(_ series: Int, _ window: Int) -> [Sum] {
        union(byDimension(series, window), byTime(series, window))
    }

    /// The cells that make up a sum.
    func cells(of sum: Sum) -> [Int] {
        var cells: [Int] = []
        var open = [sum.joint]
        while let joint = open.popLast() {
            guard joint >= 0 else { continue }
            switch joints[joint] {
            case .cell(let cell): cells.append(cell)
            case .both(let left, let right): open += [left, right]
            }
        }
        return cells
    }

    private static let nothing = [Sum(answers: 0, joint: -1)]

    private func own(_ series: Int, _ window: Int) -> [Sum]? {
        guard let cell = table.cells(series, window).first(where: { isPublished[$0] }) else { return nil }
        joints.append(.cell(cell))
        return [Sum(answers: table.cells[cell].answers, joint: joints.count - 1)]
    }

    private func byDimension(_ series: Int, _ window: Int) -> [Sum] {
        let box = table.box(series, window)
        if let known = dimensionCovers[box] { return known }
        var best = Self.nothing
        for split in table.lattice.splits[series] {
            var sums = Self.nothing
            for child in split.children { sums = added(sums, cover(child, window)) }
            best = union(best, sums)
        }
        dimensionCovers[box] = best
        return best
    }

    private func byTime(_ series: Int, _ window: Int) -> [Sum] {
        let whole = table.windows[window]
        // What can be accounted for up to a moment, by rising moments.
        var stops = [(moment: whole.low, sums: Self.nothing)]
        // By end, so that everything that ends before a window begins is there when its turn comes.
        for piece in table.windowsWithin[series] where piece != window {
            let span = table.windows[piece]
            guard span.low >= whole.low, span.high <= whole.high else { continue }
            let sums: [Sum]
            if let own = own(series, piece) { sums = own } else { sums = byDimension(series, piece) }
            guard let greatest = sums.first, greatest.answers > 0 else { continue }
            let before = stops.last { $0.moment <= span.low }?.sums ?? Self.nothing
            let reached = union(stops[stops.count - 1].sums, added(before, sums))
            if stops[stops.count - 1].moment == span.high {
                stops[stops.count - 1].sums = reached
            } else {
                stops.append((span.high, reached))
            }
        }
        return stops[stops.count - 1].sums
    }

    private func added(_ left: [Sum], _ right: [Sum]) -> [Sum] {
        if right.count == 1, right[0].answers == 0 { return left }
        if left.count == 1, left[0].answers == 0 { return right }
        let least = left[0].answers + right[0].answers - margin
        var sums: [Int64: Sum] = [:]
        for one in left {
            for other in right where one.answers + other.answers > least && sums[one.answers + other.answers] == nil {
                joints.append(.both(one.joint, other.joint))
                sums[one.answers + other.answers] = Sum(
                    answers: one.answers + other.answers, joint: joints.count - 1)
            }
        }
        return sums.values.sorted { $0.answers > $1.answers }
    }

    private func union(_ left: [Sum], _ right: [Sum]) -> [Sum] { trimmed(left + right) }

    private func trimmed(_ sums: [Sum]) -> [Sum] {
        var kept: [Sum] = []
        for sum in sums.sorted(by: { ($0.answers, $1.joint) > ($1.answers, $0.joint) }) {
            if let last = kept.last, last.answers == sum.answers { continue }
            if let first = kept.first, sum.answers <= first.answers - margin { break }
            kept.append(sum)
        }
        return kept
    }
}
