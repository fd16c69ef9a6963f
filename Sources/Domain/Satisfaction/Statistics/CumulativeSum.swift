import Foundation

/// The Bernoulli CUSUM with both rates known: what a detector could do at best that knows everything but the moment.
///
/// `W ← max(0, W + log-likelihood ratio of the answer)`, an alarm at `W ≥ h` (E. S. Page 1954; for Bernoulli answers M. R.
/// Reynolds and Z. G. Stoumbos, Journal of Quality Technology 31, 1999); exactly optimal for the longest delay (G. V.
/// Moustakides, Annals of Statistics 14, 1986). Its run lengths are those of a Markov chain: the steps up and down are
/// taken as whole multiples of a unit, with ratios off by less than 0.2 %, and the linear equations solved without
/// iteration.
public struct CumulativeSum: Sendable {
    /// Mean answers to an alarm.
    public struct RunLengths: Sendable, Equatable {
        /// While nothing has changed.
        public let inControl: Double
        /// After a change that finds the sum where it usually is.
        public let steadyState: Double
        /// After a change that finds the sum at zero, the longest.
        public let fromZero: Double
    }

    private let before: Double
    private let after: Double
    /// Steps of the chain on a harmful and on a harmless answer.
    private let up: Int
    private let down: Int

    /// - Parameters:
    ///   - before: share of harmful answers as usual.
    ///   - after: share of them after the change.
    /// - Returns: nil unless `0 < before < after < 1`.
    public init?(before: Double, after: Double) {
        guard before > 0, after < 1, before < after else { return nil }
        self.before = before
        self.after = after
        let rise = log(after / before)
        let fall = log((1 - before) / (1 - after))
        (up, down) = Self.steps(ratio: rise / fall)
    }

    /// Largest number of units in the smaller step.
    private static let unitsMax = 24
    private static let ratioErrorMax = 0.002

    /// Whole numbers whose ratio is this, within the error allowed where few units do, else the best there are.
    private static func steps(ratio: Double) -> (up: Int, down: Int) {
        let isSteep = ratio >= 1
        let ratio = isSteep ? ratio : 1 / ratio
        var best = (units: 1, error: Double.infinity)
        for units in 1...unitsMax {
            let exact = ratio * Double(units)
            guard exact < 1e6 else { break }
            let error = abs(exact.rounded() / exact - 1)
            if error < best.error { best = (units, error) }
            if error < ratioErrorMax, units >= 4 { break }
        }
        let long = max(1, Int(min(1e6, (ratio * Double(best.units)).rounded())))
        return isSteep ? (long, best.units) : (best.units, long)
    }

    /// States beyond which no threshold is tried.
    private static let statesMax = 60_000

    /// The run lengths at the threshold whose mean time between false alarms is this.
    ///
    /// Between two thresholds of the chain, lengths are interpolated on the logarithm of the time between false alarms.
    /// - Parameter patience: answers between two false alarms, on average; at least 2.
    /// - Returns: nil where the chain would need more than sixty thousand states.
    public func runLengths(patience: Double) -> RunLengths? {
        guard patience >= 2, patience.isFinite else { return nil }
        var low = 1
        var high = 2
        guard var lower = lengths(states: low) else { return nil }
        guard var upper = lengths(states: high) else { return nil }
        if lower.inControl >= patience { return lower }
        while upper.inControl < patience {
            guard high < Self.statesMax, let next = lengths(states: min(2 * high, Self.statesMax)) else { return nil }
            (low, lower) = (high, upper)
            (high, upper) = (min(2 * high, Self.statesMax), next)
        }
        while high - low > 1 {
            let middle = (low + high) / 2
            guard let found = lengths(states: middle) else { return nil }
            if found.inControl < patience { (low, lower) = (middle, found) } else { (high, upper) = (middle, found) }
        }
        let gap = log(upper.inControl) - log(lower.inControl)
        let share = gap > 0 ? (log(patience) - log(lower.inControl)) / gap : 1
        func between(_ a: Double, _ b: Double) -> Double { a + share * (b - a) }
        return RunLengths(
            inControl: patience, steadyState: between(lower.steadyState, upper.steadyState),
            fromZero: between(lower.fromZero, upper.fromZero))
    }

