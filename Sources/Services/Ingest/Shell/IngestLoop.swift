import DequeModule
import Hosting
import JSON
import Journal
import Logging
import Messages
import Runtime
import Settings
import ZMQ

/// Ingest's loop: one thread that owns the sockets and the machines, and never waits for the disk.
///
/// A turn: hear the disk, drain the sockets, hand what was accepted to the disk, answer what became durable, send blocks
/// to workers. Draining many messages a turn makes groups of blocks, and one sync pays for a group.
struct IngestLoop: ~Copyable {
    /// Messages taken from one socket in a turn.
    static let messagesPerTurnMax = 4096
    /// Bytes of replies waiting for their blocks to be synced.
    static let replyBytesMax = 64 << 20
    /// How long messages that have come in already are still taken after the signal to stop, in milliseconds.
    static let lastMessagesMax: Int64 = 2000
    /// Frames of one message; real ones have at most a routing id, a request number, a delimiter and a payload.
    static let framesMax = 8
    static let turnMillisecondsMax = 50

    private let host: ServiceHost
    private let metrics: IngestMetrics
    private var intake: Intake
    private var work: WorkBench
    private let disk: DiskThread
    private let background: DiskThread
    private let identities: IdentityIndex
    private let letters: LetterBox
    private let pendingBytesMax: Int
    private let freeBytesMin: Int64

    private let receipts: Socket
    private let responses: Socket
    private var poller: Poller
    private var message = MultipartMessage(framesMax: IngestLoop.framesMax)
    private var address: [UInt8] = []
    private var isReading = true
    private var settledMark: (number: UInt64, mark: Mark)?
    private var lastStatistics = IntakeStatistics()
    private var lastDispatch = DispatchStatistics()
    private var nextChores: Int64 = 0
    private var nextMeasure: Int64 = 0

    /// Indices of the poller's items.
    private struct Items {
        static let wakeup = 0
        static let receipts = 1
        static let responses = 2
        static let work = 3
    }

    static func run(host: ServiceHost, metrics: IngestMetrics) throws {
        let context = try Context()
        defer { context.terminate() }
        let opened = try OpenedJournal(host: host)
        let wakeup = host.control.wakeup
        let disk = try DiskThread(named: "sync", writer: opened.journal.writer, wakeup: wakeup)
        let background = try DiskThread(named: "files", deadLetters: opened.deadLetters, wakeup: wakeup)
        let syncing = try disk.start()
        let filing = try background.start()
        let outcome: Result<Void, any Error> = Result {
            try withSockets(
                host: host, metrics: metrics, context: context, opened: opened, disk: disk, background: background)
        }
        disk.end()
        background.end()
        syncing.join()
        filing.join()
        try outcome.get()
    }

    private static func withSockets(
        host: ServiceHost, metrics: IngestMetrics, context: Context, opened: OpenedJournal, disk: DiskThread,
        background: DiskThread
    ) throws {
        let configuration = host.settings.configuration
        let messageBytesMax = configuration.bytes("ingest.messageBytesMax")
        let receipts = try Socket(
            context, .router,
            options: SocketOptions {
                $0.maxMessageBytes = messageBytesMax
                $0.sendHighWaterMark = 100_000
                $0.receiveHighWaterMark = 10_000
                $0.handshakeInterval = 10_000
            })
        let responses = try Socket(
            context, .pull,
            options: SocketOptions {
                $0.maxMessageBytes = messageBytesMax
                $0.receiveHighWaterMark = 10_000
                $0.handshakeInterval = 10_000
            })
        let receiptsAt = try receipts.bind(configuration.string("ingest.receipts"))
        let responsesAt = try responses.bind(configuration.string("ingest.responses"))
        let work = try WorkBench.open(host: host, context: context, opened: opened)
        let end = opened.journal.end
        let intake = try Intake(
            set: host.settings.set, end: end, limits: limits(configuration), identities: opened.identities,
            key: opened.key, contacts: opened.contacts, start: host.start, generator: SystemRandomNumberGenerator())
        host.logger.info(
            "accepting",
            metadata: [
                "node": .string(end.node), "receipts": .string(receiptsAt), "responses": .string(responsesAt),
                "work": .string(work.endpoint), "nextBlock": "\(end.next)", "set": .string(host.settings.set.hash.text),
            ])
        var loop = IngestLoop(
            host: host, metrics: metrics, opened: opened, disk: disk, background: background, intake: intake,
            work: work, receipts: receipts,
            responses: responses)
        for condition in ["journal", "disk", "dispatch"] { host.health.set(condition, .ready) }
        try loop.turn()
        loop.finish()
    }

