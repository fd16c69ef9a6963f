/// Sums of values held to the millionth, and of their squares, as exact integers.
///
/// A square takes two columns: that of 100 is 10¹⁶ in the squared unit, of which a 64-bit sum would hold 900. In parts of
/// 27 bits, sums are exact for more than ten thousand million values of at most 100.
struct FixedPointSums {
    static let unitsPerOne = 1_000_000.0
    static let squareLowBits: Int64 = 27
    /// Keeps the upper part of a square below 2³⁷ and a value's sum far from overflow.
    static let valueMax = 1_000.0

    /// What one value adds to the columns.
    struct Amount: Equatable {
        let value: Int64
        let squareHigh: Int64
        let squareLow: Int64

        /// - Parameter range: inside 0…``valueMax``.
        /// - Returns: nil for a value outside the range and for what is no number.
        init?(_ number: Double, in range: ClosedRange<Double>) {
            guard range.contains(number) else { return nil }
            value = Int64((number * unitsPerOne).rounded())
            let square = value * value
            squareHigh = square >> squareLowBits
            squareLow = square & (1 << squareLowBits - 1)
        }
    }

    let answers: Int64
    let sum: Int64
    let squareHigh: Int64
    let squareLow: Int64

    /// Not a number without answers.
    var mean: Double { Double(sum) / Double(answers) / Self.unitsPerOne }

    /// Standard deviation of one value, with Bessel's correction; 0 for a single value.
    var deviation: Double {
        let squares = Int128(squareHigh) << Int128(Self.squareLowBits) + Int128(squareLow)
        return ExactSpread.deviation(squares: squares, sum: sum, answers: answers) / Self.unitsPerOne
    }
}
