import Export
import Messages
import Satisfaction

/// Scores as rows of a table: one window of one segment of one metric a row.
struct ScoreColumns {
    let columns: [ExportColumn]
    private let answers: [Int64]
    private let comparisons: [String]
    private let calendar: WindowCalendar
    private let length: WindowLength

    /// - Parameters:
    ///   - windows: all rows to come; widths of texts and the answers counted are taken from them.
    ///   - comparisons: what each score is set beside.
    init(
        _ windows: [ScoreWindow], comparisons: [String] = [], scoreLabel: String, zone: TimeZoneTable,
        length: WindowLength
    ) {
        calendar = WindowCalendar(zone: zone)
        self.length = length
        self.comparisons = comparisons
        answers = Set(windows.flatMap { $0.counts.map(\.answer) }).sorted()
        let calendar = calendar
        func text(_ name: String, _ label: String, _ value: (ScoreWindow) -> String?) -> ExportColumn {
            let width = windows.reduce(1) { max($0, value($1)?.utf8.count ?? 0) }
            return ExportColumn(name: name, label: label, kind: .text(bytesMax: width))
        }
        func number(_ name: String, _ label: String) -> ExportColumn {
            ExportColumn(name: name, label: label, kind: .number(digits: Self.digits))
        }
        var columns = [
            text("metric", "Metric", \.metric), text("segment", "Segment", { "\($0.segment)" }),
            text("window", "Window", { calendar.name(of: $0.window, length) }),
            ExportColumn(name: "start", label: "Start of the window (UTC)", kind: .moment),
            ExportColumn(name: "end", label: "End of the window (UTC), exclusive", kind: .moment),
            number("score", scoreLabel), number("low", "Lower end of the 95 % interval"),
            number("high", "Upper end of the 95 % interval"), text("method", "How the interval is formed", \.method),
            text("unit", "Unit of the score", \.unit),
            ExportColumn(name: "responses", label: "Answers counted", kind: .integer()),
            text("band", "Band of the score", \.band),
            ExportColumn(name: "small", label: "Fewer answers than the metric's minimum sample", kind: .flag),
            ExportColumn(name: "provisional", label: "Answers may still be on their way", kind: .flag),
            ExportColumn(name: "withheld", label: "Too few answers to be shown", kind: .flag),
            text("contract", "Hash of the metric's contract", \.contract),
            ExportColumn(
                name: "revision", label: "Closed steps that changed the window", kind: .integer()),
        ]
        columns += answers.map {
            ExportColumn(name: "count_\($0)", label: "Answers of \($0)", kind: .integer())
        }
        for kind in comparisons {
            columns += [
                number(kind, "Compared with: \(kind)"), number("\(kind)_difference", "Score less \(kind)"),
                number("\(kind)_percent", "Score less \(kind), in percent of it"),
            ]
        }
        self.columns = columns
    }

    /// Digits that SPSS shows.
    private static let digits = 2

    func row(_ window: ScoreWindow) -> [ExportValue] {
        func number(_ value: Double?) -> ExportValue { value.map(ExportValue.number) ?? .missing }
        func integer(_ value: Int64?) -> ExportValue { value.map(ExportValue.integer) ?? .missing }
        var row: [ExportValue] = [
            .text(window.metric), .text("\(window.segment)"), .text(calendar.name(of: window.window, length)),
            moment(window.window.lowerBound), moment(window.window.upperBound), number(window.score),
            number(window.interval?.low), number(window.interval?.high), .text(window.method), .text(window.unit),
            integer(window.responses), window.band.map(ExportValue.text) ?? .missing, .flag(window.isSmall),
            .flag(window.isProvisional), .flag(window.isWithheld), .text(window.contract), integer(window.revision),
        ]
        row += answers.map { answer in integer(window.counts.first { $0.answer == answer }?.count) }
        for kind in comparisons {
            let other = window.comparisons[kind]
            row += [number(other?.value), number(other?.difference), number(other?.percent)]
        }
        return row
    }

    /// A window over all time reaches further than some formats know years.
    private func moment(_ milliseconds: Int64) -> ExportValue {
        ExportMoment.range.contains(milliseconds) ? .moment(milliseconds) : .missing
    }
}
