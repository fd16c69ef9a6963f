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
    /// Days of series whose last message is kept.
    static let publishedMax = 100_000

    private var changed: Set<Entry> = []
    private var awaiting: Set<Entry> = []
    /// The last message of a day and its answers; kept only where segments of few answers are not shown.
    private var published: [Entry: (responses: Int64, message: FeedMessage?)] = [:]
    /// The day of the arrival clock when this life began on a store that had answers: what was published of it and of
    /// earlier days is not known any more.
    private let begunOn: Int32

    init(begunOn: Int32 = .min) { self.begunOn = begunOn }

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

    /// Whether a day's score may be published at this number of answers: where segments of few answers are not shown, two
    /// messages must not differ by few answers either. The same answers may be told again.
    mutating func mayPublish(_ entry: Entry, responses: Int64, minimumAnswers: Int64) -> Bool {
        guard minimumAnswers > 1 else { return true }
        guard let last = published[entry] else {
            // After a restart some former message may have told all but the last few of these.
            guard entry.day > begunOn else {
                published[entry] = (responses, nil)
                return false
            }
            return responses >= minimumAnswers
        }
        return responses - last.responses >= minimumAnswers || (responses == last.responses && last.message != nil)
    }

    /// Notes what was published, for snapshots and for ``mayPublish(_:responses:minimumAnswers:)``.
    mutating func note(_ message: FeedMessage, of entry: Entry, responses: Int64, minimumAnswers: Int64) {
        guard minimumAnswers > 1 else { return }
        if published.count >= Self.publishedMax {
            // The oldest days go; nothing more is published of them, rather than too much.
            let days = published.keys.map(\.day).sorted()
            let cut = days[days.count / 2]
            published = published.filter { $0.key.day > cut }
        }
        published[entry] = (responses, message)
    }

    /// What was last published of a day.
    func lastMessage(of entry: Entry) -> FeedMessage? { published[entry]?.message }

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
