import Foundation

/// A named IANA time zone as a table of offsets, for computing civil days on the hot path without calendar calls.
///
/// Covers 1999 to 2100; moments outside take the nearest offset. A value: two tables of one name in one release of the
/// time zone database are equal. Moments are milliseconds since 1970, within the years 1 to 9999.
public struct TimeZoneTable: Hashable, Sendable {
    public let name: String
    /// Moments from which `offsets[i]` holds; ascending, the first is `Int64.min`. Neighbouring offsets differ.
    private let starts: [Int64]
    /// Milliseconds to add to UTC for local time.
    private let offsets: [Int64]

    private static let day: Int64 = 86_400_000

    /// - Returns: nil when the time zone database has no such name.
    public init?(named name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        var moment = Date(timeIntervalSince1970: 915_148_800)
        let end = Date(timeIntervalSince1970: 4_102_444_800)
        var starts = [Int64.min]
        var offsets = [Int64(zone.secondsFromGMT(for: moment)) * 1000]
        while let next = zone.nextDaylightSavingTimeTransition(after: moment), next < end, next > moment {
            let offset = Int64(zone.secondsFromGMT(for: next.addingTimeInterval(1))) * 1000
            // A change of the zone's abbreviation alone changes no clock.
            if offset != offsets.last {
                starts.append(Int64((next.timeIntervalSince1970 * 1000).rounded()))
                offsets.append(offset)
            }
            moment = next
        }
        self.init(name: name, starts: starts, offsets: offsets)
    }

    private init(name: String, starts: [Int64], offsets: [Int64]) {
        self.name = name
        self.starts = starts
        self.offsets = offsets
    }

    /// A zone of one's own, from the changes of its clocks.
    ///
    /// - Parameter changes: moments (ms since 1970) in ascending order and the offsets in milliseconds from then on; the
    ///   first offset holds before it too.
    /// - Returns: nil without a change, and for offsets of a day or more.
    public init?(name: String, changes: [(moment: Int64, offset: Int64)]) {
        guard let first = changes.first, changes.allSatisfy({ abs($0.offset) < TimeZoneTable.day }) else { return nil }
        var starts = [Int64.min]
        var offsets = [first.offset]
        for change in changes.dropFirst() where change.offset != offsets.last {
            starts.append(change.moment)
            offsets.append(change.offset)
        }
        self.init(name: name, starts: starts, offsets: offsets)
    }

    public static let utc = TimeZoneTable(named: "UTC")!

    /// Milliseconds to add to UTC at `moment` (ms since 1970).
    public func offset(at moment: Int64) -> Int64 { offsets[index(at: moment)] }

    /// Civil day of the zone as days since 1970-01-01.
    public func day(of moment: Int64) -> Int32 {
        Int32(truncatingIfNeeded: (moment + offset(at: moment)).flooredQuotient(TimeZoneTable.day))
    }

    /// Moment (ms since 1970) at which the zone's civil day begins: the first whose local date is this day or a later one.
    ///
    /// Where clocks skip midnight that is the moment of the skip. Where they go back over midnight the day begins once, at
    /// the first midnight. A day that a zone skipped begins with the next one and is empty.
    public func start(ofDay day: Int32) -> Int64 {
        let local = Int64(day) * TimeZoneTable.day
        // No offset reaches a day, so no earlier stretch can have reached this local time.
        var index = index(at: local - TimeZoneTable.day)
        while true {
            let candidate = max(starts[index], local - offsets[index])
            if candidate < end(index) { return candidate }
            index += 1
        }
    }

    /// The moment at which the zone's clocks show `local` (milliseconds since 1970-01-01T00:00 of local time).
    ///
    /// A time that comes twice, because clocks went back, is the one at offset `preferred`, or else the first; one that
    /// was skipped counts as if clocks had not yet been put forward.
    /// - Parameter preferred: an offset in milliseconds.
    public func moment(local: Int64, preferring preferred: Int64? = nil) -> Int64 {
        if let preferred, offset(at: local - preferred) == preferred { return local - preferred }
        var index = index(at: local - TimeZoneTable.day)
        while true {
            let candidate = local - offsets[index]
            if candidate < starts[index] { return local - offsets[index - 1] }
            if candidate < end(index) { return candidate }
            index += 1
        }
    }

    /// The stretch of time around a moment in which clocks are not changed, and its offset.
    func stretch(around moment: Int64) -> (range: Range<Int64>, offset: Int64) {
        let index = index(at: moment)
        return (starts[index]..<end(index), offsets[index])
    }

    /// How often the zone's clocks change in the table.
    var changes: Int { starts.count - 1 }

    /// The same zone with every change and offset at the nearest edge of a ``Bucket``, as if a bucket lay wholly in the
    /// local time that the greater part of it lies in.
    ///
    /// Equal to the zone itself but for those whose clocks changed at 00:01: America/St_Johns and America/Goose_Bay until
    /// 2011, America/Moncton until 2006, and single years of Asia/Gaza, Asia/Hebron and Antarctica/Casey.
    func atBucketEdges() -> TimeZoneTable {
        func rounded(_ value: Int64) -> Int64 {
            (value + Bucket.milliseconds / 2).flooredQuotient(Bucket.milliseconds) * Bucket.milliseconds
        }
        return TimeZoneTable(
            name: name, starts: [.min] + starts.dropFirst().map(rounded), offsets: offsets.map(rounded))
    }

    private func end(_ index: Int) -> Int64 { index + 1 < starts.count ? starts[index + 1] : .max }

    private func index(at moment: Int64) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= moment { low = middle } else { high = middle }
        }
        return low
    }
}
