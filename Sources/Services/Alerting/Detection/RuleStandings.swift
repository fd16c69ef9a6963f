import PluginKit

extension AlertingMachine {
    /// How every rule of the set in force stands to the segments it has seen, by the rule's name.
    package var standingsByRule: [String: [SeriesStanding]] {
        var found: [String: [SeriesStanding]] = [:]
        for metric in plan?.metrics ?? [] {
            for watch in metric.watches { found[watch.rule.name] = watch.detector.standings }
        }
        return found
    }
}