    /// Run lengths with an alarm at so many units.
    func lengths(states: Int) -> RunLengths? {
        guard let usual = BandedChain(states: states, up: up, down: down, rise: before),
            let changed = BandedChain(states: states, up: up, down: down, rise: after)
        else { return nil }
        let inControl = usual.timesToAbsorption[0]
        // Where the sum is, over the time between two alarms: the longer that is, the less it matters how it began.
        let visits = usual.visitsFromZero
        let total = visits.reduce(0, +)
        let times = changed.timesToAbsorption
        let steady = zip(visits, times).reduce(0) { $0 + $1.0 * $1.1 } / total
        return RunLengths(inControl: inControl, steadyState: steady, fromZero: times[0])
    }
}

/// `I − P` of a walk on `0 ..< states` that goes up by `up` with probability `rise`, else down by `down` but not below 0, and
/// is absorbed at `states`; factored into triangles within its band.
private struct BandedChain {
    private let states: Int
    private let up: Int
    private let down: Int
    /// Row by row, columns `row − down ... row + up`: below the diagonal the factors, on and above it the triangle.
    private var band: [Double]

    /// Cells of a band beyond which it is not made.
    private static let cellsMax = 8_000_000

    init?(states: Int, up: Int, down: Int, rise: Double) {
        let width = up + down + 1
        // The same band whatever the states, but no wider than they are.
        let up = min(up, states)
        let down = min(down, states)
        guard states >= 1, states <= Self.cellsMax / width else { return nil }
        self.states = states
        self.up = up
        self.down = down
        band = [Double](repeating: 0, count: states * (up + down + 1))
        for row in 0..<states {
            self[row, row] += 1
            if row + up < states { self[row, row + up] -= rise }
            self[row, max(0, row - down)] -= 1 - rise
        }
        factor()
    }

    private subscript(row: Int, column: Int) -> Double {
        get { band[row * (up + down + 1) + column - row + down] }
        set { band[row * (up + down + 1) + column - row + down] = newValue }
    }

    /// Elimination without exchanging rows: the matrix is diagonally dominant, so none is needed.
    private mutating func factor() {
        for pivot in 0..<states {
            let last = min(states - 1, pivot + down)
            guard last > pivot else { continue }
            let end = min(states - 1, pivot + up)
            for row in pivot + 1...last where self[row, pivot] != 0 {
                let share = self[row, pivot] / self[pivot, pivot]
                self[row, pivot] = share
                guard end > pivot else { continue }
                for column in pivot + 1...end { self[row, column] -= share * self[pivot, column] }
            }
        }
    }

    /// Mean steps to absorption from every state: `(I − P) t = 1`.
    var timesToAbsorption: [Double] {
        var times = [Double](repeating: 1, count: states)
        for row in 0..<states {
            for column in max(0, row - down)..<row { times[row] -= self[row, column] * times[column] }
        }
        for row in stride(from: states - 1, through: 0, by: -1) {
            for column in row + 1..<max(row + 1, min(states, row + up + 1)) {
                times[row] -= self[row, column] * times[column]
            }
            times[row] /= self[row, row]
        }
        return times
    }

    /// Mean visits of every state before absorption, from 0: `v (I − P) = e₀`.
    var visitsFromZero: [Double] {
        var visits = [Double](repeating: 0, count: states)
        visits[0] = 1
        // First through the upper triangle, transposed, then through the factors.
        for row in 0..<states {
            for column in max(0, row - up)..<row { visits[row] -= self[column, row] * visits[column] }
            visits[row] /= self[row, row]
        }
        for row in stride(from: states - 1, through: 0, by: -1) {
            for column in row + 1..<max(row + 1, min(states, row + down + 1)) {
                visits[row] -= self[column, row] * visits[column]
            }
        }
        return visits
    }
}
