import ArgumentParser
import JSON
import Messages
import Replay
import Settings

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs the whole system on recorded responses: same input, same scores and alerts, to the last byte.",
        discussion: """
            Line order is arrival order; the clock is the messages' own (clock: message). No service needs to run.

              tideline replay --config tideline.yaml --input responses.jsonl --alerts alerts.jsonl --scores scores.jsonl
            """)

    @Option(help: ArgumentHelp("Configuration file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Responses, one event a line; - for standard input.", valueName: "file"))
    var input: String

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

    func run() throws {
        let arguments = (config.map { ["--config", $0] } ?? []) + settings.map { "--\($0)" }
        let set = try SettingsOptions.load(arguments, readsCalendars: true).set
        let alertsFile = try alerts.map { path throws(CommandFailure) in try OutputFile(path) }
        var told = 0
        var replay = try Replay.open(set: set) { alert in
            told += 1
            try alertsFile?.write(line: alert.data.text)
        }
        var counts = PublishCounts()
        var source = try InputFile(input)
        try source.forEachLine { number, line in
            switch try line.withUnsafeBytes({ try replay.take(line: $0) }) {
            case .accepted: counts.accepted += 1
            case .duplicate: counts.duplicates += 1
            case .rejected(let rejection):
                counts.rejected += 1
                counts.reasons[rejection.reason.rawValue, default: 0] += 1
                if counts.rejected <= Publication.rejectionsShownMax {
                    Console.complain(
                        "line \(number): \(rejection.reason.rawValue) \(rejection.pointer ?? "") \(rejection.sentence)")
                }
            }
        }
        try replay.finish()
        try alertsFile?.flush()
        if let scores {
            let file = try OutputFile(scores)
            try replay.scores { try file.write(line: $0.text) }
            try file.flush()
        }
        Console.complain("\(PublishCommand.summary(counts)); alert revisions \(told)")
    }
}
