import Satisfaction

/// The lengths of window that can be asked for; days and longer are civil ones of the configured zone.
package enum WindowStep: String, CaseIterable, Sendable {
    case quarterHour = "15m"
    case hour = "1h"
    case day = "1d"
    case week = "1w"
    case month = "1mo"
    case all
}

/// Sums a line's buckets into windows.
package struct Windows {
    private let step: WindowStep
    private let zone: TimeZoneTable

    package init(step: WindowStep, zone: TimeZoneTable) {
        self.step = step
        self.zone = zone
    }

    /// The windows that have answers, in order, each as its range in ms since 1970 and its counts.
    package func counts(
        of line: Series, in store: TrendStore, from start: Int64, to end: Int64
    ) throws -> [(Range<Int64>, AnswerCounts)] {
        var windows: [(Range<Int64>, AnswerCounts)] = []
        try store.forEachBucket(of: line, from: start, to: end) { bucket, counts in
            if windows.last?.0.contains(bucket.start) != true {
                windows.append((window(of: bucket.start, from: start, to: end), AnswerCounts(steps: line.steps)))
            }
            for (step, count) in counts.enumerated() where count != 0 {
                windows[windows.count - 1].1.add(count, at: step)
            }
        }
        return windows.filter { !$0.1.isEmpty }
    }

    /// The window a moment lies in.
    package func window(of moment: Int64, from start: Int64, to end: Int64) -> Range<Int64> {
        switch step {
        case .quarterHour:
            return range(moment.flooredQuotient(Bucket.milliseconds) * Bucket.milliseconds, Bucket.milliseconds)
        case .hour:
            let offset = zone.offset(at: moment)
            return range((moment + offset).flooredQuotient(3_600_000) * 3_600_000 - offset, 3_600_000)
        case .day: return days(zone.day(of: moment), 1)
        case .week:
            let day = zone.day(of: moment)
            // 1970-01-01 was a Thursday; ISO weeks begin on Monday.
            return days(day - (day + 3 - ((day + 3).flooredQuotient(7)) * 7), 7)
        case .month:
            let (first, next) = CivilMonth.days(around: zone.day(of: moment))
            return zone.start(ofDay: first)..<zone.start(ofDay: next)
        case .all: return start..<end
        }
    }

    private func range(_ start: Int64, _ length: Int64) -> Range<Int64> { start..<start + length }

    private func days(_ first: Int32, _ count: Int32) -> Range<Int64> {
        zone.start(ofDay: first)..<zone.start(ofDay: first + count)
    }
}

/// The civil month a day lies in, by the proleptic Gregorian calendar.
enum CivilMonth {
    /// First day of the month and first day of the next one, as days since 1970.
    static func days(around day: Int32) -> (first: Int32, next: Int32) {
        // H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): the day of month from the day count.
        let shifted = day + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5
        let first = day - dayOfMonth
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int32] = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, isLeap ? 29 : 28]
        return (first, first + lengths[Int(month)])
    }
}
