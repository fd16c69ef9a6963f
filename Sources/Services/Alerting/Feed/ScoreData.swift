import JSON
import Messages
import PluginKit
import Satisfaction

/// A score as the feed and the API say it.
package enum ScoreData {
    /// - Returns: nil where there are no answers: an empty window has no score.
    package static func tree(
        of series: Series, metric: any Metric, counts: AnswerCounts, window: Range<Int64>, step: String,
        provisional: Bool
    ) -> JSONTree? {
        guard let score = metric.score(counts) else { return nil }
        let lowest = metric.contract.scale.lowest
        return .object([
            ("metric", .string(series.metric)), ("contract", .string(series.contract)),
            ("segment", series.segment.tree), ("start", .string(Timestamp.text(window.lowerBound))),
            ("end", .string(Timestamp.text(window.upperBound))), ("step", .string(step)),
            ("score", .number(score.value)),
            ("interval", .array([.number(score.interval.low), .number(score.interval.high)])),
            ("responses", .integer(score.responses)),
            (
                "counts",
                .object(counts.steps.enumerated().map { (String($0.offset + lowest), .integer($0.element)) })
            ),
            ("band", .string(metric.band(of: score.value))), ("provisional", .bool(provisional)),
            ("revision", .integer(counts.total)),
        ])
    }
}
