import Satisfaction

/// The days on which a rule lets an event begin, period by period: a day, week, month or year and every so manieth after.
///
/// Days are counted from 1970-01-01. Follows the table of RFC 5545, 3.3.10: parts finer than the frequency add days,
/// coarser ones take days away.
struct RecurrenceDays {
    private let rule: RecurrenceRule
    private let start: Int
    private let year: Int
    private let month: Int
    private let dayOfMonth: Int

    init(_ rule: RecurrenceRule, start: Int) {
        self.rule = rule
        self.start = start
        (year, month, dayOfMonth) = CivilDate.parts(daysSince1970: start)
    }

    /// Calls `body` with each day from the start on, in order, until it answers false or `last` is passed.
    ///
    /// - Parameter first: earlier days may be left out, unless the rule counts occurrences.
    func forEach(from first: Int, through last: Int, _ body: (Int) -> Bool) {
        var period = rule.count == nil ? max(0, periods(until: first) - 1) : 0
        while beginning(ofPeriod: period) <= last {
            for day in days(ofPeriod: period) where day >= start {
                guard day <= last, body(day) else { return }
            }
            period += 1
        }
    }

    /// Whole periods from the start to a day, at most.
    private func periods(until day: Int) -> Int {
        let days = max(0, day - start)
        let length =
            switch rule.frequency {
            case .daily: 1
            case .weekly: 7
            case .monthly: 31
            case .yearly: 366
            }
        return days / (length * rule.interval)
    }

    private func beginning(ofPeriod period: Int) -> Int {
        let step = period * rule.interval
        switch rule.frequency {
        case .daily: return start + step
        case .weekly:
            let sinceWeekStart = (CivilDate.weekday(daysSince1970: start) - rule.weekStart + 7) % 7
            return start - sinceWeekStart + 7 * step
        case .monthly:
            let (year, month) = self.month(after: step)
            return CivilDate.daysSince1970(year: year, month: month, day: 1)
        case .yearly: return CivilDate.daysSince1970(year: year + step, month: 1, day: 1)
        }
    }

    private func month(after months: Int) -> (year: Int, month: Int) {
        let index = year * 12 + month - 1 + months
        let year = index.flooredQuotient(12)
        return (year, index - year * 12 + 1)
    }

    private func days(ofPeriod period: Int) -> [Int] {
        let first = beginning(ofPeriod: period)
        let days: [Int] =
            switch rule.frequency {
            case .daily: isWanted(first) ? [first] : []
            case .weekly: week(from: first)
            case .monthly: days(ofMonthAfter: period * rule.interval)
            case .yearly: days(ofYear: year + period * rule.interval)
            }
        let sorted = Set(days).sorted()
        guard !rule.positions.isEmpty else { return sorted }
        return rule.positions.compactMap { position in
            let place = position > 0 ? position - 1 : sorted.count + position
            return sorted.indices.contains(place) ? sorted[place] : nil
        }.sorted()
    }

    /// Whether a day passes every part that can only take days away.
    private func isWanted(_ day: Int) -> Bool {
        let (year, month, dayOfMonth) = CivilDate.parts(daysSince1970: day)
        let length = CivilDate.dayCount(month: month, year: year)
        return (rule.months.isEmpty || rule.months.contains(month))
            && (rule.monthDays.isEmpty
                || rule.monthDays.contains { $0 == dayOfMonth || $0 + length + 1 == dayOfMonth })
            && (rule.weekdays.isEmpty
                || rule.weekdays.contains { $0.weekday == CivilDate.weekday(daysSince1970: day) })
    }

    private func week(from first: Int) -> [Int] {
        let weekdays =
            rule.weekdays.isEmpty ? [CivilDate.weekday(daysSince1970: start)] : rule.weekdays.map(\.weekday)
        let days = weekdays.map { first + ($0 - rule.weekStart + 7) % 7 }
        guard !rule.months.isEmpty else { return days }
        return days.filter { rule.months.contains(CivilDate.parts(daysSince1970: $0).month) }
    }

    private func days(ofMonthAfter months: Int) -> [Int] {
        let (year, month) = month(after: months)
        return rule.months.isEmpty || rule.months.contains(month) ? days(ofMonth: month, year: year) : []
    }

    private func days(ofMonth month: Int, year: Int) -> [Int] {
        let first = CivilDate.daysSince1970(year: year, month: month, day: 1)
        let length = CivilDate.dayCount(month: month, year: year)
        let span = first..<first + length
        guard rule.monthDays.isEmpty else {
            let days = rule.monthDays.map { first + ($0 > 0 ? $0 - 1 : length + $0) }.filter(span.contains)
            guard !rule.weekdays.isEmpty else { return days }
            let wanted = Set(weekdays(in: span))
            return days.filter(wanted.contains)
        }
        if !rule.weekdays.isEmpty { return weekdays(in: span) }
        return dayOfMonth <= length ? [first + dayOfMonth - 1] : []
    }

    private func days(ofYear year: Int) -> [Int] {
        if !rule.months.isEmpty { return rule.months.flatMap { days(ofMonth: $0, year: year) } }
        let first = CivilDate.daysSince1970(year: year, month: 1, day: 1)
        let inYear = rule.weekdays.isEmpty ? [] : weekdays(in: first..<first + CivilDate.dayCount(year: year))
        guard rule.monthDays.isEmpty else {
            let days = (1...12).flatMap { month in
                let length = CivilDate.dayCount(month: month, year: year)
                return rule.monthDays.map { $0 > 0 ? $0 : length + 1 + $0 }.filter { (1...length).contains($0) }
                    .map { CivilDate.daysSince1970(year: year, month: month, day: $0) }
            }
            guard !rule.weekdays.isEmpty else { return days }
            let wanted = Set(inYear)
            return days.filter(wanted.contains)
        }
        if !rule.weekdays.isEmpty { return inYear }
        guard dayOfMonth <= CivilDate.dayCount(month: month, year: year) else { return [] }
        return [CivilDate.daysSince1970(year: year, month: month, day: dayOfMonth)]
    }

    /// The wanted weekdays of a month or year, counted within it.
    private func weekdays(in span: Range<Int>) -> [Int] {
        rule.weekdays.flatMap { wanted -> [Int] in
            let offset = (wanted.weekday - CivilDate.weekday(daysSince1970: span.lowerBound) + 7) % 7
            let all = Array(stride(from: span.lowerBound + offset, to: span.upperBound, by: 7))
            guard wanted.ordinal != 0 else { return all }
            let place = wanted.ordinal > 0 ? wanted.ordinal - 1 : all.count + wanted.ordinal
            return all.indices.contains(place) ? [all[place]] : []
        }
    }
}
