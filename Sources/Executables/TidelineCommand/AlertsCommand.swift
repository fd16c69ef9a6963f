import ArgumentParser
import Drawing
import JSON
import Satisfaction

struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Lists alerts, shows one, and labels them true or false.",
        discussion: """
              tideline alerts --state open                # firing, acknowledged and silenced ones
              tideline alerts show 3fa2                   # ids may be cut short
              tideline alerts label 3fa2 false --note "bank holiday"
            """,
        subcommands: [AlertsList.self, AlertsShow.self, AlertsLabel.self], defaultSubcommand: AlertsList.self)
}

struct AlertsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists alerts, newest change first; suspicions only with --state pending.")

    @Option(
        help:
            "Only alerts in these states: pending, firing, acknowledged, silenced, open (those three), resolved, withdrawn."
    )
    var state: String?
    @Option(help: "Only this kind: dip, mix or volume.") var kind: String?
    @Option(help: "Only alerts of this rule.") var rule: String?
    @Option(help: "Only alerts of this metric.") var metric: String?
    @Option(help: ArgumentHelp("Only alerts of this segment, such as channel:chat.", valueName: "segment"))
    var segment: String?
    @Option(help: ArgumentHelp("Only alerts that changed since this time or day.", valueName: "time"))
    var since: String?
    @Flag(help: "Print the alerts' data as JSON, one a line.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let alerts = try client.alerts([
            ("state", state ?? ""), ("kind", kind ?? ""), ("rule", rule ?? ""), ("metric", metric ?? ""),
            ("segment", segment ?? ""), ("since", since ?? ""),
        ])
        if json {
            for alert in alerts { Console.say(alert.text) }
            return
        }
        if alerts.isEmpty {
            Console.say("no alerts")
            return
        }
        Console.say(Self.table(alerts).lines(width: Console.output.width, style: Console.output.style))
        let sentences = alerts.compactMap { $0["sentence"]?.string }.filter { !$0.isEmpty }
        if !sentences.isEmpty { Console.say("\n" + sentences.joined(separator: "\n")) }
    }

    /// Digits of an id that tell alerts apart for people.
    private static let idDigits = 8

    static func table(_ alerts: [JSONTree]) -> Table {
        var table = Table([
            .init("id"), .init("state"), .init("kind"), .init("rule"), .init("segment"), .init("since"),
            .init("drop", .trailing), .init("was", .trailing), .init("is", .trailing), .init("detected"),
            .init("said"),
        ])
        for alert in alerts {
            let state = alert["state"]?.string ?? ""
            func number(_ value: JSONTree?) -> Table.Cell { Table.Cell(value?.double.map(TrendPicture.rounded) ?? "") }
            func minute(_ value: JSONTree?) -> Table.Cell { Table.Cell(AlertText.minute(value)) }
            table.append([
                Table.Cell(String((alert["id"]?.string ?? "").prefix(idDigits))),
                Table.Cell(state, state == "firing" ? .dip : nil), Table.Cell(alert["kind"]?.string ?? ""),
                Table.Cell(alert["rule"]?.string ?? ""), Table.Cell(AlertText.segment(alert)), minute(alert["onset"]),
                number(alert["drop"]), number(alert["baseline"]?["score"]), number(alert["current"]?["score"]),
                minute(alert["detected"]), Table.Cell(AlertText.said(alert)),
            ])
        }
        return table
    }
}

/// An alert's members in words.
enum AlertText {
    static func minute(_ value: JSONTree?) -> String { String((value?.string ?? "").prefix(16)) }

    /// "channel:chat and 3 segments with it".
    static func segment(_ alert: JSONTree) -> String {
        let own = (try? Segment(apiTree: alert["segment"] ?? .null))?.title ?? ""
        let count = alert["members"]?.array?.count ?? 0
        guard count > 0 else { return own }
        return "\(own) and \(count) \(count == 1 ? "segment" : "segments") with it"
    }

    /// "by ana until 2026-11-21T14:00, labelled false": the mark and the label.
    static func said(_ alert: JSONTree) -> String {
        var parts: [String] = []
        if let mark = alert["mark"] {
            let by = mark["by"]?.string.map { "by \($0)" }
            let until = mark["until"].map { "until \(minute($0))" }
            parts.append([by, until].compactMap { $0 }.joined(separator: " "))
        }
        if let label = alert["label"]?["true"]?.bool { parts.append("labelled \(label)") }
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
