/// Durations in seconds, counted in columns 2 % wide, from which any quantile is known within 1 %.
///
/// The mapping of DDSketch: C. Masson, J. E. Rim and H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch
/// with relative-error guarantees", PVLDB 12 (2019). Merging is adding counts column by column, so counts stay exact in
/// any order, and subtracting undoes it. Column edges are products, not logarithms, so a value has the same column on
/// every machine.
///
/// Column 0 holds 0…0.001, columns 1…1396 the values up to 1e9 (about 32 years), each edge 1.02 times the one before;
/// the last column holds whatever is longer.
public struct DurationSketch: Sendable {
    /// From one column's upper edge to the next.
    public static let growth = 1.02
    /// Values of columns 1 up to the last but one are within this share of every duration in them: 0.02/2.02.
    public static let relativeErrorMax = 0.01
    /// Seconds; up to here a duration counts as none.
    public static let zeroMax = 1e-3
    /// 1398.
    public static let columnCount = edges.count + 1
    /// Seconds; longer durations are counted, but how long they were is not kept.
    public static var valueMax: Double { edges[edges.count - 1] }

    /// Upper edges of all columns but the last.
    private static let edges: [Double] = {
        var edges = [zeroMax]
        while edges[edges.count - 1] < 1e9 { edges.append(edges[edges.count - 1] * growth) }
        return edges
    }()

    /// The column of a duration in seconds.
    ///
    /// Total, so that no input traps: what is below zero or not a number falls in column 0, infinity in the last.
    /// Whoever takes durations in refuses these first.
    public static func column(of value: Double) -> Int {
        guard value > zeroMax else { return 0 }
        var low = 0
        var high = edges.count
        // edges[low] < value; edges[high] ≥ value, or there is no such edge.
        while high - low > 1 {
            let middle = (low + high) / 2
            if edges[middle] < value { low = middle } else { high = middle }
        }
        return high
    }

    /// The duration, in seconds, a column stands for: 0 for column 0, ``valueMax`` for the last.
    /// - Parameter column: `0 ..< columnCount`; another is a programmer's error.
    public static func value(of column: Int) -> Double {
        precondition(column >= 0 && column < columnCount, "a column of another sketch")
        if column == 0 { return 0 }
        return column == edges.count ? valueMax : edges[column] * 2 / (1 + growth)
    }

    /// The durations of a column lie above the lower and at or below the upper bound; infinity ends the last column.
    /// - Parameter column: `0 ..< columnCount`; another is a programmer's error.
    public static func bounds(of column: Int) -> ClosedRange<Double> {
        precondition(column >= 0 && column < columnCount, "a column of another sketch")
        if column == 0 { return 0...zeroMax }
        return edges[column - 1]...(column == edges.count ? .infinity : edges[column])
    }

    /// In rising order, all amounts above 0.
    private let columns: [(column: Int, amount: Int64)]
    /// Durations counted; stays at the largest Int64 where there are more.
    public let count: Int64

    /// - Parameters:
    ///   - columns: in any order. Amounts of zero and less (an erasure may overtake what it erases) count as none, and
    ///     so do columns outside the sketch.
    ///   - first: the tally's column that is the sketch's column 0.
    public init(_ columns: some Sequence<(column: Int, amount: Int64)>, from first: Int = 0) {
        self.columns = columns.lazy
            .map { (column: $0.column &- first, amount: $0.amount) }
            .filter { $0.amount > 0 && $0.column >= 0 && $0.column < Self.columnCount }
            .sorted { $0.column < $1.column }
        count = self.columns.reduce(0) { $0.addingSaturating($1.amount) }
    }

    /// The smallest duration with at least that share of all at or below it, within 1 % (from 0.001 to 1e9 s).
    /// - Returns: nil when nothing was counted and for a quantile outside 0…1.
    public func quantile(_ quantile: Double) -> Double? {
        guard count > 0, quantile >= 0, quantile <= 1 else { return nil }
        return Self.value(of: column(ofRank: RankBounds.rank(ofQuantile: quantile, answers: count)))
    }

    /// The interval of a quantile: the edges of the columns in which the order statistics of ``RankBounds`` lie, so the
    /// sketch's own error is inside.
    /// - Parameters:
    ///   - quantile: 0…1.
    ///   - within: its ends stand in for what the sketch cannot bound: few counts, or durations in the last column.
    ///   - confidence: above 0 and below 1.
    /// - Returns: nil when nothing was counted, where an end is open and there is no range, and for other quantiles and
    ///   confidences.
    public func interval(
        ofQuantile quantile: Double, within range: ClosedRange<Double>? = nil, confidence: Double = 0.95
    ) -> Interval? {
        guard let ranks = RankBounds(ofQuantile: quantile, answers: count, confidence: confidence) else { return nil }
        let low = ranks.low.map { Self.bounds(of: column(ofRank: $0)).lowerBound }
        let high = ranks.high.map { Self.bounds(of: column(ofRank: $0)).upperBound }
        guard let low = low ?? range?.lowerBound, let high = (high == .infinity ? nil : high) ?? range?.upperBound
        else { return nil }
        return Interval(low: low, high: max(low, high))
    }

    /// Mean of the columns' values: within 1 % of the mean for durations from 0.001 to 1e9 s.
    /// - Returns: nil when nothing was counted.
    public var mean: Double? {
        guard count > 0 else { return nil }
        return columns.reduce(0) { $0 + Self.value(of: $1.column) * (Double($1.amount) / Double(count)) }
    }

    /// Variance of one duration, in seconds squared, from n − 1 degrees of freedom over the columns' values.
    ///
    /// Its root is off by at most 1 % of the root mean square of the durations, times √(n/(n − 1)): every duration is
    /// moved by at most 1 %, and taking means away shortens the vector of those moves.
    /// - Returns: nil for fewer than two.
    public var variance: Double? {
        guard count > 1, let mean else { return nil }
        let freedom = Double(count - 1)
        return columns.reduce(0) { sum, next in
            let distance = Self.value(of: next.column) - mean
            return sum + distance * distance * (Double(next.amount) / freedom)
        }
    }

    /// How many durations lie at or below a limit, the limit's own column included: the exact count for some limit at
    /// most 2 % longer than the one asked for. Of limits not longer than 0.001 s, all durations up to 0.001 s.
    public func count(atOrBelow limit: Double) -> Int64 {
        guard limit >= 0 else { return 0 }
        let last = Self.column(of: limit)
        return columns.prefix { $0.column <= last }.reduce(0) { $0.addingSaturating($1.amount) }
    }

    /// The share of durations at or below a limit in percent; see ``count(atOrBelow:)`` for what that means.
    /// - Returns: nil when nothing was counted, and for NaN.
    public func share(atOrBelow limit: Double) -> Double? {
        guard count > 0, !limit.isNaN else { return nil }
        return 100 * (Double(count(atOrBelow: limit)) / Double(count))
    }

    /// - Parameter rank: 1…count.
    private func column(ofRank rank: Int64) -> Int {
        var passed: Int64 = 0
        for (column, amount) in columns {
            passed = passed.addingSaturating(amount)
            if passed >= rank { return column }
        }
        preconditionFailure("a rank beyond the count")
    }
}

extension Int64 {
    /// The sum of two numbers that are not negative, or the largest Int64.
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
