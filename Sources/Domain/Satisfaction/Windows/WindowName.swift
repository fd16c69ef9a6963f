extension WindowCalendar {
    /// What people call a window, in the zone's local time: "2026-11-23T14:00+01:00" (hours and their quarters, by their
    /// beginning), "2026-11-23", "2026-W47", "2026-11", "2026-Q4", "2026", "7d to 2026-11-23" (by the last day) or "all".
    /// Windows of one length have different names.
    ///
    /// - Parameter window: a window of this length and calendar.
    public func name(of window: Range<Int64>, _ length: WindowLength) -> String {
        let moment = anchor(of: window, length)
        let date = date(of: moment)
        return switch length {
        case .quarterHour, .hour: localTime(of: moment)
        case .day: date.description
        case .week: ISOWeek(containing: date).description
        case .month: "\(digits(date.year, 4))-\(digits(date.month, 2))"
        case .quarter: "\(digits(date.year, 4))-Q\(date.quarter)"
        case .year: digits(date.year, 4)
        case .all: length.description
        case .rolling(let days): "\(days.clamped(to: WindowLength.rollingDays))d to \(date)"
        }
    }

    /// RFC 3339 to the minute: "2026-11-23T14:00+01:00".
    private func localTime(of moment: Int64) -> String {
        let minute: Int64 = 60_000
        let offset = zone.offset(at: moment)
        let day = zone.day(of: moment)
        let minuteOfDay = Int((moment + offset - Int64(day) * 1440 * minute) / minute)
        let offsetMinutes = Int(abs(offset) / minute)
        return "\(CivilDate(daysSince1970: day))T\(clock(minuteOfDay))\(offset < 0 ? "-" : "+")\(clock(offsetMinutes))"
    }

    private func clock(_ minutes: Int) -> String { "\(digits(minutes / 60, 2)):\(digits(minutes % 60, 2))" }
}
