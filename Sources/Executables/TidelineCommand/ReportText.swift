import Drawing
import JSON
import Satisfaction

/// A metric's report as the terminal shows it.
struct ReportText {
    let facts: MetricFacts
    /// Hash of the contract the scores have, which may be an earlier one.
    let contract: String
    let zoneName: String
    let zone: TimeZoneTable
    let length: WindowLength
    let segment: Segment
    /// In order, at least one.
    let windows: [ScoreWindow]
    /// As asked for: previous, lastYear, target.
    let comparisons: [String]
    /// One window over all of them.
    let whole: ScoreWindow?
    let themes: JSONTree?

    func lines(width: Int, style: DrawingStyle) -> [String] {
        var lines = heading.flatMap { Paragraph.lines(style.shown($0), width: width) } + [""]
        lines += table(style).lines(width: width, style: style)
        if let components { lines += components.lines(width: width, style: style) }
        if let themeTable { lines += themeTable.lines(width: width, style: style) }
        return lines
    }

    private var heading: [String] {
        guard contract == facts.contract else {
            // What is in force describes another contract; the hash alone says which one this is.
            return ["\(facts.name) under its earlier contract \(contract), in \(windows[0].unit); \(segment.title)"]
        }
        let sentence = ContractSentence(metric: facts, length: length, zoneName: zoneName)
        let reading = sentence.reading.isEmpty ? [] : [sentence.reading + "."]
        return [sentence.text + "."] + reading + ["Answers of \(segment.title)."]
    }

    // MARK: Windows

    private func table(_ style: DrawingStyle) -> Table {
        let hasBands = windows.contains { $0.band != nil }
        var columns: [Table.Column] = [.init("window"), .init("score", .trailing), .init("answers", .trailing)]
        if hasBands { columns.append(.init("band")) }
        columns += comparisons.map { .init("vs \(Self.name(ofComparison: $0))", .trailing) }
        columns.append(.init("remarks"))
        var table = Table(columns)
        let calendar = WindowCalendar(zone: zone)
        let summary = TrendSummary(windows.map(\.score))
        for (place, window) in windows.enumerated() {
            let isLow = summary.lows.contains(place)
            table.append(row(calendar.name(of: window.window, length), window, hasBands, isLow: isLow))
        }
        if let whole, !length.isRolling, length != .all, windows.count > 1 {
            table.append(row("all of these", whole, hasBands))
        }
        if let mean = summary.mean, !length.isRolling, windows.count > 1 {
            let filler = [Table.Cell](repeating: .init(""), count: columns.count - 3)
            let score = PlainNumber.text(mean, digits: facts.digits)
            table.append([.init("mean of windows"), .init(score), .init("")] + filler)
        }
        return table
    }

    private func row(_ name: String, _ window: ScoreWindow, _ hasBands: Bool, isLow: Bool = false) -> [Table.Cell] {
        let score = window.score.map { PlainNumber.text($0, window.interval, digits: facts.digits) } ?? "–"
        var cells: [Table.Cell] = [
            .init(name), .init(score, .strong), .init(window.responses.map(String.init) ?? "–"),
        ]
        if hasBands { cells.append(.init(window.band ?? "")) }
        cells += comparisons.map { kind in window.comparisons[kind].map(cell) ?? .init("") }
        let remarks = (isLow ? ["low"] : []) + window.remarks
        cells.append(.init(remarks.joined(separator: ", "), .warning))
        return cells
    }

    /// "+1.2 (+1.6 %)": the difference, and what it is of the score compared with.
    private func cell(_ comparison: ScoreWindow.Comparison) -> Table.Cell {
        let percent = comparison.percent.map { " (\(PlainNumber.signed($0, digits: 1)) %)" } ?? ""
        return .init(PlainNumber.signed(comparison.difference, digits: facts.digits) + percent)
    }

    private static func name(ofComparison kind: String) -> String { kind == "lastYear" ? "last year" : kind }

    // MARK: Components

    /// The components of an index over all windows, the one to be mended first at the top.
    private var components: TitledTable? {
        guard let components = whole?.components, !components.isEmpty else { return nil }
        let hasGaps = components.contains { $0["gap"] != nil }
        let ordered =
            hasGaps
            ? components.sorted { ($0["gap"]?.double ?? -.infinity) > ($1["gap"]?.double ?? -.infinity) } : components
        var table = Table([
            .init("component", widthMin: 9), .init("answers", .trailing), .init("rating", .trailing),
            .init("importance", .trailing), .init("weight", .trailing), .init("index", .trailing),
            .init("gap", .trailing),
        ])
        for component in ordered {
            func cell(_ name: String, _ digits: Int) -> Table.Cell {
                .init(component[name]?.double.map { PlainNumber.text($0, digits: digits) } ?? "–")
            }
            table.append([
                .init(component["name"]?.string ?? ""), .init(component["answers"]?.int64.map(String.init) ?? "–"),
                cell("rating", 2), cell("importance", 2),
                .init(component["weight"]?.double.map { "\(PlainNumber.text(100 * $0, digits: 1)) %" } ?? "–"),
                cell("index", 1), cell("gap", 1),
            ])
        }
        let title = hasGaps ? "Components, the largest gap (importance over rating) to be mended first" : "Components"
        return TitledTable(title: title, table: table)
    }

    // MARK: Themes

    /// What dissatisfied comments speak of, most frequent first.
    private var themeTable: TitledTable? {
        let spokenOf = themes?["themes"]?.array?.filter { ($0["answers"]?.int64 ?? 0) > 0 }
        guard let themes, let rows = spokenOf, !rows.isEmpty else { return nil }
        var table = Table([
            .init("theme", widthMin: 8), .init("dissatisfied", .trailing), .init("of mentions", .trailing),
            .init("so far", .trailing), .init("all comments", .trailing),
        ])
        func percent(_ value: JSONTree?) -> Table.Cell {
            .init(value?.double.map { "\(PlainNumber.text($0, digits: 1)) %" } ?? "")
        }
        for row in rows {
            table.append([
                .init(row["theme"]?.string ?? ""), .init(row["dissatisfied"]?.int64.map(String.init) ?? ""),
                percent(row["share"]), percent(row["cumulativeShare"]),
                .init(row["answers"]?.int64.map(String.init) ?? ""),
            ])
        }
        let comments = themes["dissatisfiedComments"]?.int64 ?? 0
        return TitledTable(title: "Themes of \(comments) dissatisfied comments", table: table)
    }
}

/// Running text in lines of a width.
enum Paragraph {
    /// Lines of at most `width` characters, broken at spaces; a longer word has a line of its own.
    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
