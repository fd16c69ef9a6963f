import Foundation
import PluginKit
import Satisfaction

/// Baseline and current score of a segment since some hour, and the exact split of their difference.
///
/// The baseline is what the baseline's mix of cells would score on the weekdays of the current span, so a span of
/// week-ends is compared with week-ends. The split is Kitagawa's (JASA 50, 1955) over the model's cells, centred on
/// the baseline's score so that a new cell counts by how much it differs: within + mix + entry = current − baseline.
struct SegmentStanding: Sendable {
    let baseline: Level
    let current: Level
    let split: Split
    /// Points by which the score is worse, whatever the metric's polarity.
    let drop: Double
    /// The part of it within cells, which no other mix explains.
    let fallWithin: Double
    /// Standard deviation of the current score.
    let deviation: Double
    let isSimpson: Bool

    /// Sums of one cell over the span.
    struct CellSums: Sendable {
        var responses = 0.0
        /// Harm by channel, as parts of the worst.
        var harms = SIMD4<Double>.zero
        /// Harm expected of those responses.
        var expected = SIMD4<Double>.zero
        /// Decayed baseline answers.
        var history = 0.0
        /// Expected harm of an answer on an average weekday.
        var usual = SIMD4<Double>.zero

        /// Harm expected of an answer on the weekdays of the span.
        var expectedShare: SIMD4<Double> { responses > 0 ? expected / responses : usual }
    }

    /// Answers of the baseline's proportion expected in the span above which a silent cell counts as gone.
    private static let goneResponses = 5.0
    /// Part of the score's span below which a segment is said to stand still.
    private static let stillShare = 0.005

    init(cells: [CellSums], scoring: ScoreOfHarm, dispersion: Double) {
        let responses = cells.reduce(0) { $0 + $1.responses }
        let history = cells.reduce(0) { $0 + $1.history }
        func weight(_ cell: CellSums) -> Double {
            if history > 0 { return cell.history / history }
            return responses > 0 ? cell.responses / responses : 1 / Double(max(1, cells.count))
        }
        let usualHarm = cells.reduce(SIMD4<Double>.zero) { $0 + weight($1) * $1.expectedShare }
        let before = scoring.score(usualHarm)
        let harm = cells.reduce(SIMD4<Double>.zero) { $0 + $1.harms }
        let after = responses > 0 ? scoring.score(harm / responses) : before
        let still = Self.stillShare * min(100, scoring.span)
        var within = 0.0
        var mix = 0.0
        var entry = 0.0
        var isAnyWorse = false
        if responses > 0 {
            for cell in cells {
                let old = weight(cell)
                let new = cell.responses / responses
                let usual = scoring.score(cell.expectedShare)
                if cell.responses > 0 {
                    let change = scoring.score(cell.harms / cell.responses) - usual
                    within += new * change
                    if scoring.sign * change < -still { isAnyWorse = true }
                }
                let isNew = cell.history <= 0 && history > 0
                let isGone = cell.responses <= 0 && old * responses >= Self.goneResponses
                if isNew || isGone {
                    entry += (new - old) * (usual - before)
                } else {
                    mix += (new - old) * (usual - before)
                }
            }
        }
        split = Split(within: within, mix: mix, entry: entry)
        drop = scoring.sign * (before - after)
        fallWithin = -scoring.sign * within
        baseline = scoring.level(usualHarm, answers: history)
        current = scoring.level(responses > 0 ? harm / responses : usualHarm, answers: responses)
        deviation =
            scoring.deviation(responses > 0 ? harm / responses : usualHarm)
            * (dispersion / max(1, responses)).squareRoot()
        isSimpson = cells.count > 1 && drop >= still && !isAnyWorse
    }
}

/// The score as a function of the channels' mean harm, with its interval.
struct ScoreOfHarm: Sendable {
    private let best: Double
    private let points: SIMD4<Double>
    private let channels: Int
    private let isBinary: Bool
    /// Scatter of single answers by channel, against yes-or-no answers.
    private let scatter: SIMD4<Double>
    let span: Double
    /// 1 where a higher score is better, −1 where it is worse.
    let sign: Double

    init(_ watched: WatchedAnswers, scatter: SIMD4<Double>) {
        best = watched.best
        var points = SIMD4<Double>.zero
        for (place, channel) in watched.channels.enumerated() { points[place] = channel.points }
        self.points = points
        channels = watched.channels.count
        isBinary = watched.channels.allSatisfy { $0.unit == 1 || $0.points == 0 }
        self.scatter = scatter
        sign = watched.isLowerBetter ? -1 : 1
        span = watched.span
    }

    func score(_ harm: SIMD4<Double>) -> Double { best - (points * harm).sum() }

    /// Of one answer's score.
    func deviation(_ harm: SIMD4<Double>) -> Double {
        let bounded = pointwiseMin(pointwiseMax(harm, .zero), .one)
        if isBinary, channels > 1, points[1] != 0 {
            // Nested shares, such as detractors among those who are no promoters: the worse are part of the bad.
            var variance = 0.0
            for left in 0..<channels {
                for right in 0..<channels {
                    let both = min(bounded[left], bounded[right])
                    variance += points[left] * points[right] * (both - bounded[left] * bounded[right])
                }
            }
            return max(variance, 1e-12).squareRoot()
        }
        return max((points * points * scatter * bounded * (.one - bounded)).sum(), 1e-12).squareRoot()
    }

    func level(_ harm: SIMD4<Double>, answers: Double) -> Level {
        let value = score(harm)
        let low = min(best, score(.one))
        let high = max(best, score(.one))
        guard answers >= 0.5, value.isFinite else { return Level(score: value, low: low, high: high, responses: 0) }
        let count = Int64(min(answers, Double(DetectionLimits.answersPerStepMax)).rounded())
        if channels == 1 || points[1] == 0, isBinary, best == 100, points[0] == 100 {
            let good = min(count, max(0, Int64(((1 - harm[0]) * Double(count)).rounded())))
            let interval = Interval.wilson(successes: good, answers: count)
            return Level(score: value, low: interval.low, high: interval.high, responses: count)
        }
        let margin = 1.96 * deviation(harm) / answers.squareRoot()
        return Level(score: value, low: max(low, value - margin), high: min(high, value + margin), responses: count)
    }
}
