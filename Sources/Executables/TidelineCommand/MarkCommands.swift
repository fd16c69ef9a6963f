import ArgumentParser
import Drawing
import JSON
import Messages
import Runtime
import Satisfaction

/// Who marks an alert, and why.
struct MarkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who says so; by default the user's name.", valueName: "name"))
    var by: String?
    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var note: String?
    @Flag(help: "Take it back.") var undo = false

    var members: [(String, JSONTree)] {
        var members: [(String, JSONTree)] = []
        if let by = by ?? Console.environment["USER"], !by.isEmpty { members.append(("by", .string(by))) }
        if let note { members.append(("note", .string(note))) }
        if undo { members.append(("undo", true)) }
        return members
    }

    /// What the answer confirms.
    static func say(_ answer: JSONTree) {
        if let silence = answer["silence"], let id = silence["id"]?.string {
            let end = silence["ended"] == nil ? "holds until \(AlertText.minute(silence["until"]))" : "has ended"
            Console.say("silence \(id) \(end)")
        }
        for mark in answer["marks"]?.array ?? [] {
            let until = mark["until"].map { " until \(AlertText.minute($0))" } ?? ""
            Console.say("alert \(mark["alert"]?.string ?? "") \(mark["change"]?.string ?? "")\(until)")
        }
    }
}

struct AcknowledgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledges an alert: somebody looks after it.",
        discussion: """
              tideline ack 3fa2 --by ana --note "rolling the release back"
              tideline ack 3fa2 --undo
            """)

    @Argument(help: "Id of the alert, or its beginning.") var id: String
    @OptionGroup var mark: MarkOptions
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let path = "/api/v1/alerts/\(try client.alertID(id))/acknowledge"
        MarkOptions.say(try client.post(path, mark.members))
    }
}

struct AlertsLabel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Says whether an alert was right; the false ones are counted against the budget.",
        discussion: """
              tideline alerts label 3fa2 false --note "a test survey"
              tideline alerts label 3fa2 --undo
            """)

    @Argument(help: "Id of the alert, or its beginning.") var id: String
    @Argument(help: "true for an alert that was right, false for a false alarm.") var label: Bool?
    @OptionGroup var mark: MarkOptions
    @OptionGroup var settings: SettingsOptions

    func validate() throws {
        if mark.undo == (label != nil) {
            throw ValidationError("say true or false, or --undo to take a label back")
        }
    }

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let path = "/api/v1/alerts/\(try client.alertID(id))/label"
        MarkOptions.say(try client.post(path, (label.map { [("label", .bool($0))] } ?? []) + mark.members))
    }
}

struct SilenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence", abstract: "Silences an alert, or all of a rule, metric or segment, for a while.",
        discussion: """
              tideline silence 3fa2 --for 4h --note "known outage"
              tideline silence --rule csat-dip --segment channel:chat --for 2h    # also those to come
              tideline silence --list
              tideline silence 91bc --undo                                        # an alert's, or one of the list
            """)

    @Argument(help: "Id of the alert (with --undo also of a silence), or its beginning.") var id: String?
    @Option(help: "All alerts of this rule.") var rule: String?
    @Option(help: "All alerts of this metric.") var metric: String?
    @Option(help: ArgumentHelp("All alerts of this segment and narrower ones.", valueName: "segment"))
    var segment: String?
    @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 30m, 4h or 2d.", valueName: "span"))
    var span: String?
    @Option(help: ArgumentHelp("Until when, such as 2026-11-21T18:00:00Z.", valueName: "time"))
    var until: String?
    @Flag(help: "List the silences of rules, metrics and segments.") var list = false
    @OptionGroup var mark: MarkOptions
    @OptionGroup var settings: SettingsOptions

    private var isMatching: Bool { rule != nil || metric != nil || segment != nil }

    func validate() throws {
        if list { return }
        guard (id != nil) != isMatching else {
            throw ValidationError("name one alert by its id, or alerts by --rule, --metric or --segment")
        }
        if mark.undo {
            guard !isMatching else {
                throw ValidationError("name the silence to end by its id: tideline silence --list")
            }
            return
        }
        guard (span != nil) != (until != nil) else {
            throw ValidationError("say how long: --for 4h, or --until 2026-11-21T18:00:00Z")
        }
    }

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        if list { return try say(try client.answer("/api/v1/silences", [])["silences"]?.array ?? []) }
        let answer: JSONTree
        if mark.undo {
            answer = try undo(id ?? "", client)
        } else if let id {
            answer = try client.post(
                "/api/v1/alerts/\(try client.alertID(id))/silence", [("until", try end())] + mark.members)
        } else {
            answer = try client.post(
                "/api/v1/silences", [("match", try matcher()), ("until", try end())] + mark.members)
        }
        MarkOptions.say(answer)
    }

    private func undo(_ id: String, _ client: TrendClient) throws -> JSONTree {
        let members = mark.members.filter { $0.0 != "undo" }
        if let silence = try client.silenceID(id) {
            return try client.post("/api/v1/silences/\(silence)/end", members)
        }
        return try client.post("/api/v1/alerts/\(try client.alertID(id))/silence", mark.members)
    }

    private func end() throws -> JSONTree {
        if let until { return .string(until) }
        guard let span, let nanoseconds = DurationText.nanoseconds(span), nanoseconds > 0 else {
            throw CommandFailure(
                "--for must be a whole number with a unit (\(DurationText.unitNames)), such as 4h", status: .wrongUsage)
        }
        return .string(Timestamp.text(WallClock.system.now() + nanoseconds / 1_000_000))
    }

    private func matcher() throws -> JSONTree {
        var parts: Segment?
        if let segment {
            guard let read = Segment(segment) else {
                throw CommandFailure("--segment must be dimension:value, such as channel:chat", status: .wrongUsage)
            }
            parts = read
        }
        return AlertMatcher(rule: rule, metric: metric, segment: parts).tree
    }

    private func say(_ silences: [JSONTree]) throws {
        if silences.isEmpty { return Console.say("no silences") }
        var table = Table([
            .init("id"), .init("holds"), .init("rule"), .init("metric"), .init("segment"), .init("until"), .init("by"),
            .init("note"),
        ])
        for silence in silences {
            let match = silence["match"]
            let segment = try match?["segment"].map { try Segment(apiTree: $0).title } ?? ""
            table.append([
                .init(String((silence["id"]?.string ?? "").prefix(8))),
                .init(silence["holds"]?.bool == true ? "yes" : "no"), .init(match?["rule"]?.string ?? ""),
                .init(match?["metric"]?.string ?? ""), .init(segment), .init(AlertText.minute(silence["until"])),
                .init(silence["by"]?.string ?? ""), .init(silence["note"]?.string ?? ""),
            ])
        }
        Console.say(table.lines(width: Console.output.width, style: Console.output.style))
    }
}
