/// What a row of scores says at a glance: their plain mean, and where they were at a low.
public struct TrendSummary: Hashable, Sendable {
    /// Mean of the scores that are there, each window counting once; nil where there is none.
    public let mean: Double?
    /// Places of the scores that lie below the one before and the one after; of equal ones in a row, the first. Windows
    /// without a score are passed over.
    public let lows: [Int]

    /// - Parameter scores: in order of time; nil for a window without a score.
    public init(_ scores: [Double?]) {
        let known = scores.enumerated().compactMap { place, score in
            score.flatMap { $0.isFinite ? (place: place, score: $0) : nil }
        }
        mean = known.isEmpty ? nil : known.reduce(0) { $0 + $1.score } / Double(known.count)
        var lows: [Int] = []
        var first = 0
        while first < known.count {
            var end = first
            while end + 1 < known.count, known[end + 1].score == known[first].score { end += 1 }
            if first > 0, end + 1 < known.count, known[first - 1].score > known[first].score,
                known[end + 1].score > known[first].score
            {
                lows.append(known[first].place)
            }
            first = end + 1
        }
        self.lows = lows
    }
}
