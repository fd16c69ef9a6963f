import ArgumentParser
import Drawing
import Export
import JSON
import Journal
import Messages
import Runtime
import Satisfaction

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes scores or responses to a file: CSV, JSON Lines or SPSS.",
        subcommands: [Scores.self, Responses.self])

    struct Output: ParsableArguments {
        @Option(help: "csv, jsonl or sav (SPSS); by default what the file's name ends with.") var format: ExportFormat?
        @Option(help: ArgumentHelp("The file to write, or - for standard output.", valueName: "file")) var output:
            String

        func decide() throws -> ExportFormat { try ExportFormat.decide(format, output: output) }
    }

    struct Scores: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One row for each window of each segment of each metric, from alerting.",
            discussion: """
                  tideline export scores --metric csat --dimension region --step 1w --output scores.sav
                """)
        @Option(help: "Metric; may be repeated; all by default.") var metric: [String] = []
        @Option(
            help: ArgumentHelp("Segment, such as region:eu or total; may be repeated.", valueName: "dim:value"))
        var segment: [String] = []
        @Option(help: "Dimension, every value of which is a segment; may be repeated.") var dimension: [String] = []
        @Option(help: ArgumentHelp("Window: \(WindowLength.known).", valueName: "length")) var step = "1d"
        @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
        @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
        @OptionGroup var file: Output
        @OptionGroup var settings: SettingsOptions

        func run() throws {
            let format = try file.decide()
            guard let length = WindowLength(step) else {
                throw CommandFailure(
                    "--step is \"\(step)\", but must be one of: \(WindowLength.known)", status: .wrongUsage)
            }
            let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
            let metrics = try client.metrics()
            // Counts of themes are no scores of people's answers; who names them gets them.
            let asked =
                metric.isEmpty
                ? metrics.metrics.filter { $0.kind != "themes" } : try metric.map { try metrics.metric($0) }
            let windows = try read(client, asked)
            let label = asked.count == 1 ? "\(asked[0].name): \(asked[0].summary)" : "Score, in its unit"
            let columns = ScoreColumns(windows, scoreLabel: label, zone: metrics.zone, length: length)
            let target = try ExportFile(file.output, isPersonal: false)
            let writer = format.writer(
                rowCount: windows.count, label: "Scores of \(asked.map(\.name).joined(separator: ", "))",
                sink: target.sink)
            try ExportCommand.failing { try writer.write(columns.columns, rows: windows.lazy.map(columns.row)) }
            try target.commit()
            Console.complain("\(file.output): \(windows.count) scores")
        }

        private func read(_ client: TrendClient, _ metrics: [MetricFacts]) throws -> [ScoreWindow] {
            var windows: [ScoreWindow] = []
            var line = ExportCommand.progress("read", "segments", total: nil)
            var done = 0
            for metric in metrics {
                for segment in try segments(of: metric.name, client) {
                    let query = [
                        ("metric", metric.name), ("segment", segment), ("step", step), ("from", from ?? ""),
                        ("to", to ?? ""),
                    ]
                    windows += try client.scores(query).compactMap(ScoreWindow.init)
                    done += 1
                    if let text = line.update(done, now: ExportCommand.now) { Console.progress(text) }
                }
            }
            Console.progress(line.finish(done, now: ExportCommand.now))
            return windows
        }

        private func segments(of metric: String, _ client: TrendClient) throws -> [String] {
            var segments = segment
            for dimension in dimension {
                segments += try client.segments(metric: metric)
                    .filter { $0.parts.count == 1 && $0.parts[0].dimension == dimension }.map { "\($0)" }.sorted()
            }
            var seen: Set<String> = []
            return segments.isEmpty ? ["total"] : segments.filter { seen.insert($0).inserted }
        }
    }

    struct Responses: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One row for each response of the message files, beside a running ingest or without one.",
            discussion: """
                Answers to rated metrics are whole numbers, words and other scales turned into what they count as. \
                Comments and respondents are left out unless asked for. Only its owner may read the file.

                  tideline export responses --output responses.sav --comments
                """)
        @Flag(help: "Write the comments too.") var comments = false
        @Flag(help: "Write the respondents too.") var respondents = false
        @Option(help: ArgumentHelp("First moment or day of answering.", valueName: "time")) var from: String?
        @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
        @OptionGroup var file: Output
        @OptionGroup var settings: SettingsOptions

        func run() throws {
            let format = try file.decide()
            let loaded = try settings.load()
            let zone = TimeZoneTable(named: loaded.set.timeZone) ?? .utc
            var choice = ResponseTable.Choice(comments: comments, respondents: respondents)
            let first = try ExportCommand.moment("--from", from, zone) ?? .min
            let end = try ExportCommand.moment("--to", to, zone) ?? .max
            guard first < end else { throw CommandFailure("--from must be before --to", status: .wrongUsage) }
            choice.span = first..<end
            let least = loaded.configuration.integer("privacy.minimumAnswers")
            if least > 1 {
                Console.complain(
                    "privacy.minimumAnswers is \(least), but this file holds single responses: keep it where only those "
                        + "may look who may see the message files")
            }
            let journal = try JournalCommand.inspect(settings)
            let table = try ResponseTable(loaded.set, choice)
            var rows = 0
            // SPSS files say at their beginning how many rows they have and how wide their texts are.
            if format == .sav {
                rows = try ExportCommand.pass(journal, table, verb: "counted", total: nil) { table.measure($0) }
            }
            let unreadBefore = table.unreadAnswers
            let target = try ExportFile(file.output, isPersonal: true)
            let writer = format.writer(rowCount: rows, label: "Responses", sink: target.sink)
            rows = try ExportCommand.failing {
                try writer.begin(table.columns)
                let count = try ExportCommand.pass(
                    journal, table, verb: "exported", total: format == .sav ? rows : nil
                ) { try writer.row($0) }
                try writer.finish()
                return count
            }
            try target.commit()
            let unread = table.unreadAnswers - unreadBefore
            if unread > 0 {
                Console.complain(
                    "\(unread) answers are none under the metrics configured now and are missing: export them with the "
                        + "configuration they were published under")
            }
            Console.complain("\(file.output): \(rows) responses")
        }
    }

    /// Hands the row of every response of a journal to `body`, in order.
    /// - Returns: how many there were.
    private static func pass(
        _ journal: InspectedJournal, _ table: ResponseTable, verb: String, total: Int?,
        _ body: ([ExportValue]) throws -> Void
    ) throws -> Int {
        var line = progress(verb, "responses", total: total)
        var rows = 0
        var failure: (any Error)?
        let blocks = journal.index.first..<journal.index.next
        do throws(JournalError) {
            try journal.reader.forEachBlock(in: blocks, of: journal.index) { block throws(JournalError) in
                do {
                    for event in block.payload.split(separator: UInt8(ascii: "\n")) {
                        guard let row = try table.row(Array(event)) else { continue }
                        try body(row)
                        rows += 1
                    }
                } catch { failure = error }
                if let text = line.update(rows, now: now) { Console.progress(text) }
                return failure == nil
            }
        } catch { throw CommandFailure("the message files cannot be read: \(error)") }
        if let failure { throw failure }
        Console.progress(line.finish(rows, now: now))
        return rows
    }

    /// An error of the export as one of the command.
    private static func failing<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as ExportError { throw CommandFailure("\(error)") }
    }

    fileprivate static var now: Int64 { MonotonicClock.system.now() / 1_000_000 }

    fileprivate static func progress(_ verb: String, _ noun: String, total: Int?) -> ProgressLine {
        ProgressLine(
            verb: verb, noun: noun, total: total, style: Console.errors.style, isTerminal: Console.errors.isTerminal,
            width: Console.errors.width, now: now)
    }

    /// An RFC 3339 time, or a civil day of the configured zone; nil where nothing is given.
    private static func moment(_ option: String, _ text: String?, _ zone: TimeZoneTable) throws -> Int64? {
        guard let text else { return nil }
        if let moment = Timestamp.read(text) { return moment }
        if text.utf8.count == 10, let day = Timestamp.read("\(text)T00:00:00Z") {
            return zone.start(ofDay: Int32(day / 86_400_000))
        }
        throw CommandFailure(
            "\(option) is \"\(text)\", but must be a time such as 2026-11-21T10:00:00Z or a day such as 2026-11-21",
            status: .wrongUsage)
    }
}
