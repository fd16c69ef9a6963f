/// When an event comes again: `RRULE` (RFC 5545, 3.3.10), as far as days decide it.
struct RecurrenceRule: Equatable {
    enum Frequency: String, CaseIterable {
        case daily = "DAILY"
        case weekly = "WEEKLY"
        case monthly = "MONTHLY"
        case yearly = "YEARLY"
    }

    struct Weekday: Equatable {
        /// The how manieth of the month or year, from its end where negative; 0 for every one.
        let ordinal: Int
        /// Monday 1 … Sunday 7.
        let weekday: Int
    }

    private(set) var frequency = Frequency.daily
    private(set) var interval = 1
    /// Occurrences in all, the excluded ones included.
    private(set) var count: Int?
    /// As written; what it means depends on the event's start.
    private(set) var until: String?
    private(set) var weekdays: [Weekday] = []
    /// 1...12.
    private(set) var months: [Int] = []
    /// 1...31, from the month's end where negative.
    private(set) var monthDays: [Int] = []
    /// Which of a period's days: 1...366, from the last where negative.
    private(set) var positions: [Int] = []
    /// Monday 1 … Sunday 7.
    private(set) var weekStart = 1

    static let intervalMax = 10_000
    static let countMax = 1_000_000
    private static let weekdayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

    /// - Throws: ``CalendarError`` naming the part that is not understood.
    init(_ text: String, line: Int) throws(CalendarError) {
        var seen: Set<String> = []
        for part in text.split(separator: ";", omittingEmptySubsequences: true) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2 else { throw Self.refusal(String(part), line, "must be NAME=value") }
            let name = sides[0].uppercased()
            guard seen.insert(name).inserted else { throw Self.refusal(String(part), line, "is there twice") }
            try take(name, sides[1].uppercased(), part: String(part), line: line)
        }
        guard seen.contains("FREQ") else { throw CalendarError(line: line, "has an RRULE without FREQ") }
        try check(text, line)
    }

    private static func refusal(_ part: String, _ line: Int, _ sentence: String) -> CalendarError {
        CalendarError(line: line, "RRULE part \(part) \(sentence)")
    }

    private mutating func take(_ name: String, _ value: String, part: String, line: Int) throws(CalendarError) {
        switch name {
        case "FREQ":
            guard let frequency = Frequency(rawValue: value) else {
                throw Self.refusal(part, line, "is not understood: it must be YEARLY, MONTHLY, WEEKLY or DAILY")
            }
            self.frequency = frequency
        case "INTERVAL": interval = try Self.number(value, 1...Self.intervalMax, part, line)
        case "COUNT": count = try Self.number(value, 1...Self.countMax, part, line)
        case "UNTIL": until = value
        case "BYMONTH": months = try Self.numbers(value, 1...12, part, line)
        case "BYMONTHDAY": monthDays = try Self.numbers(value, -31...31, part, line)
        case "BYSETPOS": positions = try Self.numbers(value, -366...366, part, line)
        case "BYDAY":
            for text in value.split(separator: ",", omittingEmptySubsequences: false) {
                weekdays.append(try Self.weekday(String(text), part, line))
            }
        case "WKST":
            guard let day = Self.weekdayNames.firstIndex(of: value) else {
                throw Self.refusal(part, line, "must be one of \(Self.weekdayNames.joined(separator: ", "))")
            }
            weekStart = day + 1
        default:
            throw Self.refusal(
                part, line,
                "is not understood; the parts that are: FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS, WKST. "
                    + "Write the dates out as RDATE or as events of their own")
        }
    }

    private static func number(
        _ text: some StringProtocol, _ range: ClosedRange<Int>, _ part: String, _ line: Int
    ) throws(CalendarError) -> Int {
        guard let number = Int(text), range.contains(number), number != 0 else {
            throw refusal(part, line, "must have numbers from \(range.lowerBound) to \(range.upperBound), without 0")
        }
        return number
    }

    private static func numbers(
        _ text: String, _ range: ClosedRange<Int>, _ part: String, _ line: Int
    ) throws(CalendarError) -> [Int] {
        var numbers: [Int] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            numbers.append(try number(piece, range, part, line))
        }
        return numbers
    }

    private static func weekday(_ text: String, _ part: String, _ line: Int) throws(CalendarError) -> Weekday {
        guard text.count >= 2, let day = weekdayNames.firstIndex(of: String(text.suffix(2))) else {
            throw refusal(part, line, "must list weekdays such as MO or -1FR")
        }
        let ordinal = text.dropLast(2)
        return Weekday(ordinal: ordinal.isEmpty ? 0 : try number(ordinal, -53...53, part, line), weekday: day + 1)
    }

    /// What the parts say together.
    private func check(_ text: String, _ line: Int) throws(CalendarError) {
        func refuse(_ sentence: String) -> CalendarError { CalendarError(line: line, "RRULE \(text) \(sentence)") }
        if count != nil, until != nil { throw refuse("has both COUNT and UNTIL: give one of them") }
        if weekdays.contains(where: { $0.ordinal != 0 }), frequency == .daily || frequency == .weekly {
            throw refuse("counts weekdays in BYDAY, which only MONTHLY and YEARLY can")
        }
        if !monthDays.isEmpty, frequency == .weekly {
            throw refuse("has BYMONTHDAY, which WEEKLY cannot have: use MONTHLY")
        }
        if !positions.isEmpty, weekdays.isEmpty, monthDays.isEmpty, months.isEmpty {
            throw refuse("has BYSETPOS without another BY part to choose from")
        }
    }
}
