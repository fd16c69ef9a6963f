import Foundation
import Messages
import PluginKit
import Satisfaction

/// How the answers of one line fall on the columns of its metric, as usual and after a drop.
struct AnswerModel: Sendable {
    private let watched: WatchedAnswers
    /// Columns that are single answers, and their shares, which sum to 1.
    private let columns: [Int]
    private(set) var shares: [Double]
    private let isBad: [Bool]
    /// Points lost by an answer of each column.
    private let lost: [Double]

    /// - Parameters:
    ///   - counts: answers by column, of any time; nil where they are not known: then all columns are equally likely among
    ///     answers of the same harm.
    ///   - score: what the shares are tilted to give; they stay in proportion where answers do the same harm.
    /// - Throws: ``MessageError`` for a metric that does not count single answers.
    init(watched: WatchedAnswers, metric: String, counts: [Double]?, score: Double) throws(MessageError) {
        let columns = watched.answers.indices.filter { watched.answers[$0] == 1 }
        let losses = watched.lost
        lost = columns.map { losses[$0] }
        guard let most = lost.max(), most > 0 else {
            throw MessageError(
                "how long a drop of \(metric) takes cannot be tried out: it does not count single answers")
        }
        self.watched = watched
        self.columns = columns
        let harms = lost.map { $0 / most }
        isBad = harms.map { $0 > 0.5 }
        let given = counts.map { counts in columns.map { max(0, counts[$0]) } } ?? []
        let total = given.reduce(0, +)
        let known = total > 0 ? given.map { ($0 + 0.01) / total } : columns.map { _ in 1 }
        let wanted = abs(watched.best - score)
        shares = Self.tilted(known, harms, lost, to: wanted)
    }

    /// Exponential tilt: every share times `exp(θ · harm)`, with θ found by halving.
    private static func tilted(_ shares: [Double], _ harms: [Double], _ lost: [Double], to wanted: Double) -> [Double] {
        func tilt(_ theta: Double) -> [Double] {
            let weighed = zip(shares, harms).map { $0 * exp(theta * $1) }
            let sum = weighed.reduce(0, +)
            return weighed.map { $0 / sum }
        }
        var low = -60.0
        var high = 60.0
        for _ in 0..<80 {
            let middle = (low + high) / 2
            let points = zip(tilt(middle), lost).reduce(0) { $0 + $1.0 * $1.1 }
            if points < wanted { low = middle } else { high = middle }
        }
        return tilt((low + high) / 2)
    }

    /// Share of bad answers.
    var badShare: Double { zip(shares, isBad).reduce(0) { $0 + ($1.1 ? $1.0 : 0) } }

    /// Whether an answer is either good or bad, so that the score knows nothing else of it.
    var isBinary: Bool { Set(lost).count == 2 }

    /// The model after good answers have become bad ones so that the score falls by that much.
    /// - Returns: nil when it cannot fall so far.
    func falling(by points: Double) -> AnswerModel? {
        let bad = badShare
        guard bad > 0, bad < 1 else { return nil }
        let worst = zip(zip(shares, isBad), lost).reduce(0) { $0 + ($1.0.1 ? $1.0.0 * $1.1 : 0) } / bad
        let most = zip(zip(shares, isBad), lost).reduce(0) { $0 + ($1.0.1 ? 0 : $1.0.0 * (worst - $1.1)) }
        guard points < most else { return nil }
        let chance = points / most
        var model = self
        for place in shares.indices {
            model.shares[place] =
                isBad[place] ? shares[place] * (1 + chance * (1 - bad) / bad) : shares[place] * (1 - chance)
        }
        return model
    }

    /// Harms by channel of so many answers, drawn with bad answers at the day's own rate.
    func draw(_ answers: Int, badShare day: Double, _ generator: inout SplitMix) -> [Int64] {
        var harms = [Int64](repeating: 0, count: watched.channels.count)
        let bad = generator.binomial(answers, day)
        var rests = [answers - bad, bad]
        var weights = [1 - badShare, badShare]
        for place in columns.indices {
            let kind = isBad[place] ? 1 : 0
            guard rests[kind] > 0, weights[kind] > 0 else { continue }
            let isLast = !columns.indices.contains { $0 > place && isBad[$0] == isBad[place] }
            let drawn = isLast ? rests[kind] : generator.binomial(rests[kind], min(1, shares[place] / weights[kind]))
            rests[kind] -= drawn
            weights[kind] -= shares[place]
            for channel in harms.indices {
                harms[channel] += Int64(drawn) * watched.channels[channel].harms[columns[place]]
            }
        }
        return harms
    }
}

extension SplitMix {
    /// Standard normal, by G. E. P. Box and M. E. Muller (1958).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return radius * cos(2 * Double.pi * unit())
    }

    /// Answers up to which each is drawn by itself.
    private static let singlyMax = 64

    /// Successes among `count`: exact for few, by the normal law for many.
    mutating func binomial(_ count: Int, _ share: Double) -> Int {
        guard share > 0, count > 0 else { return 0 }
        guard share < 1 else { return count }
        let mean = Double(count) * share
        guard count > Self.singlyMax, min(mean, Double(count) - mean) > 16 else {
            var successes = 0
            for _ in 0..<count where unit() < share { successes += 1 }
            return successes
        }
        let value = (mean + normal() * (mean * (1 - share)).squareRoot()).rounded()
        return Int(min(max(value, 0), Double(count)))
    }

    /// Gamma with this shape and scale 1, by G. Marsaglia and W. W. Tsang (ACM TOMS 26, 2000).
    mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(max(unit(), 0x1p-60), 1 / shape) }
        let d = shape - 1 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = pow(1 + c * x, 3)
            guard v > 0 else { continue }
            if log(max(unit(), 0x1p-60)) < x * x / 2 + d - d * v + d * log(v) { return d * v }
        }
    }

    /// A share around `mean` whose days of `answers` scatter `dispersion` times as much as independent answers.
    mutating func share(around mean: Double, dispersion: Double, answers: Double) -> Double {
        guard dispersion > 1.01, answers > 1.5, mean > 0, mean < 1 else { return mean }
        let correlation = min(0.9, (dispersion - 1) / (answers - 1))
        let strength = (1 - correlation) / correlation
        let bad = gamma(mean * strength)
        let good = gamma((1 - mean) * strength)
        return bad + good > 0 ? bad / (bad + good) : mean
    }
}
