import Hosting
import JSON
import Logging
import Messages
import Runtime
import Settings
import ZMQ

/// A scoring worker: one DEALER to every ingest node, one to alerting, and ``ScoringMachine`` between them.
package struct ScoringService: Sendable {
    private let settings: TidelineSettings

    package init(settings: TidelineSettings) { self.settings = settings }

    /// Runs until a signal; blocks not finished then go to another worker.
    package func run() async throws -> ExitStatus {
        let host = try ServiceHost(name: "scoring", settings: settings, conditions: ["ingest", "alerting"])
        let metrics = ScoringMetrics(host.metrics)
        return await host.run(http: settings.configuration.string("scoring.http"), routes: []) {
            try ScoringLoop.run(host: host, metrics: metrics)
        }
    }
}

struct ScoringMetrics: Sendable {
    let blocks: Counter
    let responses: Counter
    let failures: Counter
    let kept: Gauge
    let tallySeconds: Histogram

    init(_ registry: MetricsRegistry) {
        blocks = registry.counter("tideline_scoring_blocks_total", "Blocks tallied.")
        responses = registry.counter("tideline_scoring_responses_total", "Responses counted.")
        failures = registry.counter("tideline_scoring_failures_total", "Blocks that could not be tallied.")
        kept = registry.gauge("tideline_scoring_tallies_kept", "Tallies sent and not yet committed.")
        tallySeconds = registry.histogram(
            "tideline_scoring_tally_seconds", "Time to tally a block.", buckets: .latencies)
    }
}
