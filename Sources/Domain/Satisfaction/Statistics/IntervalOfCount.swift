import Glibc

extension Interval {
    /// The exact interval of a rate of counted events: events / exposure × scale.
    ///
    /// F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936): the means under which as many
    /// events or more, and as few or fewer, have half of what the confidence leaves over. It covers at least as often as
    /// it says, also with few events, where ``poissonRatio(events:exposure:scale:confidence:)`` only comes near.
    /// - Parameters:
    ///   - events: counted, 0 ... ``countMax``; with none the low end is 0.
    ///   - exposure: what they are counted over, above 0.
    ///   - scale: what one event per unit of exposure is called, above 0: 1000 for a rate per 1,000.
    ///   - confidence: above 0 and below 1.
    /// - Returns: nil without exposure and for what is outside what is said above.
    public static func poissonExact(
        events: Int64, exposure: Double, scale: Double = 1, confidence: Double = 0.95
    ) -> Interval? {
        guard (0...countMax).contains(events), exposure > 0, exposure.isFinite, scale > 0, scale.isFinite,
            confidence > 0, confidence < 1
        else { return nil }
        let tail = (1 - confidence) / 2
        let seen = Double(events)
        let low = events == 0 ? 0 : poissonMean(from: 0, to: seen) { upperTail(events, mean: $0) < tail }
        var end = seen + 1
        while lowerTail(events, mean: end) > tail { end = 2 * end + 1 }
        let high = poissonMean(from: seen, to: end) { lowerTail(events, mean: $0) > tail }
        let interval = Interval(low: low / exposure * scale, high: high / exposure * scale)
        return interval.high.isFinite ? interval : nil
    }

    /// Events beyond which an approximation is as good.
    public static let countMax: Int64 = 1_000_000_000

    /// The mean up to which `isBelow` holds.
    private static func poissonMean(from low: Double, to high: Double, _ isBelow: (Double) -> Bool) -> Double {
        var low = low
        var high = high
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if isBelow(middle) { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }

    /// Probability of `events` or fewer at a mean of at least `events`: from the largest term down.
    private static func lowerTail(_ events: Int64, mean: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        var count = Double(events)
        while count > 0, term > sum * 1e-17 {
            term *= count / mean
            sum += term
            count -= 1
        }
        return sum * exp(logProbability(Double(events), mean))
    }

    /// Probability of `events` or more at a mean of at most `events`: from the largest term up.
    private static func upperTail(_ events: Int64, mean: Double) -> Double {
        guard mean > 0 else { return 0 }
        var term = 1.0
        var sum = 1.0
        var count = Double(events) + 1
        while term > sum * 1e-17 {
            term *= mean / count
            sum += term
            count += 1
        }
        return sum * exp(logProbability(Double(events), mean))
    }

    /// Logarithm of the probability of exactly `count` at that mean, by the parts that do not cancel: with Stirling's
    /// series, count·log(mean/count) + count − mean.
    private static func logProbability(_ count: Double, _ mean: Double) -> Double {
        guard count >= 32 else {
            let factorial = stride(from: 2.0, through: count, by: 1).reduce(1, *)
            return count * log(mean) - mean - log(factorial)
        }
        let series = 1 / (12 * count) - 1 / (360 * count * count * count)
        return count * log(mean / count) + count - mean - log(2 * .pi * count) / 2 - series
    }
}
