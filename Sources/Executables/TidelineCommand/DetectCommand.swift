import ArgumentParser
import Drawing
import JSON
import Messages
import PluginKit
import Replay
import Satisfaction

struct DetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Says what a rule can find in a line of answers, and how fast.",
        discussion: """
            How long a drop takes is tried out with the detector itself, on answers of the line's volume, score and scatter; \
            the last column is what a detector would take that knows both rates and lacks only the moment. Of the running \
            alerting, or with --input of recorded responses:

              tideline detect --explain --rule csat-dip --segment channel:chat
              tideline detect --explain --segment channel:chat --input responses.jsonl --config tideline.yaml
            """)

    @Flag(help: "Explains; there is nothing else to do yet, and it must be said.") var explain = false
    @Option(help: ArgumentHelp("Rule; every rule by default.", valueName: "name")) var rule: String?
    @Option(help: ArgumentHelp("Segment, such as channel:chat; everyone by default.", valueName: "dim:value"))
    var segment = "total"
    @Option(help: ArgumentHelp("Recorded responses, a data folder or message files.", valueName: "path"))
    var input: [String] = []
    @Option(help: ArgumentHelp("Seed of what is tried out.", valueName: "n")) var seed: UInt64 = 1
    @Flag(help: "Print JSON, one object a rule.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        guard explain else {
            throw CommandFailure("say what is to be done: detect --explain", status: .wrongUsage)
        }
        guard let wanted = Segment(segment) else {
            throw CommandFailure(
                "--segment is \"\(segment)\", but must look like channel:chat", status: .wrongUsage)
        }
        let explanations = input.isEmpty ? try running(wanted) : try recorded(wanted)
        for (place, explanation) in explanations.enumerated() {
            if json {
                Console.say(explanation.tree.text)
            } else {
                if place > 0 { Console.say("") }
                Console.say(
                    ExplanationText(explanation: explanation, width: Console.output.width, style: Console.output.style)
                        .lines)
            }
        }
    }

    private func chosen(_ set: DefinitionSet) throws -> [RuleDefinition] {
        guard !set.rules.isEmpty else {
            throw CommandFailure("no rule is configured; add one to rules", status: .wrongUsage)
        }
        guard let rule else { return set.rules }
        let found = set.rules.filter { $0.name == rule }
        guard !found.isEmpty else {
            let known = set.rules.map(\.name).joined(separator: ", ")
            throw CommandFailure("there is no rule \"\(rule)\"; the rules are: \(known)", status: .wrongUsage)
        }
        return found
    }

    // MARK: Recorded

    private func recorded(_ wanted: Segment) throws -> [SeriesExplanation] {
        let source = try BacktestSource(input)
        var set: DefinitionSet?
        if settings.config != nil || !settings.settings.isEmpty || source.history.newestSet == nil {
            set = try settings.load().set
        }
        let backtest = try plain { try Backtest(history: source.history, set: set) }
        let rules = try chosen(try plain { try backtest.set })
        var explanations: [SeriesExplanation] = []
        let outcome = try backtest.run(planting: []) { _ in
        } finally: { replay in
            for rule in rules {
                guard let (standing, watched, counts) = try replay.standing(of: wanted, rule: rule) else { continue }
                explanations.append(
                    try plain {
                        try SeriesExplanation(
                            of: rule, in: replay.set, standing: standing, watched: watched, counts: counts, seed: seed)
                    })
            }
            guard explanations.isEmpty else { return }
            let known = try replay.segments(of: rules[0].metric).map(\.description)
            guard !known.isEmpty else { return }
            throw unknown(wanted, known)
        }
        guard outcome.accepted > 0 else {
            throw CommandFailure(
                "\(input.joined(separator: ", ")): no responses that were accepted", status: .wrongUsage)
        }
        guard !explanations.isEmpty else {
            throw CommandFailure("there are no answers of \(rules[0].metric)", status: .wrongUsage)
        }
        return explanations
    }

    /// Segments named in an error.
    private static let segmentsShownMax = 20

    private func unknown(_ wanted: Segment, _ known: [String]) -> CommandFailure {
        let more = known.count > Self.segmentsShownMax ? ", …" : ""
        return CommandFailure(
            "there is no line of \(wanted); there are: \(known.prefix(Self.segmentsShownMax).joined(separator: ", "))\(more)",
            status: .wrongUsage)
    }

    // MARK: Running

    private func running(_ wanted: Segment) throws -> [SeriesExplanation] {
        let loaded = try settings.load()
        let client = TrendClient(address: loaded.configuration.string("alerting.http"))
        return try chosen(loaded.set).map { rule in
            let answer = try client.answer("/api/v1/rules", [("rule", rule.name)])
            let series = answer["rules"]?[0]?["series"]?.array ?? []
            let standings = try series.compactMap { try SeriesStanding(apiTree: $0) }
            guard let standing = standings.first(where: { $0.segment == wanted }) else {
                guard !standings.isEmpty else {
                    throw CommandFailure(
                        "alerting knows no line of \(rule.name) yet, or does not tell volumes (privacy.minimumAnswers): "
                            + "try recorded responses with --input")
                }
                throw unknown(wanted, standings.map(\.segment.description))
            }
            let watched = standings.count { $0.state != .unwatched }
            return try plain {
                try SeriesExplanation(
                    of: rule, in: loaded.set, standing: standing, watched: watched, counts: nil, seed: seed)
            }
        }
    }
}

