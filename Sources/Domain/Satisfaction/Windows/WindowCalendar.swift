/// The windows of time a zone's calendar knows: each a range of moments in milliseconds since 1970.
///
/// Windows of one length (but rolling ones) tile time: every moment lies in exactly one, and each begins where the one
/// before ends. Every edge is an edge of a ``Bucket``, so that a window is a whole number of buckets. The few zones that
/// ever changed their clocks at 00:01 are therefore taken to have done so at 00:00, see ``roundsEdges``.
///
/// - A *day* begins with the first moment of its date: where clocks skip midnight with the skip, where they go back over
///   midnight with the first midnight, so that the repeated hour belongs to the later day. A date the zone skipped
///   (2011-12-30 in Pacific/Apia) has no window.
/// - An *hour* is cut at full hours of local time and where clocks change. It is one real hour, and a repeated local hour
///   is two windows; where clocks change by half an hour, or within an hour, the pieces of an hour on both sides of the
///   change are windows of their own.
/// - Months, quarters, years and ISO weeks are whole civil days.
public struct WindowCalendar: Hashable, Sendable {
    /// The zone with its changes at the edges of buckets.
    let zone: TimeZoneTable

    /// Whether a change of the zone's clocks is taken at the bucket edge nearest to it, because it is none itself.
    public let roundsEdges: Bool

    /// The moments that windows are made for: those whose local date lies in years 1...9999 in every zone. Moments outside
    /// count as the first or the last inside.
    public static let span: Range<Int64> =
        (Int64(CivilDate.earliest.daysSince1970) + 1) * 86_400_000..<Int64(CivilDate.latest.daysSince1970) * 86_400_000

    public init(zone: TimeZoneTable) {
        self.zone = zone.atBucketEdges()
        roundsEdges = self.zone != zone
    }

    /// The window a moment lies in; of rolling windows the one that ends with the moment's civil day; for
    /// ``WindowLength/all`` the whole ``span``.
    ///
    /// Allocates nothing. Called for every bucket of a query, it is worth asking the last window first whether it contains
    /// the moment.
    public func window(_ length: WindowLength, containing moment: Int64) -> Range<Int64> {
        let moment = WindowCalendar.inSpan(moment)
        switch length {
        case .quarterHour:
            let start = moment.flooredQuotient(Bucket.milliseconds) * Bucket.milliseconds
            return start..<start + Bucket.milliseconds
        case .hour: return hour(containing: moment)
        case .all: return WindowCalendar.span
        case .day, .week, .month, .quarter, .year, .rolling:
            return moments(ofDays: days(of: length, around: day(of: moment)))
        }
    }

    /// The date a moment belongs to: the one whose window of a day contains it, even where clocks went back over midnight.
    public func date(of moment: Int64) -> CivilDate {
        CivilDate(daysSince1970: day(of: WindowCalendar.inSpan(moment)))
    }

    /// The window of one date; empty where the zone skipped it.
    public func window(of date: CivilDate) -> Range<Int64> {
        let day = date.daysSince1970
        return moments(ofDays: day..<day + 1)
    }
}

// MARK: - Days and hours

extension WindowCalendar {
    static func inSpan(_ moment: Int64) -> Int64 { moment.clamped(to: span.lowerBound...span.upperBound - 1) }

    /// The day whose window contains the moment, which lies in ``span``.
    func day(of moment: Int64) -> Int32 {
        let shown = zone.day(of: moment)
        // After clocks went back over midnight they show the day before once more, but a day begins once.
        return zone.start(ofDay: shown + 1) <= moment ? shown + 1 : shown
    }

    func moments(ofDays days: Range<Int32>) -> Range<Int64> {
        zone.start(ofDay: days.lowerBound)..<zone.start(ofDay: days.upperBound)
    }

    /// The civil days of the window around a day (for rolling windows: that ends with it).
    func days(of length: WindowLength, around day: Int32) -> Range<Int32> {
        switch length {
        case .quarterHour, .hour, .day, .all: return day..<day + 1
        case .rolling(let count): return day + 1 - count.clamped(to: WindowLength.rollingDays)..<day + 1
        case .week:
            let monday = day + 1 - Int32(CivilDate.weekday(daysSince1970: Int(day)))
            return monday..<monday + 7
        case .month:
            let (year, month, dayOfMonth) = CivilDate.parts(daysSince1970: Int(day))
            let first = day - Int32(dayOfMonth) + 1
            return first..<first + Int32(CivilDate.dayCount(month: month, year: year))
        case .quarter:
            let (year, month, _) = CivilDate.parts(daysSince1970: Int(day))
            let first = (month - 1) / 3 * 3 + 1
            let next = first == 10 ? (year + 1, 1) : (year, first + 3)
            return firstDay(year, first)..<firstDay(next.0, next.1)
        case .year:
            let year = CivilDate.parts(daysSince1970: Int(day)).year
            return firstDay(year, 1)..<firstDay(year + 1, 1)
        }
    }

    private func firstDay(_ year: Int, _ month: Int) -> Int32 {
        Int32(CivilDate.daysSince1970(year: year, month: month, day: 1))
    }

    private func hour(containing moment: Int64) -> Range<Int64> {
        let hour: Int64 = 3_600_000
        let (range, offset) = zone.stretch(around: moment)
        let start = (moment + offset).flooredQuotient(hour) * hour - offset
        return max(start, range.lowerBound)..<min(start + hour, range.upperBound)
    }
}
