import Foundation

/// The mixture of Shiryaev–Roberts statistics of every segment.
///
/// M. Pollak, "Average run lengths of an optimal method of detecting a change in distribution", Annals of Statistics 15
/// (1987); mixtures and the threshold ln(ARL): J. Shin, A. Ramdas, A. Rinaldo, "E-detectors", NEJSDS 2 (2024).
/// For one offset of the baseline and one shift, a step of n answers with joint likelihood ratio L does R ← (R +
/// n)·L; the expectation of R less the number of answers stays zero without a change. Offsets are averaged by their
/// posterior.
struct MixtureEvidence: Sendable {
    static let offsetCount = MixtureGrid.offsets.count
    static let shiftCount = MixtureGrid.shifts.count
    static let fallCount = MixtureGrid.falls.count
    /// Values kept for one segment: the offsets' log-likelihoods, then R by (offset, shift).
    static let stride = MixtureGrid.terms
    /// Bounds that keep (R + n)·L finite; far above any threshold.
    static let ratioMax = 1e200
    static let exponentMin = -700.0
    static let exponentMax = 200.0
    /// What an empty statistic reads.
    static let logMin = -20.0

    var values: [Double] = []
    /// Logarithm of the statistic for a fall, by segment.
    var fall: [Double] = []
    /// The same for a rise.
    var rise: [Double] = []

    mutating func admit(segments: Int) {
        guard fall.count < segments else { return }
        values += [Double](repeating: 0, count: segments * Self.stride - values.count)
        fall += [Double](repeating: Self.logMin, count: segments - fall.count)
        rise += [Double](repeating: Self.logMin, count: segments - rise.count)
    }

    mutating func reset(_ segment: Int) {
        for index in segment * Self.stride..<(segment + 1) * Self.stride { values[index] = 0 }
        fall[segment] = Self.logMin
        rise[segment] = Self.logMin
    }

    /// Takes a step's answers of one segment.
    /// - Parameters:
    ///   - sums: ``MixtureGrid/terms`` log-likelihood sums, laid out as one segment's values are.
    ///   - starts: weight of a change beginning with this step: its answers, at most a day's.
    ///   - temper: 1 / dispersion; every log-likelihood is multiplied by it.
    mutating func advance(_ segment: Int, sums: UnsafePointer<Double>, starts: Double, temper: Double) {
        values.withUnsafeMutableBufferPointer { all in
            let own = all.baseAddress! + segment * Self.stride
            let weights = Self.updateOffsets(own, sums, temper)
            let ratios = own + Self.offsetCount
            let exponents = sums + Self.offsetCount
            var total = 0.0
            var falls = 0.0
            var rises = 0.0
            for offset in 0..<Self.offsetCount {
                var fallSum = 0.0
                var riseSum = 0.0
                let first = offset * Self.shiftCount
                for index in first..<first + Self.fallCount {
                    let ratio = Self.grown(ratios[index], starts, exponents[index] * temper)
                    ratios[index] = ratio
                    fallSum += ratio
                }
                for index in first + Self.fallCount..<first + Self.shiftCount {
                    let ratio = Self.grown(ratios[index], starts, exponents[index] * temper)
                    ratios[index] = ratio
                    riseSum += ratio
                }
                let weight = exp(own[offset] + weights[offset])
                total += weight
                falls += weight * fallSum
                rises += weight * riseSum
            }
            fall[segment] = log(falls / Double(Self.fallCount) / total + 1e-12)
            rise[segment] = log(rises / Double(Self.shiftCount - Self.fallCount) / total + 1e-12)
        }
    }

    @inline(__always)
    private static func grown(_ ratio: Double, _ starts: Double, _ exponent: Double) -> Double {
        min((ratio + starts) * exp(min(max(exponent, exponentMin), exponentMax)), ratioMax)
    }

    /// Adds the log-likelihoods and shifts them so that the most likely offset, prior included, reads zero.
    @inline(__always)
    private static func updateOffsets(
        _ own: UnsafeMutablePointer<Double>, _ sums: UnsafePointer<Double>, _ temper: Double
    ) -> UnsafePointer<Double> {
        let prior = logPrior
        var best = -Double.infinity
        for offset in 0..<offsetCount {
            own[offset] += sums[offset] * temper
            best = max(best, own[offset] + prior[offset])
        }
        for offset in 0..<offsetCount { own[offset] -= best }
        return prior
    }

    /// The grid's prior where the inner loop can read it without bounds or retain counts; lives as long as the process.
    nonisolated(unsafe) private static let logPrior: UnsafePointer<Double> = {
        let pointer = UnsafeMutablePointer<Double>.allocate(capacity: offsetCount)
        pointer.initialize(from: MixtureGrid.logPrior, count: offsetCount)
        return UnsafePointer(pointer)
    }()
}
