import Foundation
import JSON
import PluginKit
import Satisfaction

/// Durations in a tally: their number and sum, exact, and a sketch from which quantiles are known within 1 %.
struct DurationTally: Sendable {
    let count: Int64
    /// Seconds, exact but for the last rounding.
    let mean: Double
    private let sketch: DurationSketch

    private enum Column {
        static let count = 0
        static let sum = 1
        static let sketch = sum + ExactSum.width
    }
    /// Columns it takes.
    static let width = Column.sketch + DurationSketch.columnCount

    /// Longest duration taken, in seconds, about 32 years; the sketch tells no longer ones apart.
    static let secondsMax: Int64 = 1_000_000_000

    /// Reads a duration: seconds, or `{"from", "to"}`. Allocates only when it throws.
    static func duration(_ value: JSONValue) throws(AnswerRefusal) -> MeasuredValue {
        guard value.bool == nil else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "must be seconds or a duration {\"from\", \"to\"}, not true or false")
        }
        let duration = try MeasuredValue(value, .notNegative)
        guard duration <= MeasuredValue(whole: secondsMax) else {
            throw AnswerRefusal(
                reason: .outsideScale,
                sentence: "is \(duration.number) s, but at most \(secondsMax) s (about 32 years) are taken")
        }
        return duration
    }

    static let schema: JSONTree = [
        "anyOf": [
            ["type": "number", "minimum": 0, "maximum": .integer(secondsMax)],
            MeasuredValue.durationSchema,
        ]
    ]

    /// - Parameter first: the metric's column that is its first.
    static func add(_ duration: MeasuredValue, at first: Int, into sums: inout Contributions) {
        sums.add(at: first + Column.count)
        ExactSum.add(duration, at: first + Column.sum, into: &sums)
        sums.add(at: first + Column.sketch + DurationSketch.column(of: duration.number))
    }

    /// By column: where its durations lie between a second and thirty days on a logarithmic scale, in thousandths; 0
    /// for columns that hold no durations.
    static let logarithmicPlaces: [Int64] =
        [Int64](repeating: 0, count: Column.sketch)
        + (0..<DurationSketch.columnCount).map { column in
            let place = log(max(1, DurationSketch.value(of: column))) / log(monthSeconds)
            return Int64((Double(logarithmicUnit) * min(1, place)).rounded())
        }
    static let logarithmicUnit: Int64 = 1_000
    private static let monthSeconds = 30.0 * 86_400

    /// - Returns: nil without durations, and for what only tallies of hostile content hold.
    init?(_ tally: Tally, at first: Int) {
        count = tally[first + Column.count]
        let start = first + Column.sketch
        sketch = DurationSketch(tally.columns(in: start..<start + DurationSketch.columnCount), from: start)
        guard count > 0, sketch.count > 0 else { return nil }
        mean = ExactSum(tally, at: first + Column.sum).number / Double(count)
        guard mean >= 0 else { return nil }
    }

    /// - Parameter share: 0…1; 0.5 is the median.
    func quantile(_ share: Double) -> Double { sketch.quantile(share) ?? 0 }

    /// By order statistics, the sketch's own error inside; nil where there are too few durations to say.
    func interval(ofQuantile share: Double) -> Interval? { sketch.interval(ofQuantile: share) }

    /// Standard deviation of one duration, from the sketch; nil for a single one.
    var deviation: Double? { sketch.variance.map { $0.squareRoot() } }

    /// Student's t around the exact mean, with the sketch's deviation widened by what the sketch may be wrong.
    var intervalOfMean: Interval? {
        guard let deviation, let centre = sketch.mean else { return nil }
        let n = Double(sketch.count)
        let meanSquare = centre * centre + deviation * deviation * ((n - 1) / n)
        // Each duration lies within 1 % of what its column stands for, so the root mean square does too.
        let error = DurationSketch.relativeErrorMax / (1 - DurationSketch.relativeErrorMax)
        let widened = deviation + error * (meanSquare * (n / (n - 1))).squareRoot()
        return .mean(mean, deviation: widened, values: count, within: 0...Double.infinity)
    }
}
