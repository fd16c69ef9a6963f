extension WindowCalendar {
    /// The windows that overlap the moments `start..<end`, in order; of rolling windows those that end with a civil day
    /// that overlaps them, which is one a day. Windows are made as they are asked for; the first and the last may reach
    /// beyond the moments asked for, and none is empty.
    ///
    /// Ends within ``span``, whatever is asked; ``WindowSequence/countUpperBound`` says beforehand how many there may be.
    public func windows(_ length: WindowLength, from start: Int64, to end: Int64) -> WindowSequence {
        WindowSequence(
            calendar: self, length: length, start: max(start, WindowCalendar.span.lowerBound),
            end: min(end, WindowCalendar.span.upperBound))
    }
}

/// Windows in order, see ``WindowCalendar/windows(_:from:to:)``.
public struct WindowSequence: Sequence, IteratorProtocol, Sendable {
    private let calendar: WindowCalendar
    private let length: WindowLength
    /// A moment of the next window (of a rolling one: of its last day).
    private var moment: Int64
    private let end: Int64

    init(calendar: WindowCalendar, length: WindowLength, start: Int64, end: Int64) {
        self.calendar = calendar
        self.length = length
        moment = start
        self.end = end
    }

    public mutating func next() -> Range<Int64>? {
        guard moment < end else { return nil }
        let window = calendar.window(length, containing: moment)
        assert(window.upperBound > moment)
        moment = window.upperBound
        return window
    }

    /// No more windows than this are left; for limits to be checked before any is made.
    public var countUpperBound: Int {
        guard moment < end else { return 0 }
        let hour: Int64 = 3_600_000
        let shortest: Int64? =
            switch length {
            case .quarterHour: Bucket.milliseconds
            case .hour: hour
            case .day, .rolling: 24 * hour
            case .week: 7 * 24 * hour
            case .month: 28 * 24 * hour
            case .quarter: 90 * 24 * hour
            case .year: 365 * 24 * hour
            case .all: nil
            }
        guard let shortest else { return 1 }
        // One more for the windows cut off at either end, and for each change of clocks, which shortens windows by less
        // than a day in all, or cuts one hour into two.
        return Int((end - moment) / shortest) + 2 + 2 * calendar.zone.changes
    }
}
