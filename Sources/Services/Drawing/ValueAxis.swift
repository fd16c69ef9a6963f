import Foundation

/// Rows of a drawing as values: labels stand at round numbers, exactly in the middle of their rows.
struct ValueAxis {
    /// Value of the middle of the lowest row, in steps of `perRow`.
    private let lowest: Int
    /// How much one row is worth.
    let perRow: Double
    private let rowsPerLabel: Int
    let rows: Int
    private let limits: ClosedRange<Double>

    /// - Parameters:
    ///   - values: what must be shown; the axis is the finest that shows it.
    ///   - rows: at least 4.
    ///   - limits: what values can be; labels stay inside.
    init(showing values: ClosedRange<Double>, rows: Int, limits: ClosedRange<Double>) {
        precondition(rows >= 4)
        let least = Self.spanMin * (limits.upperBound - limits.lowerBound)
        let middle = (values.lowerBound + values.upperBound) / 2
        let low = min(values.lowerBound, middle - least / 2)
        let high = max(values.upperBound, middle + least / 2)
        // Two labels at least, or nobody can tell how much a row is worth.
        let choices = Self.choices.filter { 2 * $0.rowsPerLabel <= rows }.sorted { $0.perRow < $1.perRow }
        let fitting =
            choices.first { choice in
                Self.lowestRows(low...high, rows, choice.perRow) != nil
            } ?? choices[choices.count - 1]
        let range = Self.lowestRows(low...high, rows, fitting.perRow) ?? 0...0
        // In the middle of what is possible, but rather inside the limits.
        var lowest = (range.lowerBound + range.upperBound) / 2
        let highestUseful = Self.row(limits.upperBound / fitting.perRow) - rows + 1
        lowest = max(range.lowerBound, min(lowest, highestUseful))
        let lowestUseful = Self.row(limits.lowerBound / fitting.perRow)
        lowest = min(range.upperBound, max(lowest, lowestUseful))
        self.lowest = lowest
        perRow = fitting.perRow
        rowsPerLabel = fitting.rowsPerLabel
        self.rows = rows
        self.limits = limits
    }

    /// Share of the limits an axis spans at least, so that a line of nearly equal scores is not noise blown up.
    private static let spanMin = 0.04

    private static let choices: [(perRow: Double, rowsPerLabel: Int)] =
        ([0.001, 0.01, 0.1] + (0...15).map { pow(10, Double($0)) }).flatMap { (power: Double) in
            // Labels at 2.5, 5, 7.5 are no rounder than those they would save.
            (power < 10 ? [1.0, 2, 5] : [1.0, 2, 2.5, 5]).flatMap { (digit: Double) in
                [2, 3, 4].map { (digit * power / Double($0), $0) }
            }
        }

    /// The lowest rows with which `rows` rows of `perRow` reach over `values`; nil when none does.
    private static func lowestRows(_ values: ClosedRange<Double>, _ rows: Int, _ perRow: Double) -> ClosedRange<Int>? {
        let first = row((values.upperBound / perRow - Double(rows) + 0.5).rounded(.up))
        let last = row((values.lowerBound / perRow + 0.5).rounded(.down))
        return first <= last ? first...last : nil
    }

    /// A place in rows as a whole number; beyond what numbers can tell apart it is the last they can.
    private static func row(_ place: Double) -> Int {
        guard !place.isNaN else { return 0 }
        return Int(min(max(place, -0x1p52), 0x1p52).rounded())
    }

    /// The label of a row, counted from the top, or nil for a row without one.
    func label(row: Int) -> String? {
        let step = lowest + rows - 1 - row
        guard step.isMultiple(of: rowsPerLabel) else { return nil }
        let value = Double(step) * perRow
        guard value >= limits.lowerBound - perRow / 4, value <= limits.upperBound + perRow / 4 else { return nil }
        let labelStep = perRow * Double(rowsPerLabel)
        let digits = labelStep >= 0.99 ? 0 : labelStep >= 0.099 ? 1 : labelStep >= 0.0099 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }

    /// How far below the upper edge of the drawing a value lies, in rows.
    func depth(of value: Double) -> Double { Double(lowest) + Double(rows) - 0.5 - value / perRow }
}
