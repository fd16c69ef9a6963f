import Foundation

/// The volume of one segment: its last days, what is usual, and the evidence that it has changed.
///
/// The evidence is a mixture of Shiryaev–Roberts statistics over rates, one mixture for falls and one for rises
/// (A. N. Shiryaev, Theory Probab. Appl. 8, 1963; M. Pollak, Ann. Statist. 13, 1985). Its expectation grows by one a
/// day while nothing changes, so a threshold of so many days is passed by chance no more often than once in as many.
struct VolumeSeries: Sendable, Equatable {
    enum Direction: Int, Sendable, CaseIterable {
        case fall
        case rise
        var rates: [Double] { self == .fall ? VolumeMethod.falls : VolumeMethod.rises }
    }

    /// Dimension of the model and value; nil for the total.
    let part: Part?
    /// Answers of the last days, oldest first, the newest that of the last complete day; an exception is kept as `-1 -
    /// answers`.
    var days: [Int64] = []
    var today: Int64 = 0
    var baseline: VolumeBaseline?
    /// By direction and rate.
    var statistics: [[Double]] = [[0, 0, 0], [0, 0, 0]]

    struct Part: Sendable, Hashable {
        let dimension: Int
        let value: String
    }

    init(part: Part?) { self.part = part }

    static let threshold = log(VolumeMethod.patienceDays)

    /// Whether enough answers come for their number to say anything.
    var isArmed: Bool { (baseline?.volume ?? 0) >= VolumeMethod.volumeMin }

    /// - Parameter isException: the day is no example of what is usual.
    mutating func closeDay(isException: Bool) {
        days.append(isException ? -1 - today : today)
        if days.count > VolumeMethod.daysKeptMax { days.removeFirst() }
        today = 0
    }

    /// Weighs the day that was closed last.
    mutating func weigh(weekday: Int) {
        guard isArmed, let baseline, let answers = days.last, answers >= 0 else { return }
        let most = Self.threshold / VolumeMethod.lastingDays
        for direction in Direction.allCases {
            for (place, rate) in direction.rates.enumerated() {
                let evidence = min(baseline.evidence(Double(answers), weekday: weekday, rate: rate), most)
                let grown = (statistics[direction.rawValue][place] + 1) * exp(evidence)
                // Far above every threshold; keeps a change nobody is told of from growing without bound.
                statistics[direction.rawValue][place] = min(grown, 1e12)
            }
        }
    }

    mutating func forgetEvidence() { statistics = [[0, 0, 0], [0, 0, 0]] }

    /// Natural logarithm of the mixture.
    func evidence(_ direction: Direction) -> Double {
        let values = statistics[direction.rawValue]
        return log(max(values.reduce(0, +) / Double(values.count), 1e-300))
    }

    /// Fits the baseline anew.
    /// - Parameter lastDay: civil day of the newest entry.
    mutating func refit(lastDay: Int32, profile: [Double]?) {
        let quarantine = min(VolumeMethod.quarantineDays, days.count / 4)
        let last = days.count - quarantine
        let first = max(0, last - VolumeMethod.baselineDaysMax)
        let usable = (first..<last).map { place in
            let day = lastDay - Int32(days.count - 1 - place)
            return (weekday: DetectionCalendar.weekday(of: day), answers: days[place] < 0 ? nil : Double(days[place]))
        }
        baseline = VolumeBaseline(days: usable, profile: profile) ?? baseline
    }

    /// The weekdays relative to their mean.
    var profile: [Double]? {
        guard let baseline, baseline.volume > 0 else { return nil }
        return baseline.means.map { $0 / baseline.volume }
    }

    /// Answers and what was to be expected over the newest `count` days.
    func sums(newest count: Int, lastDay: Int32) -> (answers: Double, expected: Double) {
        guard let baseline else { return (0, 0) }
        var sums = (answers: 0.0, expected: 0.0)
        for back in 0..<min(count, days.count) {
            let answers = days[days.count - 1 - back]
            sums.answers += Double(answers < 0 ? -1 - answers : answers)
            sums.expected += baseline.means[DetectionCalendar.weekday(of: lastDay - Int32(back))]
        }
        return sums
    }

    /// Days, counted back from the newest, over which a change to the best of the direction's rates is most likely to
    /// have lasted; at least 1.
    func daysSinceOnset(_ direction: Direction, lastDay: Int32) -> Int {
        guard let baseline else { return 1 }
        var best = (value: -Double.infinity, days: 1)
        for rate in direction.rates {
            var sum = 0.0
            for back in 0..<min(days.count, VolumeMethod.onsetDaysMax) {
                let answers = days[days.count - 1 - back]
                guard answers >= 0 else { continue }
                sum += baseline.evidence(
                    Double(answers), weekday: DetectionCalendar.weekday(of: lastDay - Int32(back)), rate: rate)
                if sum > best.value { best = (sum, back + 1) }
            }
        }
        return best.days
    }

    /// Marks the newest `count` days as exceptions.
    mutating func excludeNewest(_ count: Int) {
        for place in max(0, days.count - count)..<days.count where days[place] >= 0 { days[place] = -1 - days[place] }
    }

    /// Marks all but the newest `count` days as exceptions, and those as usual.
    mutating func keepNewest(_ count: Int) {
        for place in days.indices {
            let isKept = place >= days.count - count
            if (days[place] < 0) == isKept { days[place] = -1 - days[place] }
        }
    }
}
