import Foundation
import Satisfaction

/// A trend line drawn with the characters of a terminal: the score and its interval over time, the baseline, the answers
/// behind it, and where it dips.
///
/// A window without answers has no score and leaves a gap.
package struct TrendDrawing: Sendable {
    /// One window of the line.
    package struct Point: Hashable, Sendable {
        /// Milliseconds since 1970 at which the window begins.
        package let start: Int64
        /// Nil when nobody answered.
        package let score: Double?
        package let interval: Interval?
        package let responses: Int64

        package init(start: Int64, score: Double?, interval: Interval? = nil, responses: Int64 = 0) {
            self.start = start
            self.score = score
            self.interval = interval
            self.responses = responses
        }
    }

    /// Where the line is below what it used to be.
    package struct Dip: Hashable, Sendable {
        /// Index of the first point of the dip.
        package let onset: Int
        /// Index of the last one; nil while it lasts.
        package let end: Int?
        /// What to write beside the mark; nil for its dates.
        package let label: String?

        package init(onset: Int, end: Int? = nil, label: String? = nil) {
            self.onset = onset
            self.end = end
            self.label = label
        }
    }

    package var title: String
    /// Written after scores, such as "%"; may be empty.
    package var unit: String
    /// Digits after the decimal point of the scores in the headline.
    package var digits: Int
    /// In the order of time.
    package var points: [Point]
    /// The usual score.
    package var baseline: Double?
    package var dips: [Dip]
    /// What scores can be.
    package var limits: ClosedRange<Double>
    package var zone: TimeZoneTable
    /// Columns of the whole drawing; no line is longer.
    package var width: Int
    /// Rows of the plot; title, axis, answers and legend come on top.
    package var height: Int
    package var style: DrawingStyle

    /// Smaller drawings would show nothing.
    package static let widthMin = 30
    package static let heightMin = 4

    package init(
        title: String, unit: String = "%", digits: Int = 1, points: [Point], baseline: Double? = nil, dips: [Dip] = [],
        limits: ClosedRange<Double> = 0...100, zone: TimeZoneTable = .utc, width: Int = 80, height: Int = 12,
        style: DrawingStyle
    ) {
        self.title = title
        self.unit = unit
        self.digits = digits
        self.points = points
        self.baseline = baseline
        self.dips = dips
        self.limits = limits
        self.zone = zone
        self.width = max(width, Self.widthMin)
        self.height = max(height, Self.heightMin)
        self.style = style
    }

    /// The drawing, a text a line, without line breaks.
    package func lines() -> [String] {
        guard points.contains(where: { $0.score != nil }) else {
            return [
                headline(), style.painted("  No answers in this span.", .faint),
            ]
        }
        return [headline()] + TrendPlot(self).lines() + [legend()]
    }

    /// "84.1 %", as texts about this drawing write scores.
    func text(_ score: Double) -> String { String(format: "%.\(digits)f", score) + (unit.isEmpty ? "" : " \(unit)") }

    private func headline() -> String {
        let title = style.shown(title)
        var parts: [String] = []
        if let last = points.last(where: { $0.score != nil }), let score = last.score {
            parts.append("now \(text(score))")
            if let interval = last.interval {
                parts[0] += style.shown(String(format: " (%.\(digits)f–%.\(digits)f)", interval.low, interval.high))
            }
        }
        if let baseline { parts.append("usually \(text(baseline))") }
        var right = parts.joined(separator: style.shown(" · "))
        if title.columns + right.columns + 2 > width { right = parts.first ?? "" }
        let left = title.truncated(to: max(8, width - right.columns - 2), ellipsis: style.shown("…"))
        let gap = width - left.columns - right.columns
        guard gap >= 2, !right.isEmpty else { return style.painted(left, .strong) }
        let isDipping = dips.contains { $0.end == nil }
        return style.painted(left, .strong) + String(repeating: " ", count: gap)
            + style.painted(right, isDipping ? .dip : .line)
    }

    private func legend() -> String {
        var entries = [style.isUnicode ? "⠒⠒ score" : "* score"]
        if points.contains(where: { $0.interval != nil }) {
            entries.append((style.isUnicode ? "⢁⢈" : ".") + " 95 % interval")
        }
        if baseline != nil { entries.append((style.isUnicode ? "⠒ ⠒" : "---") + " usual") }
        let most = points.map(\.responses).max() ?? 0
        if most > 0 { entries.append((style.isUnicode ? "▂▅█" : "=*#") + " answers, at most \(most)") }
        var text = "  " + entries[0]
        for entry in entries.dropFirst() where text.columns + entry.columns + 3 <= width { text += "   " + entry }
        return style.painted(text, .faint)
    }
}
