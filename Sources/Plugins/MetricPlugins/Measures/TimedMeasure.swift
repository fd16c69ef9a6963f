import JSON
import PluginKit
import Satisfaction

/// What response time and resolution time have in common: a measured duration, shown as its mean or a quantile, and
/// held against targets by segment.
struct TimedMeasure: Sendable {
    /// The number that is the score; the others are figures beside it.
    enum Shown: String, CaseIterable, Sendable { case mean, median, p90 }

    /// Columns before those of the durations.
    private enum Column {
        /// Durations of segments that have a target.
        static let targeted = 0
        static let withinTarget = 1
        static let durations = 2
    }
    static let width = Column.durations + DurationTally.width

    /// Most values of a dimension that may have a target.
    static let targetsMax = 64

    let input: MetricInput
    private let shown: Shown
    private let dimension: String
    private let targets: [(value: [UInt8], limit: MeasuredValue)]

    /// The settings read: `measure`, `show`, `targets`, `targetDimension`.
    static let keys = ["measure", "show", "targets", "targetDimension"]

    init(_ configuration: PluginConfiguration) throws(PluginConfigurationError) {
        input = .measure(try configuration.measureName("measure"))
        shown = try configuration.oneOf("show", Shown.self)
        targets = try Self.targets(configuration.tree("targets"))
        dimension = try configuration.optionalString("targetDimension") ?? ""
        guard targets.isEmpty || !dimension.isEmpty else {
            throw PluginConfigurationError(
                key: "targetDimension", sentence: "must be the dimension whose values have targets, such as channel")
        }
    }

    private static func targets(
        _ tree: JSONTree
    ) throws(PluginConfigurationError) -> [(value: [UInt8], limit: MeasuredValue)] {
        if tree == .null { return [] }
        guard let members = tree.object, members.count <= targetsMax else {
            throw PluginConfigurationError(
                key: "targets", sentence: "must map at most \(targetsMax) segments to seconds, such as {email: 86400}")
        }
        var targets: [(value: [UInt8], limit: MeasuredValue)] = []
        for (value, limit) in members {
            let bytes = Array(value.utf8)
            guard !bytes.isEmpty, !targets.contains(where: { $0.value == bytes }) else {
                throw PluginConfigurationError(
                    key: "targets", sentence: bytes.isEmpty ? "has a segment without a name" : "has \(value) twice")
            }
            guard let seconds = limit.double, seconds > 0, seconds <= Double(DurationTally.secondsMax) else {
                throw PluginConfigurationError(
                    key: "targets", sentence: "must give \(value) seconds above 0, at most \(DurationTally.secondsMax)")
            }
            targets.append((bytes, MeasuredValue(rounding: seconds)))
        }
        return targets
    }

    func count(_ value: JSONValue, of event: MetricEvent, into sums: inout Contributions) throws(AnswerRefusal) {
        let duration = try DurationTally.duration(value)
        DurationTally.add(duration, at: Column.durations, into: &sums)
        guard let limit = target(of: event) else { return }
        sums.add(at: Column.targeted)
        if duration <= limit { sums.add(at: Column.withinTarget) }
    }

    private func target(of event: MetricEvent) -> MeasuredValue? {
        guard !targets.isEmpty, let segment = event.segment(dimension) else { return nil }
        for target in targets where target.value.withUnsafeBytes({ segment.equals($0) }) { return target.limit }
        return nil
    }

    /// Where durations lie between a second and thirty days on a logarithmic scale, on average: 0 at once, 100 a month
    /// or longer; 28 a minute, 55 an hour, 77 a day. A lasting slowdown moves every duration along this scale, so it is seen whatever the tail;
    /// one that doubles all durations adds 4.7. This, and not the seconds of the score, is what detectors compare
    /// and what their alerts say.
    static var watched: WatchedAnswers {
        var answers = [Int64](repeating: 0, count: width)
        answers[Column.durations] = 1
        return WatchedAnswers(
            answers: answers,
            channels: [
                WatchedAnswers.Channel(
                    name: "slowness, 0 at once to 100 a month",
                    harms: [Int64](repeating: 0, count: Column.durations) + DurationTally.logarithmicPlaces,
                    unit: DurationTally.logarithmicUnit, points: -100)
            ], best: 0, unit: "points of slowness")
    }

    func score(_ tally: Tally) -> Score? {
        guard let durations = DurationTally(tally, at: Column.durations) else { return nil }
        let median = durations.quantile(0.5)
        let p90 = durations.quantile(0.9)
        var figures = [
            Figure("mean", durations.mean, unit: "s"), Figure("median", median, unit: "s"),
            Figure("p90", p90, unit: "s"),
        ]
        if let share = Score.share(tally[Column.withinTarget], of: tally[Column.targeted]) {
            figures.append(Figure("withinTarget", share.value, unit: "%"))
        }
        let value: Double
        let interval: Interval?
        switch shown {
        case .mean: (value, interval) = (durations.mean, durations.intervalOfMean)
        case .median: (value, interval) = (median, durations.interval(ofQuantile: 0.5))
        case .p90: (value, interval) = (p90, durations.interval(ofQuantile: 0.9))
        }
        return Score(
            value: value, interval: interval, method: .sketch, responses: durations.count,
            deviation: shown == .mean ? durations.deviation : nil, figures: figures)
    }
}
