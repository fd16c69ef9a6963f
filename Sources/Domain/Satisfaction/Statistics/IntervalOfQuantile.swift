/// Ranks in a sorted sample, 1 for its smallest value, between which a quantile of all answers lies.
///
/// nil is an open end: the sample is too small to have a value beyond which the quantile would be unlikely.
public struct RankBounds: Hashable, Sendable {
    public let low: Int64?
    public let high: Int64?

    /// Of `answers` independent values a binomial number lies at or below the quantile, so these are that number's
    /// quantiles: by its normal approximation with the correction for continuity and the first term for skewness (R. A.
    /// Cornish and E. A. Fisher, 1938). Roots and products only, so the same on every machine.
    ///
    /// Not Wilson's bounds of the share times the answers: those bound a share that was observed, here the share is
    /// given and the count varies. At the 95th percentile of 10 answers they would hold it 40 times in 100.
    /// - Returns: nil without answers, and for a quantile outside 0…1 or a confidence not between 0 and 1.
    public init?(ofQuantile quantile: Double, answers: Int64, confidence: Double = 0.95) {
        guard answers > 0, quantile >= 0, quantile <= 1,
            let z = Interval.normalQuantile(ofConfidence: confidence)
        else { return nil }
        let expected = Double(answers) * quantile
        let half = z * (expected * (1 - quantile)).squareRoot()
        let skew = (z * z - 1) * (1 - 2 * quantile) / 6
        let low = (expected - half + skew + 0.5).rounded(.down)
        let high = (expected + half + skew + 0.5).rounded(.up)
        let rank = Self.rank(ofQuantile: quantile, answers: answers)
        self.low = low < 1 ? nil : min(Int64(clamping: low), rank)
        self.high = high > Double(answers) ? nil : min(max(Int64(clamping: high), rank), answers)
    }

    /// Rank of the sample's own quantile: the smallest value with at least that share of the values at or below it.
    /// - Parameters:
    ///   - quantile: 0…1.
    ///   - answers: at least 1.
    static func rank(ofQuantile quantile: Double, answers: Int64) -> Int64 {
        // 0.07 × 100 is a hair above 7: a product this near a whole number is meant to be that number.
        let product = quantile * Double(answers) * (1 - 0x1p-50)
        return min(max(Int64(clamping: product.rounded(.up)), 1), answers)
    }
}

extension Interval {
    /// The interval of a quantile of all answers, by order statistics of the sample; no shape is assumed.
    /// - Parameters:
    ///   - quantile: 0…1; 0.5 is the median.
    ///   - sorted: the sample in rising order, without NaN.
    ///   - within: the range the values can have; its ends stand in for open ends.
    ///   - confidence: above 0 and below 1.
    /// - Returns: nil without answers, where an end is open and there is no range, and for other quantiles and
    ///   confidences.
    public static func quantile(
        _ quantile: Double, ofSorted sorted: [Double], within range: ClosedRange<Double>? = nil,
        confidence: Double = 0.95
    ) -> Interval? {
        guard
            let ranks = RankBounds(
                ofQuantile: quantile, answers: Int64(sorted.count), confidence: confidence),
            let low = ranks.low.map({ sorted[Int($0) - 1] }) ?? range?.lowerBound,
            let high = ranks.high.map({ sorted[Int($0) - 1] }) ?? range?.upperBound
        else { return nil }
        return Interval(low: low, high: high)
    }
}

extension Int64 {
    /// The nearest Int64; `value` is whole and not NaN.
    fileprivate init(clamping value: Double) {
        self = value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
    }
}
