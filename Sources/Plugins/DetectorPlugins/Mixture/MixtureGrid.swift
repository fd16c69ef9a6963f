import Foundation

/// The alternatives the evidence is averaged over; fixed, because a state written with one grid means nothing under
/// another.
///
/// A shift is added to the logit of the share of dissatisfied answers. At 85 % satisfied the falls are 3.5, 6, 9.5,
/// 13.5, 20 and 34 points; one of them is never far from the truth, which costs about 8 % of delay against knowing
/// it.
enum MixtureGrid {
    /// Standard deviations by which the baseline may lie beside its estimate.
    static let offsets: [Double] = [-2.5, -1.875, -1.25, -0.625, 0, 0.625, 1.25, 1.875, 2.5]
    static let falls: [Double] = [0.25, 0.4, 0.6, 0.85, 1.2, 1.7]
    static let rises: [Double] = [-0.3, -0.6, -1.0]
    static let shifts: [Double] = falls + rises
    static let fallCount = 6

    /// Logarithm of the normal prior of ``offsets``, normalised.
    static let logPrior: [Double] = {
        let densities = offsets.map { exp(-0.5 * $0 * $0) }
        let total = densities.reduce(0, +)
        return densities.map { log($0 / total) }
    }()

    static let prior: [Double] = logPrior.map { exp($0) }

    /// Sums kept for one (segment, step): one per offset, then one per (offset, shift).
    static let terms = 9 * (1 + 9)
}

/// log(1 + eᵗ) without overflow.
@inline(__always)
func softplus(_ t: Double) -> Double { t > 0 ? t + log1p(exp(-t)) : log1p(exp(t)) }

/// 1 / (1 + e⁻ᵗ) without overflow.
@inline(__always)
func logistic(_ t: Double) -> Double { t >= 0 ? 1 / (1 + exp(-t)) : exp(t) / (1 + exp(t)) }

@inline(__always)
func logit(_ share: Double) -> Double { log(share / (1 - share)) }
