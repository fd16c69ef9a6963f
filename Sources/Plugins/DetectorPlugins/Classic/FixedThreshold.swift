import JSON
import PluginKit
import Satisfaction

/// The rule everybody writes first: the score of the last hours or days is worse than a limit.
///
/// Looked at whenever answers arrive. The drop an alert states is from the four weeks before the window, or from the
/// limit where these say nothing of a fall; it must reach `smallestDip` either way. Its false alarms follow from limit
/// and volume, not from the budget, which it does not know. Late answers count where they were answered.
struct FixedThreshold: SegmentChart {
    static let plugin = PluginDescription(
        name: "fixed-threshold",
        summary:
            "Says when the score of the last hours or days is worse than a limit; per segment, overlapping or not.",
        defaults: .object(
            [
                ("limit", .null)  // in the score's unit; must be given
            ] + ScoreWindow.defaults + AlertLife.defaults),
        example: ["limit": 75, "window": "7 days"])

    let plan: ChartPlan
    private let window: ScoreWindow
    private let limit: Double

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        guard !configuration.isNull("limit") else {
            throw PluginConfigurationError(
                key: "limit", sentence: "must be given: the score, in its own unit, that must not be passed, such as 75"
            )
        }
        limit = try configuration.number("limit", in: -1e12...1e12)
        window = try ScoreWindow(configuration)
        plan = ChartPlan(
            pace: .arrivals, recovery: .condition, keepsHours: window.isHours, life: try AlertLife(configuration))
    }

    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        let span = window.span(view)
        let sums = view.sums(span)
        guard sums.answers >= window.minimumAnswers, let score = view.line.score(sums) else { return nil }
        let excess = view.line.lost(from: limit, to: score)
        let reference = window.reference(view)
        let usual = view.sums(.days(reference))
        let margin = view.line.score(usual).map { view.line.lost(from: $0, to: limit) } ?? 0
        return ChartReading(
            isOut: excess > 0, log: excess, threshold: 0,
            expectedFalseAlarms: window.expectedFalseAlarms(view, margin: margin, usual: usual, window: sums),
            onsetHour: window.firstHour(view), onsetHours: window.firstHour(view)...window.lastHour(view),
            reference: .days(reference), limit: limit, current: span)
    }
}
