import Satisfaction

/// One measured sum as a share of another.
struct MeasuredShare: Sendable {
    let part: ExactSum
    let whole: ExactSum

    /// - Returns: nil where there is nothing to be a share of.
    init?(_ part: ExactSum, of whole: ExactSum) {
        guard whole.isPositive else { return nil }
        self.part = part
        self.whole = whole
    }

    /// Of things counted one by one.
    init?(counted part: Int64, of whole: Int64) {
        self.init(ExactSum(whole: part, millionths: 0), of: ExactSum(whole: whole, millionths: 0))
    }

    /// All of it is `scale`, whatever the rounding of large sums.
    func value(times scale: Double) -> Double {
        let value = scale * part.number / whole.number
        return part > whole ? value : min(value, scale)
    }

    /// Things counted among the whole, at least 1.
    var responses: Int64 { max(1, whole.whole) }

    /// Both are numbers of things, the part no more than the whole: a share as of a sample, with an interval.
    var isOfSample: Bool {
        part.isWhole && whole.isWhole && part.whole >= 0 && part.whole <= whole.whole
    }

    /// Wilson's interval where the sums are those of a sample.
    func wilson(times scale: Double) -> Interval? {
        guard isOfSample else { return nil }
        let percent = Interval.wilson(successes: part.whole, answers: whole.whole)
        return Interval(low: percent.low * (scale / 100), high: percent.high * (scale / 100))
            .holding(value(times: scale))
    }

    /// The share as a score with Wilson's interval.
    ///
    /// - Parameter scale: 100 for percent, 1 for a ratio.
    /// - Returns: nil where tallies of hostile content leave the range.
    func score(times scale: Double, within range: ClosedRange<Double>, figures: [Figure] = []) -> Score? {
        let value = value(times: scale)
        guard range.contains(value), value.isFinite else { return nil }
        let share = value / scale
        return Score(
            value: value, interval: wilson(times: scale), method: .wilson, responses: responses,
            deviation: isOfSample ? scale * (share * max(0, 1 - share)).squareRoot() : nil, figures: figures)
    }

    /// Counted events over an exposure as a score, with the interval of a Poisson rate where both are whole numbers.
    ///
    /// - Parameter scale: 1 for a ratio, 100 for percent, 1000 for per mille.
    /// - Returns: nil where tallies of hostile content leave the range.
    func rate(times scale: Double, within range: ClosedRange<Double>) -> Score? {
        let value = value(times: scale)
        guard range.contains(value), value.isFinite else { return nil }
        let isCounted = part.isWhole && whole.isWhole && part.whole >= 0
        return Score(
            value: value,
            interval: isCounted
                ? .poissonRatio(events: part.whole, exposure: whole.number, scale: scale)?.holding(value) : nil,
            method: .poisson, responses: responses)
    }
}

extension Interval {
    /// The interval with a value inside it that rounding may have moved across an end.
    func holding(_ value: Double) -> Interval { Interval(low: min(low, value), high: max(high, value)) }

    /// The interval of a mean in a range that may have no end.
    /// - Returns: nil for a single value in such a range, and for values all alike, which say nothing of others.
    static func mean(
        _ mean: Double, deviation: Double, values: Int64, within range: ClosedRange<Double>
    ) -> Interval? {
        let isBounded = range.lowerBound.isFinite && range.upperBound.isFinite
        guard isBounded || deviation > 0 else { return nil }
        let interval = Interval.mean(
            mean: mean, standardDeviation: deviation, answers: values, within: isBounded ? range : nil)
        return interval.map { Interval(low: max($0.low, range.lowerBound), high: min($0.high, range.upperBound)) }
    }
}