    private static func limits(_ configuration: Configuration) -> IntakeLimits {
        var limits = IntakeLimits()
        limits.blockEventsMax = configuration.integer("ingest.blockEventsMax")
        limits.blockBytesMax = configuration.bytes("ingest.blockBytesMax")
        limits.eventBytesMax = configuration.bytes("ingest.eventBytesMax")
        limits.eventsPerMessageMax = configuration.integer("ingest.eventsPerMessageMax")
        limits.sources = configuration.strings("ingest.sources")
        return limits
    }

    private init(
        host: ServiceHost, metrics: IngestMetrics, opened: OpenedJournal, disk: DiskThread, background: DiskThread,
        intake: consuming Intake,
        work: consuming WorkBench, receipts: consuming Socket, responses: consuming Socket
    ) {
        self.host = host
        self.metrics = metrics
        self.disk = disk
        self.background = background
        identities = opened.identities
        letters = LetterBox(opened.deadLetterOptions)
        let configuration = host.settings.configuration
        pendingBytesMax = configuration.bytes("ingest.pendingBytesMax")
        freeBytesMin = Int64(configuration.bytes("ingest.freeBytesMin"))
        let end = opened.journal.end
        settledMark = end.next > 1 ? (end.next - 1, end.mark) : nil
        poller = Poller(itemsMax: 4)
        _ = poller.add(fileDescriptor: host.control.wakeup.fileDescriptor)
        _ = poller.add(receipts)
        _ = poller.add(responses)
        _ = poller.add(work.socket)
        self.intake = intake
        self.work = work
        self.receipts = receipts
        self.responses = responses
    }

    // MARK: The turn

    private mutating func turn() throws {
        while !host.control.isStopping {
            _ = try poller.wait(timeoutMilliseconds: Self.turnMillisecondsMax)
            host.control.wakeup.drain()
            host.health.loopTurned()
            let now = WallClock.system.now()
            // Leases and chores go by a clock that nobody sets.
            let tick = MonotonicClock.system.now() / 1_000_000
            takeReports(now)
            if isReading {
                if poller.isReadable(Items.receipts) { try drainReceipts(now) }
                if poller.isReadable(Items.responses), intake.unavailable == nil { try drainResponses(now) }
            }
            if poller.isReadable(Items.work) { try work.drain(now: tick, disk: disk) }
            intake.tick(now: now)
            write()
            try answer()
            try work.dispatch(now: tick)
            chores(now, tick)
        }
    }

    private mutating func drainReceipts(_ now: Int64) throws {
        for _ in 0..<Self.messagesPerTurnMax {
            guard try receipts.receiveMessage(into: &message) else { return }
            address.removeAll(keepingCapacity: true)
            let last = message.count - 1
            for index in 0..<last { Self.append(message[index], to: &address) }
            let hasDelimiter = last < 2 || message[last - 1].isEmpty
            guard !message.tooManyFrames, hasDelimiter, last >= 1 else {
                let sentence =
                    "a request is one payload frame, behind an empty delimiter frame where others stand before it"
                intake.refuse(
                    Rejection(.tooManyFrames, at: nil, sentence), payload: message[last],
                    address: Self.routingAddress(message[0]), entrance: .receipts,
                    deadLetter: { [letters] in letters.keep($0, $1, $2, at: now) })
                continue
            }
            intake.request(
                message[last], address: address, now: now,
                deadLetter: { [letters] in letters.keep($0, $1, $2, at: now) })
            if isFull { return }
        }
    }

