import DequeModule
import Hosting
import JSON
import Journal
import Logging
import Messages
import Runtime
import Settings
import ZMQ

/// The work socket and what it needs: the dispatcher, the blocks, the workers' routes.
struct WorkBench: ~Copyable {
    /// Bytes of recent blocks kept in memory, so that dispatch rarely reads the disk.
    static let recentBytesMax = 32 << 20

    let socket: Socket
    let endpoint: String
    private let host: ServiceHost
    private let node: String
    private var dispatcher: Dispatcher
    private var index: BlockIndex
    private let reader: JournalReader
    private var recent: Deque<SealedBlock> = []
    private var recentBytes = 0
    private var routes: [String: [UInt8]] = [:]
    private var skips: [UInt64: String]
    private var sets: [String: [UInt8]]
    private let parser = JSONParser()
    private var message = MultipartMessage(framesMax: 4)
    private var wasHalted = false
    private(set) var misunderstoodCount = 0
    private var misunderstoodLogged: Int64 = .min / 2
    static let messagesPerTurnMax = 2000

    /// Binds the work socket.
    static func open(host: ServiceHost, context: Context, opened: OpenedJournal) throws -> WorkBench {
        let socket = try Socket(
            context, .router,
            options: SocketOptions {
                $0.handshakeInterval = 10_000
                $0.maxMessageBytes = 1 << 20
                $0.sendHighWaterMark = 4096
            })
        let endpoint = try socket.bind(host.settings.configuration.string("ingest.work"))
        return WorkBench(host: host, socket: socket, endpoint: endpoint, opened: opened)
    }

    private init(host: ServiceHost, socket: consuming Socket, endpoint: String, opened: OpenedJournal) {
        self.host = host
        self.socket = socket
        self.endpoint = endpoint
        let configuration = host.settings.configuration
        node = opened.journal.end.node
        index = opened.journal.index
        reader = opened.journal.reader
        skips = Dictionary(opened.journal.end.skips.map { ($0.number, $0.reason) }) { $1 }
        sets = [host.settings.set.hash.text: host.settings.set.text]
        var limits = DispatchLimits()
        limits.blocksInFlightMax = configuration.integer("ingest.blocksInFlightMax")
        limits.leaseMilliseconds = configuration.milliseconds("ingest.leaseTimeout")
        limits.hardLeaseMilliseconds = configuration.milliseconds("ingest.hardLeaseTimeout")
        dispatcher = Dispatcher(node: node, first: index.first, end: index.next, limits: limits)
    }

    // MARK: Blocks

    /// Takes up blocks that are durable now.
    mutating func add(_ blocks: [SealedBlock], _ locations: [BlockLocation]) {
        for (block, location) in zip(blocks, locations) {
            index.append(block.header, at: location)
            recent.append(block)
            recentBytes += block.payload.count + 512
        }
        while recentBytes > Self.recentBytesMax, let oldest = recent.popFirst() {
            recentBytes -= oldest.payload.count + 512
        }
        dispatcher.extend(to: index.next)
    }

    private func block(_ number: UInt64) throws(JournalError) -> SealedBlock {
        if let first = recent.first?.header.number, number >= first {
            return recent[Int(number - first)]
        }
        return try reader.read(number, in: index)
    }

    private func mark(of number: UInt64) -> String? {
        guard number >= index.first, number < index.next else { return nil }
        if let first = recent.first?.header.number, number >= first {
            return recent[Int(number - first)].header.mark.description
        }
        return try? reader.header(number, in: index).mark.description
    }

    mutating func skipped(_ skip: Skip) {
        skips[skip.number] = skip.reason
        dispatcher.skip(skip.number)
        host.logger.critical(
            "a block is skipped because no worker could tally it; its events are in the message files, `tideline journal cat` shows them",
            metadata: ["block": "\(skip.number)", "reason": .string(skip.reason)])
    }

    // MARK: Messages

    mutating func drain(now: Int64, disk: DiskThread) throws {
        for _ in 0..<Self.messagesPerTurnMax {
            guard try socket.receiveMessage(into: &message) else { return }
            do throws(MessageError) {
                guard message.count == 2, !message.tooManyFrames else { throw MessageError("it has not one frame") }
                try take(now, disk)
            } catch { misunderstood(error, now) }
        }
    }

    /// Counted each time, logged at most once a second: whoever sends garbage shall not fill the disk with our words.
    private mutating func misunderstood(_ error: MessageError, _ now: Int64) {
        misunderstoodCount += 1
        guard now - misunderstoodLogged >= 1000 else { return }
        misunderstoodLogged = now
        host.logger.warning(
            "messages on the work socket are not understood",
            metadata: ["sinceStart": "\(misunderstoodCount)", "last": "\(error)"])
    }

