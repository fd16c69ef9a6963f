import Hosting
import JSON
import Logging
import Messages
import Runtime
import ZMQ

/// Alerting's loop: one thread that owns the sockets and the machine and writes the store.
///
/// Transactions are grouped: at most one every `commitInterval`, and under load so few that they take a small share of the
/// time, because what they write is the same whether it changed once or a thousand times.
struct AlertingLoop: ~Copyable {
    static let talliesPerTurnMax = 512
    static let messagesPerTurnMax = 1000
    static let requestsPerTurnMax = 20
    /// A transaction is followed by this many times its own duration without one, at most `commitRestMax`.
    static let commitRestFactor: Int64 = 24
    static let commitRestMax: Int64 = 250_000_000
    static let turnMillisecondsMax = 50
    /// Segments of one answer about the rules.
    static let standingsMax = 10_000
    static let standingsNanoseconds: Int64 = 2_000_000_000

    let host: ServiceHost
    let metrics: AlertingMetrics
    let store: TrendStore
    private let api: TrendAPI
    var machine: AlertingMachine
    var desk: MarkDesk
    let questions: LoopQuestions
    var standings: (rules: [RuleStanding], at: Int64)?
    private let tallies: Socket
    private let feed: Socket
    private let requests: Socket
    private var poller: Poller
    private var message = MultipartMessage(framesMax: 8)
    let parser = JSONParser()
    private var subscriptions = Subscriptions()
    /// Routing ids of the workers heard of lately, and when.
    private var workers: [[UInt8]: Int64] = [:]
    private var answer: [UInt8] = []
    private var nextCommit: Int64 = 0
    private var scoreTimes: [Int32: Int64] = [:]
    private var nextChores: Int64 = 0
    private var last = AlertingStatistics()
    private var counter: UInt64 = 0
    private let commitNanoseconds: Int64
    private let scoreMilliseconds: Int64

    private struct Items {
        static let tallies = 1
        static let feed = 2
        static let requests = 3
    }

    static func run(
        host: ServiceHost, metrics: AlertingMetrics, store: TrendStore, api: TrendAPI, questions: LoopQuestions
    ) throws {
        let context = try Context()
        defer { context.terminate() }
        let configuration = host.settings.configuration
        let contents = try store.contents()
        let machine = try AlertingMachine(
            contents: contents, chunks: store, start: host.start,
            minimumAnswers: Int64(configuration.integer("privacy.minimumAnswers")))
        let tallies = try Socket(
            context, .router,
            options: SocketOptions {
                $0.maxMessageBytes = 64 << 20
                $0.sendHighWaterMark = 4096
                $0.receiveHighWaterMark = 4096
                $0.handshakeInterval = 10_000
            })
        let talliesAt = try tallies.bind(configuration.string("alerting.tallies"))
        let feed = try Socket(
            context, .xpub,
            options: SocketOptions {
                $0.sendHighWaterMark = 10_000
                // What comes in on the feed are subscriptions, a topic each.
                $0.maxMessageBytes = 4096
                $0.handshakeInterval = 10_000
            })
        let feedAt = try feed.bind(configuration.string("alerting.feed"))
        let requests = try Socket(
            context, .router,
            options: SocketOptions {
                $0.maxMessageBytes = 64 << 10
                $0.handshakeInterval = 10_000
            })
        let requestsAt = try requests.bind(configuration.string("alerting.requests"))
        host.logger.info(
            "watching",
            metadata: [
                "tallies": .string(talliesAt), "feed": .string(feedAt), "requests": .string(requestsAt),
                "series": "\(machine.seriesCount)",
            ])
        var loop = AlertingLoop(
            host: host, metrics: metrics, store: store, api: api, questions: questions, machine: machine,
            desk: try MarkDesk(store: store, contents: contents), tallies: tallies, feed: feed, requests: requests)
        try loop.cover(try store.firingAlerts())
        host.health.set("store", .ready)
        try loop.turn()
        try loop.commit(MonotonicClock.system.now())
        loop.show()
    }

