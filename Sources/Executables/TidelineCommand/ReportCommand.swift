import ArgumentParser
import Drawing
import Export
import JSON
import Messages
import Satisfaction

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Says a metric's scores window by window, with everything one needs to defend them.",
        discussion: """
            First the contract as a sentence, then the windows with their intervals, answers, bands and comparisons, then \
            an index's components by their gaps, then the themes of dissatisfied comments where themes are configured. \
            CSV and JSON Lines hold the windows.

              tideline report --metric csat --step 1w --from 2026-09-01 --compare previous,lastYear,target
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, csv, jsonl }

    @Option(help: "Metric.") var metric = "csat"
    @Option(help: ArgumentHelp("Segment, such as region:eu; the total by default.", valueName: "dim:value"))
    var segment = ""
    @Option(help: ArgumentHelp("Window: \(WindowLength.known).", valueName: "length")) var step = "1w"
    @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("What to set beside each score: previous, lastYear, target.", valueName: "list"))
    var compare: String?
    @Option(help: ArgumentHelp("An earlier contract of the metric.", valueName: "hash")) var contract: String?
    @Option(help: "text, csv or jsonl.") var format = Format.text
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        guard let length = WindowLength(step) else {
            throw CommandFailure(
                "--step is \"\(step)\", but must be one of: \(WindowLength.known)", status: .wrongUsage)
        }
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let metrics = try client.metrics()
        let facts = try metrics.metric(metric)
        let query = [("metric", metric), ("segment", segment), ("contract", contract ?? "")]
        let asked = query + [("step", step), ("from", from ?? ""), ("to", to ?? ""), ("compare", compare ?? "")]
        let windows = try client.scores(asked).compactMap(ScoreWindow.init)
        guard let first = windows.first, let last = windows.last else {
            throw CommandFailure("there are no answers of \(metric) in \(segment.isEmpty ? "the total" : segment)")
        }
        let kinds = (compare ?? "").split(separator: ",").map(String.init)
        guard format == .text else {
            try write(windows, kinds, facts, metrics.zone, length)
            return
        }
        let span = [
            ("from", Timestamp.text(first.window.lowerBound)), ("to", Timestamp.text(last.window.upperBound)),
        ]
        let report = ReportText(
            facts: facts, contract: first.contract, zoneName: metrics.zoneName, zone: metrics.zone, length: length,
            segment: first.segment, windows: windows, comparisons: kinds,
            // One window over the whole span; asked for, not summed up here, because only alerting has the tallies. Where
            // segments of few answers are not shown, such a span is refused, and the report does without.
            whole: (try? client.scores(query + [("step", "all")] + span))?.compactMap(ScoreWindow.init).first,
            // Themes are counted beside the contract in force; beside an earlier one they would be another's.
            themes: first.contract == facts.contract ? try? themes(client, metrics, span) : nil)
        Console.say(report.lines(width: Console.output.width, style: Console.output.style))
    }

    /// What comments speak of; nil where no themes are configured.
    private func themes(
        _ client: TrendClient, _ metrics: MetricsInForce, _ span: [(String, String)]
    ) throws -> JSONTree? {
        guard metrics.metrics.contains(where: { $0.name == "\(metric).themes" }) else { return nil }
        return try client.answer("/api/v1/themes", [("metric", metric), ("segment", segment)] + span)
    }

    private func write(
        _ windows: [ScoreWindow], _ kinds: [String], _ facts: MetricFacts, _ zone: TimeZoneTable, _ length: WindowLength
    ) throws {
        let columns = ScoreColumns(windows, comparisons: kinds, scoreLabel: facts.summary, zone: zone, length: length)
        let sink: ExportSink = { try Console.write($0) }
        let writer: any ExportWriter = format == .csv ? CSVWriter(sink: sink) : JSONLinesWriter(sink: sink)
        try writer.write(columns.columns, rows: windows.lazy.map(columns.row))
    }
}
