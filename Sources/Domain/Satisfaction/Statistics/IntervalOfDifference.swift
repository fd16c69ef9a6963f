extension Interval {
    /// The interval of the difference of two shares of one sample, such as promoters less detractors, times `scale`.
    ///
    /// The score interval of T. Tango, "Equivalence test and confidence interval for the difference in proportions for
    /// the paired-sample design", Statistics in Medicine 17 (1998): every difference that a test with its variance at
    /// that very difference does not reject. Chosen by exact coverage against Wald's and the adjusted Wald intervals of
    /// Agresti and Min (2005) and Rocks (2016). From 10 answers on it is the nearest to the level; unlike theirs it
    /// always holds the difference observed and stays inside ±`scale`; and with no neutral answers it is Wilson's.
    /// Additions, products and roots only, so the same to the last bit on every machine.
    /// - Parameters:
    ///   - positive: answers that count for, 0 or more.
    ///   - negative: answers that count against, 0 or more; together at most `answers`.
    ///   - answers: all of them.
    ///   - scale: what a difference of 1 is called: 100 for points or percent. Finite, above 0.
    ///   - confidence: above 0 and below 1.
    /// - Returns: nil without answers, and for what is outside what is said above.
    public static func multinomialDifference(
        positive: Int64, negative: Int64, answers: Int64, scale: Double = 100, confidence: Double = 0.95
    ) -> Interval? {
        guard answers > 0, positive >= 0, negative >= 0, positive <= answers, negative <= answers - positive,
            scale > 0, scale.isFinite, let z = normalQuantile(ofConfidence: confidence)
        else { return nil }
        let sample = PairOfShares(
            positive: Double(positive) / Double(answers), negative: Double(negative) / Double(answers),
            answers: Double(answers))
        // All on one side: the bound is the end of the scale, which rounding would miss by a hair.
        let high = positive == answers ? 1 : sample.bound(toward: 1, z)
        let low = negative == answers ? -1 : sample.bound(toward: -1, z)
        return Interval(low: scale * low, high: scale * high)
    }

    /// z of a two-sided interval; a constant for 95 %, so that no machine's logarithm has a part in it.
    /// - Returns: nil unless confidence is above 0 and below 1.
    static func normalQuantile(ofConfidence confidence: Double) -> Double? {
        guard confidence > 0, confidence < 1 else { return nil }
        return confidence == 0.95 ? 1.959963984540054 : -NormalDistribution.quantile((1 - confidence) / 2)
    }
}

/// Two shares of one sample; what is neither is the rest.
private struct PairOfShares {
    let positive: Double
    let negative: Double
    let answers: Double

    var difference: Double { positive - negative }

    /// Variance of one answer if the true difference were `difference`, at the likeliest shares that have it.
    private func variance(at difference: Double) -> Double {
        // From the side that is ahead, so that nothing is a difference of two nearly equal numbers.
        difference < 0
            ? Self.variance(at: -difference, ahead: negative, behind: positive)
            : Self.variance(at: difference, ahead: positive, behind: negative)
    }

    /// - Parameter lead: the true difference, 0…1.
    private static func variance(at lead: Double, ahead: Double, behind: Double) -> Double {
        // Likeliest true share of the side behind: the larger root of 2q² + linear·q + constant = 0 (Tango, 1998).
        let linear = (2 - ahead + behind) * lead - ahead - behind
        let constant = -behind * lead * (1 - lead)
        let root = (linear * linear - 8 * constant).squareRoot()
        let share = linear > 0 ? -2 * constant / (linear + root) : (root - linear) / 4
        return 2 * share + lead * (1 - lead)
    }

    /// The farthest difference toward `end` that the sample does not reject.
    func bound(toward end: Double, _ z: Double) -> Double {
        var accepted = difference
        var rejected = end
        if holds(end, z) { return end }
        for _ in 0..<halvingsMax {
            let middle = accepted + (rejected - accepted) / 2
            if middle == accepted || middle == rejected { break }
            if holds(middle, z) { accepted = middle } else { rejected = middle }
        }
        return accepted
    }

    private func holds(_ candidate: Double, _ z: Double) -> Bool {
        let distance = difference - candidate
        return distance * distance * answers <= z * z * variance(at: candidate)
    }

    /// Two to the 64th part of the scale is below what a Double near a hundredth of it tells apart.
    private var halvingsMax: Int { 64 }
}
