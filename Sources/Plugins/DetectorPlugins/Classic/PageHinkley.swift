import Foundation
import JSON
import PluginKit
import Satisfaction

/// The Page–Hinkley test as in River and MOA (H. Mouss, D. Mouss, N. Mouss and L. Sefouhi, "Test of Page-Hinckley, an
/// approach for fault detection in an agro-alimentary production system", Asian Control Conference, 2004; D. V.
/// Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika 58, 1971): the cumulated excess of
/// answers' harm over their running mean, less a tolerance, has risen by a threshold above its minimum.
///
/// The settings and their defaults are River's; the budget of false alarms plays no part. The harm is that of the
/// first channel, 0 to 1. Answers of a step are taken in one piece, late ones in the step in which they come. The
/// onset is the minimum, and an alert is said only when the score of the days since is lower. After an alert the test begins anew, as it does there.
struct PageHinkley: SegmentChart {
    static let plugin = PluginDescription(
        name: "page-hinkley",
        summary: "The Page-Hinkley test of answers against their running mean; per segment, overlapping or not.",
        defaults: .object(
            [
                ("alpha", 0.9999),  // 0.9...1 by which the cumulated excess fades with every answer
                ("delta", 0.005),  // 0...0.5 of an answer's harm that is tolerated
                ("minimumAnswers", 30),  // 1... answers before anything is said
                ("threshold", 50),  // above 0, in answers as bad as can be
            ] + AlertLife.defaults),
        example: ["threshold": 25, "delta": 0.02])

    let plan: ChartPlan
    private let alpha: Double
    private let delta: Double
    private let minimumAnswers: Double
    private let threshold: Double

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        alpha = try configuration.number("alpha", in: 0.9...1)
        delta = try configuration.number("delta", in: 0...0.5)
        minimumAnswers = try configuration.number("minimumAnswers", in: 1...1e9)
        threshold = try configuration.number("threshold", in: 0.1...1e9)
        plan = ChartPlan(pace: .arrivals, recovery: .level, life: try AlertLife(configuration))
    }

    /// The trace's level is the cumulated excess, its least the minimum, its mean and count those of the answers.
    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        let answers = view.fresh.answers
        guard answers > 0 else { return nil }
        let harmed = view.line.harmed(view.fresh)
        trace.count = max(0, trace.count) + answers
        trace.mean += (harmed - answers * trace.mean) / trace.count
        let before = trace.level - trace.least
        trace.level = pow(alpha, answers) * trace.level + harmed - answers * (trace.mean + delta)
        if before <= 0 || trace.sinceHour == .min { trace.sinceHour = view.freshHour }
        trace.least = min(trace.least, trace.level)
        guard trace.count >= minimumAnswers else { return nil }
        let rise = trace.level - trace.least
        let onset = trace.sinceHour
        let first = min(onset.flooredQuotient(24), view.day)
        return ChartReading(
            isOut: rise > threshold, log: log(max(rise, 1e-9)), threshold: log(threshold),
            expectedFalseAlarms: expectedFalseAlarms(mean: trace.mean, volume: view.volume), onsetHour: onset,
            onsetHours: onset - 24...max(onset, view.hour),
            reference: .days(first - ScoreWindow.referenceDays...first - 1), current: .days(first...view.day))
    }

    /// As of a Brownian motion with drift −δ (D. Siegmund, "Sequential Analysis", 1985), fading left out: an estimate.
    private func expectedFalseAlarms(mean: Double, volume: Double) -> Double {
        let variance = max(1e-9, mean * (1 - mean))
        let answers: Double
        if delta > 0 {
            let scaled = min(600, 2 * delta * threshold / variance)
            answers = (exp(scaled) - scaled - 1) * variance / (2 * delta * delta)
        } else {
            answers = threshold * threshold / variance
        }
        return 1_000 * volume / max(1, answers)
    }
}
