import Satisfaction

/// A day or a moment as a calendar writes it.
struct CalendarTime: Equatable {
    /// Whether it is a whole day (`VALUE=DATE`).
    let isDay: Bool
    /// Milliseconds since 1970-01-01T00:00 on the clock it was written by.
    let local: Int64
    /// Nil for UTC.
    let zone: TimeZoneTable?

    static let dayMilliseconds: Int64 = 86_400_000

    /// Days since 1970-01-01 on its own clock.
    var day: Int { Int(local.flooredQuotient(Self.dayMilliseconds)) }
    var timeOfDay: Int64 { local - Int64(day) * Self.dayMilliseconds }

    /// ms since 1970.
    var moment: Int64 {
        guard let zone else { return local }
        return isDay ? zone.start(ofDay: Int32(truncatingIfNeeded: day)) : zone.moment(local: local)
    }

    /// The same time of another day.
    func on(day: Int) -> CalendarTime {
        CalendarTime(isDay: isDay, local: Int64(day) * Self.dayMilliseconds + timeOfDay, zone: zone)
    }

    func adding(milliseconds: Int64) -> CalendarTime {
        CalendarTime(isDay: isDay, local: local + milliseconds, zone: zone)
    }

    /// Reads `20261224`, `20261224T093000` and `20261224T093000Z`.
    ///
    /// - Parameter zone: of times without Z.
    /// - Returns: nil for anything else, and for days and times that do not exist.
    init?(_ text: some StringProtocol, zone: TimeZoneTable) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 8, let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[4..<6]),
            let day = Self.number(bytes[6..<8]), let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let midnight = Int64(date.daysSince1970) * Self.dayMilliseconds
        if bytes.count == 8 {
            self.init(isDay: true, local: midnight, zone: zone)
            return
        }
        guard bytes.count == 15 || bytes.count == 16 && bytes[15] == UInt8(ascii: "Z"), bytes[8] == UInt8(ascii: "T"),
            let hour = Self.number(bytes[9..<11]), hour < 24, let minute = Self.number(bytes[11..<13]), minute < 60,
            let second = Self.number(bytes[13..<15]), second <= 60
        else { return nil }
        let time = Int64(hour * 3600 + minute * 60 + second) * 1000
        self.init(isDay: false, local: midnight + time, zone: bytes.count == 16 ? nil : zone)
    }

    init(isDay: Bool, local: Int64, zone: TimeZoneTable?) {
        self.isDay = isDay
        self.local = local
        self.zone = zone
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.reduce(Int?.some(0)) { sum, byte in
            guard let sum, (0x30...0x39).contains(byte) else { return nil }
            return sum * 10 + Int(byte) - 0x30
        }
    }
}

/// How long an event lasts: whole days of the clock it was written by, and an exact rest.
struct CalendarExtent: Equatable {
    var days: Int64 = 0
    var milliseconds: Int64 = 0

    /// Longest event that is taken: ten years.
    static let daysMax: Int64 = 3660

    init(days: Int64 = 0, milliseconds: Int64 = 0) {
        self.days = days
        self.milliseconds = milliseconds
    }

    /// Reads a duration such as `P1D`, `PT2H30M` or `P2W` (RFC 5545, 3.3.6).
    /// - Returns: nil for anything else, negative ones, and more than ``daysMax``.
    init?(_ text: String) {
        var rest = text.uppercased()[...]
        if rest.first == "+" { rest.removeFirst() }
        guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
        var isTime = false
        while !rest.isEmpty {
            if !isTime, rest.first == "T" {
                rest.removeFirst()
                isTime = true
                if rest.isEmpty { return nil }
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
            rest = rest[digits.endIndex...]
            switch (rest.popFirst(), isTime) {
            case ("W", false): days += 7 * number
            case ("D", false): days += number
            case ("H", true): milliseconds += number * 3_600_000
            case ("M", true): milliseconds += number * 60_000
            case ("S", true): milliseconds += number * 1000
            default: return nil
            }
        }
        guard days + milliseconds / CalendarTime.dayMilliseconds <= Self.daysMax else { return nil }
    }

    /// The first moment after an event that begins at `start`.
    func end(of start: CalendarTime) -> Int64 {
        start.adding(milliseconds: days * CalendarTime.dayMilliseconds).moment + milliseconds
    }
}
