import HTTP
import Satisfaction

/// Sums a line's buckets into windows: whole ones, of which a span names the first and the last.
package struct ScoreWindows {
    package let length: WindowLength
    package let calendar: WindowCalendar
    private let zone: TimeZoneTable

    /// Days added up for the rolling windows of one answer, over all of them.
    static let rollingDaysMax = 500_000

    package init(length: WindowLength, zone: TimeZoneTable) {
        self.length = length
        self.zone = zone
        calendar = WindowCalendar(zone: zone)
    }

    /// The windows that overlap the span and have anything, in order.
    ///
    /// - Parameter span: ms since 1970; windows at its ends are whole ones, never cut. For `all` the span is the window.
    package func tallies(of line: Series, in store: TrendStore, over span: Range<Int64>) throws -> [WindowTally] {
        guard !span.isEmpty else { return [] }
        switch length {
        case .all:
            let tally = WindowTally(window: span, width: line.width)
            try store.forEachBucket(of: line, in: span) { _ in tally }
            return tally.tally.isEmpty ? [] : [tally]
        case .rolling(let days): return try rolling(days, line, store, span)
        default: return try side(by: length, line, store, whole(span))
        }
    }

    /// The span widened to whole windows.
    private func whole(_ span: Range<Int64>) -> Range<Int64> {
        let first = calendar.window(length, containing: span.lowerBound)
        let last = calendar.window(length, containing: span.upperBound - 1)
        return first.lowerBound..<last.upperBound
    }

    private func side(
        by length: WindowLength, _ line: Series, _ store: TrendStore, _ span: Range<Int64>
    ) throws -> [WindowTally] {
        var windows: [WindowTally] = []
        try store.forEachBucket(of: line, in: span) { moment in
            if let last = windows.last, last.window.contains(moment) { return last }
            windows.append(WindowTally(window: calendar.window(length, containing: moment), width: line.width))
            return windows.last
        }
        return windows.filter { !$0.tally.isEmpty }
    }

    /// One window for every civil day of the span, each of that day and the days before it.
    private func rolling(
        _ days: Int32, _ line: Series, _ store: TrendStore, _ span: Range<Int64>
    ) throws -> [WindowTally] {
        let reach = calendar.window(length, containing: span.lowerBound).lowerBound..<span.upperBound
        let single = try side(by: .day, line, store, reach)
            .map { (day: zone.day(of: $0.window.lowerBound), tally: $0) }
        guard let first = single.first, let last = single.last else { return [] }
        let firstDay = max(first.day, zone.day(of: span.lowerBound))
        let lastDay = min(
            last.day + days - 1, zone.day(of: span.upperBound - 1))
        guard firstDay <= lastDay else { return [] }
        // Every window adds up the days it has, so the work is bounded by both.
        guard Int(lastDay - firstDay + 1) * min(Int(days), single.count) <= Self.rollingDaysMax else {
            throw QueryError(
                "step",
                "is \(length) over \(lastDay - firstDay + 1) days, which is too much to add up; ask for a shorter span")
        }
        var windows: [WindowTally] = []
        var begin = 0
        for day in firstDay...lastDay {
            while begin < single.count, single[begin].day <= day - days { begin += 1 }
            let window = WindowTally(
                window: calendar.window(length, containing: zone.start(ofDay: day)), width: line.width)
            for (past, own) in single[begin...] {
                guard past <= day else { break }
                window.add(own)
            }
            if !window.tally.isEmpty { windows.append(window) }
        }
        return windows
    }
}
