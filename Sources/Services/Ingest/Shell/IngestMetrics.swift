import Messages
import Runtime

/// What ingest shows of itself.
struct IngestMetrics: Sendable {
    let accepted: Counter
    let overSurveyed: Counter
    let respondents: Gauge
    let respondentsForgotten: Counter
    let duplicates: Counter
    let unavailable: Counter
    let rejected: MetricFamily<Counter>
    let blocks: Counter
    let receiptsLost: Counter
    let deadLettersLost: Gauge
    let deadLetterBytes: Gauge
    let pendingBytes: Gauge
    let journalBytes: Gauge
    let freeBytes: Gauge
    let workers: Gauge
    let inFlight: Gauge
    let backlog: Gauge
    let identities: Gauge
    let redelivered: Counter
    let leasesExpired: Counter
    let skipped: Counter
    let rewinds: Counter
    let workFailures: Counter
    let misunderstood: Gauge
    let syncSeconds: Histogram
    let syncBlocks: Histogram

    init(_ registry: MetricsRegistry) {
        accepted = registry.counter("tideline_ingest_accepted_total", "Responses accepted.")
        overSurveyed = registry.counter(
            "tideline_ingest_oversurveyed_total", "Accepted events of respondents who are asked too often.")
        respondents = registry.gauge(
            "tideline_ingest_respondents", "Respondents whose contacts are remembered.")
        respondentsForgotten = registry.counter(
            "tideline_ingest_respondents_forgotten_total",
            "Respondents forgotten early, because there are more than fatigue.respondentsMax.")
        duplicates = registry.counter("tideline_ingest_duplicates_total", "Responses seen before.")
        unavailable = registry.counter(
            "tideline_ingest_unavailable_total", "Responses that could not be decided; their senders try again.")
        rejected = registry.counters("tideline_ingest_rejected_total", "Messages refused, by reason.", label: "reason")
        for reason in Rejection.Reason.allCases { _ = rejected[reason.rawValue] }
        blocks = registry.counter("tideline_ingest_blocks_total", "Blocks sealed.")
        receiptsLost = registry.counter(
            "tideline_ingest_receipts_lost_total", "Replies whose receiver was gone or did not read.")
        deadLettersLost = registry.gauge(
            "tideline_ingest_dead_letters_lost", "Refused messages not kept, since the start.")
        deadLetterBytes = registry.gauge("tideline_ingest_dead_letter_bytes", "Size of the dead letters on disk.")
        pendingBytes = registry.gauge("tideline_ingest_pending_bytes", "Accepted and not yet durable.")
        journalBytes = registry.gauge("tideline_ingest_journal_bytes", "Size of the message files.")
        freeBytes = registry.gauge("tideline_ingest_free_bytes", "Free space where the message files are.")
        workers = registry.gauge("tideline_ingest_workers", "Scoring workers heard of within the lease.")
        inFlight = registry.gauge("tideline_ingest_blocks_in_flight", "Blocks sent and not yet committed.")
        backlog = registry.gauge("tideline_ingest_blocks_backlog", "Durable blocks not yet committed.")
        identities = registry.gauge("tideline_ingest_identities", "Identities remembered, in memory and on disk.")
        redelivered = registry.counter("tideline_ingest_blocks_redelivered_total", "Blocks sent again.")
        leasesExpired = registry.counter(
            "tideline_ingest_leases_expired_total", "Blocks taken back from a worker that was silent or slow.")
        skipped = registry.counter("tideline_ingest_blocks_skipped_total", "Blocks no worker could tally.")
        rewinds = registry.counter(
            "tideline_ingest_rewinds_total", "Times alerting asked for blocks it had committed before.")
        workFailures = registry.counter("tideline_ingest_block_failures_total", "Blocks a worker could not tally.")
        misunderstood = registry.gauge(
            "tideline_ingest_work_misunderstood", "Messages on the work socket that were none, since the start.")
        syncSeconds = registry.histogram(
            "tideline_ingest_sync_seconds", "Time to write and sync a group of blocks.", buckets: .latencies)
        syncBlocks = registry.histogram(
            "tideline_ingest_sync_blocks", "Blocks written by one sync.",
            buckets: .units([1, 2, 4, 8, 16, 64, 256, 1024]))
    }

    /// Brings counters to what the machines say, by difference.
    func update(_ now: IntakeStatistics, _ last: IntakeStatistics) {
        accepted.increment(by: Int(clamping: now.accepted) - Int(clamping: min(last.accepted, now.accepted)))
        overSurveyed.increment(
            by: Int(clamping: now.overSurveyed) - Int(clamping: min(last.overSurveyed, now.overSurveyed)))
        respondentsForgotten.increment(by: Int(clamping: now.respondentsForgotten - last.respondentsForgotten))
        duplicates.increment(by: Int(now.duplicates - last.duplicates))
        unavailable.increment(by: Int(now.unavailable - last.unavailable))
        blocks.increment(by: Int(now.blocks - last.blocks))
        for (reason, count) in now.rejected where count != last.rejected[reason] {
            rejected[reason.rawValue].increment(by: Int(count - (last.rejected[reason] ?? 0)))
        }
    }

    func update(_ now: DispatchStatistics, _ last: DispatchStatistics) {
        redelivered.increment(by: Int(now.redelivered - last.redelivered))
        leasesExpired.increment(by: Int(now.leasesExpired - last.leasesExpired))
        skipped.increment(by: Int(now.skipped - last.skipped))
        rewinds.increment(by: Int(now.rewinds - last.rewinds))
        workFailures.increment(by: Int(now.failures - last.failures))
    }
}
