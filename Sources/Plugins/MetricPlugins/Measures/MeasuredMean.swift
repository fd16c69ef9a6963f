import PluginKit
import Satisfaction

/// Number, sum and sum of squares of measured values, all exact: a mean with its spread.
struct MeasuredMean: Sendable {
    let count: Int64
    let mean: Double
    /// Standard deviation of one value, with Bessel's correction; 0 for a single value.
    let deviation: Double

    private enum Column {
        static let count = 0
        static let sum = 1
        static let squares = sum + ExactSum.width
    }
    /// Columns it takes.
    static let width = Column.squares + squareParts

    /// A square of up to 1e36 millionths² lies in four columns of 30 bits each, so that none overflows before eight
    /// thousand million values.
    private static let squareParts = 4
    private static let bitsPerPart = 30

    static func add(_ value: MeasuredValue, into sums: inout Contributions) {
        sums.add(at: Column.count)
        ExactSum.add(value, at: Column.sum, into: &sums)
        let magnitude = (value.whole * 1_000_000 + value.millionths).magnitude
        var rest = UInt128(magnitude) * UInt128(magnitude)
        var column = Column.squares
        while rest > 0 {
            let part = Int64(truncatingIfNeeded: rest & ((1 << bitsPerPart) - 1))
            if part != 0 { sums.add(part, at: column) }
            rest >>= bitsPerPart
            column += 1
        }
    }

    /// - Returns: nil without values.
    init?(_ tally: Tally) {
        count = tally[Column.count]
        guard count > 0 else { return nil }
        let sum = ExactSum(tally, at: Column.sum)
        mean = sum.number / Double(count)
        let squares = Self.squaresAboutMean(
            count: Int128(count), sum: Int128(sum.whole) * 1_000_000 + Int128(sum.millionths),
            parts: (0..<Self.squareParts).map { tally[Column.squares + $0] })
        deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() / 1_000_000 : 0
    }

    /// Sum of squared distances from the mean, in millionths².
    ///
    /// About a whole number near the mean it is Σv² − 2cΣv + nc², three numbers that may pass 128 bits while their sum
    /// does not: wrapping arithmetic gives it exactly. Where not even the sum would fit, nothing cancels, and floating
    /// point is near enough.
    private static func squaresAboutMean(count: Int128, sum: Int128, parts: [Int64]) -> Double {
        var total: Int128 = 0
        var approximate = 0.0
        for part in parts.reversed() {
            total = (total << Int128(bitsPerPart)) &+ Int128(part)
            approximate = approximate * Double(1 << bitsPerPart) + Double(part)
        }
        approximate -= Double(sum) * (Double(sum) / Double(count))
        guard approximate.magnitude < exactMax else { return max(0, approximate) }
        let centre = sum / count
        let exact = total &- 2 &* centre &* sum &+ count &* centre &* centre
        let rest = Double(sum - count * centre)
        return max(0, Double(exact) - rest * (rest / Double(count)))
    }

    /// How far the values lie from the better end of their range, in millionths.
    /// - Returns: nil for a range without ends, or one that reaches beyond a million: some million such values in one
    ///   step would be more than an Int64 holds.
    static func watched(within range: ClosedRange<Double>, isHighGood: Bool) -> WatchedAnswers? {
        guard range.lowerBound >= -watchedMax, range.upperBound <= watchedMax else { return nil }
        let lowest = Int64((range.lowerBound * 1_000_000).rounded(.down))
        let highest = Int64((range.upperBound * 1_000_000).rounded(.up))
        var answers = [Int64](repeating: 0, count: width)
        var harms = answers
        answers[Column.count] = 1
        harms[Column.count] = isHighGood ? highest : -lowest
        harms[Column.sum] = isHighGood ? -1_000_000 : 1_000_000
        harms[Column.sum + 1] = isHighGood ? -1 : 1
        let span = Double(highest - lowest) / 1_000_000
        return WatchedAnswers(
            answers: answers,
            channels: [
                WatchedAnswers.Channel(
                    name: isHighGood ? "below the highest" : "above the lowest", harms: harms, unit: highest - lowest,
                    points: isHighGood ? span : -span)
            ], best: Double(isHighGood ? highest : lowest) / 1_000_000)
    }

    private static let watchedMax = 1_000_000.0

    /// Half of what 127 bits hold, so that rounding on the way here decides nothing.
    private static let exactMax = 0x1p126

    /// The mean as a score with Student's t.
    /// - Returns: nil where tallies of hostile content leave the range.
    func score(within range: ClosedRange<Double>) -> Score? {
        guard range.contains(mean) else { return nil }
        return Score(
            value: mean, interval: .mean(mean, deviation: deviation, values: count, within: range), method: .t,
            responses: count, deviation: deviation)
    }
}
