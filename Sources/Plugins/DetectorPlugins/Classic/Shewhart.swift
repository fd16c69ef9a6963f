import Foundation
import JSON
import PluginKit
import Satisfaction

/// Shewhart's p-chart of days: a day's share of harmed answers lies above the control limit of a learnt baseline (W. A.
/// Shewhart, "Economic Control of Quality of Manufactured Product", 1931).
///
/// Without `sigmas` the limit is the probability limit that gives the wished time between false alarms, exact for
/// answers that are harmed or not; `sigmas: 3` is the textbook's chart, with about one false alarm in 740 days and
/// many more where few answers come. It charts the first channel of the metric; of means the scatter of the baseline's
/// days takes the place of the binomial one. A day is charted when it is over; answers that come later do not
/// move its point.
struct Shewhart: SegmentChart {
    static let plugin = PluginDescription(
        name: "shewhart",
        summary: "Shewhart's p-chart of days with a learnt baseline; per segment, overlapping or not.",
        defaults: .object(
            [
                ("minimumAnswers", 5),  // 1... answers of a day that is charted
                ("sigmas", .null),  // 1...8 standard deviations; null: what the budget of false alarms asks for
            ] + AlertLife.learningDefaults + AlertLife.defaults),
        example: ["sigmas": 3])

    let plan: ChartPlan
    private let minimumAnswers: Double
    private let sigmas: Double?

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        minimumAnswers = try configuration.number("minimumAnswers", in: 1...1e9)
        sigmas = configuration.isNull("sigmas") ? nil : try configuration.number("sigmas", in: 1...8)
        plan = ChartPlan(
            pace: .days, recovery: .level, learns: true, life: try AlertLife(configuration, learns: true))
    }

    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        guard let baseline = view.baseline else { return nil }
        let patience = max(2, view.patienceDays)
        let logLimit = sigmas.map(ControlLimits.logTail) ?? -log(patience)
        let logTail = view.fresh.answers >= minimumAnswers ? logTail(view, baseline) : 0
        let first = view.day * 24
        return ChartReading(
            isOut: logTail <= logLimit && logTail < 0, log: -logTail, threshold: -logLimit,
            expectedFalseAlarms: 1_000 * exp(logLimit), onsetHour: first, onsetHours: first...first + 23,
            reference: .learnt, current: .days(view.day...view.day))
    }

    /// Natural logarithm of the chance of a day as bad as this.
    private func logTail(_ view: SegmentView, _ baseline: LearntBaseline) -> Double {
        let share = baseline.share(view.line)
        let harmed = view.line.harmed(view.fresh)
        let answers = view.fresh.answers
        if sigmas == nil, view.line.isBinary {
            return ControlLimits.logBinomialTail(harmed: harmed, answers: answers, share: share)
        }
        let deviation = (answers * share * (1 - share) * baseline.dispersion).squareRoot()
        let point = (harmed - answers * share) / deviation
        return point > 0 ? ControlLimits.logTail(point) : 0
    }
}