extension SeriesStanding {
    /// Reads one series of `/api/v1/rules?rule=NAME`; nil where its figures are withheld.
    fileprivate init?(apiTree tree: JSONTree) throws {
        guard let segment = try tree["segment"].map({ try Segment(apiTree: $0) }),
            let state = tree["state"]?.string.flatMap(State.init), let volume = tree["volume"]?.double
        else { return nil }
        self.init(
            segment: segment, state: state, volume: volume, baseline: tree["baseline"]?.double,
            baselineAnswers: tree["baselineAnswers"]?.double ?? 0, dispersion: tree["dispersion"]?.double ?? 1,
            evidence: tree["evidence"]?.double, threshold: tree["threshold"]?.double,
            daysWatched: tree["daysWatched"]?.int64 ?? 0)
    }
}

/// An explanation for the terminal.
struct ExplanationText {
    let explanation: SeriesExplanation
    let width: Int
    let style: DrawingStyle

    var lines: [String] {
        let rule = explanation.rule
        let standing = explanation.standing
        let title =
            "\(rule.name): \(rule.metric) of \(standing.segment.title), \(rule.detector), false alarms \(rule.budget)"
        var lines = [style.painted(style.shown(title), .strong)]
        var facts = "  \(number(standing.volume)) answers a day"
        if let baseline = standing.baseline {
            facts +=
                ", usually \(number(baseline)) \(explanation.unit), known from \(Int(standing.baselineAnswers)) answers"
        }
        lines.append(style.shown(facts))
        lines.append(
            standing.dispersion > 1.05
                ? "  its days scatter \(number(standing.dispersion)) times as much as chance"
                : "  its days scatter as chance has it"
        )
        if let threshold = standing.threshold {
            lines.append(
                "  evidence \(number(standing.evidence ?? 0)) of the \(number(threshold)) an alert needs (natural logarithms); "
                    + "watched for \(standing.daysWatched) days")
        }
        if let learning = explanation.learning { lines.append("  still learning: \(learning)") }
        guard !explanation.delays.isEmpty else { return lines }
        if explanation.learning != nil { lines.append("  Once it has learned:") }
        return lines + table.lines(width: width - 2, style: style).map { "  " + $0 } + [
            style.painted(
                "  one false alarm in \(number(explanation.patienceDays, 0)) days of this line; tried out "
                    + "\(explanation.delays.map(\.runs).max() ?? 0) times with the detector itself", .faint)
        ]
    }

    private var table: Table {
        var table = Table([
            .init("a drop of", .trailing), .init("takes on average", .trailing), .init("all-knowing", .trailing),
        ])
        for delay in explanation.delays {
            table.append([
                .init("\(number(delay.points, 0)) points"), .init(text(delay)),
                .init(delay.oracleDays.map { "\(number($0)) days" } ?? "–"),
            ])
        }
        return table
    }

    private func text(_ delay: SeriesExplanation.Delay) -> String {
        guard let days = delay.days, let error = delay.error else { return "cannot fall so far" }
        if delay.missed == delay.runs { return "more than \(SeriesExplanation.daysMax) days" }
        let often = Double(delay.missed) / Double(delay.runs)
        if often > 0.05 {
            return "more than \(number(days)) days, and not within \(SeriesExplanation.daysMax) in "
                + "\(number(100 * often, 0)) %"
        }
        return "\(number(days)) ± \(number(2 * error)) days"
    }

    private func number(_ value: Double, _ digits: Int = 1) -> String { PlainNumber.text(value, digits: digits) }
}
