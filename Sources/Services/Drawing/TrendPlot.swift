import Satisfaction

/// The part of a trend drawing between its headline and its legend.
struct TrendPlot {
    private let drawing: TrendDrawing
    private let axis: ValueAxis
    /// Columns left of the plot: the widest label, a blank, the axis.
    private let gutter: Int
    private let columns: Int
    private let moments: ClosedRange<Int64>
    private let hasVolume: Bool
    /// Rows of the grid above the plot, for the marks of dips.
    private let markRows: Int
    private var isUnicode: Bool { drawing.style.isUnicode }

    /// - Parameter drawing: has a score.
    init(_ drawing: TrendDrawing) {
        self.drawing = drawing
        axis = ValueAxis(showing: Self.span(drawing), rows: drawing.height, limits: drawing.limits)
        let axis = axis
        let labels = (0..<drawing.height).compactMap { axis.label(row: $0)?.count }
        gutter = (labels.max() ?? 1) + 3
        columns = drawing.width - gutter
        moments = drawing.points[0].start...max(drawing.points[0].start, drawing.points[drawing.points.count - 1].start)
        hasVolume = drawing.points.contains { $0.responses > 0 }
        markRows = drawing.dips.isEmpty ? 0 : 1
    }

    /// What the axis must show: every score and the baseline, and of the intervals all but the widest tenth, which would
    /// press the line flat.
    private static func span(_ drawing: TrendDrawing) -> ClosedRange<Double> {
        let scores = drawing.points.compactMap(\.score) + (drawing.baseline.map { [$0] } ?? [])
        let lows = drawing.points.compactMap(\.interval?.low).sorted()
        let highs = drawing.points.compactMap(\.interval?.high).sorted()
        let low = min(scores.min()!, lows.isEmpty ? .infinity : lows[lows.count / 10])
        let high = max(scores.max()!, highs.isEmpty ? -.infinity : highs[highs.count * 9 / 10])
        return low...high
    }

    func lines() -> [String] {
        let rows = markRows + drawing.height + 2 + (hasVolume ? 1 : 0)
        var grid = CellGrid(width: drawing.width, height: rows)
        drawBand(&grid)
        drawBaseline(&grid)
        drawOnsets(&grid)
        drawLine(&grid)
        drawAxes(&grid)
        drawMarks(&grid)
        drawVolume(&grid)
        return grid.lines(drawing.style)
    }

    // MARK: Places

    /// How far right a moment lies, 0…1.
    private func fraction(_ moment: Int64) -> Double {
        let span = moments.upperBound - moments.lowerBound
        return span == 0 ? 0 : Double(moment - moments.lowerBound) / Double(span)
    }

    private func column(_ index: Int) -> Int {
        Int((fraction(drawing.points[index].start) * Double(columns - 1)).rounded())
    }

    private func dot(_ canvas: DotCanvas, _ moment: Int64) -> Int {
        Int((fraction(moment) * Double(canvas.width - 1)).rounded())
    }

    private func dot(_ canvas: DotCanvas, value: Double) -> Int {
        let depth = (axis.depth(of: value) * Double(canvas.cellHeight)).rounded(.down)
        return Int(min(max(depth, 0), Double(canvas.height - 1)))
    }

    /// The dips whose onset is one of the points, with the columns from onset to end.
    private var dips: [(dip: TrendDrawing.Dip, columns: ClosedRange<Int>)] {
        drawing.dips.compactMap { dip in
            guard drawing.points.indices.contains(dip.onset) else { return nil }
            let last = min(dip.end ?? drawing.points.count - 1, drawing.points.count - 1)
            return (dip, column(dip.onset)...column(max(dip.onset, last)))
        }
    }

    private var dipColumns: [ClosedRange<Int>] { dips.map(\.columns) }

    private func canvas() -> DotCanvas { DotCanvas(columns: columns, rows: drawing.height, style: drawing.style) }

    // MARK: Layers, from the back to the front

    private func drawBand(_ grid: inout CellGrid) {
        var canvas = canvas()
        let points = drawing.points
        for (index, point) in points.enumerated() {
            guard let interval = point.interval else { continue }
            fill(&canvas, dot(canvas, point.start), interval.low, interval.high)
            guard index + 1 < points.count, let next = points[index + 1].interval else { continue }
            let first = dot(canvas, point.start)
            let last = dot(canvas, points[index + 1].start)
            for x in first..<max(first, last) {
                let share = Double(x - first) / Double(last - first)
                fill(
                    &canvas, x, interval.low + share * (next.low - interval.low),
                    interval.high + share * (next.high - interval.high))
            }
        }
        put(canvas, &grid, ascii: ".") { _ in .faint }
    }

    /// A loose pattern of dots from `low` to `high`, one in eight.
    private func fill(_ canvas: inout DotCanvas, _ x: Int, _ low: Double, _ high: Double) {
        for y in dot(canvas, value: high)...max(dot(canvas, value: high), dot(canvas, value: low)) {
            if !isUnicode || (x % 4 == y % 4 && x.isMultiple(of: 2)) { canvas.set(x, y) }
        }
    }

    private func drawBaseline(_ grid: inout CellGrid) {
        guard let baseline = drawing.baseline else { return }
        var canvas = canvas()
        let y = dot(canvas, value: baseline)
        for x in 0..<canvas.width where !isUnicode || x % 4 < 2 { canvas.set(x, y) }
        put(canvas, &grid, ascii: "-") { _ in .well }
    }

