import JSON
import PluginKit
import Satisfaction

/// A plain way to judge one segment: what it needs to be told, and what it says of it. ``ChartDetector`` makes a
/// detector of it, with segments, days, alerts and state.
protocol SegmentChart: Sendable {
    static var plugin: PluginDescription { get }

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError)

    var plan: ChartPlan { get }

    /// - Parameter trace: what the chart remembers of the segment; empty at first, and again after an alert.
    /// - Returns: nil while too little is known to say anything.
    func read(_ view: SegmentView, _ trace: inout ChartTrace) -> ChartReading?
}

/// When a chart is read, and how its alerts end.
struct ChartPlan: Sendable {
    enum Pace: Sendable {
        /// At every step in which the segment had answers.
        case arrivals
        /// Once a day, when the first step of the next one comes; answers that come later do not move the point.
        case days
    }

    enum Recovery: Sendable {
        /// The score has regained half of the drop.
        case level
        /// What made the alert is gone.
        case condition
    }

    var pace: Pace
    var recovery: Recovery
    /// Whether the chart compares with a learnt baseline.
    var learns = false
    /// Whether the chart looks at single hours.
    var keepsHours = false
    var life: AlertLife
}

/// Settings every plain detector has.
struct AlertLife: Sendable {
    /// Days of the learnt baseline, and the answers it needs; without meaning for charts that learn none.
    var baselineDays: Int32 = 0
    var baselineAnswers = 0.0
    /// Days after which an open dip is the new baseline.
    let newNormalDays: Int32
    /// Days the score must be back.
    let recoveryDays: Int32

    static let defaults: [(String, JSONTree)] = [
        ("newNormalDays", 45),  // 7...365 days after which an open dip is the new baseline
        ("recoveryDays", 3),  // 1...28 days the score must be back before a dip is over
    ]
    static let learningDefaults: [(String, JSONTree)] = [
        ("baselineAnswers", 300),  // 30... answers the baseline is learnt from, at least
        ("baselineDays", 28),  // 7...84 days the baseline is learnt from
    ]

    init(_ configuration: PluginConfiguration, learns: Bool = false) throws(PluginConfigurationError) {
        newNormalDays = Int32(try configuration.integer("newNormalDays", in: 7...365))
        recoveryDays = Int32(try configuration.integer("recoveryDays", in: 1...28))
        guard learns else { return }
        baselineDays = Int32(try configuration.integer("baselineDays", in: 7...84))
        baselineAnswers = try configuration.number("baselineAnswers", in: 30...1e9)
    }
}

/// What a chart remembers of a segment; what the numbers mean is the chart's affair.
struct ChartTrace: Sendable, Equatable {
    var level = 0.0
    var mean = 0.0
    var count = 0.0
    var least = 0.0
    /// Hour of the arrival clock's calendar since which the level has been rising; `Int32.min` where it is not.
    var sinceHour = Int32.min
}

/// What a chart sees of a segment when it is read.
struct SegmentView {
    let segment: Int
    /// The day that is charted: the closed one, or the current one.
    let day: Int32
    let hour: Int32
    let line: ScoreLine
    /// Answers by day, and by hour where the plan asks for them.
    let days: SlotSums
    let hours: SlotSums?
    let baseline: LearntBaseline?
    /// What the step, or the closed day, brought, and the hour in which the first of it was answered.
    let fresh: WatchedSums
    let freshHour: Int32
    /// Answers a day, lately.
    let volume: Double
    /// Days that shall lie between two false alarms of this segment.
    let patienceDays: Double
    let isOpen: Bool

    func sums(_ span: ChartSpan) -> WatchedSums {
        switch span {
        case .days(let range): line.bounded(days.sum(row: segment, over: range))
        case .hours(let range): line.bounded(hours?.sum(row: segment, over: range) ?? WatchedSums())
        }
    }
}

enum ChartSpan: Sendable, Equatable {
    case days(ClosedRange<Int32>)
    case hours(ClosedRange<Int32>)
}

/// What a chart says of a segment.
struct ChartReading: Sendable {
    enum Reference: Sendable {
        /// The learnt baseline.
        case learnt
        case days(ClosedRange<Int32>)
    }

    var isOut: Bool
    /// Natural logarithms of the chart's statistic and of the one that makes an alert.
    var log: Double
    var threshold: Double
    /// Over a thousand days.
    var expectedFalseAlarms: Double
    var onsetHour: Int32
    var onsetHours: ClosedRange<Int32>
    var reference: Reference
    /// What to compare with where the reference says nothing of a fall.
    var limit: Double?
    var current: ChartSpan
}
