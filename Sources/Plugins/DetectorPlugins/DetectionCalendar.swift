import PluginKit
import Satisfaction

/// Days, weekdays and hours as the detector counts them.
enum DetectionCalendar {
    static let hour: Int64 = 3_600_000
    private static let bucketsPerHour: Int32 = 4

    /// 0 for Sunday.
    static func weekday(of day: Int32) -> Int {
        let remainder = (Int(day) + 4) % 7
        return remainder < 0 ? remainder + 7 : remainder
    }

    /// A day as it is counted: absurd ones are moved to the ends of the calendar.
    static func day(_ day: Int32) -> Int32 { min(max(day, -DetectionLimits.dayMax), DetectionLimits.dayMax) }

    /// Hour of the arrival clock at a step's beginning.
    static func hour(ofStep step: Int64, milliseconds: Int64) -> Int32 {
        let moment = step.multipliedReportingOverflow(by: milliseconds).partialValue
        let hourMax = Int64(DetectionLimits.dayMax) * 24
        return Int32(min(max(moment.flooredQuotient(hour), -hourMax), hourMax))
    }

    /// Hour of an answer's bucket, kept near its civil day whatever the bucket says.
    static func hour(of bucket: Bucket, on day: Int32) -> Int32 {
        min(max(bucket.index.flooredQuotient(bucketsPerHour), day * 24 - 14), day * 24 + 38)
    }

    static func bucket(ofHour hour: Int32) -> Bucket { Bucket(index: hour * bucketsPerHour) }
}

/// When the baseline may be refitted, and how much of the past it then leaves out.
struct RefreshSchedule: Sendable, Equatable {
    var firstDay: Int32
    var nextDay: Int32
    var isMature = false
    /// Baseline answers at the last refresh.
    var responses = 0.0

    init(firstDay: Int32) {
        self.firstDay = firstDay
        nextDay = firstDay
    }

    func age(on day: Int32) -> Int32 { max(0, day - firstDay) }

    /// Days before `day` that stay out of the baseline: a quarter of a young history, a third of an older one up to
    /// twice the usual, so that a slow dip is not taken in before it is found.
    func quarantine(on day: Int32, mature: Int32) -> Int32 {
        let age = age(on: day)
        return age >= Method.matureDays ? min(2 * mature, max(mature, age / 3)) : min(mature, max(1, age / 4))
    }

    /// - Parameter candidates: answers the baseline would have after a refresh today.
    func isDue(on day: Int32, candidates: Double, isFitted: Bool, armedResponses: Double) -> Bool {
        guard age(on: day) >= Method.matureDays else {
            return candidates >= max(armedResponses, isFitted ? 2 * responses : 0)
        }
        return candidates >= Method.learningResponses && (!isMature || !isFitted || day >= nextDay)
    }
}
