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

/// How the 95 % interval of a score is formed.
public enum IntervalMethod: String, Hashable, Sendable, CaseIterable {
    /// Wilson's score interval of a share.
    case wilson
    /// Difference of two shares of one multinomial sample.
    case multinomial
    /// Student's t around a mean.
    case t
    /// Order statistics of a sketch, widened by the sketch's own error.
    case sketch
    /// Sum of its parts' half widths: never narrower than the truth, whatever the parts have to do with each other.
    case conservative
    /// Counted events over an exposure, as a Poisson rate.
    case poisson
    /// Everything was counted; there is no sample to be unsure of.
    case none
}

/// A further number that belongs to a score, such as the median beside a mean.
public struct Figure: Hashable, Sendable {
    public let name: String
    public let value: Double
    public let unit: String
    public init(_ name: String, _ value: Double, unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

/// One component of an index: what people say of it and how much it matters.
public struct ScoreComponent: Hashable, Sendable {
    public let name: String
    public let answers: Int64
    /// Mean rating on the component's scale.
    public let rating: Double
    /// The scale of the ratings; nil where they are no answers on a scale.
    public let scale: Scale?
    /// Standard deviation of one answer's rating; nil where it is not known.
    public let deviation: Double?
    /// Mean importance, or share of respondents who named it, in the index's own terms; nil where weights are given.
    public let importance: Double?
    /// Share of the index, 0…1; all components' weights sum to 1.
    public let weight: Double
    /// The component's own index, 0…100.
    public let index: Double
    /// Importance less rating, both as percent of their scales: the highest is to be mended first.
    public let gap: Double?

    public init(
        name: String, answers: Int64, rating: Double, scale: Scale? = nil, deviation: Double? = nil,
        importance: Double? = nil,
        weight: Double, index: Double, gap: Double? = nil
    ) {
        self.name = name
        self.answers = answers
        self.rating = rating
        self.scale = scale
        self.deviation = deviation
        self.importance = importance
        self.weight = weight
        self.index = index
        self.gap = gap
    }
}

/// A tally made into a number: the score, how sure it is, and how many answers stand behind it.
public struct Score: Hashable, Sendable {
    /// In the metric's unit; for CSAT percent, 0…100.
    public let value: Double
    /// 95 % interval in the same unit; nil with the method `none`, and where the sample is too small to say.
    public let interval: Interval?
    public let method: IntervalMethod
    /// Answers counted, at least 1: a window without answers has no score.
    public let responses: Int64
    /// Standard deviation of a single answer with Bessel's correction, in the score's unit; nil where the score is no mean of answers.
    public let deviation: Double?
    public let figures: [Figure]
    /// Of an index, in the order in which they are to be read.
    public let components: [ScoreComponent]

    public init(
        value: Double, interval: Interval?, method: IntervalMethod, responses: Int64, deviation: Double? = nil,
        figures: [Figure] = [], components: [ScoreComponent] = []
    ) {
        self.value = value
        self.interval = interval
        self.method = method
        self.responses = responses
        self.deviation = deviation
        self.figures = figures
        self.components = components
    }

    /// A share in percent with Wilson's interval.
    /// - Returns: nil without answers.
    public static func share(_ successes: Int64, of answers: Int64, figures: [Figure] = []) -> Score? {
        guard answers > 0, successes >= 0, successes <= answers else { return nil }
        let n = Double(answers)
        let share = Double(successes) / n
        let value = min(100, 100 * Double(successes) / n)
        let wilson = Interval.wilson(successes: successes, answers: answers)
        // Beyond 2^53 answers a share and its bounds round apart.
        let interval = Interval(low: min(wilson.low, value), high: max(wilson.high, value))
        return Score(
            value: value, interval: interval, method: .wilson, responses: answers,
            deviation: answers > 1 ? 100 * (share * (1 - share) * n / (n - 1)).squareRoot() : 0, figures: figures)
    }
}
