import PluginKit
import Satisfaction

/// What is usual of a segment, by the cells it had when it was learnt.
struct LearntBaseline: Sendable, Equatable {
    /// Answers and harms of each of the segment's cells in turn.
    let cells: [Int64]
    /// Variance of the first channel's mean harm over that of as many answers either harmed or not; 1 for these.
    let dispersion: Double
    let total: WatchedSums

    init(cells: [Int64], dispersion: Double, line: ScoreLine) {
        self.cells = cells
        self.dispersion = dispersion
        total = Self.sums(cells, line).reduce(WatchedSums(), +)
    }

    /// By cell; whole rows of `1 + channels` numbers.
    static func sums(_ numbers: [Int64], _ line: ScoreLine) -> [WatchedSums] {
        stride(from: 0, to: numbers.count, by: 1 + line.channels).map { first in
            var sums = WatchedSums(answers: Double(numbers[first]))
            for channel in 0..<line.channels { sums.harms[channel] = Double(numbers[first + 1 + channel]) }
            return line.bounded(sums)
        }
    }

    /// Share of harm in the first channel, half an answer away from none and from all.
    func share(_ line: ScoreLine) -> Double { (line.harmed(total) + 0.5) / (total.answers + 1) }
}

/// An alert that has been said and is not over.
struct OpenAlert: Sendable, Equatable {
    let openedDay: Int32
    let onsetHour: Int32
    let onsetFrom: Int32
    let onsetThrough: Int32
    /// Answers and harms before, by the segment's cells; empty where the alert compares with a limit.
    let before: [Int64]
    let limit: Double
    let log: Double
    let threshold: Double
    let expectedFalseAlarms: Double
    var saidDrop: Double
    var saidDay: Int32
    /// First day on which what made the alert was gone; `Int32.min` while it is not.
    var goneSince = Int32.min

    var onsetDay: Int32 { onsetHour.flooredQuotient(24) }
}

/// Everything known of one segment besides its answers.
struct SegmentWatch: Sendable, Equatable {
    var trace = ChartTrace()
    var baseline: LearntBaseline?
    /// First day that may be learnt from.
    var learnFrom = Int32.min
    var open: OpenAlert?
    /// The condition was taken as the new normal and has not been away since.
    var isAccepted = false
    /// A fall too small to be said was last looked at in this hour.
    var heldHour = Int32.min
    /// Answers a day.
    var volume = 0.0
    var daysWatched: Int64 = 0
    var isArmed = false
    var log = 0.0
    var threshold = 0.0
}
