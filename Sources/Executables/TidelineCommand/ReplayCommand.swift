import Alerting
import ArgumentParser
import JSON
import Messages
import Replay
import Satisfaction
import Settings

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs the whole system on recorded responses and says what every rule would have said.",
        discussion: """
            The input is responses as JSON Lines, - for standard input, a data folder, or message files; line order is \
            arrival order, and the clock is the messages' own. Same input, same scores and alerts, to the last byte. No \
            service needs to run; message files are read beside the services and not changed.

              tideline replay --config tideline.yaml --input responses.jsonl --alerts alerts.jsonl --scores scores.jsonl
              tideline replay --input ./data --report year.html --compare ewma,week-over-week
              tideline replay --input ./data --rule "name=eager, falseAlarms=1 per month, smallestDip=2"
              tideline replay --input ./data --inject "segment=channel:chat drop=10 from=2024-03-04 until=2024-04-01"
              tideline replay --input ./data --inject "segment=channel:chat drop=10 from=random times=20" --seed 7
            """)

    @Option(help: ArgumentHelp("Configuration file; message files bring their own.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Responses, one event a line; - for standard input; a data folder or message files. May be repeated.",
            valueName: "path"))
    var input: [String]

    @Option(
        help: ArgumentHelp(
            "Where every revision of every alert goes, one a line; - for standard output.", valueName: "file"))
    var alerts: String?

    @Option(help: ArgumentHelp("Where every score of every civil day goes, one a line.", valueName: "file"))
    var scores: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting, such as timezone=Europe/Berlin.", valueName: "name=value"))
    var settings: [String] = []

    @Option(
        name: .customLong("rule"),
        help: ArgumentHelp(
            "A further rule: name, metric, detector, falseAlarms, smallestDip, detector.SETTING. May be repeated.",
            valueName: "name=…, …"))
    var rules: [String] = []

    @Option(
        help: ArgumentHelp("Tries every rule with these detectors too.", valueName: "detector,…"))
    var compare: String?

    @Option(
        help: ArgumentHelp(
            "Plants a drop: segment, metric, drop (points), from (a day, a moment or random), until or days, times. May be repeated.",
            valueName: "segment=… drop=…"))
    var inject: [String] = []

    @Option(help: ArgumentHelp("Seed of random moments and of which answers are changed.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Where a page with pictures goes.", valueName: "file.html"))
    var report: String?

    @Flag(help: "Prints nothing of the rules.") var quiet = false

    func run() throws {
        let source = try BacktestSource(input)
        let set = try configuredSet(source)
        let newest = source.history.newestSet ?? set!
        let tried = try plain { try furtherRules(newest) }
        let requests = try inject.map { text in
            try plain("--inject \"\(text)\"") {
                try DropRequest(text, zone: TimeZoneTable(named: newest.timeZone) ?? .utc)
            }
        }
        if !requests.isEmpty, source.isStandardInput {
            throw CommandFailure(
                "drops need the input more than once, which standard input does not give: name a file",
                status: .wrongUsage)
        }
        var backtest = try plain { try Backtest(history: source.history, set: set, rules: tried, seed: seed) }
        let plan = try plain("--inject") { try backtest.plan(requests) }
        let progress = BacktestProgress(runs: 1 + plan.repeated.count)
        backtest.onProgress = { progress.update(events: $0, run: $1) }
        let outcome = try replay(&backtest, plan.shared)
        var repeated: [BacktestOutcome] = []
        for (place, drop) in plan.repeated.enumerated() {
            repeated.append(try backtest.run(planting: plan.shared + [drop], run: place + 2))
        }
        progress.end()
        guard outcome.accepted > 0 else {
            throw CommandFailure(
                "\(input.joined(separator: ", ")): no responses\(outcome.rejected > 0 ? " that were accepted" : "")",
                status: outcome.rejected > 0 ? .failed : .wrongUsage)
        }
        let results = BacktestResults(outcome: outcome, shared: plan.shared.count, repeated: repeated)
        if !quiet, alerts != "-", scores != "-", report != "-" {
            Console.say(
                BacktestText(
                    results: results, width: Console.output.isTerminal ? Console.output.width : 200,
                    style: Console.output.style
                ).lines)
        }
        if let report { try write(results, to: report) }
    }

    /// The set to replay under: nil for that of the message files.
    private func configuredSet(_ source: BacktestSource) throws -> DefinitionSet? {
        if config == nil, settings.isEmpty, case .messageFiles = source.history { return nil }
        let arguments = (config.map { ["--config", $0] } ?? []) + settings.map { "--\($0)" }
        return try SettingsOptions.load(arguments, readsCalendars: true).set
    }

    private func furtherRules(_ set: DefinitionSet) throws -> [RuleDefinition] {
        var further: [RuleDefinition] = []
        for text in rules {
            further.append(try plain("--rule \"\(text)\"") { try RuleSentence.rule(text, in: set) })
        }
        for detector in compare?.split(separator: ",").map(String.init) ?? [] {
            let name = detector.trimmingBlanks
            for rule in set.rules where rule.detector != name {
                further.append(try plain("--compare") { try RuleSentence.rule(like: rule, detector: name, in: set) })
            }
        }
        return further
    }

    /// The replay that all outputs are of.
    private func replay(_ backtest: inout Backtest, _ drops: [PlantedDrop]) throws -> BacktestOutcome {
        let alertsFile = try alerts.map { path throws(CommandFailure) in try OutputFile(path) }
        var told = 0
        var complaints = 0
        backtest.onRejection = { number, rejection in
            complaints += 1
            guard complaints <= Publication.rejectionsShownMax else { return }
            Console.complain(
                "line \(number): \(rejection.reason.rawValue) \(rejection.pointer ?? "") \(rejection.sentence)")
        }
        let outcome = try backtest.run(planting: drops) { alert in
            told += 1
            try alertsFile?.write(line: alert.data.text)
        } finally: { replay in
            try alertsFile?.flush()
            guard let scores else { return }
            let file = try OutputFile(scores)
            try replay.scores { try file.write(line: $0.text) }
            try file.flush()
        }
        backtest.onRejection = { _, _ in }
        var counts = PublishCounts()
        counts.accepted = outcome.accepted
        counts.duplicates = outcome.duplicates
        counts.rejected = outcome.rejected
        counts.reasons = outcome.reasons
        Console.complain("\(PublishCommand.summary(counts)); alert revisions \(told)")
        return outcome
    }

    private func write(_ results: BacktestResults, to path: String) throws {
        let file = try OutputFile(path)
        try file.write(line: BacktestPage(results: results, title: input.joined(separator: ", "), seed: seed).html)
        try file.flush()
    }
}

/// Runs what may refuse the user's words; its sentence becomes the command's, behind what it is about.
func plain<Result>(_ about: String? = nil, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as MessageError {
        throw CommandFailure((about.map { "\($0): " } ?? "") + error.description, status: .wrongUsage)
    }
}

extension String {
    /// Without blanks at its ends.
    var trimmingBlanks: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
