import Satisfaction

/// A score and its interval on one line, on a scale that the lines of a table share: `  ├──●───┤  `.
package struct IntervalBar: Sendable {
    /// What the first and the last column stand for.
    package let range: ClosedRange<Double>
    package let columns: Int

    /// - Parameters:
    ///   - range: finite, not empty.
    ///   - columns: at least 3.
    package init(within range: ClosedRange<Double>, columns: Int) {
        precondition(
            columns >= 3 && range.lowerBound < range.upperBound && (range.upperBound - range.lowerBound).isFinite)
        self.range = range
        self.columns = columns
    }

    /// Exactly `columns` characters; what lies outside the range is drawn at its ends.
    package func text(_ score: Double, _ interval: Interval, isUnicode: Bool) -> String {
        let (first, last) = (place(interval.low), place(interval.high))
        let mark = place(score)
        let line = (0..<columns).map { column -> Character in
            if column == mark { return isUnicode ? "●" : "*" }
            if column == first { return isUnicode ? "├" : "|" }
            if column == last { return isUnicode ? "┤" : "|" }
            return first < column && column < last ? (isUnicode ? "─" : "-") : " "
        }
        return String(line)
    }

    private func place(_ value: Double) -> Int {
        guard value > range.lowerBound else { return 0 }
        let share = min(1, (value - range.lowerBound) / (range.upperBound - range.lowerBound))
        return Int((share * Double(columns - 1)).rounded())
    }
}
