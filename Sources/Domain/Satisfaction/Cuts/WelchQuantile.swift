import Glibc

/// The 97.5 % point of Student's t distribution for any number of degrees of freedom, as Welch's interval needs it:
/// his degrees are no whole numbers.
enum WelchQuantile {
    /// - Parameter degrees: at least 1.
    /// - Returns: within 1e-9 of the exact point, relatively.
    static func upper(degrees: Double) -> Double {
        degrees > expansionDegrees ? expanded(degrees) : bisected(degrees)
    }

    /// Two-sided: what lies beyond ±t together.
    private static let tail = 0.05
    private static let normal = 1.959963984540054
    /// Above this the first terms of the expansion are exact to the last digits.
    private static let expansionDegrees = 20_000.0

    /// M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions", 26.7.5.
    private static func expanded(_ degrees: Double) -> Double {
        let z = normal
        let z3 = z * z * z
        let z5 = z3 * z * z
        return z + (z3 + z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees)
    }

    private static func bisected(_ degrees: Double) -> Double {
        var low = normal
        // The point of one degree of freedom is 12.7062….
        var high = 13.0
        while high - low > 1e-13 * high {
            let middle = (low + high) / 2
            if middle <= low || middle >= high { break }
            if beyond(middle, degrees) > tail { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Probability of |T| > t: the regularised incomplete beta function at ν/(ν + t²) with ν/2 and 1/2 (26.5.27).
    private static func beyond(_ t: Double, _ degrees: Double) -> Double {
        let a = degrees / 2
        let b = 0.5
        let x = degrees / (degrees + t * t)
        let y = t * t / (degrees + t * t)
        let front = exp(a * log(x) + b * log(y) - logBeta(a, b))
        // The continued fraction (26.5.8) converges fast on the near side of its mean only.
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, y) / b
    }

    /// By W. Lentz's method, "Applied Optics" 15 (1976).
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func kept(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var c = 1.0
        var product = d
        for step in 1...fractionStepsMax {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / kept(1 + even * d)
            c = kept(1 + even / c)
            product *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / kept(1 + odd * d)
            c = kept(1 + odd / c)
            product *= d * c
            if (d * c - 1).magnitude < 1e-16 { break }
        }
        return product
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double { logGamma(a) + logGamma(b) - logGamma(a + b) }

    /// Stirling's series (6.1.40) after the recurrence has carried the argument above 15, where five terms suffice.
    private static func logGamma(_ argument: Double) -> Double {
        var x = argument
        var product = 1.0
        while x < 15 {
            product *= x
            x += 1
        }
        let r = 1 / (x * x)
        let series = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / x
        return (x - 0.5) * log(x) - x + 0.918938533204672741 + series - log(product)
    }

    private static let fractionStepsMax = 500
}
