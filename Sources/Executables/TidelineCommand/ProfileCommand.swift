import ArgumentParser
import Drawing
import JSON
import Satisfaction

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Sets two groups side by side, component by component.",
        discussion: """
            Means and shares are compared, each group within itself; the groups must not have answers in common. By \
            default of the last 28 days.

              tideline profile --metric csi --a region:eu --b region:us
            """)

    @Option(help: "Metric.") var metric = "csat"
    @Option(help: ArgumentHelp("The first group, such as region:eu.", valueName: "segment")) var a: String
    @Option(help: ArgumentHelp("The second group, such as region:us.", valueName: "segment")) var b: String
    @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("An earlier contract of the metric.", valueName: "hash")) var contract: String?
    @Flag(help: "Print the API's answer, one JSON object.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let metrics = try client.metrics()
        let facts = try metrics.metric(metric)
        let answer = try client.answer(
            "/api/v1/profile",
            [
                ("metric", metric), ("a", a), ("b", b), ("from", from ?? ""), ("to", to ?? ""),
                ("contract", contract ?? ""),
            ])
        if json {
            Console.say(answer.text)
            return
        }
        let table = ProfileTable(answer, facts, zone: metrics.zone)
        Console.say(table.lines(width: Console.output.width, style: Console.output.style))
    }
}

/// Two groups as the terminal shows them.
struct ProfileTable {
    private let answer: JSONTree
    private let facts: MetricFacts
    private let span: String
    private let components: [JSONTree]
    private let names: (a: String, b: String)

    private static let digits = 2

    init(_ answer: JSONTree, _ facts: MetricFacts, zone: TimeZoneTable) {
        self.answer = answer
        self.facts = facts
        span = SpanText.text(answer, zone: zone)
        components = answer["components"]?.array ?? []
        names = (answer["a"]?.string ?? "a", answer["b"]?.string ?? "b")
    }

    func lines(width: Int, style: DrawingStyle) -> [String] {
        let title = style.shown("\(facts.name): \(names.b) against \(names.a), \(span)")
        guard !components.isEmpty else {
            return [
                style.painted(title, .strong),
                "There is nothing to compare: a group has no answers in this span, or the metric has no ratings.",
            ]
        }
        return [style.painted(title, .strong), ""] + means.lines(width: width, style: style)
            + components.flatMap { shares($0)?.lines(width: width, style: style) ?? [] }
    }

    private var means: Table {
        var table = Table([
            .init("component", widthMin: 9), .init("scale"), .init(names.a, .trailing, widthMin: 8),
            .init("answers", .trailing), .init(names.b, .trailing, widthMin: 8), .init("answers", .trailing),
            .init("difference", .trailing), .init("of scale", .trailing), .init("verdict"),
        ])
        for component in components {
            let difference = component["difference"]?.double.map { value in
                let bounds = Interval(component["interval"]).map {
                    " [\(PlainNumber.signed($0.low, digits: Self.digits)), "
                        + "\(PlainNumber.signed($0.high, digits: Self.digits))]"
                }
                return PlainNumber.signed(value, digits: Self.digits) + (bounds ?? "")
            }
            let percent = component["percent"]?.double.map { "\(PlainNumber.signed($0, digits: 1)) %" }
            table.append([
                .init(component["name"]?.string ?? ""), .init(component["scale"]?.string ?? ""),
                mean(component["a"]), answers(component["a"]), mean(component["b"]), answers(component["b"]),
                .init(difference ?? ""), .init(percent ?? ""), verdict(component["verdict"]?.string ?? ""),
            ])
        }
        return table
    }

    private func mean(_ group: JSONTree?) -> Table.Cell {
        .init(group?["mean"]?.double.map { PlainNumber.text($0, digits: Self.digits) } ?? "")
    }

    private func answers(_ group: JSONTree?) -> Table.Cell { .init(group?["responses"]?.int64.map(String.init) ?? "") }

    private func verdict(_ word: String) -> Table.Cell {
        switch Profile.Verdict(rawValue: word) {
        case .differs: .init("differs", .strong)
        case .mayBeEqual: .init("may be equal")
        case .tooFewAnswers: .init("too few answers", .faint)
        case .noSpread: .init("no spread", .faint)
        case nil: .init(word)
        }
    }

    /// Percent of the answers on each step of a component's scale; nil where the shares are not known.
    private func shares(_ component: JSONTree) -> TitledTable? {
        guard let first = component["a"]?["shares"]?.array, let second = component["b"]?["shares"]?.array,
            let scale = component["scale"]?.string.flatMap({ Scale($0) }), first.count == scale.steps,
            second.count == scale.steps
        else { return nil }
        var table = Table([
            .init("answer", .trailing), .init(names.a, .trailing, widthMin: 8), .init(names.b, .trailing, widthMin: 8),
            .init("difference", .trailing),
        ])
        for step in (0..<scale.steps).reversed() {
            let (a, b) = (first[step].double ?? 0, second[step].double ?? 0)
            table.append([
                .init("\(scale.lowest + step)"), .init("\(PlainNumber.text(a, digits: 1)) %"),
                .init("\(PlainNumber.text(b, digits: 1)) %"), .init("\(PlainNumber.signed(b - a, digits: 1)) points"),
            ])
        }
        return TitledTable(title: "Shares of the answers to \(component["name"]?.string ?? "")", table: table)
    }
}

/// A table under its title, with an empty line before it.
struct TitledTable {
    let title: String
    let table: Table

    func lines(width: Int, style: DrawingStyle) -> [String] {
        ["", style.painted(style.shown(title), .strong)] + table.lines(width: width, style: style)
    }
}
