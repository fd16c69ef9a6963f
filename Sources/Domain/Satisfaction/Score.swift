/// A number with the range its sample leaves open.
public struct Interval: Hashable, Sendable {
    public let low: Double
    public let high: Double
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// Wilson's score interval of a share, in percent.
    ///
    /// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). It stays
    /// inside 0…100 and keeps its coverage for few answers and for shares near the ends, where the usual ± does not.
    /// - Parameters:
    ///   - successes: 0…answers.
    ///   - answers: at least 1.
    ///   - z: normal quantile; 1.959964 for 95 %.
    public static func wilson(successes: Int64, answers: Int64, z: Double = 1.959963984540054) -> Interval {
        precondition(answers > 0 && successes >= 0 && successes <= answers)
        let n = Double(answers)
        let share = Double(successes) / n
        let z2 = z * z
        let centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        let half = z / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)).squareRoot()
        // All or none: the bound is the end of the scale, which rounding would miss by a hair.
        return Interval(
            low: successes == 0 ? 0 : max(0, 100 * (centre - half)),
            high: successes == answers ? 100 : min(100, 100 * (centre + half)))
    }
}

/// A tally made into a number: the score, how sure it is, and how many answers stand behind it.
public struct Score: Hashable, Sendable {
    /// In the metric's unit; for CSAT percent, 0…100.
    public let value: Double
    /// 95 % interval in the same unit.
    public let interval: Interval
    /// Answers counted, at least 1: a window without answers has no score.
    public let responses: Int64

    public init(value: Double, interval: Interval, responses: Int64) {
        self.value = value
        self.interval = interval
        self.responses = responses
    }
}
