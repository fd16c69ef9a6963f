import ArgumentParser
import Drawing
import JSON
import Satisfaction

struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Lists alerts, newest change first; suspicions only with --state pending.")

    @Option(help: "Only alerts in this state: pending, firing, resolved or withdrawn.") var state: String?
    @Flag(help: "Print the alerts' data as JSON, one a line.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        // Pending ones are suspicions nobody was told of; most come to nothing.
        let alerts = try client.alerts(state: state).filter { state != nil || $0["state"]?.string != "pending" }
        if json {
            for alert in alerts { Console.say(alert.text) }
            return
        }
        if alerts.isEmpty {
            Console.say("no alerts")
            return
        }
        Console.say(Self.table(alerts).lines(width: Console.output.width, style: Console.output.style))
    }

    static func table(_ alerts: [JSONTree]) -> Table {
        var table = Table([
            .init("state"), .init("rule"), .init("segment"), .init("since"), .init("drop", .trailing),
            .init("was", .trailing), .init("is", .trailing), .init("detected"),
        ])
        for alert in alerts {
            let segment =
                (try? Segment(apiTree: alert["segment"] ?? .null)).map { $0.parts.isEmpty ? "everyone" : "\($0)" } ?? ""
            let state = alert["state"]?.string ?? ""
            func number(_ value: JSONTree?) -> Table.Cell { Table.Cell(value?.double.map(TrendPicture.rounded) ?? "") }
            func minute(_ value: JSONTree?) -> Table.Cell { Table.Cell(String((value?.string ?? "").prefix(16))) }
            table.append([
                Table.Cell(state, state == "firing" ? .dip : nil), Table.Cell(alert["rule"]?.string ?? ""),
                Table.Cell(segment), minute(alert["onset"]), number(alert["drop"]), number(alert["baseline"]?["score"]),
                number(alert["current"]?["score"]), minute(alert["detected"]),
            ])
        }
        return table
    }
}
