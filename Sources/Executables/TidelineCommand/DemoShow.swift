import Demo
import Drawing
import JSON
import Messages
import Runtime
import Satisfaction
import Settings
import ZMQ

/// What the demo shows: the sample going in, the alert coming out, and the line drawn.
struct DemoShow {
    /// How long the system may take to count what it accepted, in nanoseconds.
    static let patience: Int64 = 120_000_000_000

    let settings: TidelineSettings
    let sample: DemoSample

    /// - Returns: false when it was interrupted.
    func run(_ children: Children, _ interruption: Interruption) throws -> Bool {
        let configuration = settings.configuration
        let context = try Context()
        let feed = try Socket(context, .sub, options: SocketOptions { $0.subscriptions = ["tideline.alert.v1"] })
        try feed.connect(configuration.string("alerting.feed"))
        Console.say(
            "\nSending \(sample.days) days of answers to \(configuration.string("ingest.receipts")), with receipts")
        var publication = try Publication(
            endpoint: configuration.string("ingest.receipts"), context: context, perMessage: 20, showsRejections: false)
        var number = 0
        for line in sample {
            number += 1
            try publication.add(line.bytes, number: number)
            if number % 1000 == 0, interruption.isRaised { return false }
        }
        let counts = try publication.finish()
        Console.say("  receipts: \(PublishCommand.summary(counts))")
        let client = TrendClient(address: configuration.string("alerting.http"))
        guard try waitUntilCounted(counts.accepted, client, interruption) else { return false }
        let told = try heard(feed)
        try show(client, told: told)
        return true
    }

    /// Waits until every accepted response is in the trend lines.
    private func waitUntilCounted(_ accepted: Int, _ client: TrendClient, _ interruption: Interruption) throws -> Bool {
        let deadline = MonotonicClock.system.now() + Self.patience
        while true {
            let total = try client.scores([("metric", "csat"), ("step", "all")]).first?["responses"]?.int64 ?? 0
            if total == Int64(accepted) { return true }
            guard MonotonicClock.system.now() < deadline else {
                throw CommandFailure(
                    "\(accepted) responses were accepted, but only \(total) are counted after two minutes")
            }
            if interruption.wait(milliseconds: 100) { return false }
        }
    }

    private func heard(_ feed: borrowing Socket) throws -> Int {
        var message = MultipartMessage(framesMax: 4)
        var count = 0
        while try feed.receiveMessage(into: &message) { count += 1 }
        return count
    }

    private func show(_ client: TrendClient, told: Int) throws {
        let alerts = try client.alerts([("kind", "dip")])
        let total = try client.scores([("metric", "csat"), ("step", "all")]).first
        Console.say(
            "  counted:  \(total?["responses"]?.int64 ?? 0) responses, CSAT \(TrendPicture.rounded(total?["score"]?.double ?? 0)) %, "
                + "\(told) alert messages on the feed\n")
        guard let alert = alerts.max(by: { ($0["drop"]?.double ?? 0) < ($1["drop"]?.double ?? 0) }) else {
            Console.say("No dip was found.")
            if sample.truth != nil { throw CommandFailure("the sample has a dip that was not found") }
            return
        }
        let segment = try Segment(apiTree: alert["segment"] ?? .null)
        let scores = try client.scores([("metric", "csat"), ("segment", "\(segment)"), ("step", "1d")])
        if !scores.isEmpty {
            let picture = TrendPicture(
                metric: "csat", segment: segment, zone: TimeZoneTable(named: settings.set.timeZone) ?? .utc)
            Console.say(
                picture.lines(
                    scores, alerts: alerts, width: Console.output.width, height: 14, style: Console.output.style))
        }
        Console.say("")
        for alert in alerts { Console.say(DemoShow.sentence(alert)) }
        if let truth = sample.truth {
            Console.say(
                "The truth of the sample: \(truth.segment) falls by \(TrendPicture.rounded(truth.drop)) points on "
                    + "\(Timestamp.text(truth.onset).prefix(16))Z.")
        }
    }

    /// An alert in words, and the figures below.
    static func sentence(_ alert: JSONTree) -> String {
        func score(_ level: String) -> String {
            let value = alert[level]
            let bounds = value?["interval"]?.array?.compactMap { $0.double.map(TrendPicture.rounded) } ?? []
            return "\(TrendPicture.rounded(value?["score"]?.double ?? 0)) % [\(bounds.joined(separator: ", "))]"
        }
        let causes = (alert["causes"]?.array ?? []).prefix(3).compactMap { cause -> String? in
            guard let segment = try? Segment(apiTree: cause["segment"] ?? .null) else { return nil }
            return "\(segment) \(Int(((cause["share"]?.double ?? 0) * 100).rounded())) %"
        }
        return """
            \(alert["sentence"]?.string ?? "")
              was      \(score("baseline"))
              is       \(score("current"))
              since    \((alert["onset"]?.string ?? "").prefix(16))Z
              noticed  \((alert["detected"]?.string ?? "").prefix(16))Z
              because  \(causes.isEmpty ? "no single segment stands out" : causes.joined(separator: ", "))
            """
    }
}
