import Foundation

/// A named IANA time zone as a table of offsets, for computing civil days on the hot path without calendar calls.
///
/// Covers 1999 to 2100; moments outside take the nearest offset. A value: two tables of one name in one release of the
/// time zone database are equal.
public struct TimeZoneTable: Hashable, Sendable {
    public let name: String
    /// Moments (ms since 1970) from which `offsets[i]` holds; ascending, the first is `Int64.min`.
    private let starts: [Int64]
    /// Milliseconds to add to UTC for local time.
    private let offsets: [Int64]

    /// - Returns: nil when the time zone database has no such name.
    public init?(named name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.name = name
        var moment = Date(timeIntervalSince1970: 915_148_800)
        let end = Date(timeIntervalSince1970: 4_102_444_800)
        var starts = [Int64.min]
        var offsets = [Int64(zone.secondsFromGMT(for: moment)) * 1000]
        while let next = zone.nextDaylightSavingTimeTransition(after: moment), next < end, next > moment {
            starts.append(Int64((next.timeIntervalSince1970 * 1000).rounded()))
            offsets.append(Int64(zone.secondsFromGMT(for: next.addingTimeInterval(1))) * 1000)
            moment = next
        }
        self.starts = starts
        self.offsets = offsets
    }

    public static let utc = TimeZoneTable(named: "UTC")!

    /// Milliseconds to add to UTC at `moment` (ms since 1970).
    public func offset(at moment: Int64) -> Int64 {
        if starts.count == 1 { return offsets[0] }
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= moment { low = middle } else { high = middle }
        }
        return offsets[low]
    }

    /// Civil day of the zone as days since 1970-01-01.
    public func day(of moment: Int64) -> Int32 {
        Int32(truncatingIfNeeded: (moment + offset(at: moment)).flooredQuotient(86_400_000))
    }

    /// Moment (ms since 1970) at which the zone's civil day begins.
    public func start(ofDay day: Int32) -> Int64 {
        let local = Int64(day) * 86_400_000
        let first = local - offset(at: local)
        let second = local - offset(at: first)
        // Where clocks skip midnight the day begins with the skip, the later of the two.
        return offset(at: second) == local - second ? second : max(first, second)
    }
}
