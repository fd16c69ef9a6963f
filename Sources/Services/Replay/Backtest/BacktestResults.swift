import Messages
import Satisfaction

/// Everything a backtest found: the replay its outputs are of, and the replays with one further drop each.
package struct BacktestResults {
    package let outcome: BacktestOutcome
    package let rules: [RuleSummary]
    /// By rule, then by request with `times` above 1.
    package let distributions: [DropDistribution]

    /// - Parameters:
    ///   - shared: drops that every replay has; they come first.
    ///   - repeated: replays with one drop behind the shared ones.
    package init(outcome: BacktestOutcome, shared: Int, repeated: [BacktestOutcome]) {
        self.outcome = outcome
        rules = outcome.set.rules.map { RuleSummary(of: $0, in: outcome) }
        var distributions: [DropDistribution] = []
        for rule in outcome.set.rules {
            let findings = repeated.filter { $0.drops[shared].metric == rule.metric }
                .map { $0.finding(of: shared, by: rule.name) }
            for request in Set(findings.map(\.drop.request)).sorted() {
                distributions.append(DropDistribution(of: rule.name, findings.filter { $0.drop.request == request }))
            }
        }
        self.distributions = distributions
    }

    /// Drops found and their days to detection, of all replays.
    package func detection(by rule: String) -> (planted: Int, days: [Double]) {
        let findings = rules.first { $0.rule.name == rule }?.findings ?? []
        let repeated = distributions.filter { $0.rule == rule }
        let days = findings.compactMap(\.daysToDetection) + repeated.flatMap(\.days)
        return (findings.count + repeated.reduce(0) { $0 + $1.planted }, days.sorted())
    }

    package var hasDrops: Bool { !outcome.drops.isEmpty || !distributions.isEmpty }
}
