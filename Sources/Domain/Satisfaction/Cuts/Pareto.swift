/// Named counts in falling order with their shares: the few that make up most come first.
///
/// Shares are of all counts together. Where one answer may be counted under several names (a comment that touches two
/// themes), they are shares of mentions, not of answers.
public struct Pareto: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public let name: String
        public let count: Int64
        /// Percent of all counts, 0…100.
        public let share: Double
        /// Percent of all counts that this line and those before it make up; exactly 100 on the last line with a count.
        public let cumulativeShare: Double
    }

    /// By falling count, equal counts by name.
    public let lines: [Line]
    /// Sum of all counts.
    public let total: Int64

    /// Counts of the same name are added up; a count below 0 counts as 0. Names counted 0 times stay, at the end, with
    /// a share of 0. A sum beyond Int64 stays at its greatest value.
    public init(_ counts: [(name: String, count: Int64)]) {
        var sums: [String: Int64] = [:]
        for (name, count) in counts { sums[name] = Self.sum(sums[name] ?? 0, max(0, count)) }
        let total = sums.values.reduce(0, Self.sum)
        var counted: Int64 = 0
        lines = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { name, count in
            counted = Self.sum(counted, count)
            return Line(
                name: name, count: count, share: Self.percent(count, of: total),
                cumulativeShare: Self.percent(counted, of: total))
        }
        self.total = total
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? .max : sum
    }

    private static func percent(_ part: Int64, of whole: Int64) -> Double {
        whole == 0 ? 0 : part == whole ? 100 : 100 * Double(part) / Double(whole)
    }
}
