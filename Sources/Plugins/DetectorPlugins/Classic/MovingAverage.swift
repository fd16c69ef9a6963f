import JSON
import PluginKit
import Satisfaction

/// The exponentially weighted moving average of days (S. W. Roberts, "Control chart tests based on geometric moving
/// averages", Technometrics 1, 1959): each day's share of harmed answers in standard deviations from a learnt
/// baseline, averaged with a weight of 0.2 for the newest.
///
/// Without `limit` the control limit gives the wished time between false alarms (Crowder's integral equation, see
/// ``EWMALimits``), for days with so many answers that their shares are normal. It charts the first channel of the
/// metric; of means the scatter of the baseline's days takes the place of the binomial one. A day is charted when it
/// is over; answers that come later do not move its point. The onset is the first day after the average last lay on the
/// good side of the baseline (K. Nishina, "A comparison of control charts from the viewpoint of change-point
/// estimation", Quality and Reliability Engineering International 8, 1992).
struct MovingAverage: SegmentChart {
    static let plugin = PluginDescription(
        name: "ewma",
        summary: "Exponentially weighted moving average of days after Roberts; per segment, overlapping or not.",
        defaults: .object(
            [
                ("limit", .null),  // 0.5...6 standard deviations of the average; null: what the budget asks for
                ("minimumAnswers", 5),  // 1... answers of a day that is charted
                ("weight", 0.2),  // 0.02...1 of the newest day; smaller ones see smaller falls, later
            ] + AlertLife.learningDefaults + AlertLife.defaults),
        example: ["weight": 0.1])

    let plan: ChartPlan
    private let weight: Double
    private let minimumAnswers: Double
    private let limits: EWMALimits
    private let limit: Double?

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        weight = try configuration.number("weight", in: 0.02...1)
        minimumAnswers = try configuration.number("minimumAnswers", in: 1...1e9)
        limit = configuration.isNull("limit") ? nil : try configuration.number("limit", in: 0.5...6)
        limits = EWMALimits(weight: weight)
        plan = ChartPlan(
            pace: .days, recovery: .level, learns: true, life: try AlertLife(configuration, learns: true))
    }

    /// The trace's level is the average, in standard deviations of a day.
    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading? {
        guard let baseline = view.baseline else { return nil }
        if view.fresh.answers >= minimumAnswers {
            let share = baseline.share(view.line)
            let answers = view.fresh.answers
            let deviation = (answers * share * (1 - share) * baseline.dispersion).squareRoot()
            let point = (view.line.harmed(view.fresh) - answers * share) / deviation
            let before = trace.level
            trace.level = (1 - weight) * before + weight * point
            if before <= 0 || trace.sinceHour == .min { trace.sinceHour = view.day * 24 }
        }
        let patience = view.patienceDays
        let limit = limit ?? limits.limit(averageRunLength: patience)
        let sigmas = trace.level / (weight / (2 - weight)).squareRoot()
        let onset = trace.sinceHour == .min ? view.day * 24 : min(trace.sinceHour, view.day * 24)
        return ChartReading(
            isOut: sigmas >= limit && view.fresh.answers >= minimumAnswers,
            log: -ControlLimits.logTail(max(0, sigmas)), threshold: -ControlLimits.logTail(limit),
            expectedFalseAlarms: 1_000 / limits.averageRunLength(limit: limit), onsetHour: onset,
            onsetHours: onset - 24...view.day * 24 + 23, reference: .learnt,
            current: .days(onset.flooredQuotient(24)...view.day))
    }
}
