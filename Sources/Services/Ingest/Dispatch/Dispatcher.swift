import Messages

/// When blocks go to another worker; units and bounds stand in the configuration's schema.
package struct DispatchLimits: Sendable {
    package var blocksInFlightMax = 256
    package var leaseMilliseconds: Int64 = 1000
    package var hardLeaseMilliseconds: Int64 = 10_000
    /// How long alerting may wait for a block before another worker gets it too.
    package var neededMilliseconds: Int64 = 2000
    /// Failures after which a block goes to one worker alone, and further ones after which it is skipped.
    package var failuresMax = 3
    package var failuresAloneMax = 2
    package init() {}
}

/// A block that is to be sent to a worker now.
package struct Assignment: Sendable, Equatable {
    package let worker: String
    package let number: UInt64
    package let attempt: Int
}

/// What became of a message about progress.
package enum ProgressOutcome: Sendable, Equatable {
    case taken
    case stale
    /// Alerting lost its store or part of it: sending begins again at this block.
    case rewound(to: UInt64)
    /// Alerting needs a block this journal does not have yet: the journal is older than the store.
    case journalBehind(next: UInt64)
    /// The last applied block is not the one of this journal.
    case forked(number: UInt64, theirs: String)
    /// Retention has removed what alerting needs.
    case gap(next: UInt64)
    /// Alerting has counted other nodes' journals and knows nothing of this one: it was begun anew beside a store that
    /// already holds what its senders will send again.
    case foreign(nodes: [String])
}

