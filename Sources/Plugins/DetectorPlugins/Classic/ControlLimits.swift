import Foundation
import Satisfaction

/// From the wished time between two false alarms to the limit of a chart.
enum ControlLimits {
    /// Natural logarithm of the chance that a normal number lies above `z`.
    static func logTail(_ z: Double) -> Double {
        let tail = 0.5 * erfc(z / 2.0.squareRoot())
        // Beyond what a Double holds: the first term of the asymptotic series.
        return tail > 1e-300 ? log(tail) : -0.5 * z * z - log(z * (2 * Double.pi).squareRoot())
    }

    static func tail(_ z: Double) -> Double { z.isNaN ? 0 : 0.5 * erfc(z / 2.0.squareRoot()) }

    /// The limit above which one in `points` normal points lies, of 2 points at least.
    static func sigmas(points: Double) -> Double { NormalDistribution.quantile(1 - 1 / max(2, points)) }

    /// Answers up to which a binomial tail is summed; beyond, it is normal.
    private static let binomialMax = 100_000.0

    /// Natural logarithm of the chance that `harmed` or more of so many answers are harmed; 0 up to the mean.
    static func logBinomialTail(harmed: Double, answers: Double, share: Double) -> Double {
        let mean = answers * share
        guard harmed > mean else { return 0 }
        guard answers <= binomialMax else {
            return logTail((harmed - 0.5 - mean) / (mean * (1 - share)).squareRoot())
        }
        let first = harmed.rounded()
        let logFirst =
            lgamma(answers + 1) - lgamma(first + 1) - lgamma(answers - first + 1) + first * log(share)
            + (answers - first) * log1p(-share)
        var sum = 1.0
        var term = 1.0
        var count = first
        while count < answers {
            term *= (answers - count) / (count + 1) * share / (1 - share)
            guard term > 1e-16 * sum else { break }
            sum += term
            count += 1
        }
        return min(0, logFirst + log(sum))
    }
}

/// The CUSUM of answers that are harmed or not, in natural logarithms of the likelihood ratio.
///
/// Its average run length is Siegmund's corrected diffusion, ARL = (exp(h′) − h′ − 1)/|μ|, with μ the mean step and
/// h′ = h + (a + b)·(1 + min(p, 1 − p))/3 for the overshoots at both ends: the sum of the mean ladder heights of a walk
/// with steps 1 − p and −p (D. Siegmund, "Sequential Analysis", 1985; M. R. Reynolds and Z. G. Stoumbos, "A CUSUM chart
/// for monitoring a proportion when inspecting continuously", Journal of Quality Technology 31, 1999). Against
/// simulation it is within 3 % for p of 0.05 to 0.85. Where answers are added in batches, the sum passes both ends by
/// more: for large batches by 1.166 deviations of a batch (Siegmund's constant, twice 0.583), and in between the two are
/// added as squares.
struct BernoulliCusum: Sendable {
    /// What a harmed answer adds and an unharmed one takes away.
    let up: Double
    let down: Double
    private let drift: Double
    private let overshoot: Double

    /// - Parameters:
    ///   - share: usual share of harmed answers, above 0 and below 1.
    ///   - tuned: the share it is tuned to find, above `share` and below 1.
    ///   - batch: answers that are added at once, on average.
    init(share: Double, tuned: Double, batch: Double = 1) {
        up = log(tuned / share)
        down = log((1 - share) / (1 - tuned))
        drift = (1 - share) * down - share * up
        let single = (1 + min(share, 1 - share)) / 3
        let further = 1.166 * 1.166 * share * (1 - share) * max(0, batch - 1)
        overshoot = (up + down) * (single * single + further).squareRoot()
    }

    func averageRunLength(limit: Double) -> Double {
        let corrected = limit + overshoot
        return (exp(corrected) - corrected - 1) / drift
    }

    /// The limit with which one false alarm comes in so many answers.
    func limit(averageRunLength answers: Double) -> Double {
        let wanted = answers * drift
        var corrected = max(0.1, log(wanted + 1))
        for _ in 0..<50 {
            let step = (exp(corrected) - corrected - 1 - wanted) / (exp(corrected) - 1)
            corrected = max(1e-3, corrected - step)
            if abs(step) < 1e-12 { break }
        }
        return max(0.1, corrected - overshoot)
    }
}

