import Satisfaction
import Testing

/// What holds of the windows of every zone and length.
@Suite struct WindowsPropertyTests {
    static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Moscow", "Europe/Lisbon", "America/New_York",
        "America/St_Johns",
        "America/Goose_Bay", "America/Sao_Paulo", "America/Santiago", "America/Havana", "America/Caracas",
        "America/Scoresbysund", "Atlantic/Azores", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Tehran",
        "Asia/Kathmandu",
        "Asia/Kolkata", "Asia/Pyongyang", "Asia/Dhaka", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe",
        "Australia/Eucla", "Pacific/Chatham", "Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kiritimati",
        "Antarctica/Troll", "Antarctica/Casey", "GMT+0507",
    ]
    static let lengths: [WindowLength] =
        WindowLength.fixed + [2, 7, 28, 90, 3660].map { .rolling(days: $0) }
    private let quarter = Bucket.milliseconds
    private let hour: Int64 = 3_600_000

    /// Moments across the table and beyond, and around every change of clocks.
    private func moments(_ zone: TimeZoneTable) -> [Int64] {
        var moments = Array(stride(from: Int64(-2_208_988_800_000), to: 5_000_000_000_000, by: 17_389_000_421))
        moments += [.min, .max, WindowCalendar.span.lowerBound, WindowCalendar.span.upperBound, -1, 0]
        for change in changes(zone) {
            moments += [-24 * hour, -hour, -1, 0, 1, quarter, hour - 1, hour, 25 * hour].map { change + $0 }
        }
        return moments
    }

    /// The quarters of an hour in which the zone's clocks change, 2000 to 2026.
    private func changes(_ zone: TimeZoneTable) -> [Int64] {
        stride(from: Int64(946_684_800_000), to: 1_798_761_600_000, by: Int(24 * hour)).compactMap { day in
            let offset = zone.offset(at: day)
            guard zone.offset(at: day + 24 * hour) != offset else { return nil }
            return stride(from: day, to: day + 24 * hour, by: Int(quarter)).first {
                zone.offset(at: $0 + quarter) != offset
            }.map { $0 + quarter }
        }
    }

    @Test(arguments: zones)
    func windowsHoldTheirMomentsAndTileTime(name: String) throws {
        let zone = try #require(TimeZoneTable(named: name))
        let calendar = WindowCalendar(zone: zone)
        for moment in moments(zone) {
            let inside = min(max(moment, WindowCalendar.span.lowerBound), WindowCalendar.span.upperBound - 1)
            for length in WindowsPropertyTests.lengths {
                let window = calendar.window(length, containing: moment)
                let last = calendar.window(length, containing: window.upperBound - 1)
                guard window.contains(inside), window == last,
                    window.lowerBound % quarter == 0, window.upperBound % quarter == 0,
                    isTiled(window, length, calendar), hasItsLength(window, length, calendar)
                else {
                    Issue.record("\(name) \(length) at \(moment): \(window)")
                    return
                }
            }
        }
    }

    private func isTiled(_ window: Range<Int64>, _ length: WindowLength, _ calendar: WindowCalendar) -> Bool {
        let span = WindowCalendar.span
        if let before = calendar.before(window, length) {
            guard before.upperBound == window.lowerBound else { return false }
            guard length.isRolling || calendar.name(of: before, length) != calendar.name(of: window, length) else {
                return false
            }
        } else if length != .all, window.lowerBound > span.lowerBound {
            return false
        }
        guard !length.isRolling, window.upperBound < span.upperBound else { return true }
        return calendar.window(length, containing: window.lowerBound) == window
            && calendar.window(length, containing: window.upperBound).lowerBound == window.upperBound
    }

    private func hasItsLength(_ window: Range<Int64>, _ length: WindowLength, _ calendar: WindowCalendar) -> Bool {
        let duration = window.upperBound - window.lowerBound
        switch length {
        case .quarterHour: return duration == quarter
        case .hour: return duration > 0 && duration <= hour
        case .day: return (21 * hour...27 * hour).contains(duration)
        // Clocks move by less than a day and a half in all within any of these.
        case .week: return abs(duration - 7 * 24 * hour) <= 36 * hour
        case .month: return (26 * 24 * hour...32 * 24 * hour).contains(duration)
        case .quarter: return (88 * 24 * hour...93 * 24 * hour).contains(duration)
        case .year: return (363 * 24 * hour...367 * 24 * hour).contains(duration)
        case .all: return window == WindowCalendar.span
        case .rolling(let days):
            let day = calendar.window(.day, containing: window.upperBound - 1)
            return day.upperBound == window.upperBound && abs(duration - Int64(days) * 24 * hour) <= 36 * hour
        }
    }

    /// Days have 22 to 26 hours, but in Casey, whose clocks once moved by three.
    @Test(arguments: zones)
    func everyDayOfTheTable(name: String) throws {
        let calendar = WindowCalendar(zone: try #require(TimeZoneTable(named: name)))
        let shortest = (name == "Antarctica/Casey" ? 21 : 22) * hour
        let longest = (name == "Antarctica/Casey" ? 27 : 26) * hour
        var end: Int64?
        for day in Int32(10_600)...48_000 {
            let date = CivilDate(daysSince1970: day)
            let window = calendar.window(of: date)
            let duration = window.upperBound - window.lowerBound
            guard end == nil || window.lowerBound == end, duration == 0 || (shortest...longest).contains(duration),
                duration == 0 || calendar.date(of: window.lowerBound) == date,
                duration == 0 || calendar.date(of: window.upperBound - 1) == date
            else {
                Issue.record("\(name) \(date): \(window)")
                return
            }
            end = window.upperBound
        }
    }

    /// An hour is shorter than one only where it touches a change of clocks.
    @Test(arguments: zones)
    func everyHourOfThreeYears(name: String) throws {
        let zone = try #require(TimeZoneTable(named: name))
        let calendar = WindowCalendar(zone: zone)
        for start in [Int64(1_262_304_000_000), 1_420_070_400_000, 1_767_225_600_000] {
            let end = start + 365 * 24 * hour
            var edge: Int64?
            for window in calendar.windows(.hour, from: start, to: end) {
                let isWhole = window.upperBound - window.lowerBound == hour
                let touches = zone.offset(at: window.lowerBound - 1) != zone.offset(at: window.upperBound + quarter / 2)
                guard edge == nil || edge == window.lowerBound, isWhole || touches else {
                    Issue.record("\(name) \(window)")
                    return
                }
                edge = window.upperBound
            }
            #expect(edge.map { $0 >= end } == true)
        }
    }

    @Test(arguments: zones)
    func theYearBeforeIsAWindowAYearBefore(name: String) throws {
        let zone = try #require(TimeZoneTable(named: name))
        let calendar = WindowCalendar(zone: zone)
        for moment in moments(zone) where WindowCalendar.span.contains(moment) {
            for length in WindowsPropertyTests.lengths {
                let window = calendar.window(length, containing: moment)
                guard let before = calendar.yearBefore(window, length) else { continue }
                let days = Double(window.upperBound - before.upperBound) / Double(24 * hour)
                guard calendar.window(length, containing: before.upperBound - 1) == before, (356...374).contains(days)
                else {
                    Issue.record("\(name) \(length) at \(moment): \(window), \(before)")
                    return
                }
            }
        }
    }

    /// Walking over a span gives each window once, and never more than was said beforehand.
    @Test(arguments: zones)
    func walkingOverASpan(name: String) throws {
        let calendar = WindowCalendar(zone: try #require(TimeZoneTable(named: name)))
        // 2011-12-20 to 2012-11-23, over Apia's skipped day.
        let start: Int64 = 1_324_377_000_123
        let end: Int64 = 1_353_672_000_456
        for length in WindowsPropertyTests.lengths {
            let windows = calendar.windows(length, from: start, to: end)
            let made = Array(windows)
            #expect(made.count <= windows.countUpperBound)
            #expect(made.first == calendar.window(length, containing: start))
            #expect(made.last == calendar.window(length, containing: end - 1))
            #expect(made.allSatisfy { !$0.isEmpty } && Set(made).count == made.count)
            #expect(zip(made, made.dropFirst()).allSatisfy { length.isRolling || $0.upperBound == $1.lowerBound })
        }
    }
}
