/// Agents, teams or any other rows in the order of their scores, each score drawn toward the mean of all rows by as
/// much as chance alone could have carried it away, so that two lucky answers do not lead.
///
/// Credibility after H. Bühlmann and E. Straub, "Glaubwürdigkeit für Schadensätze" (1970), with the unbiased estimators
/// of S. Klugman, H. Panjer and G. Willmot, "Loss Models", section "Nonparametric estimation". Row i has nᵢ answers of
/// mean xᵢ and deviation sᵢ:
///
///     v = Σ (nᵢ - 1)sᵢ² / Σ (nᵢ - 1)                               variance of an answer within its row
///     a = max(0, (Σ nᵢ(xᵢ - x̄)² - v(r - 1)) / (N - Σ nᵢ²/N))       variance between the r rows' true scores
///     Zᵢ = nᵢ / (nᵢ + v/a),  μ = Σ Zᵢxᵢ / Σ Zᵢ,  shrunk = Zᵢxᵢ + (1 - Zᵢ)μ
///
/// With a = 0 the rows differ by no more than chance would make them: Z is 0 and everybody gets the grand mean. The
/// 95 % interval has the variance a(1 - Zᵢ) + (1 - Zᵢ)² Var(μ), Var(μ) = a / Σ Zᵢ, or v / N where a = 0.
///
/// Few answers that happen to be alike would make v nought and every lucky row certain. Therefore v is at least the
/// variance of all answers about the grand mean divided by Σ (nᵢ - 1) + 1, as if one answer more had been seen as far
/// away as answers are on average; it changes nothing where rows have answers to speak of.
public struct Leaderboard: Hashable, Sendable {
    /// What is known of one row before the others are looked at.
    public struct Entry: Hashable, Sendable {
        public let name: String
        /// Mean of its answers, in score units.
        public let mean: Double
        /// Standard deviation of a single answer in score units, with Bessel's correction (divided by n - 1). 0 or NaN
        /// where there is but one answer; what is no finite number counts as 0.
        public let deviation: Double
        public let answers: Int64

        public init(name: String, mean: Double, deviation: Double, answers: Int64) {
            self.name = name
            self.mean = mean
            self.deviation = deviation
            self.answers = answers
        }
    }

    public struct Row: Hashable, Sendable {
        public let name: String
        public let answers: Int64
        public let raw: Double
        public let shrunk: Double
        /// Z, 0…1: how much of the shrunk score is the row's own.
        public let credibility: Double
        /// 95 % credible interval around the shrunk score, in score units; it may reach beyond the metric's range.
        public let interval: Interval
        /// 1 + the rows in better groups. A group is a chain of rows whose intervals overlap, one with the next.
        public let rank: Int
        /// Rows whose intervals lie wholly on the better side of this one's. In a long chain, where all share a rank,
        /// this still says something.
        public let surelyAbove: Int
        /// Rows whose intervals lie wholly on the worse side of this one's.
        public let surelyBelow: Int
    }

    /// Best first by shrunk score, equal ones by name.
    public let rows: [Row]
    /// What all rows are drawn toward; nil without rows.
    public let grandMean: Double?
    /// Names of entries that have no score: no answers, or a mean that is not a number of at most ``scoreMax``.
    public let withoutScore: [String]

    /// Greatest magnitude of a mean; keeps squares finite.
    public static let scoreMax = 1e100

    public init(_ entries: [Entry], polarity: Polarity) {
        let scored = entries.filter { $0.answers > 0 && $0.mean.magnitude <= Self.scoreMax }
            // Sums of floating point depend on their order; this one does not depend on the caller's.
            .sorted { ($0.mean, $0.answers, $0.name) < ($1.mean, $1.answers, $1.name) }
        withoutScore =
            entries.filter { !($0.answers > 0 && $0.mean.magnitude <= Self.scoreMax) }.map(\.name).sorted()
        guard let credibility = Credibility(scored) else {
            rows = []
            grandMean = nil
            return
        }
        grandMean = credibility.grandMean
        rows = Self.ranked(scored.map(credibility.estimate), polarity)
    }

    private static func ranked(_ estimates: [Credibility.Estimate], _ polarity: Polarity) -> [Row] {
        // Turned so that a greater number is better, whichever way the metric points.
        let sign: Double = polarity == .higherIsBetter ? 1 : -1
        let bestFirst = estimates.sorted { (-sign * $0.shrunk, $0.entry.name) < (-sign * $1.shrunk, $1.entry.name) }
        let worst = bestFirst.map { sign > 0 ? $0.interval.low : -$0.interval.high }
        let best = bestFirst.map { sign > 0 ? $0.interval.high : -$0.interval.low }
        let ranks = ranks(worst: worst, best: best)
        let ascendingWorst = worst.sorted()
        let ascendingBest = best.sorted()
        return bestFirst.indices.map { index in
            Row(
                name: bestFirst[index].entry.name, answers: bestFirst[index].entry.answers,
                raw: bestFirst[index].entry.mean, shrunk: bestFirst[index].shrunk,
                credibility: bestFirst[index].credibility, interval: bestFirst[index].interval, rank: ranks[index],
                surelyAbove: ascendingWorst.count - firstIndex(in: ascendingWorst) { $0 > best[index] },
                surelyBelow: firstIndex(in: ascendingBest) { $0 >= worst[index] })
        }
    }

    /// Ranks of rows by the chains their intervals form; intervals that touch overlap.
    private static func ranks(worst: [Double], best: [Double]) -> [Int] {
        var ranks = [Int](repeating: 1, count: worst.count)
        var rank = 1
        var chainEnd = Double.infinity
        for (seen, index) in worst.indices.sorted(by: { best[$0] > best[$1] }).enumerated() {
            if best[index] < chainEnd {
                rank = seen + 1
                chainEnd = worst[index]
            }
            chainEnd = min(chainEnd, worst[index])
            ranks[index] = rank
        }
        return ranks
    }

    /// First index of ascending values for which the condition holds.
    private static func firstIndex(in values: [Double], where holds: (Double) -> Bool) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if holds(values[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
