/// Variances and covariances from exact integer sums, without the digits that a difference of large sums loses.
enum ExactSpread {
    /// Covariance of two quantities over answers, with Bessel's correction (divided by n − 1), in the product of the units
    /// of their sums.
    ///
    /// - Parameters:
    ///   - products: sum of the products of the two; of the squares, for a variance.
    ///   - answers: 0 or more.
    /// - Returns: 0 for fewer than two answers.
    static func covariance(products: Int128, first: Int64, second: Int64, answers: Int64) -> Double {
        guard answers > 1 else { return 0 }
        let n = Double(answers)
        let (scaled, overflows) = products.multipliedReportingOverflow(by: Int128(answers))
        let (difference, goesBeyond) = scaled.subtractingReportingOverflow(Int128(first) * Int128(second))
        guard !overflows, !goesBeyond else {
            // No sums of answers come here; those of a broken tally must not end the process.
            return (Double(products) - Double(first) * Double(second) / n) / (n - 1)
        }
        return Double(difference) / n / (n - 1)
    }

    /// Standard deviation of one answer; 0 for fewer than two.
    static func deviation(squares: Int128, sum: Int64, answers: Int64) -> Double {
        max(0, covariance(products: squares, first: sum, second: sum, answers: answers)).squareRoot()
    }
}
