import Satisfaction

/// Where chunks that are not in memory come from.
package protocol ChunkSource {
    /// The stored bytes of a series' UTC day; nil when nothing is stored.
    func chunk(series: Int32, day: Int32) throws -> [UInt8]?
}

/// The trend lines' counts: chunks in memory as they are needed, dirty ones waiting for the next transaction.
struct LineBook {
    /// Chunks kept in memory; past it, clean ones not touched since the last commits are dropped.
    static let chunksMax = 40_000

    private var chunks: [DayChunk] = []
    private var places: [UInt64: Int32] = [:]
    private var recent: [Recent] = []
    private var dirty: [Int32] = []
    /// Amounts added to wide tallies since memory was last given back: each may be an entry of its own.
    private var wideAmounts = 0
    private static let wideAmountsMax = 4_000_000
    private let source: any ChunkSource
    /// Why a stored day could not be read. Nothing may be committed then: the day would be overwritten by what little
    /// of it is in memory.
    private(set) var failure: String?

    /// The chunk a series was last written to: most answers belong to today.
    private struct Recent {
        var day: Int32 = .min
        var place: Int32 = -1
    }

    init(source: any ChunkSource) { self.source = source }

    private static func key(_ series: Int32, _ day: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: series)) << 32 | UInt64(UInt32(bitPattern: day))
    }

    /// - Parameter step: step of the arrival clock in which the amount came.
    mutating func add(_ amount: Int64, column: Int, bucket: Int32, series: Int32, width: Int, step: Int64) {
        let day = bucket.flooredQuotient(Bucket.perDay)
        let place = Int(place(series: series, day: day, width: width))
        if !Tally.isDense(width: width) { wideAmounts += 1 }
        if !chunks[place].isDirty { dirty.append(Int32(place)) }
        chunks[place].add(amount, column: column, bucket: bucket, step: step)
    }

    private mutating func place(series: Int32, day: Int32, width: Int) -> Int32 {
        let index = Int(series)
        while recent.count <= index { recent.append(Recent()) }
        if recent[index].day == day { return recent[index].place }
        let place = load(series: series, day: day, width: width)
        recent[index] = Recent(day: day, place: place)
        return place
    }

    private mutating func load(series: Int32, day: Int32, width: Int) -> Int32 {
        let key = Self.key(series, day)
        if let known = places[key] { return known }
        var chunk = DayChunk(series: series, day: day, width: width)
        do {
            if let bytes = try source.chunk(series: series, day: day) {
                if let stored = DayChunk(series: series, day: day, width: width, encoded: bytes) {
                    chunk = stored
                } else {
                    failure = "day \(day) of series \(series) is damaged in the trend store"
                }
            }
        } catch { failure = "day \(day) of series \(series) cannot be read from the trend store: \(error)" }
        let place = Int32(chunks.count)
        chunks.append(chunk)
        places[key] = place
        return place
    }

    /// Series and days changed since the last ``markStored()``, in the order in which they first changed.
    var changes: [(series: Int32, day: Int32, encoded: [UInt8])] {
        dirty.map { (chunks[Int($0)].series, chunks[Int($0)].day, chunks[Int($0)].encoded) }
    }

    mutating func markStored() {
        for place in dirty { chunks[Int(place)].isDirty = false }
        dirty.removeAll(keepingCapacity: true)
        if chunks.count > Self.chunksMax || wideAmounts > Self.wideAmountsMax {
            wideAmounts = 0
            chunks.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
            recent.removeAll(keepingCapacity: true)
        }
    }

    /// What a series has between two moments (ms since 1970, on bucket edges), stored or not.
    mutating func tally(of series: Series, in window: Range<Int64>) -> WindowTally {
        let total = WindowTally(window: window, width: series.width)
        guard !window.isEmpty else { return total }
        let range = Bucket(containing: window.lowerBound).index..<Bucket(containing: window.upperBound - 1).index + 1
        let days =
            range.lowerBound.flooredQuotient(Bucket.perDay)...(range.upperBound - 1).flooredQuotient(Bucket.perDay)
        for day in days {
            chunks[Int(load(series: series.id, day: day, width: series.width))].forEachBucket(in: range) { _ in total }
        }
        return total
    }
}
