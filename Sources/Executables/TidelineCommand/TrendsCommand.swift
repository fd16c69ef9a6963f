import ArgumentParser
import Drawing
import HTTP
import JSON
import Messages
import Satisfaction
import Settings

struct TrendsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trends",
        abstract: "Draws a trend line in the terminal, with its dips marked.",
        discussion: """
              tideline trends --metric csat --segment region:eu-west
            """)

    @Option(help: "Metric.") var metric = "csat"
    @Option(help: ArgumentHelp("Segment, such as region:eu; the total by default.", valueName: "dim:value"))
    var segment = ""
    @Option(help: "Window: 15m, 1h, 1d, 1w or 1mo.") var step = "1d"
    @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("Lines of the drawing.", valueName: "n")) var height = 12
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let loaded = try settings.load()
        let client = TrendClient(address: loaded.configuration.string("alerting.http"))
        var query = [("metric", metric), ("segment", segment), ("step", step)]
        if let from { query.append(("from", from)) }
        if let to { query.append(("to", to)) }
        let scores = try client.scores(query)
        guard !scores.isEmpty else {
            throw CommandFailure("there are no answers of \(metric) in \(segment.isEmpty ? "the total" : segment)")
        }
        let alerts = try client.alerts()
        Console.say(
            TrendPicture(
                metric: metric, segment: Segment(segment) ?? .total,
                zone: TimeZoneTable(named: loaded.set.timeZone) ?? .utc
            )
            .lines(scores, alerts: alerts, width: Console.output.width, height: height, style: Console.output.style))
    }
}

/// What the command line asks of alerting.
struct TrendClient {
    let address: String

    func scores(_ query: [(String, String)]) throws -> [JSONTree] {
        let items = query.map { "\($0)=\(HTTPFetch.escaped($1))" }.joined(separator: "&")
        return try get("/api/v1/scores?\(items)")["scores"]?.array ?? []
    }

    func alerts(state: String? = nil) throws -> [JSONTree] {
        try get("/api/v1/alerts" + (state.map { "?state=\(HTTPFetch.escaped($0))" } ?? ""))["alerts"]?.array ?? []
    }

    private func get(_ target: String) throws -> JSONTree {
        let answer: HTTPFetch.Answer
        do { answer = try HTTPFetch.get(address: address, target: target, seconds: 30) } catch {
            throw CommandFailure("\(error); is alerting running?")
        }
        let tree = try JSONTree.parse(answer.text)
        guard answer.status == 200 else {
            throw CommandFailure(tree["error"]?.string ?? "alerting answers \(answer.status)", status: .wrongUsage)
        }
        return tree
    }
}

/// A trend line with its dips, made from what the API says.
struct TrendPicture {
    let metric: String
    let segment: Segment
    let zone: TimeZoneTable

    func lines(_ scores: [JSONTree], alerts: [JSONTree], width: Int, height: Int, style: DrawingStyle) -> [String] {
        let points = Self.points(scores)
        let own = alerts.filter {
            $0["metric"]?.string == metric && (try? Segment(apiTree: $0["segment"] ?? .null)) == segment
                && $0["state"]?.string != "pending"
        }
        let dips = own.compactMap { alert -> TrendDrawing.Dip? in
            guard let onset = alert["onset"]?.string.flatMap(Timestamp.read),
                let place = points.lastIndex(where: { $0.start <= onset }) ?? points.indices.first
            else { return nil }
            let drop = alert["drop"]?.double ?? 0
            return TrendDrawing.Dip(onset: place, end: nil, label: "−\(Self.rounded(drop)) points")
        }
        let title = "\(metric) · \(segment.parts.isEmpty ? "everyone" : "\(segment)")"
        return TrendDrawing(
            title: title, unit: "%", points: points, baseline: own.first?["baseline"]?["score"]?.double, dips: dips,
            limits: 0...100, zone: zone, width: width, height: height, style: style
        ).lines()
    }

    /// The windows in order; a day without answers between others is a gap, not a guess.
    private static func points(_ scores: [JSONTree]) -> [TrendDrawing.Point] {
        var points: [TrendDrawing.Point] = []
        var expected: Int64?
        for score in scores {
            guard let start = score["start"]?.string.flatMap(Timestamp.read),
                let end = score["end"]?.string.flatMap(Timestamp.read), let value = score["score"]?.double
            else { continue }
            if let gap = expected, end > start {
                var missing = gap
                while missing < start, points.count < 100_000 {
                    points.append(TrendDrawing.Point(start: missing, score: nil))
                    missing += end - start
                }
            }
            let interval = score["interval"]?.array.flatMap { bounds -> Interval? in
                guard bounds.count == 2, let low = bounds[0].double, let high = bounds[1].double else { return nil }
                return Interval(low: low, high: high)
            }
            points.append(
                TrendDrawing.Point(
                    start: start, score: value, interval: interval, responses: score["responses"]?.int64 ?? 0))
            expected = end
        }
        return points
    }

    static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}

extension Segment {
    /// Reads `{"region":"eu"}`.
    init(apiTree: JSONTree) throws {
        guard case .object(let members) = apiTree else { throw MessageError("a segment must be an object") }
        self.init(members.map { Part(dimension: $0.0, value: $0.1.string ?? "") })
    }
}
