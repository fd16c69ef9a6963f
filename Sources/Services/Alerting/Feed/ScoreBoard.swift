import Satisfaction

/// Which scores are to be published: civil days of series that have new answers, and days whose provisional score is
/// followed by the final one once they are complete.
struct ScoreBoard {
    struct Entry: Hashable, Comparable {
        let series: Int32
        /// Civil day of the configured zone, days since 1970.
        let day: Int32

        static func < (left: Entry, right: Entry) -> Bool { (left.day, left.series) < (right.day, right.series) }
    }

    /// Days of series kept for their final score; beyond it the final score is to be asked for.
    static let awaitingMax = 1_000_000

    private var changed: Set<Entry> = []
    private var awaiting: Set<Entry> = []
    /// Answers in the last message of a day; kept only where ``mayPublish(_:responses:minimumAnswers:)`` withholds.
    private var published: [Entry: Int64] = [:]
    /// Earliest day awaited, so that nothing is looked through while there is nothing to find.
    private var earliestAwaited = Int32.max
    /// The last bucket noted of every series, because answers come in runs.
    private var latest: [Int32] = []

    var isEmpty: Bool { changed.isEmpty && awaiting.isEmpty }

    mutating func note(_ series: Int32, bucket: Int32, zone: TimeZoneTable) {
        while latest.count <= Int(series) { latest.append(.min) }
        guard latest[Int(series)] != bucket else { return }
        latest[Int(series)] = bucket
        changed.insert(Entry(series: series, day: zone.day(of: Bucket(index: bucket).start)))
    }

    /// Takes out what has changed; ``putBack(_:)`` returns what is not published yet.
    mutating func takeChanged() -> [Entry] {
        defer {
            changed.removeAll(keepingCapacity: true)
            for series in latest.indices { latest[series] = .min }
        }
        return changed.sorted()
    }

    mutating func putBack(_ entry: Entry) { changed.insert(entry) }

    /// Whether a day's score may be published at this number of answers, and notes it if so: where segments of few
    /// answers are not shown, two messages must not differ by few answers either.
    mutating func mayPublish(_ entry: Entry, responses: Int64, minimumAnswers: Int64) -> Bool {
        guard minimumAnswers > 1 else { return true }
        guard responses - (published[entry] ?? 0) >= minimumAnswers else { return false }
        if published.count >= Self.awaitingMax { published.removeAll() }
        published[entry] = responses
        return true
    }

    /// A provisional score was published: the final one follows.
    mutating func await(_ entry: Entry) {
        guard awaiting.count < Self.awaitingMax else { return }
        awaiting.insert(entry)
        earliestAwaited = min(earliestAwaited, entry.day)
    }

    /// Takes out the awaited days that are complete by now, in order.
    mutating func takeComplete(_ isComplete: (Int32) -> Bool) -> [Entry] {
        guard earliestAwaited < .max, isComplete(earliestAwaited) else { return [] }
        let complete = awaiting.filter { isComplete($0.day) }
        awaiting.subtract(complete)
        earliestAwaited = awaiting.map(\.day).min() ?? .max
        return complete.sorted()
    }
}
