import Messages

/// Reads one cell along the tokens of a ``TimeFormat`` pattern.
struct TimePatternReader {
    private var rest: Substring
    private var year = 0
    private var month = 0
    private var day = 0
    private var hour: Int?
    private var minute = 0
    private var second = 0
    private var milliseconds = 0
    private var afternoon: Bool?
    /// Minutes to subtract for UTC, where the cell says so.
    private var offsetMinutes: Int?

    init(_ cell: String) { rest = cell[...] }

    /// - Returns: nil when the cell does not fit, has text left over, or names a day that does not exist.
    mutating func read(_ tokens: [TimeFormat.Token]) -> TimeFormat.Reading? {
        for token in tokens {
            guard take(token) else { return nil }
        }
        guard rest.isEmpty else { return nil }
        if let afternoon, let hour12 = hour {
            guard (1...12).contains(hour12) else { return nil }
            hour = hour12 % 12 + (afternoon ? 12 : 0)
        }
        guard let moment = moment() else { return nil }
        if let offsetMinutes { return .moment(moment - Int64(offsetMinutes) * 60_000) }
        return hour == nil ? .day(moment) : .local(moment)
    }

    /// The fields as milliseconds since 1970 as if their zone were UTC; the wire's own reader says which days exist.
    private func moment() -> Int64? {
        guard second < 60 else { return nil }
        var text = ""
        for (value, width, mark) in [
            (year, 4, "-"), (month, 2, "-"), (day, 2, "T"), (hour ?? 0, 2, ":"), (minute, 2, ":"), (second, 2, "Z"),
        ] {
            let digits = String(value)
            text += String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits + mark
        }
        return Timestamp.read(text).map { $0 + Int64(milliseconds) }
    }

    private mutating func take(_ token: TimeFormat.Token) -> Bool {
        switch token {
        case .literal(let character):
            // Some exports write a narrow no-break space before AM and PM.
            guard let first = rest.first, first == character || (first.isWhitespace && character.isWhitespace) else {
                return false
            }
            rest = rest.dropFirst()
            return true
        case .field(let field, let digits):
            guard let value = number(digits) else { return false }
            set(field, value, twoDigits: digits.upperBound == 2)
            return true
        case .fraction:
            let run = rest.prefix { $0.isASCII && $0.isNumber }
            guard !run.isEmpty, let value = Int((run + "000").prefix(3)) else { return false }
            milliseconds = value
            rest = rest[run.endIndex...]
            return true
        case .halfOfDay: return takeHalfOfDay()
        case .offset: return takeOffset()
        case .abbreviation: return takeAbbreviation()
        }
    }

    private mutating func set(_ field: TimeFormat.Field, _ value: Int, twoDigits: Bool) {
        switch field {
        case .year: year = twoDigits ? 2000 + value : value
        case .month: month = value
        case .day: day = value
        case .hour, .hour12: hour = value
        case .minute: minute = value
        case .second: second = value
        }
    }

    /// As many ASCII digits as there are, within `digits`.
    private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        let run = rest.prefix(digits.upperBound).prefix { $0.isASCII && $0.isNumber }
        guard run.count >= digits.lowerBound else { return nil }
        rest = rest[run.endIndex...]
        return Int(run)
    }

    private mutating func takeHalfOfDay() -> Bool {
        let word = rest.prefix(2).lowercased()
        guard word == "am" || word == "pm" else { return false }
        afternoon = word == "pm"
        rest = rest.dropFirst(2)
        return true
    }

    private mutating func takeOffset() -> Bool {
        guard let sign = rest.first else { return false }
        rest = rest.dropFirst()
        if sign == "Z" || sign == "z" {
            offsetMinutes = 0
            return true
        }
        guard sign == "+" || sign == "-", let hours = number(2...2), hours < 24 else { return false }
        if rest.first == ":" { rest = rest.dropFirst() }
        guard let minutes = number(2...2), minutes < 60 else { return false }
        offsetMinutes = (sign == "-" ? -1 : 1) * (hours * 60 + minutes)
        return true
    }

    /// UTC and GMT say what they mean; other abbreviations do not (AST, CST and IST have three meanings each), so the
    /// mapping's zone decides for them.
    private mutating func takeAbbreviation() -> Bool {
        let word = rest.prefix { $0.isLetter }
        guard (1...5).contains(word.count) else { return false }
        if ["UTC", "GMT", "Z"].contains(word.uppercased()) { offsetMinutes = 0 }
        rest = rest[word.endIndex...]
        return true
    }
}