    private mutating func take(_ now: Int64, _ disk: DiskThread) throws(MessageError) {
        let event: JSONValue
        do { event = try parser.parse(message[1]) } catch { throw MessageError("it is not JSON: \(error)") }
        let envelope = try Envelope(event)
        switch envelope.type {
        case .ready:
            let ready = try Ready(envelope.data)
            let route = Array(message[0])
            if let former = routes.updateValue(route, forKey: ready.worker), former != route {
                dispatcher.reconnected(ready.worker)
            }
            dispatcher.hear(ready, now: now)
        case .heartbeat: dispatcher.hear(try Heartbeat(envelope.data), now: now)
        case .tallied: dispatcher.hear(try Tallied(envelope.data), now: now)
        case .hello, .committed: hear(try Progress(envelope.data), now)
        case .refused: try hear(try Refused(envelope.data), now, disk)
        default: throw MessageError("\(envelope.type.name) does not belong on the work socket")
        }
    }

    private mutating func hear(_ progress: Progress, _ now: Int64) {
        let next = progress.nodes[node]?.next ?? 1
        let applied = next > 1 ? mark(of: next - 1) : nil
        let outcome = dispatcher.hear(progress, now: now, mark: applied)
        switch outcome {
        case .taken, .stale:
            if wasHalted, dispatcher.halted == nil {
                wasHalted = false
                host.health.set("dispatch", .ready)
            }
        case .rewound(let number):
            host.logger.warning(
                "the trend store has lost what it had applied; sending again from there",
                metadata: ["block": "\(number)"])
        case .journalBehind(let next):
            halt(
                "the trend store has applied blocks up to \(next - 1), which this journal does not have: "
                    + "restore the message files that belong to it, or remove the trend store")
        case .forked(let number, let theirs):
            halt(
                "block \(number) of the trend store has mark \(theirs), this journal has \(mark(of: number) ?? "none"): "
                    + "they do not belong together")
        case .foreign(let nodes):
            halt(
                "the trend store belongs to node \(nodes.joined(separator: ", ")), and this journal is of node \(node), begun "
                    + "anew: restore the message files that belong to the store, or remove the trend store")
        case .gap(let next):
            halt("the trend store needs block \(next), but the message files begin at \(index.first)")
        }
    }

    private mutating func halt(_ sentence: String) {
        if !wasHalted { host.logger.critical("nothing is dispatched", metadata: ["why": .string(sentence)]) }
        wasHalted = true
        host.health.set("dispatch", .notReady(sentence))
    }

    private mutating func hear(_ refused: Refused, _ now: Int64, _ disk: DiskThread) throws(MessageError) {
        switch refused.reason {
        case .failed, .unknownSet, .badTally:
            host.logger.error(
                "a worker could not tally a block",
                metadata: [
                    "block": "\(refused.number)", "worker": .string(refused.worker), "why": .string(refused.sentence),
                ])
            guard dispatcher.hear(failure: refused, now: now), let mark = Mark(refused.mark) else { return }
            disk.order(.skip(number: refused.number, mark: mark, reason: refused.sentence))
        case .fork: halt("alerting refused block \(refused.number): \(refused.sentence)")
        }
    }

    // MARK: Sending

    mutating func dispatch(now: Int64) throws {
        while let assignment = dispatcher.next(now: now) {
            guard let route = routes[assignment.worker] else {
                dispatcher.lost(assignment.worker)
                continue
            }
            let block: SealedBlock
            do { block = try self.block(assignment.number) } catch {
                host.logger.critical("a block cannot be read", metadata: ["error": "\(error)"])
                host.health.set("dispatch", .notReady("\(error)"))
                dispatcher.lost(assignment.worker)
                return
            }
            if try send(block, assignment, route) != .sent {
                dispatcher.lost(assignment.worker)
                routes[assignment.worker] = nil
            }
        }
    }

    private mutating func send(_ block: SealedBlock, _ assignment: Assignment, _ route: [UInt8]) throws -> SendOutcome {
        let skipped = skips[assignment.number]
        let event = BlockMessage.event(
            node: node, number: assignment.number, attempt: assignment.attempt, worker: assignment.worker,
            header: block.headerLine.dropLast(), skipped: skipped)
        let setText =
            dispatcher.needsSet(block.header.set, worker: assignment.worker) ? try text(ofSet: block.header.set) : nil
        let outcome = try socket.send(route, more: true)
        guard outcome == .sent else { return outcome }
        _ = try socket.send(event, more: true)
        if skipped == nil {
            _ = try block.payload.withUnsafeBytes { bytes throws(ZMQError) in
                try socket.send(bytes, more: setText != nil)
            }
        } else {
            _ = try socket.send([UInt8](), more: setText != nil)
        }
        if let setText { _ = try socket.send(setText) }
        return .sent
    }

    private mutating func text(ofSet hash: String) throws -> [UInt8]? {
        if let known = sets[hash] { return known }
        let stored = try reader.set(hash: hash, in: index).map { Array($0.json.utf8) }
        sets[hash] = stored
        return stored
    }

    // MARK: Chores

    mutating func tick(now: Int64) {
        dispatcher.tick(now: now)
        for worker in routes.keys where !dispatcher.knows(worker) { routes[worker] = nil }
    }

    var statistics: DispatchStatistics { dispatcher.statistics }
    var workerCount: Int { dispatcher.workerCount }
    var inFlight: Int { dispatcher.inFlight }
    var backlog: UInt64 { dispatcher.backlog }
    var journalBytes: Int64 { index.bytes }
}
