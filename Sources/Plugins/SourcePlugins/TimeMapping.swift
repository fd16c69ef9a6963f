import Satisfaction

/// Which column says when the customer answered, how it is written, and what it leaves out.
struct TimeMapping: Sendable {
    let column: CellReference
    /// Tried in this order; at least one.
    let formats: [TimeFormat]
    /// The zone of stamps that have none.
    let zone: TimeZoneTable
    /// Minutes after midnight for stamps that are a day only.
    let minuteOfDay: Int

    /// - Returns: milliseconds since 1970, or nil when `cell` fits none of the formats.
    func moment(_ cell: String) -> Int64? {
        for format in formats {
            switch format.read(cell) {
            case .moment(let moment): return moment
            case .local(let local): return Self.moment(local: local, in: zone)
            case .day(let day): return Self.moment(local: day + Int64(minuteOfDay) * 60_000, in: zone)
            case nil: continue
            }
        }
        return nil
    }

    /// The moment at which a wall clock of `zone` shows `local`.
    ///
    /// A time that comes twice, when clocks go back, is the first of the two; one that is left out, when they go forward,
    /// counts as if they had not yet.
    static func moment(local: Int64, in zone: TimeZoneTable) -> Int64 {
        let before = zone.offset(at: local - 86_400_000)
        let after = zone.offset(at: local + 86_400_000)
        let candidates = [local - before, local - after].sorted()
        return candidates.first { zone.offset(at: $0) == local - $0 } ?? local - before
    }
}