/// Ingest's second half without its I/O: which block goes to which worker, and when again.
///
/// A worker's credit bounds what it holds. A block is done when alerting has committed it; until then it goes to another
/// worker as soon as its holder falls silent, holds it too long, or alerting waits for it. Used by one thread.
package struct Dispatcher {
    private struct Worker {
        var credit: Int
        /// Blocks it has and has not tallied.
        var held: Set<UInt64> = []
        var heard: Int64
        /// When it last said that it hears alerting; nil before.
        var ready: Int64?
        var sets: Set<String> = []
    }

    private struct Flight {
        var holder: String?
        var sent: Int64 = 0
        var attempts = 0
        var isTallied = false
        var failures = 0
        /// To be sent again before anything new.
        var isWaiting = false
        /// Workers it should not go to again while there are others.
        var avoid: String?
        var notBefore: Int64 = 0
    }

    private let node: String
    private let limits: DispatchLimits
    private var workers: [String: Worker] = [:]
    private var flights: [UInt64: Flight] = [:]
    /// Number of the block after the last durable one.
    private var end: UInt64
    /// First block the journal still has.
    private var first: UInt64
    /// First block alerting needs; nil until alerting was heard.
    private var needed: UInt64?
    private var neededSince: Int64 = 0
    /// Next block that was never sent since the last rewind.
    private var cursor: UInt64 = 0
    private var start = ""
    /// Lives of alerting that are over.
    private var formerStarts: [String] = []
    private static let formerStartsMax = 64
    /// When the present life was last heard of.
    private var startHeard: Int64 = 0
    private var counter: UInt64 = 0
    private var ahead: Set<UInt64> = []
    private(set) package var halted: ProgressOutcome?
    private(set) package var statistics = DispatchStatistics()

    package init(node: String, first: UInt64, end: UInt64, limits: DispatchLimits) {
        self.node = node
        self.first = first
        self.end = end
        self.limits = limits
    }

    // MARK: What is heard

    /// Blocks up to and without this number are durable.
    package mutating func extend(to end: UInt64) { self.end = max(self.end, end) }

    package mutating func hear(_ ready: Ready, now: Int64) {
        var worker = workers[ready.worker] ?? Worker(credit: ready.credit, heard: now)
        worker.credit = ready.credit
        worker.heard = now
        worker.ready = now
        workers[ready.worker] = worker
    }

    package mutating func hear(_ heartbeat: Heartbeat, now: Int64) { workers[heartbeat.worker]?.heard = now }

    package mutating func hear(_ tallied: Tallied, now: Int64) {
        workers[tallied.worker]?.heard = now
        workers[tallied.worker]?.held.remove(tallied.number)
        guard tallied.node == node, flights[tallied.number]?.holder == tallied.worker else { return }
        flights[tallied.number]?.isTallied = true
        flights[tallied.number]?.isWaiting = false
        flights[tallied.number]?.sent = now
    }

    /// A worker could not tally a block.
    ///
    /// - Returns: true when the block is poison: it is to be skipped, durably, and then ``skip(_:)`` called.
    package mutating func hear(failure refused: Refused, now: Int64) -> Bool {
        workers[refused.worker]?.heard = now
        workers[refused.worker]?.held.remove(refused.number)
        guard refused.node == node, var flight = flights[refused.number] else { return false }
        if refused.reason == .unknownSet {
            // Says nothing about the block: the set was lost on its way, or this worker's release cannot use it.
            workers[refused.worker]?.sets.removeAll()
        } else {
            statistics.failures += 1
        }
        // A worker that never finished a block may be a broken release: it says nothing about the block.
        if refused.finishedBefore, refused.reason != .unknownSet { flight.failures += 1 }
        flight.isWaiting = true
        flight.isTallied = false
        flight.avoid = refused.worker
        flight.holder = nil
        flight.notBefore = now + min(100 * Int64(flight.attempts), 2000)
        flights[refused.number] = flight
        return flight.failures >= limits.failuresMax + limits.failuresAloneMax
    }

    /// The block is to be sent as its header alone from now on.
    package mutating func skip(_ number: UInt64) {
        flights[number]?.failures = 0
        flights[number]?.isWaiting = true
        flights[number]?.notBefore = 0
        statistics.skipped += 1
    }

    /// Takes what alerting says of itself.
    ///
    /// - Parameter mark: the mark this journal has for the last block alerting applied, nil if it has no such block.
    package mutating func hear(_ progress: Progress, now: Int64, mark: String?) -> ProgressOutcome {
        let isNew = progress.start != start
        if !isNew { startHeard = now }
        if !isNew, progress.counter <= counter { return .stale }
        // A worker that has not heard of alerting's restart yet repeats what the former life said, for a while. When the
        // life taken for the present one falls silent instead, the two were heard in the wrong order.
        if formerStarts.contains(progress.start), now - startHeard < limits.neededMilliseconds { return .stale }
        let position = progress.nodes[node]
        if position == nil, !progress.nodes.isEmpty { return halt(.foreign(nodes: progress.nodes.keys.sorted())) }
        let next = position?.next ?? 1
        if next > end { return halt(.journalBehind(next: next)) }
        if next < first { return halt(.gap(next: next)) }
        if next > first, let theirs = position?.mark, let ours = mark, ours != theirs {
            return halt(.forked(number: next - 1, theirs: theirs))
        }
        halted = nil
        if isNew, !start.isEmpty {
            formerStarts.append(start)
            if formerStarts.count > Self.formerStartsMax { formerStarts.removeFirst() }
        }
        start = progress.start
        startHeard = now
        formerStarts.removeAll { $0 == start }
        counter = progress.counter
        ahead = Set(progress.ahead[node] ?? [])
        if isNew || needed == nil { return begin(at: next, now: now) }
        if next != needed {
            for number in (needed ?? next)..<max(next, needed ?? next) { finish(number) }
            needed = next
            neededSince = now
            cursor = max(cursor, next)
        }
        return .taken
    }

    private mutating func halt(_ outcome: ProgressOutcome) -> ProgressOutcome {
        halted = outcome
        return outcome
    }

    /// All that was held as committed from `next` on is void: it is sent again, by credit.
    private mutating func begin(at next: UInt64, now: Int64) -> ProgressOutcome {
        let wasFurther = needed.map { next < $0 } ?? false
        for number in flights.keys { finish(number) }
        needed = next
        neededSince = now
        cursor = next
        guard wasFurther else { return .taken }
        statistics.rewinds += 1
        return .rewound(to: next)
    }

    private mutating func finish(_ number: UInt64) {
        if let holder = flights[number]?.holder { workers[holder]?.held.remove(number) }
        flights[number] = nil
    }

    // MARK: Time

    /// Notes silences and leases that have ended. Call several times a second.
    package mutating func tick(now: Int64) {
        for (name, worker) in workers where now - worker.heard > limits.leaseMilliseconds {
            workers[name] = nil
            statistics.workersLost += 1
            for (number, flight) in flights where flight.holder == name { expire(number, avoiding: nil) }
        }
        for (number, flight) in flights
        where !flight.isTallied && !flight.isWaiting && now - flight.sent > limits.hardLeaseMilliseconds {
            expire(number, avoiding: flight.holder)
        }
        // A tally on its way to alerting may be lost with a connection; its block is tallied again, elsewhere if possible.
        for (number, flight) in flights
        where flight.isTallied && !ahead.contains(number) && now - flight.sent > limits.neededMilliseconds {
            expire(number, avoiding: flight.holder)
        }
        guard let needed else { return }
        if let flight = flights[needed] {
            if !flight.isWaiting, now - max(neededSince, flight.sent) > limits.neededMilliseconds {
                expire(needed, avoiding: flight.holder)
            }
        } else if needed < cursor, !ahead.contains(needed) {
            // Alerting had it ahead of a gap and dropped it: nobody holds it any more.
            flights[needed] = Flight()
            flights[needed]?.isWaiting = true
        }
    }

    /// A worker's connection is gone.
    package mutating func lost(_ worker: String) {
        workers[worker] = nil
        for (number, flight) in flights where flight.holder == worker { expire(number, avoiding: nil) }
    }

    private mutating func expire(_ number: UInt64, avoiding worker: String?) {
        if let holder = flights[number]?.holder { workers[holder]?.held.remove(number) }
        flights[number]?.isWaiting = true
        flights[number]?.isTallied = false
        flights[number]?.holder = nil
        flights[number]?.avoid = worker
        statistics.leasesExpired += 1
    }

    // MARK: What is sent

    /// The next block to send, and to whom; nil when there is nothing to do now.
    package mutating func next(now: Int64) -> Assignment? {
        guard halted == nil, let needed else { return nil }
        let able = workers.filter { $0.value.ready.map { now - $0 <= limits.leaseMilliseconds } ?? false }
        guard !able.isEmpty else { return nil }
        if let again = redelivery(able, now) { return again }
        let alone = flights.contains { $0.value.isWaiting && $0.value.failures >= limits.failuresMax }
        guard !alone || able.count > 1 else { return nil }
        while ahead.contains(cursor) { cursor += 1 }
        guard cursor < end, cursor < needed + UInt64(limits.blocksInFlightMax) else { return nil }
        guard let worker = freest(able, reserving: alone) else { return nil }
        defer { cursor += 1 }
        return send(cursor, to: worker, now)
    }

    /// Blocks that were sent before go first and need no credit; suspicious ones go to a worker that holds nothing else.
    private mutating func redelivery(_ able: [String: Worker], _ now: Int64) -> Assignment? {
        let due = flights.filter { $0.value.isWaiting && $0.value.notBefore <= now && !ahead.contains($0.key) }
        for number in due.keys.sorted() {
            let flight = due[number]!
            let others = able.filter { $0.key != flight.avoid }
            let candidates = others.isEmpty ? able : others
            if flight.failures >= limits.failuresMax {
                guard let idle = candidates.filter({ $0.value.held.isEmpty }).keys.min() else { continue }
                return send(number, to: idle, now)
            }
            guard let worker = candidates.min(by: { ($0.value.held.count, $0.key) < ($1.value.held.count, $1.key) })
            else { continue }
            return send(number, to: worker.key, now)
        }
        return nil
    }

    /// The worker with the most free credit; one is kept out while a suspicious block waits for an idle one.
    private func freest(_ able: [String: Worker], reserving: Bool) -> String? {
        let reserved = reserving ? able.min { ($0.value.held.count, $0.key) < ($1.value.held.count, $1.key) }?.key : nil
        return able.filter { $0.key != reserved && $0.value.held.count < $0.value.credit }
            .max { ($0.value.credit - $0.value.held.count, $1.key) < ($1.value.credit - $1.value.held.count, $0.key) }?
            .key
    }

    private mutating func send(_ number: UInt64, to worker: String, _ now: Int64) -> Assignment {
        var flight = flights[number] ?? Flight()
        flight.holder = worker
        flight.sent = now
        flight.attempts += 1
        flight.isWaiting = false
        flight.isTallied = false
        flights[number] = flight
        workers[worker]?.held.insert(number)
        if flight.attempts > 1 { statistics.redelivered += 1 }
        return Assignment(worker: worker, number: number, attempt: flight.attempts)
    }

    /// A worker is connected anew: what it was sent over the old connection may be lost.
    package mutating func reconnected(_ worker: String) {
        workers[worker]?.sets.removeAll()
        for (number, flight) in flights where flight.holder == worker && !flight.isTallied {
            expire(number, avoiding: nil)
        }
    }

    /// Whether a worker has not had a set yet; it counts as sent afterwards.
    package mutating func needsSet(_ hash: String, worker: String) -> Bool {
        workers[worker]?.sets.insert(hash).inserted ?? false
    }

    // MARK: What is shown

    package var workerCount: Int { workers.count }
    package var inFlight: Int { flights.count }
    /// Durable blocks that alerting has not committed.
    package var backlog: UInt64 { end - min(end, needed ?? first) }
    /// Whether a worker was heard of within the lease.
    package func knows(_ worker: String) -> Bool { workers[worker] != nil }
}

/// What dispatch has done since the start, for the metrics.
package struct DispatchStatistics: Sendable {
    package var redelivered: UInt64 = 0
    package var leasesExpired: UInt64 = 0
    package var workersLost: UInt64 = 0
    package var failures: UInt64 = 0
    package var skipped: UInt64 = 0
    package var rewinds: UInt64 = 0
}
