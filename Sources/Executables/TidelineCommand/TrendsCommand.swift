import ArgumentParser
import Drawing
import JSON
import Messages
import Satisfaction

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
    @Option(help: ArgumentHelp("Window: \(WindowLength.known).", valueName: "length")) var step = "1d"
    @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("Lines of the drawing.", valueName: "n")) var height = 12
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        guard let length = WindowLength(step) else {
            throw CommandFailure(
                "--step is \"\(step)\", but must be one of: \(WindowLength.known)", status: .wrongUsage)
        }
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let metrics = try client.metrics()
        let facts = try metrics.metric(metric)
        let scores = try client.scores([
            ("metric", metric), ("segment", segment), ("step", step), ("from", from ?? ""), ("to", to ?? ""),
        ])
        guard !scores.isEmpty else {
            throw CommandFailure("there are no answers of \(metric) in \(segment.isEmpty ? "the total" : segment)")
        }
        let alerts = try client.alerts()
        Console.say(
            TrendPicture(
                metric: metric, segment: Segment(segment) ?? .total, zone: metrics.zone, length: length,
                unit: facts.unit,
                lowest: facts.lowest, highest: facts.highest, digits: facts.digits
            )
            .lines(scores, alerts: alerts, width: Console.output.width, height: height, style: Console.output.style))
    }
}

/// A trend line with its dips, made from what the API says.
struct TrendPicture {
    let metric: String
    let segment: Segment
    let zone: TimeZoneTable
    var length = WindowLength.day
    var unit = "%"
    /// Ends of the metric's range; nil where there is no limit.
    var lowest: Double? = 0
    var highest: Double? = 100
    /// Digits after the decimal point of scores in the title.
    var digits = 1

    func lines(_ scores: [JSONTree], alerts: [JSONTree], width: Int, height: Int, style: DrawingStyle) -> [String] {
        let points = points(scores)
        let own = alerts.filter {
            $0["metric"]?.string == metric && (try? Segment(apiTree: $0["segment"] ?? .null)) == segment
                && $0["state"]?.string != "pending"
        }
        let dips = own.compactMap { alert -> TrendDrawing.Dip? in
            guard let onset = alert["onset"]?.string.flatMap(Timestamp.read),
                let place = points.lastIndex(where: { $0.start <= onset }) ?? points.indices.first
            else { return nil }
            let drop = alert["drop"]?.double ?? 0
            return TrendDrawing.Dip(
                onset: place, end: nil, label: "−\(Self.rounded(drop)) \(unit == "%" ? "points" : unit)")
        }
        let title = "\(metric) · \(segment.parts.isEmpty ? "everyone" : "\(segment)")"
        return TrendDrawing(
            title: title, unit: unit, digits: digits, points: points,
            baseline: own.first?["baseline"]?["score"]?.double, dips: dips, limits: limits(points), zone: zone,
            width: width, height: height, style: style
        ).lines()
    }

    /// The metric's range; where it has no end, as far as the scores and their intervals reach.
    private func limits(_ points: [TrendDrawing.Point]) -> ClosedRange<Double> {
        let values = points.compactMap(\.score) + points.compactMap(\.interval).flatMap { [$0.low, $0.high] }
        let low = lowest ?? values.min() ?? 0
        let high = highest ?? values.max() ?? 1
        return low < high ? low...high : low...(low + max(1, abs(low)))
    }

    /// Windows drawn at most.
    private static let pointsMax = 100_000

    /// The windows in order; one without answers between others is a gap, not a guess. A rolling window stands at its
    /// last day.
    private func points(_ scores: [JSONTree]) -> [TrendDrawing.Point] {
        let calendar = WindowCalendar(zone: zone)
        func place(_ window: Range<Int64>) -> Int64 {
            length.isRolling ? calendar.window(.day, containing: window.upperBound - 1).lowerBound : window.lowerBound
        }
        var points: [TrendDrawing.Point] = []
        var expected: Int64?
        for window in scores.compactMap(ScoreWindow.init) {
            let start = place(window.window)
            if let expected, expected < start {
                for missing in calendar.windows(length, from: expected, to: start) where points.count < Self.pointsMax {
                    points.append(TrendDrawing.Point(start: place(missing), score: nil))
                }
            }
            points.append(
                TrendDrawing.Point(
                    start: start, score: window.score, interval: window.interval, responses: window.responses ?? 0))
            expected = window.window.upperBound
        }
        return points
    }

    static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
