import Glibc

/// Student's t distribution.
public enum StudentT {
    /// The value below which a share of the distribution lies, to 1e-9 relative.
    ///
    /// The tail of t is half a regularised incomplete beta function (M. Abramowitz and I. Stegun, "Handbook of
    /// Mathematical Functions", 26.5.27 and 26.7.1). Its logarithm is nearly a straight line over the logarithm of t,
    /// so Newton's method, held inside a bracket that bisection narrows, is there after a few steps. Where the fraction
    /// loses digits, from ``degreesOfSeriesMin`` degrees on, the expansion about the normal quantile (26.7.5) has them
    /// all.
    /// - Parameters:
    ///   - probability: 0…1; the ends give minus and plus infinity.
    ///   - degrees: degrees of freedom, above 0 and not necessarily whole; infinity gives the normal distribution.
    /// - Returns: NaN for what lies outside; infinity where the value is too large for a Double.
    public static func quantile(_ probability: Double, degrees: Double) -> Double {
        guard probability >= 0, probability <= 1, degrees > 0 else { return .nan }
        if probability == 0 { return -.infinity }
        if probability == 1 { return .infinity }
        if probability == 0.5 { return 0 }
        if degrees >= degreesOfSeriesMin {
            return expansion(about: NormalDistribution.quantile(probability), degrees: degrees)
        }
        // Exact for probabilities from a quarter to three quarters: no digit is lost near the middle.
        let fromCentre = (probability - 0.5).magnitude
        let size =
            fromCentre < 0.25
            ? solve(.centre, fromCentre, degrees) : solve(.tail, min(probability, 1 - probability), degrees)
        return probability < 0.5 ? -size : size
    }

    public static let degreesOfSeriesMin = 100_000.0

    private static func expansion(about z: Double, degrees: Double) -> Double {
        let square = z * z
        let first = (square + 1) / 4
        let second = ((5 * square + 16) * square + 3) / 96
        let third = (((3 * square + 19) * square + 17) * square - 15) / 384
        return z * (1 + (first + (second + third / degrees) / degrees) / degrees)
    }

    private enum Part { case centre, tail }

    /// The positive t between which and zero (`centre`), or above which (`tail`), the given share lies.
    private static func solve(_ part: Part, _ share: Double, _ degrees: Double) -> Double {
        let gammaRatio = gammaRatio(degrees / 2)
        // Of r = t/√degrees, whose square is the odds of the beta distributed quantity.
        var logLow = -746.0
        var logHigh = 709.0
        var position = 0.0
        for _ in 0..<stepsMax {
            let (central, outer, density) = areas(exp(position), degrees, gammaRatio)
            let area = part == .centre ? central : outer
            let isShort = part == .centre ? area < share : area > share
            if isShort { logLow = position } else { logHigh = position }
            let slope = (part == .centre ? density : -density) / area
            let next = position - log(area / share) / slope
            // Before the bracket is asked: at the last digits its ends are as uncertain as the step.
            if (next - position).magnitude < 1e-13 { return exp(next) * degrees.squareRoot() }
            position = next > logLow && next < logHigh ? next : logLow + (logHigh - logLow) / 2
        }
        return position >= 708.9 ? .infinity : exp(position) * degrees.squareRoot()
    }

    /// Newton takes fewer than ten; bisection alone sixty.
    private static let stepsMax = 200

    /// The shares between zero and r√degrees and above it, and r times the density of r.
    private static func areas(
        _ r: Double, _ degrees: Double, _ gammaRatio: Double
    ) -> (centre: Double, tail: Double, density: Double) {
        // r √(1 + r²)⁻¹ (1 + r²)^(−degrees/2), without squaring what is too large or too small for it.
        let isLarge = r > 1e8
        let logOfSum = isLarge ? 2 * log(r) : log1p(r * r)
        let sine = isLarge ? 1 : r / (1 + r * r).squareRoot()
        let common = sine * exp(-degrees / 2 * logOfSum) * gammaRatio / rootOfPi
        let y = sine * sine
        let x = isLarge ? (1 / r) * (1 / r) : 1 / (1 + r * r)
        if y < 1.5 / (2.5 + degrees / 2) {
            let centre = common * betaFraction(0.5, degrees / 2, y)
            return (centre, 0.5 - centre, common)
        }
        let tail = common / degrees * betaFraction(degrees / 2, 0.5, x)
        return (0.5 - tail, tail, common)
    }
    private static let rootOfPi = Double.pi.squareRoot()

    /// Γ(a + ½)/Γ(a), by its asymptotic series from 32 on (Abramowitz and Stegun, 6.1.47) and Γ(a + 1) = aΓ(a) below;
    /// the difference of two logarithms of gamma would lose its digits for large a.
    static func gammaRatio(_ a: Double) -> Double {
        var factor = 1.0
        var a = a
        while a < 32 {
            factor *= a / (a + 0.5)
            a += 1
        }
        let inverse = 1 / (8 * a)
        let series = [1, -1, 0.5, 2.5, -21.0 / 8, -399.0 / 8, 869.0 / 16, 39325.0 / 16]
        return factor * a.squareRoot() * series.reversed().reduce(0) { $0 * inverse + $1 }
    }

    /// The continued fraction of the incomplete beta function (Abramowitz and Stegun, 26.5.8) by the modified method of
    /// Lentz: xᵃ(1 − x)ᵇ/(a B(a, b)) times this is the regularised function. Quick for x below (a + 1)/(a + b + 2).
    private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let smallest = 1e-300
        func held(_ value: Double) -> Double { value.magnitude < smallest ? smallest : value }
        var above = 1.0
        var below = 1 / held(1 - (a + b) / (a + 1) * x)
        var fraction = below
        for step in 1...fractionStepsMax {
            let m = Double(step)
            for term in [
                m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m)) * x,
                -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1)) * x,
            ] {
                below = 1 / held(1 + term * below)
                above = held(1 + term / above)
                fraction *= above * below
            }
            if (above * below - 1).magnitude < 1e-16 { break }
        }
        return fraction
    }

    /// Needed are about the root of the degrees, so a thousand at most.
    private static let fractionStepsMax = 5_000
}
