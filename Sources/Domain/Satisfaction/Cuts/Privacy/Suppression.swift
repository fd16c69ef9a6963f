/// Which cells of a publication are withheld, so that nobody's answers can be told from it.
///
/// A cell is the number of answers, and with it the score, of one segment in one window. Cells of 1 up to the minimum
/// are withheld (primary suppression, L. Willenborg and T. de Waal, "Elements of Statistical Disclosure Control",
/// 2001); and since a total less its other parts gives such a cell away, further cells are withheld (complementary
/// suppression) until no subtraction works.
///
/// **The attacker** knows every published cell, the whole list of cells, and this method. He knows that a segment is
/// the sum of the values of a dimension where answers without a value are none, that a value is the sum of its pairs,
/// that a window is the sum of windows that tile it, that a cell not listed beside its siblings may be 0, and that
/// nothing is below 0: what lies inside a cell of 0 is 0. He adds and subtracts published cells as often as he likes.
///
/// **Protected**: 1. No withheld cell is any sum and difference of published ones, at whatever multiples, over
/// segments and windows at once. 2. Neither are these, where they are 1 up to the minimum: a segment in a window, or
/// between two neighbouring moments at which windows begin or end, that has no cell; what it holds beyond one of its
/// values or beyond two values that cross (neither this region nor that channel); the answers between any two moments
/// of one segment. 3. No published cell less published cells that lie inside it and do not overlap leaves 1 up to the
/// minimum: a month less its weeks, a total less some regions and some pairs of the others, in any order of cuts by
/// dimension and by time.
///
/// **Not protected**: what can be bounded but not computed (two withheld cells of which the sum is known, and that
/// sum; a caller who publishes *which* reason applies tightens these bounds, so show one word for both); sets of few
/// answers of more irregular shape than in 2 and 3, which take several additions and subtractions or a known zero
/// (found in about one of a hundred small random tables made to be full of them); what follows from combinations
/// nobody listed in a table of more than ``SegmentLattice/combinationsMax``; several publications that were decided
/// apart, or the same one before and after a late answer; what the attacker knows from elsewhere, his own answer among
/// it; that all answers of a large cell are alike. Decide all cells that can be asked for together, whatever part of
/// them is asked for, and withhold score, interval, counts and number of answers alike.
///
/// **Method**: whatever is found computable is withdrawn by withholding one cell of the computation, the one that
/// costs least: its answers, and those of the cells that would have to follow in its other sums. At the end cells
/// withheld in vain are published again. The result is safe and no single complementary cell of the first
/// ``redemptionsMax`` could be published; it is not the smallest of all possible choices, which is NP-hard (J. Kelly,
/// B. Golden and A. Assad, "Cell suppression: disclosure protection for sensitive tabular data", Networks 22, 1992).
/// A thousand cells take milliseconds in one window and about half a second in dozens of overlapping ones.
public struct Suppression: Hashable, Sendable {
    public struct Cell: Hashable, Sendable {
        public let segment: Segment
        /// Any unit of time, the same for all cells.
        public let window: Range<Int64>
        /// Counts below 0 are read as 0.
        public let answers: Int64

        public init(segment: Segment, window: Range<Int64>, answers: Int64) {
            self.segment = segment
            self.window = window
            self.answers = answers
        }
    }

    public enum Decision: String, Hashable, Sendable, CaseIterable {
        case published
        /// It has answers, and fewer than the minimum.
        case tooFew
        /// It has enough answers, but others could be computed from it by subtraction.
        case complementary
    }

    /// A cell of fewer answers is withheld, unless it has none. Up to 1, everything is published.
    public let minimumAnswers: Int64

    public init(minimumAnswers: Int64) { self.minimumAnswers = minimumAnswers }

    /// Complementary cells, the largest first, that are tried again at the end.
    public static let redemptionsMax = 64

    /// - Parameter cells: everything that is published together. A segment that is not listed in a window beside its
    ///   siblings has no cell there; its answers, if any, are those the listed ones leave over.
    /// - Returns: a decision for every cell, in their order; the same for the same cells in any other order.
    public func decide(_ cells: [Cell]) -> [Decision] {
        var decisions = cells.map { (1..<max(1, minimumAnswers)).contains($0.answers) ? Decision.tooFew : .published }
        guard minimumAnswers > 1 else { return decisions }
        var search = SuppressionSearch(PublishedTable(cells), minimumAnswers: minimumAnswers)
        search.run()
        for (cell, isPublished) in zip(search.table.cells, search.isPublished) where !isPublished {
            if decisions[cell.position] == .published { decisions[cell.position] = .complementary }
        }
        return decisions
    }
}
