import ArgumentParser
import Ingest
import JSON
import Messages
import Runtime
import Settings

struct CheckMessageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-message",
        abstract: "Says of each event whether the services would take it, and if not, where and why.",
        discussion: """
            One JSON object a line: {"status":"accepted"} or {"status":"rejected","reason":…,"pointer":…,"sentence":…}.

              tideline check-message response.json
              tideline check-message --schema tally message.json
            """)

    @Argument(help: "Files of one event each, or - for one event a line on standard input.")
    var files: [String] = ["-"]

    @Option(help: ArgumentHelp("The clock for checks of time, RFC 3339; now by default.", valueName: "time"))
    var at: String?

    @Option(
        help: ArgumentHelp(
            "The message type, such as response or tally; by default what ingest takes: response, measure, invitation.",
            valueName: "name"))
    var schema: String?

    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let type = schema.map(MessageType.init(rawValue:)) ?? .response
        guard let type else {
            throw CommandFailure(
                "there is no message type \(schema ?? ""); there are: \(MessageType.allCases.map(\.rawValue).joined(separator: ", "))",
                status: .wrongUsage)
        }
        guard let moment = at.map(Timestamp.read) ?? WallClock.system.now() else {
            throw CommandFailure("--at must be an RFC 3339 time", status: .wrongUsage)
        }
        let check = try MessageCheck(type, isTold: schema != nil, set: settings.load().set, now: moment)
        var isAccepted = true
        for file in files {
            var input = try InputFile(file)
            if file == "-" {
                try input.forEachLine { _, line in isAccepted = say(check.verdict(line)) && isAccepted }
            } else {
                var text: [UInt8] = []
                while try input.read({ text.append(contentsOf: $0) }) {}
                isAccepted = say(check.verdict(text)) && isAccepted
            }
        }
        if !isAccepted { endProcess(.failed) }
    }

    private func say(_ verdict: Rejection?) -> Bool {
        guard let verdict else {
            Console.say("{\"status\":\"accepted\"}")
            return true
        }
        var members: [(String, JSONTree)] = [
            ("status", .string("rejected")), ("reason", .string(verdict.reason.rawValue)),
        ]
        if let pointer = verdict.pointer { members.append(("pointer", .string(pointer))) }
        members.append(("sentence", .string(verdict.sentence)))
        Console.say(JSONTree.object(members).text)
        return false
    }
}

/// Decodes an event as the service that receives it does.
private struct MessageCheck {
    private let type: MessageType
    private let now: Int64
    private let rules: EventRules
    private let parser = JSONParser()

    /// Whether only this type is asked about.
    private let isTold: Bool

    init(_ type: MessageType, isTold: Bool, set: DefinitionSet, now: Int64) throws {
        self.type = type
        self.isTold = isTold
        self.now = now
        rules = try IntakeRules.rules(of: set)
        let unread: [MessageType] = [
            .receipt, .score, .alert, .followup, .advocate, .feedreply, .alertmark, .markreply,
        ]
        if unread.contains(type) {
            throw CommandFailure("\(type.name) is sent by the services and read by none of them", status: .wrongUsage)
        }
    }

    func verdict(_ text: [UInt8]) -> Rejection? {
        let event: JSONValue
        do throws(JSONSyntaxError) { event = try parser.parse(text) } catch {
            return Rejection(.syntax, at: nil, "\(error)")
        }
        if let incoming = IncomingType(rawValue: type.rawValue) {
            do throws(Rejection) {
                let read = try rules.read(event, latest: now + 86_400_000)
                guard read.type == incoming || !isTold else {
                    throw Rejection(.unknownType, at: "/type", "is not \(type.name), which was asked about")
                }
            } catch { return error }
            return nil
        }
        do throws(MessageError) { try decode(event) } catch { return Rejection(.wrongType, at: nil, error.description) }
        return nil
    }

    private func decode(_ event: JSONValue) throws(MessageError) {
        let envelope = try Envelope(event)
        guard envelope.type == type else { throw MessageError("/type is \(envelope.type.name), not \(type.name)") }
        switch type {
        case .hello, .committed: _ = try Progress(envelope.data)
        case .ready: _ = try Ready(envelope.data)
        case .heartbeat: _ = try Heartbeat(envelope.data)
        case .block: _ = try BlockMessage(envelope.data)
        case .tallied: _ = try Tallied(envelope.data)
        case .refused: _ = try Refused(envelope.data)
        case .feedrequest: _ = try FeedRequest(envelope.data)
        case .tally: try decodeTally(event)
        case .acknowledgement: _ = try MarkOrder(.acknowledgement, data: envelope.data)
        case .silence: _ = try MarkOrder(.silence, data: envelope.data)
        case .label: _ = try MarkOrder(.label, data: envelope.data)
        case .response, .measure, .invitation, .receipt, .score, .alert, .followup, .advocate, .feedreply, .alertmark,
            .markreply:
            break
        }
    }

    private func decodeTally(_ event: JSONValue) throws(MessageError) {
        guard let data = event.member(named: "data") else { throw MessageError("/data is missing") }
        _ = try TallyHeader(data)
        guard let metrics = data.member(named: "metrics")?.array else {
            throw MessageError("/data/metrics must be an array")
        }
        for metric in metrics {
            let tally = try MetricTallyReader(metric)
            try tally.forEachLine { _ throws(MessageError) in
            } count: { _, _, _ throws(MessageError) in
            }
            try tally.forEachCell { _ throws(MessageError) in
            } count: { _, _, _ throws(MessageError) in
            }
            try tally.forEachSource { _, _, _ throws(MessageError) in }
        }
    }
}
