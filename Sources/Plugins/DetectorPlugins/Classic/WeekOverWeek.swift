import JSON
import PluginKit
import Satisfaction

/// Says when the score of the last days is some points worse than that of the same days a week before.
///
/// Looked at once a day. What it does not see within two weeks it never sees: then both spans lie in the fall. Its false
/// alarms follow from points and volume, not from the budget, which it does not know. Late answers count in their day.
struct WeekOverWeek: SegmentChart {
    static let plugin = PluginDescription(
        name: "week-over-week",
        summary: "Says when the score is some points worse than a week before; per segment, overlapping or not.",
        defaults: .object(
            [
                ("days", 7),  // 1...28 days that are compared; longer ones than a week with as many weeks before
                ("minimumAnswers", 30),  // 1... answers either span needs
                ("points", .null),  // above 0, in the score's unit; null: a twentieth of what the score can lose
            ] + AlertLife.defaults),
        example: ["points": 5, "days": 7])

    let plan: ChartPlan
    private let days: Int32
    private let minimumAnswers: Double
    private let points: Double

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        days = Int32(try configuration.integer("days", in: 1...28))
        minimumAnswers = try configuration.number("minimumAnswers", in: 1...1e9)
        points =
            configuration.isNull("points")
            ? ScoreLine(context.watched).span / 20 : try configuration.number("points", in: 1e-9...1e12)
        plan = ChartPlan(pace: .days, recovery: .level, life: try AlertLife(configuration))
    }

    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        let span = view.day - days + 1...view.day
        let weeks = (days + 6) / 7
        let earlier = span.lowerBound - 7 * weeks...span.upperBound - 7 * weeks
        let now = view.sums(.days(span))
        let before = view.sums(.days(earlier))
        guard now.answers >= minimumAnswers, before.answers >= minimumAnswers, let new = view.line.score(now),
            let old = view.line.score(before)
        else { return nil }
        let lost = view.line.lost(from: old, to: new)
        let deviation = (pow2(view.line.deviation(before)) + pow2(view.line.deviation(now))).squareRoot()
        return ChartReading(
            isOut: lost >= points, log: lost, threshold: points,
            expectedFalseAlarms: deviation > 0 ? 1_000 / Double(days) * ControlLimits.tail(points / deviation) : 0,
            onsetHour: span.lowerBound * 24, onsetHours: span.lowerBound * 24...span.upperBound * 24 + 23,
            reference: .days(earlier), current: .days(span))
    }

    private func pow2(_ value: Double) -> Double { value * value }
}
