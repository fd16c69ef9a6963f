import Satisfaction

/// Made-up answers of a support centre's customers, with one real dip in them.
///
/// A sequence of events as JSON, in the order of their arrival and with `recordedtime` set to it, for `clock: message`.
/// The same arguments give the same bytes on every machine and in every release. Among the responses are some that
/// arrive late (minutes to two days), some that are delivered twice, and some lines that must be rejected. Nothing is
/// kept but the answers still on their way, so samples of any length stream.
package struct DemoSample: Sequence, Sendable {
    /// Monday, 2025-09-01T00:00:00Z.
    package static let usualStart: Int64 = 1_756_684_800_000
    /// Days and answers a day that ``init(seed:days:perDay:start:dipDay:drop:)`` takes at most.
    package static let daysMax = 3660
    package static let perDayMax = 10_000_000

    package let seed: UInt64
    package let days: Int
    /// Expected answers a day, averaged over a week.
    package let perDay: Int
    /// Milliseconds since 1970 at which the first day begins.
    package let start: Int64
    /// The dip in it; nil when it was asked to have none.
    package let truth: DemoTruth?

    /// - Parameters:
    ///   - days: 1…``daysMax``.
    ///   - perDay: 1…``perDayMax``.
    ///   - start: a whole half hour; its weekday and hour are those of UTC.
    ///   - dipDay: the day, from 0, on whose 09:30 UTC the dip begins; nil for 7/9 through the sample (day 49 of 63).
    ///   - drop: points of CSAT, 0…80; 0 for a sample without a dip.
    package init(
        seed: UInt64, days: Int = 63, perDay: Int = 600, start: Int64 = DemoSample.usualStart, dipDay: Int? = nil,
        drop: Double = 20
    ) {
        precondition((1...Self.daysMax).contains(days) && (1...Self.perDayMax).contains(perDay))
        precondition(start % DemoSample.halfHour == 0 && (0...80).contains(drop))
        self.seed = seed
        self.days = days
        self.perDay = perDay
        self.start = start
        let dipDay = dipDay ?? days * 7 / 9
        let segment = Segment([
            Segment.Part(dimension: "region", value: DemoCompany.regions[Self.dipRegion].name),
            Segment.Part(dimension: "channel", value: DemoCompany.channels[Self.dipChannel].name),
        ])
        let onset = start + Int64(dipDay) * DemoSample.day + 570 * 60_000
        truth = drop == 0 || dipDay >= days ? nil : DemoTruth(segment: segment, onset: onset, drop: drop)
    }

    /// Milliseconds since 1970 at which the last day ends; later arrivals are not part of the sample.
    package var end: Int64 { start + Int64(days) * DemoSample.day }

    package func makeIterator() -> DemoIterator { DemoIterator(self) }

    static let day: Int64 = 86_400_000
    static let halfHour: Int64 = 1_800_000
    static let dipRegion = 0
    static let dipChannel = 0
}
