import JSON
import PluginKit
import Satisfaction

/// Resolution time: from a case's opening to its resolution, waits between contacts included.
///
/// The mean is exact. Median and 90th percentile come from a DDSketch and are within 1 %; so does the spread, of which
/// the mean's interval is made: Student's t, widened by the sketch's error. Intervals of quantiles are order statistics
/// of the sketch.
public struct ResolutionTime: Metric {
    public static let plugin = PluginDescription(
        name: "resolution.time",
        summary: "Resolution time: mean, median and p90 from a case's opening to its resolution.",
        defaults: [
            "measure": "resolutionTime",  // name of the measure: seconds, 0...1000000000, or {from, to}
            "show": "mean",  // mean | median | p90: the number that is the score; the others stand beside it
            "targets": [:],  // {segment: seconds above 0}, at most 64; {}: none
            "targetDimension": "channel",  // the dimension whose segments have targets
            "bands": nil,  // a list, highest first, in seconds; null: none
            "minimumSample": 0,  // durations below which a score is marked small, 0...1000000000
            "displayDigits": 0,  // 0...6 digits shown to people
        ],
        example: ["show": "p90", "targets": ["phone": 3600]])

    public let contract: ScoreContract
    public let unit = "s"
    public let range = 0...Double.infinity
    public let method = IntervalMethod.sketch
    public let inputs: [MetricInput]
    public let width = TimedMeasure.width
    private let timed: TimedMeasure

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        timed = try TimedMeasure(configuration)
        inputs = [timed.input]
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: .lowerIsBetter, unit: unit, keys: TimedMeasure.keys)
    }

    public var watched: WatchedAnswers? { TimedMeasure.watched }

    public var answerSchema: JSONTree { DurationTally.schema }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        try timed.count(value, of: event, into: &sums)
    }

    public func score(_ tally: Tally) -> Score? { timed.score(tally) }
}
