import Foundation

/// The mixture of Shiryaev–Roberts statistics of every segment, for one channel.
///
/// M. Pollak, "Average run lengths of an optimal method of detecting a change in distribution", Annals of Statistics 15
/// (1987); mixtures and the threshold ln(ARL): J. Shin, A. Ramdas, A. Rinaldo, "E-detectors", NEJSDS 2 (2024).
/// For one offset of the baseline and one shift, a step of n answers with joint likelihood ratio L does R ← (R +
/// n)·L; the expectation of R less the number of answers stays zero without a change. Offsets are averaged by their
/// posterior: what is kept is each offset's weight, and weight · R.
struct MixtureEvidence: Sendable {
    static let offsetCount = 9
    static let shiftCount = 9
    static let fallCount = 6
    /// Values kept for one segment: the offsets' weights, then weight · R by (offset, shift).
    static let stride = 90
    /// Bounds that keep everything finite; far above any threshold.
    static let ratioMax = 1e200
    static let exponentMin = -700.0
    static let exponentMax = 200.0
    /// Least weight of an offset, so that none is lost for good.
    static let weightMin = 1e-30
    /// What an empty statistic reads.
    static let empty = 1e-12

    var values: [Double] = []
    /// The statistic for a fall, by segment.
    var fall: [Double] = []
    /// The same for a rise.
    var rise: [Double] = []

    mutating func admit(segments: Int) {
        for _ in fall.count..<max(fall.count, segments) { values += Self.fresh }
        fall += [Double](repeating: Self.empty, count: max(0, segments - fall.count))
        rise += [Double](repeating: Self.empty, count: max(0, segments - rise.count))
    }

    private static let fresh =
        MixtureGrid.prior + [Double](repeating: 0, count: stride - offsetCount)

    mutating func reset(_ segment: Int) {
        values.replaceSubrange(segment * Self.stride..<(segment + 1) * Self.stride, with: Self.fresh)
        fall[segment] = Self.empty
        rise[segment] = Self.empty
    }

    /// Takes a step's answers of one segment.
    /// - Parameters:
    ///   - sums: ``MixtureGrid/terms`` log-likelihood sums, laid out as one segment's values are.
    ///   - starts: weight of a change beginning with this step: its answers, at most a day's.
    ///   - temper: 1 / dispersion; every log-likelihood is multiplied by it.
    mutating func advance(_ segment: Int, sums: UnsafePointer<Double>, starts: Double, temper: Double) {
        let read = values.withUnsafeMutableBufferPointer { all in
            let own = all.baseAddress! + segment * Self.stride
            var best = -Double.infinity
            for offset in 0..<Self.offsetCount { best = max(best, sums[offset]) }
            var weight = 0.0
            for offset in 0..<Self.offsetCount {
                let likelihood = exp(max((sums[offset] - best) * temper, Self.exponentMin))
                let gain = starts * own[offset]
                own[offset] = max(own[offset] * likelihood, Self.weightMin)
                weight += own[offset]
                let first = Self.offsetCount + offset * Self.shiftCount
                for index in first..<first + Self.shiftCount {
                    let ratio = exp(min(max(sums[index] * temper, Self.exponentMin), Self.exponentMax))
                    own[index] = min((own[index] + gain) * likelihood * ratio, Self.ratioMax)
                }
            }
            return Self.close(own, weight)
        }
        fall[segment] = read.fall
        rise[segment] = read.rise
    }

    /// The same where the likelihoods are at hand: by offset, then the ratios by (offset, shift), tempered.
    mutating func advance(_ segment: Int, factors: UnsafePointer<Double>, starts: Double) {
        let read = values.withUnsafeMutableBufferPointer { all in
            let own = all.baseAddress! + segment * Self.stride
            var weight = 0.0
            for offset in 0..<Self.offsetCount {
                let likelihood = factors[offset]
                let gain = starts * own[offset]
                own[offset] = max(own[offset] * likelihood, Self.weightMin)
                weight += own[offset]
                let targets = own + Self.offsetCount + offset * Self.shiftCount
                let ratios = factors + Self.offsetCount + offset * Self.shiftCount
                for shift in 0..<Self.shiftCount {
                    targets[shift] = (targets[shift] + gain) * (likelihood * ratios[shift])
                }
            }
            return Self.close(own, weight)
        }
        fall[segment] = read.fall
        rise[segment] = read.rise
    }

    /// Brings the weights back to a sum of one and reads off the statistics.
    @inline(__always)
    private static func close(
        _ own: UnsafeMutablePointer<Double>, _ weight: Double
    ) -> (fall: Double, rise: Double) {
        let scale = 1 / weight
        var falls = 0.0
        var rises = 0.0
        for offset in 0..<Self.offsetCount {
            own[offset] *= scale
            let targets = own + Self.offsetCount + offset * Self.shiftCount
            for shift in 0..<Self.fallCount {
                targets[shift] = min(targets[shift] * scale, Self.ratioMax)
                falls += targets[shift]
            }
            for shift in Self.fallCount..<Self.shiftCount {
                targets[shift] = min(targets[shift] * scale, Self.ratioMax)
                rises += targets[shift]
            }
        }
        return (
            falls / Double(Self.fallCount) + Self.empty, rises / Double(Self.shiftCount - Self.fallCount) + Self.empty
        )
    }
}
