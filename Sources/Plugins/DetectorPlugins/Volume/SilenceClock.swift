import Foundation

/// How many answers were to be expected since the last one came, by the usual weekdays and hours.
///
/// Measured in expected answers, the silences of an even stream are exponential with a mean of one, whatever the hour;
/// where answers come in batches they are longer, and the longest of the last weeks says by how much.
struct SilenceClock: Sendable, Equatable {
    /// Decayed answers by hour of the civil day.
    var hours = [Double](repeating: 0, count: 24)
    /// Answers of the present day by hour.
    var today = [Int64](repeating: 0, count: 24)
    /// Longest silences, in expected answers, by week.
    var longest = [Double](repeating: 0, count: VolumeMethod.weeksRemembered)
    /// Expected since the last answer.
    var expected = 0.0
    /// End of the step of the last answer, ms since 1970.
    var lastAnswer: Int64 = 0

    /// Answers that must be missing now.
    var bound: Double {
        max(VolumeMethod.silentAnswersMin, VolumeMethod.silentFactor * (longest.max() ?? 0))
    }

    /// Share of a day's answers that come in an hour.
    func share(ofHour hour: Int) -> Double {
        let sum = hours.reduce(0, +)
        return sum > 0 ? hours[hour] / sum : 1.0 / 24
    }

    /// - Parameter isUsual: the day is an example of what is usual.
    mutating func closeDay(isUsual: Bool) {
        if isUsual {
            let kept = pow(0.5, 1 / VolumeMethod.profileHalfLifeDays)
            for hour in hours.indices { hours[hour] = hours[hour] * kept + Double(today[hour]) }
        }
        for hour in today.indices { today[hour] = 0 }
    }

    /// An answer came: the silence before it is over.
    mutating func end(at moment: Int64, week: Int, isUsual: Bool) {
        if isUsual { longest[week] = max(longest[week], expected) }
        expected = 0
        lastAnswer = moment
    }
}
