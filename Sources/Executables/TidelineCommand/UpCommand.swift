import ArgumentParser
import Runtime
import Settings

struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Runs the three services on this machine until Ctrl-C.",
        discussion: """
            Logs go to the terminal, or with --logs into one file a service. Ctrl-C stops ingest, scoring and alerting in \
            that order; each finishes its work first.

              tideline up --config tideline.yaml --scoring 4
            """)

    @Option(help: ArgumentHelp("Scoring workers.", valueName: "n"))
    var scoring = 1

    @Option(help: ArgumentHelp("Folder for the services' logs.", valueName: "folder"))
    var logs: String?

    @OptionGroup var settings: SettingsOptions

    func validate() throws {
        guard (1...64).contains(scoring) else { throw ValidationError("--scoring must lie in 1...64") }
    }

    func run() throws {
        let loaded = try settings.load(readsCalendars: true)
        let interruption = try Interruption()
        let children = try Children()
        let arguments = (settings.config.map { ["--config", $0] } ?? []) + settings.settings.map { "--\($0)" }
        defer { report(children.stop()) }
        try Self.start(children, loaded, arguments: arguments, scoring: scoring, logs: logs)
        try children.waitUntilReady(seconds: 60, logs: logs)
        Console.complain("ready: \(children.running.map { "\($0.name) on http://\($0.http)" }.joined(separator: ", "))")
        while !interruption.wait(milliseconds: 500) {
            if let (child, status) = children.firstEnded() {
                throw CommandFailure("\(child.name) ended by itself with status \(status); stopping the others")
            }
        }
        Console.complain("stopping")
    }

    /// Starts one ingest, the workers and one alerting; further workers take HTTP ports of their own.
    static func start(
        _ children: Children, _ loaded: TidelineSettings, arguments: [String], scoring: Int, logs: String?
    ) throws {
        let configuration = loaded.configuration
        func log(_ name: String) -> String? { logs.map { "\($0)/\(name).log" } }
        try children.start(
            "alerting", arguments: arguments, http: configuration.string("alerting.http"), log: log("alerting"))
        let http = configuration.string("scoring.http")
        for worker in 0..<scoring {
            let address = worker == 0 ? http : try FreePort.address(like: http)
            let extra = worker == 0 ? [] : ["--scoring.http", address]
            let own =
                arguments.filter { !$0.hasPrefix("--scoring.http") } + (worker == 0 ? ["--scoring.http", http] : extra)
            try children.start("scoring", arguments: own, http: address, log: log("scoring"))
        }
        try children.start(
            "ingest", arguments: arguments, http: configuration.string("ingest.http"), log: log("ingest"))
    }

    private func report(_ outcomes: [(name: String, status: Int32)]) {
        for (name, status) in outcomes where status != 0 { Console.complain("\(name) ended with status \(status)") }
        if outcomes.allSatisfy({ $0.status == 0 }) { Console.complain("stopped cleanly") }
    }
}
