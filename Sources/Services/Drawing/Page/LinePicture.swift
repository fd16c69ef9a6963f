import Foundation
import Satisfaction

/// A trend line as an SVG picture: the score, its interval, the answers behind it, alerts from onset to end, and drops that
/// were planted.
package struct LinePicture: Sendable {
    package struct Point: Sendable {
        /// Milliseconds since 1970.
        package let start: Int64
        package let end: Int64
        package let score: Double
        package let interval: Interval?
        package let responses: Int64

        package init(start: Int64, end: Int64, score: Double, interval: Interval?, responses: Int64) {
            self.start = start
            self.end = end
            self.score = score
            self.interval = interval
            self.responses = responses
        }
    }

    /// A stretch of time with something to say of it.
    package struct Mark: Sendable {
        package enum Kind: Sendable {
            case dip
            case planted
        }

        package let kind: Kind
        package let span: Range<Int64>
        /// Written beside it; short.
        package let label: String
        /// Shown under the pointer and read aloud.
        package let sentence: String

        package init(_ kind: Kind, _ span: Range<Int64>, label: String, sentence: String) {
            self.kind = kind
            self.span = span
            self.label = label
            self.sentence = sentence
        }
    }

    /// Unique within a page: ids of the picture's parts begin with it.
    package let id: String
    package let title: String
    package let summary: String
    package let unit: String
    package let digits: Int
    /// In the order of time; at least one.
    package let points: [Point]
    package let marks: [Mark]
    package let span: Range<Int64>
    package let limits: ClosedRange<Double>
    package let zone: TimeZoneTable

    private static let width = 1000.0
    private static let height = 300.0
    private static let left = 52.0
    private static let right = 12.0
    private static let top = 34.0
    private static let plotBottom = 228.0
    private static let answersBottom = 266.0
    private static let rows = 9
    /// Pixels that a character of a label takes, about.
    private static let characterWidth = 7.0

    private let axis: ValueAxis

    /// - Parameters:
    ///   - span: what the picture shows, in ms since 1970.
    ///   - limits: what scores can be.
    package init(
        id: String, title: String, summary: String, unit: String, digits: Int, points: [Point], marks: [Mark],
        span: Range<Int64>, limits: ClosedRange<Double>, zone: TimeZoneTable
    ) {
        precondition(!points.isEmpty && !span.isEmpty)
        self.id = id
        self.title = title
        self.summary = summary
        self.unit = unit
        self.digits = digits
        self.points = points
        self.marks = marks
        self.span = span
        self.limits = limits
        self.zone = zone
        axis = ValueAxis(showing: Self.extent(points), rows: Self.rows, limits: limits)
    }

    /// What the axis must show: every score, and intervals unless they come from a handful of answers.
    private static func extent(_ points: [Point]) -> ClosedRange<Double> {
        let scores = points.map(\.score)
        let middle = points.map(\.responses).sorted()[points.count / 2]
        let sure = points.filter { $0.responses >= max(1, middle / 2) }.compactMap(\.interval)
        let low = min(scores.min()!, sure.map(\.low).min() ?? .infinity)
        let high = max(scores.max()!, sure.map(\.high).max() ?? -.infinity)
        return low...high
    }

    package var svg: String {
        """
        <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-labelledby="\(id)-title \(id)-desc">
        <title id="\(id)-title">\(Markup.escaped(title))</title>
        <desc id="\(id)-desc">\(Markup.escaped(summary))</desc>
        <clipPath id="\(id)-plot"><rect x="\(Markup.number(Self.left))" y="\(Markup.number(Self.top))" width="\
        \(Markup.number(Self.width - Self.left - Self.right))" height="\(Markup.number(Self.plotBottom - Self.top))"/></clipPath>
        \((grid + areas + answers + [line] + labels + hovers).joined(separator: "\n"))
        </svg>
        """
    }

    // MARK: Places

    private func x(_ moment: Int64) -> Double {
        let share = Double(min(max(moment, span.lowerBound), span.upperBound) - span.lowerBound)
        return Self.left + share / Double(span.upperBound - span.lowerBound) * (Self.width - Self.left - Self.right)
    }

    private func middle(_ point: Point) -> Double { x(point.start + (point.end - point.start) / 2) }

    private func y(_ value: Double) -> Double {
        Self.top + axis.depth(of: value) / Double(Self.rows) * (Self.plotBottom - Self.top)
    }

    private static func place(_ x: Double, _ y: Double) -> String { "\(Markup.number(x)) \(Markup.number(y))" }

    private static func horizontal(_ y: Double, from: Double, to: Double, _ style: String) -> String {
        "<line class=\"\(style)\" x1=\"\(Markup.number(from))\" x2=\"\(Markup.number(to))\" y1=\"\(Markup.number(y))\" "
            + "y2=\"\(Markup.number(y))\"/>"
    }

    private static func vertical(_ x: Double, from: Double, to: Double, _ style: String) -> String {
        "<line class=\"\(style)\" x1=\"\(Markup.number(x))\" x2=\"\(Markup.number(x))\" y1=\"\(Markup.number(from))\" "
            + "y2=\"\(Markup.number(to))\"/>"
    }

    private static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
        "x=\"\(Markup.number(x))\" y=\"\(Markup.number(y))\" width=\"\(Markup.number(max(width, 0.5)))\" "
            + "height=\"\(Markup.number(max(height, 0)))\""
    }

    private static func text(_ x: Double, _ y: Double, _ anchor: String, _ style: String, _ text: String) -> String {
        "<text x=\"\(Markup.number(x))\" y=\"\(Markup.number(y))\" text-anchor=\"\(anchor)\""
            + (style.isEmpty ? "" : " class=\"\(style)\"") + ">\(Markup.escaped(text))</text>"
    }

    // MARK: Axes

    private var grid: [String] {
        var parts: [String] = []
        for row in 0..<Self.rows {
            guard let label = axis.label(row: row) else { continue }
            let y = Self.top + (Double(row) + 0.5) / Double(Self.rows) * (Self.plotBottom - Self.top)
            parts.append(Self.horizontal(y, from: Self.left, to: Self.width - Self.right, "grid"))
            parts.append(Self.text(Self.left - 8, y + 4, "end", "", label))
        }
        let columns = Int((Self.width - Self.left - Self.right) / Self.characterWidth)
        let dates = DateAxis(showing: span.lowerBound...span.upperBound, columns: columns, zone: zone)
        for tick in dates.ticks {
            let x = Self.left + Double(tick.column) / Double(columns - 1) * (Self.width - Self.left - Self.right)
            parts.append(Self.vertical(x, from: Self.answersBottom, to: Self.answersBottom + 5, "axis"))
            let half = Double(tick.label.count) * Self.characterWidth / 2
            let inside = min(max(x, half), Self.width - half)
            parts.append(Self.text(inside, Self.answersBottom + 20, "middle", "", tick.label))
        }
        parts.append(Self.horizontal(Self.answersBottom, from: Self.left, to: Self.width - Self.right, "axis"))
        parts.append(Self.text(Self.left, 20, "start", "", unit.isEmpty ? "score" : "score, \(unit)"))
        return parts
    }

    private var answers: [String] {
        let most = Double(points.map(\.responses).max() ?? 1)
        return points.map { point in
            let height = 30 * Double(point.responses) / max(most, 1)
            let from = x(point.start)
            let width = max(0.5, (x(point.end) - from) * 0.8)
            return "<rect class=\"answers\" \(Self.rectangle(from, Self.answersBottom - height, width, height))/>"
        }
    }

    // MARK: Line and band

    /// Points in a row without a window between them in which nobody answered.
    private var stretches: [ArraySlice<Point>] {
        var found: [ArraySlice<Point>] = []
        var first = 0
        for place in points.indices.dropFirst() {
            guard points[place].start > points[place - 1].end else { continue }
            found.append(points[first..<place])
            first = place
        }
        return found + [points[first...]]
    }

    private var line: String {
        var bands: [String] = []
        var paths: [String] = []
        for stretch in stretches {
            let upper = stretch.compactMap { point in point.interval.map { Self.place(middle(point), y($0.high)) } }
            let lower = stretch.compactMap { point in point.interval.map { Self.place(middle(point), y($0.low)) } }
            if upper.count > 1 {
                bands.append("<path class=\"band\" d=\"M\((upper + lower.reversed()).joined(separator: "L"))Z\"/>")
            }
            if stretch.count == 1, let only = stretch.first {
                paths.append(
                    "<circle class=\"dot\" cx=\"\(Markup.number(middle(only)))\" cy=\"\(Markup.number(y(only.score)))\" r=\"2\"/>"
                )
            } else {
                let places = stretch.map { Self.place(middle($0), y($0.score)) }
                paths.append("<path class=\"line\" d=\"M\(places.joined(separator: "L"))\"/>")
            }
        }
        return "<g clip-path=\"url(#\(id)-plot)\">\((bands + paths).joined(separator: "\n"))</g>"
    }

    // MARK: Marks

    private var areas: [String] {
        marks.flatMap { mark -> [String] in
            let from = x(mark.span.lowerBound)
            let width = max(2, x(mark.span.upperBound) - from)
            let inset = mark.kind == .planted ? 3.0 : 0
            let place = Self.rectangle(
                from, Self.top + inset, width, Self.plotBottom - Self.top - 2 * inset)
            switch mark.kind {
            case .planted: return ["<rect class=\"planted\" \(place)/>"]
            case .dip:
                return [
                    "<rect class=\"dip\" \(place)/>", Self.vertical(from, from: Self.top, to: Self.plotBottom, "edge"),
                ]
            }
        }
    }

    /// Labels of marks above the plot, of planted drops below its upper edge; one that would run into the one before it
    /// is left out, because the table has it.
    private var labels: [String] {
        var free: [Bool: Double] = [:]
        return marks.sorted { $0.span.lowerBound < $1.span.lowerBound }.compactMap { mark in
            let isDip = mark.kind == .dip
            let width = Double(mark.label.count) * Self.characterWidth
            let start = min(x(mark.span.lowerBound), Self.width - Self.right - width)
            let from = isDip && start < 110 ? 110 : start
            guard from >= free[isDip, default: 0] else { return nil }
            free[isDip] = from + width + 8
            return Self.text(
                from + (isDip ? 0 : 6), isDip ? 20 : Self.plotBottom - 10, "start", isDip ? "said" : "planted",
                mark.label)
        }
    }

    /// Strips under the pointer whose titles every browser shows without a script.
    private var hovers: [String] {
        points.map { point in
            let from = x(point.start)
            var lines = [
                CivilMoment(point.start, zone).dayText + " \(CivilMoment(point.start, zone).year)",
                "\(text(point.score)) of \(point.responses) answers",
            ]
            if let interval = point.interval { lines.append("95 %: \(text(interval.low)) to \(text(interval.high))") }
            lines += marks.filter { $0.span.overlaps(point.start..<point.end) }.map(\.sentence)
            let place = Self.rectangle(from, Self.top, x(point.end) - from, Self.answersBottom - Self.top)
            return
                "<rect class=\"hover\" \(place)><title>\(Markup.escaped(lines.joined(separator: "\n")))</title></rect>"
        }
    }

    private func text(_ score: Double) -> String {
        String(format: "%.\(digits)f", score) + (unit.isEmpty ? "" : " \(unit)")
    }
}