    private func drawOnsets(_ grid: inout CellGrid) {
        for range in dipColumns {
            for row in 0..<drawing.height {
                grid.put(isUnicode ? "┊" : ":", column: gutter + range.lowerBound, row: markRows + row, .dip)
            }
        }
    }

    private func drawLine(_ grid: inout CellGrid) {
        var canvas = canvas()
        var last: (x: Int, y: Int)?
        for (index, point) in drawing.points.enumerated() {
            guard let score = point.score else {
                last = nil
                continue
            }
            let here = (x: dot(canvas, point.start), y: dot(canvas, value: score))
            canvas.line(from: last ?? here, to: here)
            let isAlone = last == nil && (index + 1 == drawing.points.count || drawing.points[index + 1].score == nil)
            // One dot would be lost among those of the interval.
            if isAlone { canvas.square(x: here.x, y: here.y) }
            last = here
        }
        let dips = dipColumns
        put(canvas, &grid, ascii: "*") { column in dips.contains { $0.contains(column) } ? .dip : .line }
    }

    private func put(_ canvas: DotCanvas, _ grid: inout CellGrid, ascii: Character, _ paint: (Int) -> Paint) {
        for row in 0..<drawing.height {
            for column in 0..<columns {
                guard let character = canvas.character(column: column, row: row, ascii: ascii) else { continue }
                grid.put(character, column: gutter + column, row: markRows + row, paint(column))
            }
        }
    }

    // MARK: Around the plot

    private func drawAxes(_ grid: inout CellGrid) {
        for row in 0..<drawing.height {
            let label = axis.label(row: row)
            let text = label ?? ""
            grid.put(text, column: gutter - 2 - text.count, row: markRows + row, .faint)
            let mark: Character = label == nil ? (isUnicode ? "│" : "|") : (isUnicode ? "┤" : "+")
            grid.put(mark, column: gutter - 1, row: markRows + row, .faint)
        }
        let bottom = markRows + drawing.height
        grid.put(isUnicode ? "└" : "+", column: gutter - 1, row: bottom, .faint)
        for column in 0..<columns { grid.put(isUnicode ? "─" : "-", column: gutter + column, row: bottom, .faint) }
        for range in dipColumns {
            for column in range { grid.put(isUnicode ? "━" : "=", column: gutter + column, row: bottom, .dip) }
        }
        for tick in DateAxis(showing: moments, columns: columns, zone: drawing.zone).ticks {
            let isDip = dipColumns.contains { $0.contains(tick.column) }
            let mark: Character = isUnicode ? (isDip ? "┯" : "┬") : "+"
            grid.put(mark, column: gutter + tick.column, row: bottom, isDip ? .dip : .faint)
            let start = min(gutter + tick.column - tick.label.count / 2, drawing.width - tick.label.count)
            grid.put(tick.label, column: start, row: bottom + 1, .faint)
        }
    }

    private func drawMarks(_ grid: inout CellGrid) {
        var free = 0
        for (dip, range) in dips {
            let mark = gutter + range.lowerBound
            let label = drawing.style.shown(dip.label ?? dates(of: dip))
            grid.put(isUnicode ? "▼" : "v", column: mark, row: 0, .dip)
            if mark + 2 + label.count <= drawing.width {
                grid.put(label, column: mark + 2, row: 0, .dip)
                free = mark + 2 + label.count + 1
            } else if mark - 1 - label.count >= free {
                grid.put(label, column: mark - 1 - label.count, row: 0, .dip)
                free = mark + 2
            }
        }
    }

    private func dates(of dip: TrendDrawing.Dip) -> String {
        let onset = CivilMoment(drawing.points[dip.onset].start, drawing.zone)
        let clock = onset.hour == 0 && onset.minute == 0 ? "" : " \(onset.clockText)"
        guard let end = dip.end, drawing.points.indices.contains(end) else {
            return "dip since \(onset.dayText)\(clock)"
        }
        return "dip \(onset.dayText) – \(CivilMoment(drawing.points[end].start, drawing.zone).dayText)"
    }

    /// One row of bars: the answers of each column's busiest window, relative to the busiest of all.
    private func drawVolume(_ grid: inout CellGrid) {
        guard hasVolume, let most = drawing.points.map(\.responses).max() else { return }
        let bars: [Character] = Array(isUnicode ? "▁▂▃▄▅▆▇█" : ".:-=+*#@")
        let row = markRows + drawing.height + 2
        var nearest = 0
        for column in 0..<columns {
            let here = Double(column) / Double(max(1, columns - 1))
            var busiest: Int64 = 0
            // The point nearest to the column, and those that share the column with it.
            while nearest + 1 < drawing.points.count,
                abs(fraction(drawing.points[nearest + 1].start) - here)
                    <= abs(fraction(drawing.points[nearest].start) - here)
            {
                nearest += 1
                if self.column(nearest) == column { busiest = max(busiest, drawing.points[nearest].responses) }
            }
            busiest = max(busiest, drawing.points[nearest].responses)
            guard busiest > 0 else { continue }
            let height = Int((Double(busiest) / Double(most) * Double(bars.count - 1)).rounded())
            grid.put(bars[height], column: gutter + column, row: row, .faint)
        }
    }
}
