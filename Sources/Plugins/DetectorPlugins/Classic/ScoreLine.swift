import Foundation
import PluginKit
import Satisfaction

/// The score as a line through the channels' harms.
struct ScoreLine: Sendable {
    let best: Double
    let channels: Int
    let isLowerBetter: Bool
    /// Points from the best score to the worst.
    let span: Double
    private let points: SIMD4<Double>
    private let units: SIMD4<Double>

    init(_ watched: WatchedAnswers) {
        best = watched.best
        channels = watched.channels.count
        isLowerBetter = watched.isLowerBetter
        var points = SIMD4<Double>.zero
        var units = SIMD4<Double>.one
        for (place, channel) in watched.channels.enumerated() {
            points[place] = channel.points
            units[place] = Double(channel.unit)
        }
        self.points = points
        self.units = units
        span = watched.channels.reduce(0) { $0 + abs($1.points) }
    }

    /// Whether an answer of the first channel is either harmed or not.
    var isBinary: Bool { units[0] == 1 }

    /// Sums as answers can make them: erasures may overtake what they erase.
    func bounded(_ sums: WatchedSums) -> WatchedSums {
        let answers = max(0, sums.answers)
        return WatchedSums(
            answers: answers, harms: sums.harms.clamped(lowerBound: .zero, upperBound: units * answers))
    }

    /// - Returns: nil without answers.
    func score(_ sums: WatchedSums) -> Double? {
        sums.answers > 0 ? best - (points * sums.harms / units).sum() / sums.answers : nil
    }

    /// Points by which the second score is worse than the first.
    func lost(from before: Double, to after: Double) -> Double { isLowerBetter ? after - before : before - after }

    /// Harm of the first channel in answers that could not be worse, `0 ... answers`.
    func harmed(_ sums: WatchedSums) -> Double { sums.harms[0] / units[0] }

    /// Standard deviation of the score of so many answers, at most: of an answer's harm no more is known than its mean,
    /// and of channels nothing of each other.
    func deviation(_ sums: WatchedSums) -> Double {
        guard sums.answers > 0 else { return .infinity }
        var deviation = 0.0
        for channel in 0..<channels {
            let mean = min(1, sums.harms[channel] / units[channel] / sums.answers)
            deviation += abs(points[channel]) * (mean * (1 - mean) / sums.answers).squareRoot()
        }
        return deviation
    }

    /// The score with the interval that Wilson's of every channel leaves open.
    func level(_ sums: WatchedSums) -> Level {
        let ends = [best, best - points.sum()]
        guard sums.answers >= 0.5, let score = score(sums) else {
            return Level(score: best, low: ends.min()!, high: ends.max()!, responses: 0)
        }
        let answers = Int64(min(sums.answers, 1e15).rounded())
        var low = best
        var high = best
        for channel in 0..<channels where points[channel] != 0 {
            let mean = min(1, sums.harms[channel] / units[channel] / sums.answers)
            let harmed = min(answers, max(0, Int64((mean * Double(answers)).rounded())))
            let wilson = Interval.wilson(successes: harmed, answers: answers)
            let least = points[channel] * min(wilson.low / 100, mean)
            let most = points[channel] * max(wilson.high / 100, mean)
            low -= max(least, most)
            high -= min(least, most)
        }
        return Level(score: score, low: min(low, score), high: max(high, score), responses: answers)
    }
}

/// Two spans of a segment compared, and their difference taken apart over the model's cells.
///
/// The split is Kitagawa's (JASA 50, 1955), centred on the earlier score so that a new cell counts by how much it
/// differs: within + mix + entry = current − baseline.
struct ScoreComparison: Sendable {
    let baseline: Level
    let current: Level
    /// Points lost.
    let drop: Double
    let split: Split
    /// Whether all cells moved one way and the whole the other.
    let isSimpson: Bool

    /// - Returns: nil where one of the spans has no answers.
    init?(_ line: ScoreLine, cells: [(before: WatchedSums, after: WatchedSums)]) {
        let before = cells.reduce(WatchedSums()) { $0 + $1.before }
        let after = cells.reduce(WatchedSums()) { $0 + $1.after }
        guard let old = line.score(before), let new = line.score(after) else { return nil }
        var within = 0.0
        var mix = 0.0
        var entry = 0.0
        var moves: [Double] = []
        for cell in cells {
            let weight = cell.before.answers / before.answers
            let weightNow = cell.after.answers / after.answers
            switch (line.score(cell.before), line.score(cell.after)) {
            case (let usual?, let now?):
                within += weightNow * (now - usual)
                mix += (weightNow - weight) * (usual - old)
                moves.append(now - usual)
            case (nil, let now?): entry += weightNow * (now - old)
            case (let usual?, nil): entry -= weight * (usual - old)
            case (nil, nil): break
            }
        }
        baseline = line.level(before)
        current = line.level(after)
        drop = line.lost(from: old, to: new)
        split = Split(within: within, mix: mix, entry: entry)
        isSimpson = moves.count > 1 && new != old && moves.allSatisfy { $0 * (new - old) < 0 }
    }

    /// A span compared with a limit: all of the difference is the answers' own. Without answers there is none.
    init(_ line: ScoreLine, limit: Double, after: WatchedSums) {
        baseline = Level(score: limit, low: limit, high: limit, responses: 0)
        let new = line.score(after)
        current = new == nil ? baseline : line.level(after)
        drop = line.lost(from: limit, to: new ?? limit)
        split = Split(within: (new ?? limit) - limit, mix: 0, entry: 0)
        isSimpson = false
    }
}