    private init(
        host: ServiceHost, metrics: AlertingMetrics, store: TrendStore, api: TrendAPI, questions: LoopQuestions,
        machine: AlertingMachine, desk: MarkDesk, tallies: consuming Socket, feed: consuming Socket,
        requests: consuming Socket
    ) {
        self.host = host
        self.metrics = metrics
        self.store = store
        self.api = api
        self.machine = machine
        self.desk = desk
        self.questions = questions
        commitNanoseconds = host.settings.configuration.nanoseconds("alerting.commitInterval")
        scoreMilliseconds = host.settings.configuration.milliseconds("alerting.scoreInterval")
        poller = Poller(itemsMax: 4)
        _ = poller.add(fileDescriptor: host.control.wakeup.fileDescriptor)
        _ = poller.add(tallies)
        _ = poller.add(feed)
        _ = poller.add(requests)
        self.tallies = tallies
        self.feed = feed
        self.requests = requests
        if let set = machine.activeSet { api.use(set) }
    }

    // MARK: The turn

    private mutating func turn() throws {
        while !host.control.isStopping {
            _ = try poller.wait(timeoutMilliseconds: timeout())
            host.control.wakeup.drain()
            host.health.loopTurned()
            if poller.isReadable(Items.feed) { try drainFeed() }
            if poller.isReadable(Items.tallies) { try drainTallies() }
            if poller.isReadable(Items.requests) { try drainRequests() }
            answerQuestions()
            let now = MonotonicClock.system.now()
            if machine.hasChanges, now >= nextCommit { try commit(now) }
            try publishScores(now / 1_000_000)
            chores(now)
        }
    }

    /// Until the next transaction is due, when there is something to write.
    private func timeout() -> Int {
        guard machine.hasChanges else { return Self.turnMillisecondsMax }
        let wait = (nextCommit - MonotonicClock.system.now() + 999_999) / 1_000_000
        return Int(max(0, min(wait, Int64(Self.turnMillisecondsMax))))
    }

    // MARK: Tallies

    private mutating func drainTallies() throws {
        for _ in 0..<Self.talliesPerTurnMax {
            guard try tallies.receiveMessage(into: &message) else { return }
            guard message.count >= 2, message.count <= 3 else { continue }
            let route = Array(message[0])
            let isNew = workers.updateValue(MonotonicClock.system.now(), forKey: route) == nil
            if Self.isTally(message[1]) {
                let set = message.count == 3 ? Array(message[2]) : nil
                if case .refused(let refused) = machine.take(tally: message[1], set: set) { try refuse(refused, route) }
            } else {
                // A heartbeat: how far alerting is, so that a worker that came late or a node that restarted knows.
                try tell(isNew ? .hello : .committed, to: route)
            }
        }
    }

    /// Tallies are told from heartbeats by their type alone, without parsing a large message twice.
    private static func isTally(_ event: UnsafeRawBufferPointer) -> Bool {
        let head = UnsafeRawBufferPointer(rebasing: event.prefix(512))
        return head.contains(Self.tallyType)
    }

    private static let tallyType = Array("\"tideline.tally.v1\"".utf8)

    private mutating func refuse(_ refused: Refused, _ route: [UInt8]) throws {
        host.logger.error(
            "a tally is refused",
            metadata: [
                "block": "\(refused.number)", "reason": .string(refused.reason.rawValue),
                "why": .string(refused.sentence),
            ])
        try send(.refused, refused.tree, to: route)
    }

    private mutating func tell(_ type: MessageType, to route: [UInt8]) throws {
        try send(type, machine.progress().tree, to: route)
    }

    private mutating func send(_ type: MessageType, _ data: JSONTree, to route: [UInt8]) throws {
        counter += 1
        let event = Envelope(type: type, source: "/alerting/\(host.start)", data: data).encoded(id: "\(counter)")
        if try tallies.send(route, more: true) == .sent {
            _ = try tallies.send(event)
        } else {
            workers[route] = nil
        }
    }