/// Limits of a one-sided EWMA of standard normal points, by the average number of points to a false alarm.
///
/// S. V. Crowder, "A simple method for studying run-length distributions of exponentially weighted moving average
/// charts", Technometrics 29 (1987): the run length solves an integral equation, here by Gauss–Legendre quadrature, with
/// the lower end so far out that the chart never leaves there.
struct EWMALimits: Sendable {
    private static let nodes = 48
    private static let firstLimit = 0.5
    private static let limitStep = 0.25
    private static let limits = 23
    private static let lowestSigmas = 6.0

    /// Natural logarithms of the run lengths from 0 with limits of 0.5, 0.75 … 6 sigmas of the average.
    let logRunLengths: [Double]

    /// - Parameter weight: of the newest point, above 0 and at most 1.
    init(weight: Double) {
        let rule = GaussLegendre(Self.nodes)
        logRunLengths = (0..<Self.limits).map { place in
            let limit = Self.firstLimit + Self.limitStep * Double(place)
            return log(max(1, Self.runLength(limit: limit, weight: weight, rule)))
        }
    }

    /// Points to a false alarm with a limit in sigmas of the average.
    func averageRunLength(limit: Double) -> Double {
        let place = min(max((limit - Self.firstLimit) / Self.limitStep, 0), Double(Self.limits - 1))
        let first = min(Int(place), Self.limits - 2)
        let share = place - Double(first)
        return exp((1 - share) * logRunLengths[first] + share * logRunLengths[first + 1])
    }

    func limit(averageRunLength points: Double) -> Double {
        let wanted = log(max(1, points))
        guard let next = logRunLengths.firstIndex(where: { $0 >= wanted }) else {
            return Self.firstLimit + Self.limitStep * Double(Self.limits - 1)
        }
        guard next > 0 else { return Self.firstLimit }
        let share = (wanted - logRunLengths[next - 1]) / (logRunLengths[next] - logRunLengths[next - 1])
        return Self.firstLimit + Self.limitStep * (Double(next - 1) + share)
    }

    private static func runLength(limit: Double, weight: Double, _ rule: GaussLegendre) -> Double {
        let sigma = (weight / (2 - weight)).squareRoot()
        let low = -lowestSigmas * sigma
        let half = (limit * sigma - low) / 2
        let places = rule.nodes.map { low + half * (1 + $0) }
        func density(from: Double, to: Double) -> Double {
            let point = (to - (1 - weight) * from) / weight
            return exp(-0.5 * point * point) / (weight * (2 * Double.pi).squareRoot())
        }
        // (1 − K) L = 1 at the nodes; then L(0) = 1 + ∫ k(0, y) L(y) dy.
        var matrix = places.enumerated().map { row, from in
            places.indices.map { column in
                (row == column ? 1 : 0) - half * rule.weights[column] * density(from: from, to: places[column])
            } + [1]
        }
        let lengths = solve(&matrix)
        return places.indices.reduce(1) { sum, column in
            sum + half * rule.weights[column] * density(from: 0, to: places[column]) * lengths[column]
        }
    }

    /// Gaussian elimination with pivots; the last column is the right side.
    private static func solve(_ matrix: inout [[Double]]) -> [Double] {
        let size = matrix.count
        for column in 0..<size {
            let pivot = (column..<size).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) }!
            matrix.swapAt(column, pivot)
            for row in column + 1..<size where matrix[row][column] != 0 {
                let factor = matrix[row][column] / matrix[column][column]
                for place in column...size { matrix[row][place] -= factor * matrix[column][place] }
            }
        }
        var solution = [Double](repeating: 0, count: size)
        for row in stride(from: size - 1, through: 0, by: -1) {
            var rest = matrix[row][size]
            for column in row + 1..<size { rest -= matrix[row][column] * solution[column] }
            solution[row] = rest / matrix[row][row]
        }
        return solution
    }
}

/// Nodes and weights of the Gauss–Legendre rule on −1 … 1.
struct GaussLegendre: Sendable {
    let nodes: [Double]
    let weights: [Double]

    init(_ count: Int) {
        var nodes: [Double] = []
        var weights: [Double] = []
        for place in 0..<count {
            var node = cos(Double.pi * (Double(place) + 0.75) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<20 {
                var (before, value) = (1.0, node)
                for order in 2...count {
                    (before, value) = (
                        value, ((2 * Double(order) - 1) * node * value - (Double(order) - 1) * before) / Double(order)
                    )
                }
                slope = Double(count) * (node * value - before) / (node * node - 1)
                node -= value / slope
            }
            nodes.append(node)
            weights.append(2 / ((1 - node * node) * slope * slope))
        }
        self.nodes = nodes
        self.weights = weights
    }
}
