/// The estimators behind ``Leaderboard``, where they are written out.
struct Credibility {
    struct Estimate {
        let entry: Leaderboard.Entry
        let shrunk: Double
        let credibility: Double
        let interval: Interval
    }

    let grandMean: Double
    /// v: variance of an answer within its row.
    let within: Double
    /// a: variance of the rows' true scores.
    let between: Double
    private let grandVariance: Double

    /// - Parameter entries: each with at least one answer and a finite mean; the order decides the last bits.
    /// - Returns: nil without entries.
    init?(_ entries: [Leaderboard.Entry]) {
        guard let origin = entries.first?.mean else { return nil }
        // About the first mean, so that rows all alike differ by exactly nothing and not by rounding.
        let distances = entries.map { $0.mean - origin }
        let sizes = entries.map { Double($0.answers) }
        let answers = sizes.reduce(0, +)
        let centre = zip(sizes, distances).reduce(0) { $0 + $1.0 * $1.1 } / answers
        let squaresBetween = zip(sizes, distances).reduce(0) { $0 + $1.0 * ($1.1 - centre) * ($1.1 - centre) }
        let squaresWithin = entries.reduce(0) { $0 + (Double($1.answers) - 1) * Self.variance($1) }
        let degrees = answers - Double(entries.count)

        let total = answers > 1 ? (squaresBetween + squaresWithin) / (answers - 1) : 0
        let pooled = degrees > 0 ? squaresWithin / degrees : 0
        within = max(pooled, total / (degrees + 1))

        let freedom = answers - sizes.reduce(0) { $0 + $1 * $1 } / answers
        let excess = squaresBetween - within * Double(entries.count - 1)
        between = freedom > 0 ? max(0, excess / freedom) : 0

        let (within, between) = (within, between)
        let weights = sizes.map { Self.credibility(answers: $0, within: within, between: between) }
        let weight = weights.reduce(0, +)
        if weight > 0 {
            grandMean = origin + zip(weights, distances).reduce(0) { $0 + $1.0 * $1.1 } / weight
            grandVariance = between / weight
        } else {
            grandMean = origin + centre
            grandVariance = within / answers
        }
    }

    func estimate(_ entry: Leaderboard.Entry) -> Estimate {
        let own = Self.credibility(answers: Double(entry.answers), within: within, between: between)
        let shrunk = grandMean + own * (entry.mean - grandMean)
        let variance = between * (1 - own) + (1 - own) * (1 - own) * grandVariance
        let half = Self.normalQuantile * variance.squareRoot()
        return Estimate(
            entry: entry, shrunk: shrunk, credibility: own, interval: Interval(low: shrunk - half, high: shrunk + half))
    }

    private static func variance(_ entry: Leaderboard.Entry) -> Double {
        guard entry.answers > 1, entry.deviation.magnitude <= Leaderboard.scoreMax else { return 0 }
        return entry.deviation * entry.deviation
    }

    /// Z = n / (n + v/a), written so that neither a = 0 nor v = 0 divides by nought.
    private static func credibility(answers: Double, within: Double, between: Double) -> Double {
        between > 0 ? answers * between / (answers * between + within) : 0
    }

    /// 97.5 % point of the normal distribution.
    private static let normalQuantile = 1.959963984540054
}
