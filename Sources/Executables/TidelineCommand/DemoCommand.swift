import ArgumentParser
import Demo
import Drawing
import Foundation
import Glibc
import JSON
import Messages
import Runtime
import Satisfaction
import Settings
import ZMQ

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs the three services on a sample with one known dip and shows how it is found.",
        discussion: """
            The sample is made by a seeded generator: nine weeks of answers, in the last two of which one segment of one \
            channel falls. It goes to ingest over ZeroMQ like anybody's, with receipts. Everything lives in a folder of its \
            own, which the next demo empties. The services stay up until Ctrl-C; with --once they stop at once.
            """)

    @Option(help: ArgumentHelp("Seed of the sample; the same seed gives the same bytes.", valueName: "n")) var seed:
        UInt64 = 3
    @Option(help: ArgumentHelp("Days of the sample.", valueName: "n")) var days = 63
    @Option(help: ArgumentHelp("Responses a day.", valueName: "n")) var perDay = 600
    @Option(help: ArgumentHelp("Scoring workers.", valueName: "n")) var scoring = 2
    @Option(
        help: ArgumentHelp("Folder of the demo's data, logs and configuration; emptied first.", valueName: "folder"))
    var folder = "./data/demo"
    @Flag(help: "Stop when the dip has been shown, instead of waiting for Ctrl-C.") var once = false

    func validate() throws {
        guard (1...3660).contains(days), (1...1_000_000).contains(perDay), (1...16).contains(scoring) else {
            throw ValidationError("--days lies in 1...3660, --per-day in 1...1000000, --scoring in 1...16")
        }
    }

    func run() throws {
        let place = try DemoPlace(folder: folder)
        let settings = try SettingsOptions.load(["--config", place.configurationPath])
        let interruption = try Interruption()
        let children = try Children()
        defer { Self.report(children.stop()) }
        Console.say("Starting ingest, \(scoring) × scoring and alerting (configuration, data and logs in \(folder))")
        try UpCommand.start(
            children, settings, arguments: ["--config", place.configurationPath], scoring: scoring, logs: place.logs)
        try children.waitUntilReady(seconds: 60, logs: place.logs)
        for child in children.running { Console.say("  \(child.name) is ready: http://\(child.http)/readyz") }
        let show = DemoShow(settings: settings, sample: DemoSample(seed: seed, days: days, perDay: perDay))
        guard try show.run(children, interruption) else { return }
        if once { return }
        let own = CommandLine.arguments.first ?? "tideline"
        Console.say(
            """

            The services are up. Try, from another terminal:
              \(own) trends --config \(place.configurationPath) --segment region:eu-west,channel:chat
              \(own) alerts --config \(place.configurationPath)
              curl http://\(settings.configuration.string("alerting.http"))/api/v1/alerts
            Ctrl-C stops them.
            """)
        while !interruption.wait(milliseconds: 500) {
            if let (child, status) = children.firstEnded() {
                throw CommandFailure("\(child.name) ended by itself with status \(status)")
            }
        }
    }

    private static func report(_ outcomes: [(name: String, status: Int32)]) {
        guard !outcomes.isEmpty else { return }
        let text = outcomes.map {
            "\($0.name) \($0.status == 0 ? "stopped cleanly" : "ended with status \($0.status)")"
        }
        Console.say("\nStopped in the direction of the data: \(text.joined(separator: ", "))")
    }
}

/// The demo's folder: made anew, with a configuration on the default ports, or free ones where those are taken.
struct DemoPlace {
    let configurationPath: String
    let logs: String
    private static let marker = "tideline-demo.yaml"

    init(folder: String) throws(CommandFailure) {
        configurationPath = "\(folder)/\(Self.marker)"
        logs = "\(folder)/logs"
        try Self.empty(folder)
        for path in Self.parents(of: logs) { mkdir(path, 0o755) }
        guard access(logs, W_OK) == 0 else {
            throw CommandFailure("\(logs) cannot be made: \(String(cString: strerror(errno)))")
        }
        let file = try OutputFile(configurationPath)
        do {
            try file.write(line: try Self.configuration(folder))
            try file.flush()
        } catch { throw CommandFailure("\(error)") }
    }

    private static func parents(of path: String) -> [String] {
        var paths: [String] = []
        var path = path
        while !path.isEmpty, path != ".", path != "/" {
            paths.insert(path, at: 0)
            guard let slash = path.lastIndex(of: "/") else { break }
            path = String(path[..<slash])
        }
        return paths
    }

    /// Removes what an earlier demo left; a folder that is not a demo's is left alone.
    private static func empty(_ folder: String) throws(CommandFailure) {
        guard access(folder, F_OK) == 0 else { return }
        guard access("\(folder)/\(marker)", F_OK) == 0 else {
            throw CommandFailure(
                "\(folder) is there and is not an earlier demo's: name another --folder", status: .wrongUsage)
        }
        for name in ["data", "logs"] {
            let path = "\(folder)/\(name)"
            guard access(path, F_OK) == 0 else { continue }
            do { try FileManager.default.removeItem(atPath: path) } catch {
                throw CommandFailure("\(path) cannot be removed: \(error.localizedDescription)")
            }
        }
    }

    private static func configuration(_ folder: String) throws(CommandFailure) -> String {
        let usual: [UInt16] = [7400, 7401, 7402, 7403, 7410, 7411, 7412, 7413, 7420]
        var ports = usual
        if !usual.allSatisfy(FreePort.isFree) {
            Console.say("A usual port (7400–7420) is taken; free ones are used instead")
            ports = []
            while ports.count < usual.count {
                let port = try FreePort.find()
                if !ports.contains(port) { ports.append(port) }
            }
        }
        func tcp(_ place: Int) -> String { "\"tcp://127.0.0.1:\(ports[place])\"" }
        return """
            # The demo's configuration: the messages' own clock, so that nine weeks pass in seconds.
            data: \(folder)/data
            dimensions: [region, channel, agent, product]
            pairs: [[region, channel]]
            model: [region, channel]
            timezone: UTC
            clock: message
            metrics:
              csat: {scale: 1..5, satisfied: 4..5}
            rules:
              - {name: csat-dip, metric: csat, smallestDip: 3}
            ingest: {responses: \(tcp(1)), receipts: \(tcp(2)), work: \(tcp(3)), http: "127.0.0.1:\(ports[0])"}
            scoring: {work: [\(tcp(3))], tallies: \(tcp(5)), http: "127.0.0.1:\(ports[8])"}
            alerting: {tallies: \(tcp(5)), feed: \(tcp(6)), requests: \(tcp(7)), http: "127.0.0.1:\(ports[4])"}
            """
    }
}