    private mutating func drainResponses(_ now: Int64) throws {
        for _ in 0..<Self.messagesPerTurnMax {
            guard try responses.receiveMessage(into: &message) else { return }
            if message.count > 1 {
                intake.refuse(
                    Rejection(.tooManyFrames, at: nil, "a message is one payload frame"), payload: message[0],
                    address: nil, entrance: .responses, deadLetter: { [letters] in letters.keep($0, $1, $2, at: now) })
                continue
            }
            intake.message(message[0], now: now, deadLetter: { [letters] in letters.keep($0, $1, $2, at: now) })
            if isFull { return }
        }
    }

    /// Whether reading stops until the disk, or the readers of receipts, have caught up.
    private var isFull: Bool {
        intake.pendingBytes > pendingBytesMax || intake.replies.byteCount > Self.replyBytesMax
    }

    private static func append(_ frame: UnsafeRawBufferPointer, to address: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(frame.count)) { address.append(contentsOf: $0) }
        address.append(contentsOf: frame)
    }

    private static func routingAddress(_ frame: UnsafeRawBufferPointer) -> [UInt8] {
        var address: [UInt8] = []
        append(frame, to: &address)
        return address
    }

    // MARK: Disk

    private mutating func takeReports(_ now: Int64) {
        while let report = disk.takeReport() ?? background.takeReport() {
            switch report {
            case .written(let blocks, let locations, let nanoseconds):
                intake.written(blocks)
                if let last = blocks.last { settledMark = (last.header.number, last.header.mark) }
                work.add(blocks, locations)
                metrics.syncSeconds.observe(nanoseconds: nanoseconds)
                metrics.syncBlocks.observe(blocks.count)
            case .writeFailed(let error, let first):
                let isFull = if case .full = error { true } else { false }
                host.logger.error(
                    "blocks could not be written; their senders are told to try again",
                    metadata: ["first": "\(first)", "error": "\(error)"])
                intake.writeFailed(isFull ? .diskFull : .writeFailed)
                if isFull { setUnavailable(.diskFull) }
                nextMeasure = 0
            case .skipped(let skip): work.skipped(skip)
            case .skipFailed(let error, let number):
                host.logger.error("a skip could not be written", metadata: ["block": "\(number)", "error": "\(error)"])
            case .deadLetters(let lost, _, let bytes, let error):
                metrics.deadLettersLost.set(Int(clamping: lost + letters.lost))
                metrics.deadLetterBytes.set(Int(clamping: bytes))
                if let error { host.logger.error("dead letters were lost", metadata: ["error": "\(error)"]) }
            case .identities(let outcome):
                do throws(JournalError) { try identities.finish(outcome) } catch {
                    host.logger.error("the identity index could not be written", metadata: ["error": "\(error)"])
                }
            case .free(let bytes):
                metrics.freeBytes.set(Int(clamping: bytes))
                setUnavailable(bytes < freeBytesMin ? .diskFull : nil)
            }
        }
    }

    private mutating func setUnavailable(_ reason: Unavailability?) {
        guard intake.unavailable != reason else { return }
        intake.unavailable = reason
        if let reason {
            host.logger.error(
                "nothing is accepted: too little free space for the message files",
                metadata: ["reason": .string(reason.rawValue), "needed": "\(freeBytesMin)"])
            host.health.set("disk", .notReady("too little free space: free some, accepting goes on by itself"))
        } else {
            host.logger.info("accepting again")
            host.health.set("disk", .ready)
        }
    }

    private mutating func write() {
        let blocks = intake.takeForWriting()
        if !blocks.isEmpty { disk.order(.write(blocks)) }
        isReading = !isFull
        poller.setInterest(isReading ? .in : [], at: Items.receipts)
        // Nobody can be answered on PULL, so while nothing is accepted its senders wait.
        poller.setInterest(isReading && intake.unavailable == nil ? .in : [], at: Items.responses)
    }

    /// Sends every reply whose events are durable.
    private mutating func answer() throws {
        var failure: (any Error)?
        var lost = 0
        intake.replies.release(through: intake.synced) { address, text in
            do {
                if try Self.send(address, text, on: receipts) != .sent { lost += 1 }
            } catch { failure = error }
        }
        if lost > 0 { metrics.receiptsLost.increment(by: lost) }
        if let failure { throw failure }
    }

    private static func send(
        _ address: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, on socket: borrowing Socket
    ) throws(ZMQError) -> SendOutcome {
        var position = 0
        while position < address.count {
            let count = Int(address.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            position += 4
            let frame = UnsafeRawBufferPointer(rebasing: address[position..<position + count])
            let outcome = try socket.send(frame, more: true)
            guard outcome == .sent else { return outcome }
            position += count
        }
        // Without the line break at the end: one receipt is then one JSON text.
        return try socket.send(UnsafeRawBufferPointer(rebasing: text.dropLast()))
    }

    // MARK: Chores

    private mutating func chores(_ now: Int64, _ tick: Int64) {
        guard tick >= nextChores else { return }
        nextChores = tick + 100
        work.tick(now: tick)
        metrics.update(intake.statistics, lastStatistics)
        lastStatistics = intake.statistics
        metrics.update(work.statistics, lastDispatch)
        lastDispatch = work.statistics
        metrics.pendingBytes.set(intake.pendingBytes)
        metrics.workers.set(work.workerCount)
        metrics.misunderstood.set(work.misunderstoodCount)
        metrics.inFlight.set(work.inFlight)
        metrics.backlog.set(Int(clamping: work.backlog))
        metrics.journalBytes.set(Int(clamping: work.journalBytes))
        metrics.identities.set(identities.countInMemory + identities.countOnDisk)
        metrics.respondents.set(intake.contacts?.count ?? 0)
        if !letters.isEmpty { background.order(.deadLetters(letters.takeAll())) }
        if let error = intake.identityError {
            host.logger.error("the identity index could not be read", metadata: ["error": "\(error)"])
            intake.identityError = nil
        }
        if tick >= nextMeasure {
            nextMeasure = tick + 1000
            disk.order(.measure)
            if let order = identities.nextWork(now: tick, clock: intake.arrivalClock, settled: settledMark) {
                background.order(.identities(order))
            }
        }
    }

    /// Takes the messages that have come in already: a sender on PULL has no other way to know that they are safe.
    private mutating func takeLastMessages() {
        guard intake.unavailable == nil else { return }
        let end = MonotonicClock.system.now() / 1_000_000 + Self.lastMessagesMax
        var accepted = intake.statistics.accepted
        while MonotonicClock.system.now() / 1_000_000 < end {
            let now = WallClock.system.now()
            takeReports(now)
            if !isFull {
                try? drainReceipts(now)
                try? drainResponses(now)
            }
            write()
            try? answer()
            if accepted == intake.statistics.accepted { return }
            accepted = intake.statistics.accepted
        }
    }

    /// Makes everything accepted durable and answers it.
    private mutating func finish() {
        takeLastMessages()
        host.logger.info("finishing", metadata: ["pendingBytes": "\(intake.pendingBytes)"])
        repeat {
            write()
            if intake.isWriting { _ = try? poller.wait(timeoutMilliseconds: 10) }
            host.control.wakeup.drain()
            takeReports(WallClock.system.now())
            try? answer()
        } while intake.isWriting || intake.hasOpenEvents
        let tick = MonotonicClock.system.now() / 1_000_000
        chores(WallClock.system.now(), tick)
        while let order = identities.nextWork(
            now: tick, clock: intake.arrivalClock, settled: settledMark, flushing: true)
        {
            // What cannot be written now is read from the message files at the next start.
            do { try identities.finish(order.perform()) } catch { break }
            if identities.countInMemory == 0 { break }
        }
        if !letters.isEmpty { background.order(.deadLetters(letters.takeAll())) }
    }
}
