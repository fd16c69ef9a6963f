import Satisfaction

/// How people write moments and spans of time on the day they speak of them.
package struct MomentWording: Sendable {
    let zone: TimeZoneTable
    /// When the sentence is made, ms since 1970.
    let now: Int64

    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    /// Days back for which a weekday is enough.
    private static let weekdayDays: Int32 = 6

    /// "Tuesday 14:00" within the last six days, else "20 October, 14:00", with the year where it is another.
    package func moment(_ moment: Int64) -> String {
        let day = zone.day(of: moment)
        let today = zone.day(of: now)
        if (0...Self.weekdayDays).contains(today - day) {
            return "\(Self.weekdays[CivilDate.weekday(daysSince1970: Int(day)) - 1]) \(time(moment))"
        }
        let date = CivilDate(daysSince1970: day)
        let year = date.year == CivilDate(daysSince1970: today).year ? "" : " \(date.year)"
        return "\(date.day) \(Self.months[date.month - 1])\(year), \(time(moment))"
    }

    /// "between Monday 20:00 and Tuesday 18:00"; times alone where all of it is on the day of `near`, just said.
    package func range(_ range: Range<Int64>, near: Int64) -> String {
        let day = zone.day(of: near)
        if zone.day(of: range.lowerBound) == day, zone.day(of: range.upperBound) == day {
            return "between \(time(range.lowerBound)) and \(time(range.upperBound))"
        }
        return "between \(moment(range.lowerBound)) and \(moment(range.upperBound))"
    }

    private func time(_ moment: Int64) -> String {
        let local = moment + zone.offset(at: moment)
        let minutes = Int((local - local.flooredQuotient(86_400_000) * 86_400_000) / 60_000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    // MARK: Spans

    /// "4 days", "1 day", "5 hours", "20 minutes": in days from two of them on.
    package static func span(_ milliseconds: Int64) -> String {
        let (count, unit) = rounded(milliseconds)
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }

    /// The same with small numbers as words: "two hours", "a day".
    package static func spanInWords(_ milliseconds: Int64) -> String {
        let (count, unit) = rounded(milliseconds)
        if count == 1 { return unit == "hour" ? "an hour" : "a \(unit)" }
        return "\(NumberWords.word(Int(count))) \(unit)s"
    }

    private static func rounded(_ milliseconds: Int64) -> (Int64, String) {
        let minutes = max(1, (max(0, milliseconds) + 30_000) / 60_000)
        if minutes < 90 { return minutes == 60 ? (1, "hour") : (minutes, "minute") }
        let hours = (minutes + 30) / 60
        if hours < 48 { return hours == 24 ? (1, "day") : (hours, "hour") }
        return ((hours + 12) / 24, "day")
    }
}

/// Numbers, shares and ratios in words.
enum NumberWords {
    private static let words = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ]

    static func word(_ number: Int) -> String { words.indices.contains(number) ? words[number] : "\(number)" }

    /// What part of a change a cause has: 1 is all of it.
    static func share(_ share: Double) -> String {
        switch share {
        case 0.985...: "all of it"
        case 0.85...: "nearly all of it"
        case 0.6...: "most of it"
        case 0.42...: "about half of it"
        case 0.29...: "about a third of it"
        case 0.2...: "about a quarter of it"
        default: "a small part of it"
        }
    }

    /// How often something is, compared with before.
    static func times(_ ratio: Double) -> String {
        switch ratio {
        case ..<1.4: "more often"
        case ..<1.75: "one and a half times as often"
        case ..<2.5: "twice as often"
        case ..<10.5: "\(word(Int(ratio.rounded()))) times as often"
        default: "more than ten times as often"
        }
    }

    /// "a", "a and b", "a, b and c".
    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) and \(last)"
    }
}