    // MARK: Store

    /// One transaction; after it everyone is told.
    private mutating func commit(_ now: Int64) throws {
        guard machine.hasChanges else { return }
        if let failure = machine.failure {
            throw TrendStoreError(
                "\(failure). Move the trend store away: ingest sends everything again from its message files")
        }
        let changes = machine.takeChanges()
        do { try store.commit(changes) } catch {
            throw TrendStoreError(
                "the trend store cannot be written: \(error). Nothing is lost: ingest sends it again "
                    + "when alerting is back; make room or mend the disk and start again")
        }
        machine.markStored(changes)
        let end = MonotonicClock.system.now()
        metrics.commitSeconds.observe(nanoseconds: end - now)
        nextCommit = end + max(commitNanoseconds, min((end - now) * Self.commitRestFactor, Self.commitRestMax))
        if let set = machine.activeSet { api.use(set) }
        for route in workers.keys { try tell(.committed, to: route) }
        try cover(changes.alerts)
        for message in changes.feed { try publish(message) }
        for alert in changes.alerts where alert.state != .pending { log(alert) }
    }

    private func log(_ alert: AlertRecord) {
        host.logger.notice(
            "alert \(alert.status.rawValue)",
            metadata: [
                "alert": .string(alert.id), "rule": .string(alert.rule), "segment": .string("\(alert.segment)"),
                "onset": .string(Timestamp.text(alert.onset.start)),
                "detected": .string(Timestamp.text(alert.detected)),
                "drop": .string(String(Double(Int(alert.drop * 10)) / 10)), "revision": "\(alert.revision)",
            ])
    }

    // MARK: Feed

    mutating func publish(_ message: FeedMessage) throws {
        guard try feed.send(message.topic, more: true) == .sent else { return }
        _ = try feed.send(message.event)
        metrics.published[message.typeName].increment()
    }

    private mutating func drainFeed() throws {
        for _ in 0..<Self.messagesPerTurnMax {
            guard try feed.receiveMessage(into: &message) else { return }
            if message.count > 0 { subscriptions.take(message[0]) }
        }
    }

    private mutating func publishScores(_ now: Int64) throws {
        guard !subscriptions.isEmpty else { return }
        let interval = scoreMilliseconds
        var times = scoreTimes
        let messages = machine.scoreMessages(isWanted: { subscriptions.contains($0) }) { series in
            guard now - (times[series] ?? .min / 2) >= interval else { return false }
            times[series] = now
            return true
        }
        scoreTimes = times
        for message in messages { try publish(message) }
    }

    // MARK: Requests

    private mutating func drainRequests() throws {
        for _ in 0..<Self.requestsPerTurnMax {
            guard try requests.receiveMessage(into: &message) else { return }
            guard message.count >= 2 else { continue }
            let reply = reply(to: message[message.count - 1])
            guard try requests.forward(message, frames: 0..<message.count - 1, more: true) == .sent else { continue }
            _ = try requests.send(reply)
        }
    }

    // MARK: Chores

    private mutating func chores(_ now: Int64) {
        guard now >= nextChores else { return }
        nextChores = now + 250_000_000
        // Ten seconds without a heartbeat: the worker is gone, and its route with it.
        workers = workers.filter { now - $0.value < 10_000_000_000 }
        show()
    }

    private mutating func show() {
        let now = machine.statistics
        metrics.update(now, last)
        last = now
        metrics.openAlerts.set(machine.openAlerts.count)
        metrics.series.set(machine.seriesCount)
        metrics.waiting.set(machine.waitingCount)
        metrics.overflowed.set(Int(clamping: machine.overflowedAnswers))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func contains(_ bytes: [UInt8]) -> Bool {
        guard count >= bytes.count else { return false }
        return (0...count - bytes.count).contains { start in
            self[start] == bytes[0] && self[start..<start + bytes.count].elementsEqual(bytes)
        }
    }
}
