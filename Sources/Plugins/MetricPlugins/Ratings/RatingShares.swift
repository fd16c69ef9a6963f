import JSON
import PluginKit
import Satisfaction

/// Satisfied, neutral and dissatisfied answers of a rated metric.
///
/// Dissatisfied are as many of the worst answers as there are satisfied ones among the best, neutral what lies between:
/// on 1..5 with 4 and 5 satisfied, 1 and 2 are dissatisfied and 3 is neutral.
struct RatingShares {
    let answers: Int64
    let satisfied: Int64
    /// With the neutral ones where the contract says so.
    let dissatisfied: Int64

    init(_ counts: AnswerCounts, _ rating: Rating) {
        answers = counts.total
        satisfied = counts.count(of: rating.satisfied, on: rating.scale)
        dissatisfied = counts.count(of: Self.dissatisfied(of: rating), on: rating.scale)
    }

    /// The answers that count as dissatisfied.
    static func dissatisfied(of rating: Rating) -> ClosedRange<Int> {
        let unsatisfied = rating.scale.steps - rating.satisfied.count
        let worst = rating.neutral == .separate ? min(rating.satisfied.count, unsatisfied) : unsatisfied
        let isHighBest = rating.satisfied.upperBound == rating.scale.highest
        let lowest = isHighBest ? rating.scale.lowest : rating.scale.highest - worst + 1
        return lowest...(lowest + worst - 1)
    }

    /// - Returns: not a number without answers.
    func percent(_ part: Int64) -> Double { 100 * Double(part) / Double(answers) }
}

/// Mean and spread of answers on a scale.
public struct RatingMean: Sendable {
    public let answers: Int64
    public let mean: Double
    /// Standard deviation of one answer, with Bessel's correction; 0 for a single answer.
    public let deviation: Double

    public init(_ counts: AnswerCounts, on scale: Scale) {
        answers = counts.total
        var sum: Int64 = 0
        for (step, count) in counts.steps.enumerated() { sum &+= count &* Int64(step) }
        let n = Double(answers)
        let centre = Double(sum) / n
        mean = centre + Double(scale.lowest)
        var squares = 0.0
        for (step, count) in counts.steps.enumerated() {
            squares += Double(count) * (Double(step) - centre) * (Double(step) - centre)
        }
        deviation = answers > 1 ? (squares / (n - 1)).squareRoot() : 0
    }
}

/// The bands of CSAT that the field uses.
enum RatingBands {
    static let named: [(name: String, bands: Bands)] = [
        (
            "standard",
            Bands([
                Band("excellent", .above(80)), Band("good", .from(70)), Band("average", .from(60)),
                Band("critical", .rest),
            ])!
        ),
        ("problem", Bands([Band("sound", .from(50)), Band("problem", .rest)])!),
    ]
}

extension RatingReader {
    /// What an answer looks like: a number on the scale, a word of the mapping, or an object with both.
    var schema: JSONTree {
        var forms: [JSONTree] = [
            [
                "type": rounding == .refused ? "integer" : "number", "minimum": .integer(Int64(scale.lowest)),
                "maximum": .integer(Int64(scale.highest)),
            ]
        ]
        if !words.isEmpty {
            forms.append(["enum": .array(words.map { .string(String(decoding: $0.word, as: UTF8.self)) })])
        }
        if readsStars { forms.append(["type": "string", "pattern": "^[★⭐]*☆*$"]) }
        if booleans != nil { forms.append(["type": "boolean"]) }
        let scales = [scale] + conversions.map(\.from)
        forms.append([
            "type": "object", "required": ["value"],
            "properties": ["value": [:], "scale": ["enum": .array(scales.map { .string("\($0)") })]],
        ])
        return ["anyOf": .array(forms)]
    }
}

extension RatingMean {
    /// The mean as a score, with Student's t.
    /// - Returns: nil without answers.
    func score(on scale: Scale, figures: [Figure] = []) -> Score? {
        guard answers > 0, mean.isFinite else { return nil }
        let range = Double(scale.lowest)...Double(scale.highest)
        return Score(
            value: mean, interval: .mean(mean: mean, standardDeviation: deviation, answers: answers, within: range),
            method: .t, responses: answers, deviation: deviation, figures: figures)
    }
}
