import Foundation
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
    /// Points lost because cells score less than expected; the part no other mix explains.
    var fallWithin: Double { -split.within }
    var drop: Double { baseline.score - current.score }

    /// Sums of one cell over the span.
    struct CellSums: Sendable {
        var responses = 0.0
        var dissatisfied = 0.0
        /// Dissatisfied answers expected of those responses.
        var expected = 0.0
        /// Decayed baseline answers.
        var history = 0.0
        /// Expected share of dissatisfied answers on an average weekday.
        var usual = 0.0
    }

    /// Answers of the baseline's proportion expected in the span above which a silent cell counts as gone.
    private static let goneResponses = 5.0

    init(cells: [CellSums]) {
        let responses = cells.reduce(0) { $0 + $1.responses }
        let dissatisfied = cells.reduce(0) { $0 + $1.dissatisfied }
        let history = cells.reduce(0) { $0 + $1.history }
        var before = 0.0
        for cell in cells {
            let weight = Self.share(cell.history, of: history, else: cell.responses, of: responses, cells.count)
            before += weight * (1 - Self.expectedShare(cell))
        }
        let after = responses > 0 ? 1 - dissatisfied / responses : before
        var within = 0.0
        var mix = 0.0
        var entry = 0.0
        if responses > 0 {
            for cell in cells {
                let old = Self.share(cell.history, of: history, else: cell.responses, of: responses, cells.count)
                let new = cell.responses / responses
                let usual = 1 - Self.expectedShare(cell)
                if cell.responses > 0 {
                    within += new * (1 - cell.dissatisfied / cell.responses - usual)
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
        split = Split(within: 100 * within, mix: 100 * mix, entry: 100 * entry)
        baseline = Self.level(share: before, responses: history)
        current = Self.level(share: after, responses: responses)
    }

    private static func share(
        _ part: Double, of whole: Double, else other: Double, of otherWhole: Double, _ count: Int
    ) -> Double {
        if whole > 0 { return part / whole }
        return otherWhole > 0 ? other / otherWhole : 1 / Double(max(1, count))
    }

    private static func expectedShare(_ cell: CellSums) -> Double {
        cell.responses > 0 ? cell.expected / cell.responses : cell.usual
    }

    private static func level(share: Double, responses: Double) -> Level {
        guard responses >= 0.5, share.isFinite else {
            return Level(score: 100 * share, low: 0, high: 100, responses: 0)
        }
        let answers = Int64(min(responses, Double(DetectionLimits.answersPerStepMax)).rounded())
        let successes = min(answers, max(0, Int64((share * Double(answers)).rounded())))
        let interval = Interval.wilson(successes: successes, answers: answers)
        return Level(score: 100 * share, low: interval.low, high: interval.high, responses: answers)
    }
}
