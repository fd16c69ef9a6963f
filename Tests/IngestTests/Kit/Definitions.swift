import JSON
import Messages
import Satisfaction

/// Sets as tests need them.
package enum Definitions {
    package static let dipRule = RuleDefinition(
        name: "csat-dip", metric: "csat", detector: "sr-mixture", configuration: .object([]), smallestDip: 3,
        budget: .perSegmentDefault)

    /// CSAT on 1..5 in regions and channels.
    package static func csat(
        dimensions: [String] = ["region", "channel"], pairs: [[String]] = [], model: [String] = ["region", "channel"],
        valuesMax: Int = 1000, timeZone: String = "UTC", rules: [RuleDefinition] = [dipRule], step: Int64 = 60_000,
        scale: String = "1..5"
    ) -> DefinitionSet {
        DefinitionSet(
            metrics: [
                MetricDefinition(
                    name: "csat", kind: "csat", configuration: .object([("scale", .string(scale))]))
            ], dimensions: dimensions, pairs: pairs, model: model, valuesPerDimensionMax: valuesMax,
            timeZone: timeZone, rules: rules, stepMilliseconds: step, latenessLimitMilliseconds: 7 * 86_400_000)
    }
}
