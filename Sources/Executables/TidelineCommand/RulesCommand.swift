import ArgumentParser
import Drawing
import JSON
import Satisfaction

struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Shows what each rule watches, and its false alarms beside its budget.",
        discussion: """
              tideline rules
              tideline rules --rule csat-dip              # with every segment it watches
            """)

    @Option(help: "Only this rule, with its segments.") var rule: String?
    @Flag(help: "Print the rules as JSON, one a line.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let rules = try client.answer("/api/v1/rules", [("rule", rule ?? "")])["rules"]?.array ?? []
        if json {
            for rule in rules { Console.say(rule.text) }
            return
        }
        if rules.isEmpty {
            Console.say("no rules are at work yet: they come with the first responses")
            return
        }
        Console.say(Self.table(rules).lines(width: Console.output.width, style: Console.output.style))
        for rule in rules {
            let sentence = rule["falseAlarms"]?["sentence"]?.string ?? ""
            Console.say("\(rule["name"]?.string ?? ""): \(sentence)")
        }
        guard rule != nil, let series = rules.first?["series"]?.array, !series.isEmpty else { return }
        Console.say("")
        Console.say(try Self.table(series: series).lines(width: Console.output.width, style: Console.output.style))
        if let left = rules.first?["seriesLeftOut"]?.int64, left > 0 { Console.say("and \(left) more segments") }
    }

    private static let states = ["learning", "watching", "suspected", "open", "unwatched"]

    private static func table(_ rules: [JSONTree]) -> Table {
        var table = Table(
            [.init("rule"), .init("metric"), .init("detector"), .init("budget"), .init("smallest dip", .trailing)]
                + states.map { .init($0, .trailing) } + [.init("segment-days", .trailing), .init("alerts", .trailing)])
        for rule in rules {
            func text(_ name: String) -> Table.Cell { .init(rule[name]?.string ?? "") }
            let counts = states.map { Table.Cell("\(rule["segments"]?[$0]?.int64 ?? 0)") }
            let head = [text("name"), text("metric"), text("detector"), text("budget")]
            let numbers: [Table.Cell] = [
                .init("\(rule["segmentDays"]?.int64 ?? 0)"), .init("\(rule["alerts"]?["raised"]?.int64 ?? 0)"),
            ]
            let dip = Table.Cell(rule["smallestDip"]?.double.map(TrendPicture.rounded) ?? "")
            table.append(head + [dip] + counts + numbers)
        }
        return table
    }

    private static func table(series: [JSONTree]) throws -> Table {
        var table = Table([
            .init("segment"), .init("state"), .init("answers a day", .trailing), .init("baseline", .trailing),
            .init("evidence", .trailing), .init("threshold", .trailing), .init("days watched", .trailing),
        ])
        for standing in series {
            func number(_ name: String) -> Table.Cell {
                .init(standing[name]?.double.map(TrendPicture.rounded) ?? "")
            }
            table.append([
                .init(try Segment(apiTree: standing["segment"] ?? .null).title), .init(standing["state"]?.string ?? ""),
                number("volume"), number("baseline"), number("evidence"), number("threshold"),
                .init("\(standing["daysWatched"]?.int64 ?? 0)"),
            ])
        }
        return table
    }
}
