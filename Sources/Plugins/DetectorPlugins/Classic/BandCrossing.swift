import JSON
import PluginKit
import Satisfaction

/// Says when the score leaves its band for a worse one, such as from "good" to "average".
///
/// The band held is that of the first window, and moves up by itself; it moves down only by an alert that lasts until it
/// is the new normal. Edges count from a distance: the score must pass one by the hysteresis before a band is taken as
/// left, and come back by as much before it is taken as regained. Its false alarms follow from how near the score
/// lies to an edge, not from the budget, which it does not know. Late answers count where they were answered.
struct BandCrossing: SegmentChart {
    static let plugin = PluginDescription(
        name: "band-crossing",
        summary: "Says when the score falls into a worse band of its metric; per segment, overlapping or not.",
        defaults: .object(
            [
                ("hysteresis", .null)  // 0... points beyond an edge; null: a hundredth of what the score can lose
            ] + ScoreWindow.defaults + AlertLife.defaults),
        example: ["window": "7 days", "hysteresis": 1.5])

    let plan: ChartPlan
    private let window: ScoreWindow
    private let hysteresis: Double
    /// Edges between the bands, from the best band down to the worst.
    private let edges: [Double]

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        let descending: [Double] = context.contract.bands.bands.compactMap { band in
            switch band.edge {
            case .from(let edge), .above(let edge): edge
            case .rest: nil
            }
        }
        guard !descending.isEmpty else {
            throw PluginConfigurationError(
                key: "",
                sentence: "needs a metric with two bands or more: give the metric `bands`, "
                    + "or take the detector fixed-threshold with a limit")
        }
        let line = ScoreLine(context.watched)
        edges = line.isLowerBetter ? descending.reversed() : descending
        hysteresis =
            configuration.isNull("hysteresis")
            ? line.span / 100 : try configuration.number("hysteresis", in: 0...1e12)
        window = try ScoreWindow(configuration)
        plan = ChartPlan(
            pace: .arrivals, recovery: .condition, keepsHours: window.isHours, life: try AlertLife(configuration))
    }

    /// The trace's level is one more than the number of the edge under the band held; 0 before the first window.
    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        let span = window.span(view)
        let sums = view.sums(span)
        guard sums.answers >= window.minimumAnswers, let score = view.line.score(sums) else { return nil }
        if trace.level == 0 { trace.level = Double(edges.prefix { view.line.lost(from: $0, to: score) > 0 }.count) + 1 }
        // A restored state may hold any number.
        var held = Int(min(max(trace.level, 1), Double(edges.count + 1))) - 1
        while held > 0, !view.isOpen, view.line.lost(from: edges[held - 1], to: score) <= -hysteresis { held -= 1 }
        trace.level = Double(held + 1)
        let reference = window.reference(view)
        let usual = view.sums(.days(reference))
        // The worst band cannot be left for a worse one.
        let excess = held < edges.count ? view.line.lost(from: edges[held], to: score) : -view.line.span
        let margin =
            held < edges.count ? view.line.score(usual).map { view.line.lost(from: $0, to: edges[held]) } : nil
        return ChartReading(
            isOut: view.isOpen ? excess > -hysteresis : excess > hysteresis, log: excess, threshold: hysteresis,
            expectedFalseAlarms: margin.map {
                window.expectedFalseAlarms(view, margin: $0 + hysteresis, usual: usual, window: sums)
            } ?? 0,
            onsetHour: window.firstHour(view), onsetHours: window.firstHour(view)...window.lastHour(view),
            reference: .days(reference), limit: held < edges.count ? edges[held] : nil, current: span)
    }
}
