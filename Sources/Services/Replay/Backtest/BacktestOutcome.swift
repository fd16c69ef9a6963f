import Alerting
import Messages
import PluginKit
import Satisfaction

/// What one replay of a backtest gave.
package struct BacktestOutcome {
    package let drops: [PlantedDrop]
    package internal(set) var set: DefinitionSet
    package internal(set) var accepted = 0
    package internal(set) var duplicates = 0
    package internal(set) var rejected = 0
    package internal(set) var reasons: [String: Int] = [:]
    package internal(set) var stories: [AlertStory] = []
    package internal(set) var standings: [String: [SeriesStanding]] = [:]
    /// Moments of the answers within each drop, in the order of arrival.
    var answered: [[Int64]] = []
    /// Answers changed, by drop.
    package internal(set) var changed: [Int] = []
    /// Days with answers, by metric and segment: of totals, of segments with alerts and of segments with drops.
    package private(set) var lines: [LineName: [LinePoint]] = [:]

    /// The same by week, of histories too long for a picture of days.
    private var weeks: [LineName: [LinePoint]] = [:]

    /// Days beyond which pictures show weeks.
    static let picturedDaysMax = 130

    package struct LineName: Hashable, Sendable {
        package let metric: String
        package let segment: Segment
    }

    /// A civil day of a line.
    package struct LinePoint: Sendable {
        package let start: Int64
        package let end: Int64
        package let score: Double
        package let interval: Interval?
        package let responses: Int64
    }

    init(drops: [PlantedDrop], set: DefinitionSet) {
        self.drops = drops
        self.set = set
    }

    package var events: Int { accepted + duplicates + rejected }

    mutating func takeLines(_ replay: borrowing Replay) throws {
        for definition in set.metrics {
            let rules = Set(set.rules.filter { $0.metric == definition.name }.map(\.name))
            guard !rules.isEmpty else { continue }
            let metric = try definition.metric()
            var segments: Set<Segment> = [.total]
            for story in stories where rules.contains(story.rule) { segments.insert(story.segment) }
            for drop in drops where drop.metric == definition.name { segments.insert(drop.segment) }
            for segment in segments.sorted() {
                let name = LineName(metric: definition.name, segment: segment)
                lines[name] = points(try replay.days(of: metric, named: definition.name, in: segment), metric)
                guard extent(of: definition.name).days > Double(Self.picturedDaysMax) else { continue }
                weeks[name] = points(
                    try replay.days(of: metric, named: definition.name, in: segment, length: .week), metric)
            }
        }
    }

    private func points(_ windows: [WindowTally], _ metric: any Metric) -> [LinePoint] {
        windows.compactMap { window in
            metric.score(window.tally).map {
                LinePoint(
                    start: window.window.lowerBound, end: window.window.upperBound, score: $0.value,
                    interval: $0.interval, responses: $0.responses)
            }
        }
    }

    /// What a picture of a line shows: its days, or its weeks where there are many.
    package func picture(_ metric: String, _ segment: Segment) -> (points: [LinePoint], unit: String) {
        let name = LineName(metric: metric, segment: segment)
        return weeks[name].map { ($0, "week") } ?? (lines[name] ?? [], "day")
    }

    package func line(_ metric: String, _ segment: Segment) -> [LinePoint] {
        lines[LineName(metric: metric, segment: segment)] ?? []
    }

    /// Days and answers of a metric's total.
    package func extent(of metric: String) -> (days: Double, answers: Int64, span: Range<Int64>) {
        let points = line(metric, .total)
        guard let first = points.first, let last = points.last else { return (0, 0, 0..<0) }
        return (
            Double(last.end - first.start) / 86_400_000, points.reduce(0) { $0 + $1.responses }, first.start..<last.end
        )
    }

    /// Whether an alert is explained by a drop: it lies in its time, in a segment that shares answers with the drop's.
    package func isOf(_ story: AlertStory, _ drop: PlantedDrop) -> Bool {
        guard story.detected >= drop.span.lowerBound, story.onset < drop.span.upperBound,
            set.rules.contains(where: { $0.name == story.rule && $0.metric == drop.metric })
        else { return false }
        return story.segment.overlaps(drop.segment)
    }

    /// How a rule did on a drop.
    package func finding(of drop: Int, by rule: String) -> DropFinding {
        let planted = drops[drop]
        let found = stories.filter { $0.rule == rule && $0.isDip && isOf($0, planted) }
            .min { $0.detected < $1.detected }
        guard let found else { return DropFinding(drop: planted, found: nil, answersToDetection: nil) }
        let until = found.detected
        return DropFinding(
            drop: planted, found: found, answersToDetection: answered[drop].count { $0 < until })
    }
}

extension Segment {
    /// Whether a response can be in both.
    package func overlaps(_ other: Segment) -> Bool {
        parts.allSatisfy { part in other[part.dimension].map { $0 == part.value } ?? true }
    }
}

/// How a rule did on one planted drop.
package struct DropFinding: Sendable {
    package let drop: PlantedDrop
    package let found: AlertStory?
    /// Answers of the drop's segment from its beginning to the alarm.
    package let answersToDetection: Int?

    package var daysToDetection: Double? {
        found.map { Double($0.detected - drop.span.lowerBound) / 86_400_000 }
    }

    /// Stated onset less the true one, in days.
    package var onsetErrorDays: Double? { found.map { Double($0.onset - drop.span.lowerBound) / 86_400_000 } }

    package var isRightlyBlamed: Bool { found.map { $0.blamed.segment == drop.segment } ?? false }
}
