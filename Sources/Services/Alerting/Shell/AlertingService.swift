import Hosting
import Runtime
import Settings

/// The alerting service: sockets, store and HTTP around ``AlertingMachine``.
package struct AlertingService: Sendable {
    private let settings: TidelineSettings

    package init(settings: TidelineSettings) { self.settings = settings }

    /// Where the trend store lies below the data folder.
    package static let storePath = "/alerting/trends.sqlite"

    /// Runs until a signal; everything taken is committed when it returns.
    package func run() async throws -> ExitStatus {
        let host = try ServiceHost(name: "alerting", settings: settings, conditions: ["store"])
        let metrics = AlertingMetrics(host.metrics)
        let lock = try Self.lock(settings.data + Self.storePath)
        defer { withExtendedLifetime(lock) {} }
        let store = try TrendStore(path: settings.data + Self.storePath)
        let questions = LoopQuestions(wakeup: host.control.wakeup)
        let api = TrendAPI(
            store: store, minimumAnswers: Int64(settings.configuration.integer("privacy.minimumAnswers")),
            questions: questions)
        let comments = CommentsProxy(address: settings.configuration.string("alerting.comments"))
        return await host.run(
            http: settings.configuration.string("alerting.http"), routes: api.routes + comments.routes
        ) {
            defer { questions.close() }
            try AlertingLoop.run(host: host, metrics: metrics, store: store, api: api, questions: questions)
        }
    }
}

extension AlertingService {
    private static func lock(_ path: String) throws(TrendStoreError) -> StoreLock {
        if let lock = try StoreLock.take(beside: path) { return lock }
        throw TrendStoreError(
            "the trend store \(path) is in use by another alerting or by tideline rescore: wait until that has ended, or "
                + "give this one a data folder of its own")
    }
}

/// What alerting shows of itself.
struct AlertingMetrics: Sendable {
    let tallies: MetricFamily<Counter>
    let responses: Counter
    let steps: Counter
    let alerts: MetricFamily<Counter>
    let marks: MetricFamily<Counter>
    let openAlerts: Gauge
    let series: Gauge
    let waiting: Gauge
    let overflowed: Gauge
    let clock: Gauge
    let published: MetricFamily<Counter>
    let commitSeconds: Histogram

    init(_ registry: MetricsRegistry) {
        tallies = registry.counters(
            "tideline_alerting_tallies_total", "Tallies by what became of them.", label: "outcome")
        responses = registry.counter("tideline_alerting_responses_total", "Responses counted into trend lines.")
        steps = registry.counter("tideline_alerting_steps_total", "Detection steps closed.")
        alerts = registry.counters(
            "tideline_alerting_alerts_total", "Alert revisions told, by status.", label: "status")
        marks = registry.counters(
            "tideline_alerting_marks_total",
            "Acknowledgements, silences and labels people gave or took back, by change.",
            label: "change")
        openAlerts = registry.gauge("tideline_alerting_alerts_open", "Alerts pending or firing.")
        series = registry.gauge("tideline_alerting_series", "Trend lines.")
        waiting = registry.gauge("tideline_alerting_tallies_waiting", "Tallies kept ahead of a gap.")
        overflowed = registry.gauge(
            "tideline_alerting_values_other", "Times a segment value went to other because its dimension was full.")
        clock = registry.gauge(
            "tideline_alerting_clock_seconds", "Arrival clock of the last block applied, seconds since 1970.")
        published = registry.counters(
            "tideline_alerting_published_total", "Messages published, by type.", label: "type")
        commitSeconds = registry.histogram(
            "tideline_alerting_commit_seconds", "Time of a transaction of the trend store.", buckets: .latencies)
    }

    func update(_ now: AlertingStatistics, _ last: AlertingStatistics) {
        tallies["applied"].increment(by: Int(now.tallies.applied - last.tallies.applied))
        tallies["ahead"].increment(by: Int(now.tallies.ahead - last.tallies.ahead))
        tallies["repeated"].increment(by: Int(now.tallies.repeated - last.tallies.repeated))
        tallies["bad"].increment(by: Int(now.tallies.bad - last.tallies.bad))
        responses.increment(by: Int(now.responses - last.responses))
        steps.increment(by: Int(now.stepsClosed - last.stepsClosed))
        for (status, count) in now.alerts { alerts[status].increment(by: Int(count - (last.alerts[status] ?? 0))) }
        if now.clock > 0 { clock.set(Double(now.clock) / 1000) }
    }
}
