import JSON
import PluginKit
import Satisfaction

/// Page's cumulative sum (E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954) of single answers against a
/// learnt baseline, without risk adjustment: each harmed answer adds, each other one takes away, never below zero.
///
/// Tuned to one rise of the first channel's mean harm; of answers between no harm and all of it the sum is that of the
/// likelihoods' bound, which has fewer false alarms. Without `limit` the limit gives the wished time between false alarms
/// (see ``BernoulliCusum``) for a baseline that is exact; one learnt from few answers has more. Answers of a step are
/// taken in one piece, late ones in the step in which they come. The onset is when the sum last left zero (Page's
/// estimate), or the hour of late answers where these make most of the sum.
struct CumulativeSum: SegmentChart {
    static let plugin = PluginDescription(
        name: "cusum",
        summary: "Page's cumulative sum of single answers, tuned to one drop; per segment, overlapping or not.",
        defaults: .object(
            [
                ("limit", .null),  // 0.1...100, logarithm of the likelihood ratio; null: what the budget asks for
                ("shift", 0.1),  // 0.005...0.5 of the mean harm of an answer: 0.1 is ten points of a share in percent
            ] + AlertLife.learningDefaults + AlertLife.defaults),
        example: ["shift": 0.05])

    let plan: ChartPlan
    private let shift: Double
    private let limit: Double?
    /// Steps of a day, over which its answers are taken as spread.
    private let batchesPerDay: Double

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        shift = try configuration.number("shift", in: 0.005...0.5)
        limit = configuration.isNull("limit") ? nil : try configuration.number("limit", in: 0.1...100)
        batchesPerDay =
            context.watched.comesApart ? 1 : max(1, 86_400_000 / Double(max(1, context.stepMilliseconds)))
        plan = ChartPlan(
            pace: .arrivals, recovery: .level, learns: true, life: try AlertLife(configuration, learns: true))
    }

    /// The trace's level is the sum; its count what answers from before it left zero have brought since, its least the
    /// hour of the first of these.
    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        guard let baseline = view.baseline else { return nil }
        let share = baseline.share(view.line)
        let perDay = max(view.volume, 1)
        let sum = BernoulliCusum(
            share: share, tuned: min(share + shift, (1 + share) / 2), batch: max(1, perDay / batchesPerDay))
        let limit = limit ?? sum.limit(averageRunLength: max(20, view.patienceDays * perDay))
        let harmed = view.line.harmed(view.fresh)
        let gain = harmed * sum.up - (view.fresh.answers - harmed) * sum.down
        advance(&trace, by: gain, freshHour: view.freshHour)
        let onset = onset(trace, view)
        let first = min(onset.flooredQuotient(24), view.day)
        return ChartReading(
            isOut: trace.level >= limit, log: trace.level, threshold: limit,
            expectedFalseAlarms: 1_000 * perDay / sum.averageRunLength(limit: limit), onsetHour: onset,
            onsetHours: onset - 24...max(onset, view.hour), reference: .learnt, current: .days(first...view.day))
    }

    private func advance(_ trace: inout ChartTrace, by gain: Double, freshHour: Int32) {
        let before = trace.level
        trace.level = max(0, before + gain)
        if trace.level == 0 {
            trace = ChartTrace()
        } else if before <= 0 || trace.sinceHour == .min {
            trace.sinceHour = freshHour
        } else if freshHour < trace.sinceHour {
            trace.least = trace.count > 0 ? min(trace.least, Double(freshHour)) : Double(freshHour)
            trace.count = max(0, trace.count + gain)
        }
    }

    /// When the sum left zero, or the first of the late answers where these have brought most of it.
    private func onset(_ trace: ChartTrace, _ view: SegmentView) -> Int32 {
        guard trace.sinceHour != .min else { return view.freshHour }
        guard trace.count > trace.level / 2 else { return trace.sinceHour }
        let kept = view.days.slots.lowerBound * 24
        return Int32(min(max(trace.least, Double(min(kept, trace.sinceHour))), Double(trace.sinceHour)))
    }
}
