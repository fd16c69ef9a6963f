extension WindowCalendar {
    /// The window just before, for comparison: it ends where `window` begins. Of rolling windows that is the one over the
    /// N days before, which has no day in common, not the one that ends a day earlier.
    ///
    /// - Parameter window: a window of this length and calendar.
    /// - Returns: nil for ``WindowLength/all``, and where there is none in ``span``.
    public func before(_ window: Range<Int64>, _ length: WindowLength) -> Range<Int64>? {
        guard length != .all, window.lowerBound > WindowCalendar.span.lowerBound else { return nil }
        return self.window(length, containing: window.lowerBound - 1)
    }

    /// The same window last year:
    /// - quarter of an hour, hour: the same local date and time; where that came twice, the one at this window's offset, else
    ///   the first; where it was skipped, the time that clocks showed instead, an hour later.
    /// - day: the same date, 29 February becoming 28 February.
    /// - week: the same number in the ISO year before, week 53 becoming its last.
    /// - month, quarter, year: the same of the year before.
    /// - rolling: as many days, ending on the same date, 29 February becoming 28 February.
    ///
    /// - Parameter window: a window of this length and calendar.
    /// - Returns: nil for ``WindowLength/all``, where the zone skipped that date, and where it would begin before ``span``.
    public func yearBefore(_ window: Range<Int64>, _ length: WindowLength) -> Range<Int64>? {
        let moment = anchor(of: window, length)
        guard let target = yearBefore(moment, length), WindowCalendar.span.contains(target) else { return nil }
        return self.window(length, containing: target)
    }

    /// A moment that only this window contains: of a rolling window in its last day.
    func anchor(of window: Range<Int64>, _ length: WindowLength) -> Int64 {
        length.isRolling
            ? max(WindowCalendar.inSpan(window.upperBound) - 1, WindowCalendar.span.lowerBound)
            : WindowCalendar.inSpan(window.lowerBound)
    }

    /// A moment in the window of the year before.
    private func yearBefore(_ moment: Int64, _ length: WindowLength) -> Int64? {
        let date = date(of: moment)
        switch length {
        case .all: return nil
        case .quarterHour, .hour: return localTimeAYearBefore(moment)
        case .day, .rolling: return date.adding(years: -1).flatMap(firstMoment)
        case .week: return ISOWeek(containing: date).yearBefore.map { zone.start(ofDay: $0.firstDay) }
        case .month, .quarter, .year:
            return CivilDate(year: date.year - 1, month: date.month, day: 1).map { zone.start(ofDay: $0.daysSince1970) }
        }
    }

    /// - Returns: nil for a date the zone skipped.
    private func firstMoment(of date: CivilDate) -> Int64? {
        let window = window(of: date)
        return window.isEmpty ? nil : window.lowerBound
    }

    private func localTimeAYearBefore(_ moment: Int64) -> Int64? {
        let offset = zone.offset(at: moment)
        let local = moment + offset
        // The date that clocks show, which differs from the window's where they went back over midnight.
        let shown = CivilDate(daysSince1970: zone.day(of: moment))
        guard let target = shown.adding(years: -1), firstMoment(of: target) != nil else { return nil }
        let daysBefore = Int64(shown.daysSince1970 - target.daysSince1970)
        return zone.moment(local: local - daysBefore * 86_400_000, preferring: offset)
    }
}
