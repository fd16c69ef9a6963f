import ArgumentParser
import Drawing
import JSON
import Satisfaction

struct LeaderboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leaderboard",
        abstract: "Lists the values of a dimension by score, so that two lucky answers do not lead.",
        discussion: """
            Scores are drawn toward the mean by as much as chance alone could have carried them away; values whose \
            intervals overlap share a rank (=2). By default of the last 28 days.

              tideline leaderboard --metric csat --dimension agent --from 2026-10-01 --to 2026-11-01
            """)

    @Option(help: "Metric.") var metric = "csat"
    @Option(help: "Dimension, such as agent.") var dimension: String
    @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("An earlier contract of the metric.", valueName: "hash")) var contract: String?
    @Option(help: ArgumentHelp("Most rows.", valueName: "n")) var limit = 100
    @Flag(help: "Print the API's answer, one JSON object.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let metrics = try client.metrics()
        let facts = try metrics.metric(metric)
        let answer = try client.answer(
            "/api/v1/leaderboard",
            [
                ("metric", metric), ("dimension", dimension), ("from", from ?? ""), ("to", to ?? ""),
                ("contract", contract ?? ""), ("limit", String(limit)),
            ])
        if json {
            Console.say(answer.text)
            return
        }
        let board = LeaderboardTable(answer, facts, zone: metrics.zone)
        Console.say(board.lines(width: Console.output.width, style: Console.output.style))
    }
}

/// A leaderboard as the terminal shows it.
struct LeaderboardTable {
    private let answer: JSONTree
    private let facts: MetricFacts
    private let span: String
    private let rows: [JSONTree]

    /// Columns of the bar.
    private static let barColumns = 20

    init(_ answer: JSONTree, _ facts: MetricFacts, zone: TimeZoneTable) {
        self.answer = answer
        self.facts = facts
        span = SpanText.text(answer, zone: zone)
        rows = answer["rows"]?.array ?? []
    }

    func lines(width: Int, style: DrawingStyle) -> [String] {
        let dimension = answer["dimension"]?.string ?? ""
        var lines = [style.painted(style.shown("\(facts.name) by \(dimension), \(span)"), .strong)]
        guard !rows.isEmpty else { return lines + ["No answers in this span." + withheld] }
        if let mean = answer["mean"]?.double {
            let toward = "drawn toward the mean, \(number(mean)) \(facts.unit)"
            lines.append(style.shown("\(toward) · contract \(facts.contract)"))
        }
        lines += [""] + table(style).lines(width: width, style: style)
        let total = answer["total"]?.int64 ?? Int64(rows.count)
        if total > rows.count { lines.append("\(rows.count) of \(total) rows; more with --limit \(total)") }
        if !withheld.isEmpty { lines.append(String(withheld.dropFirst())) }
        return lines
    }

    private var withheld: String {
        guard let count = answer["withheld"]?.int64, count > 0 else { return "" }
        return " \(count) \(count == 1 ? "row is" : "rows are") withheld: too few answers to be shown."
    }

    private func table(_ style: DrawingStyle) -> Table {
        let ranks = rows.map { $0["rank"]?.int64 ?? 0 }
        let intervals = rows.map { Interval($0["interval"]) }
        let low = intervals.compactMap { $0?.low }.min() ?? 0
        let high = intervals.compactMap { $0?.high }.max() ?? 0
        let hasSpread = low < high
        var table = Table([
            .init("rank", .trailing), .init(answer["dimension"]?.string ?? "value", widthMin: 8),
            .init("score", .trailing), .init("95 % interval", .trailing), .init("unshrunk", .trailing),
            .init("answers", .trailing), .init(""),
        ])
        for (place, row) in rows.enumerated() {
            let isTied = ranks.filter { $0 == ranks[place] }.count > 1
            let score = row["score"]?.double ?? 0
            var bar = ""
            if hasSpread, let interval = intervals[place] {
                bar = IntervalBar(within: low...high, columns: Self.barColumns)
                    .text(score, interval, isUnicode: style.isUnicode)
            }
            table.append([
                .init((isTied ? "=" : "") + "\(ranks[place])"), .init(row["value"]?.string ?? ""),
                .init(number(score), .strong),
                .init(intervals[place].map { "[\(number($0.low)), \(number($0.high))]" } ?? ""),
                .init(row["unshrunk"]?.double.map(number) ?? ""), .init(row["responses"].map(\.text) ?? ""),
                .init(bar, .line),
            ])
        }
        return table
    }

    private func number(_ value: Double) -> String { PlainNumber.text(value, digits: facts.digits) }
}
