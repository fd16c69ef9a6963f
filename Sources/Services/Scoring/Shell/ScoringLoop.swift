import Hosting
import JSON
import Logging
import Messages
import Runtime
import ZMQ

/// The worker's loop: one thread that owns its sockets and its machine.
struct ScoringLoop: ~Copyable {
    /// How often the worker says that it lives and is ready.
    static let heartbeatMilliseconds: Int64 = 250
    static let messagesPerTurnMax = 1000
    /// Without a word of alerting for so long, the worker takes no new blocks.
    static let alertingSilenceMaxMilliseconds: Int64 = 1500

    private let host: ServiceHost
    private let metrics: ScoringMetrics
    private let credit: Int
    private var machine: ScoringMachine
    private let tallies: Socket
    /// One for each ingest node; a noncopyable cannot live in an array, so they are boxed.
    private let ingest: [WorkSocket]
    private var poller: Poller
    private var message = MultipartMessage(framesMax: 4)
    private let parser = JSONParser()
    /// The last `hello` or `committed`, repeated to ingest with every heartbeat.
    private var progress: [UInt8] = []
    private var heardAlerting: Int64 = .min
    private var heardIngest: Int64 = .min
    private var nextHeartbeat: Int64 = 0
    private var counter: UInt64 = 0
    private var last = ScoringStatistics()

    final class WorkSocket {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    static func run(host: ServiceHost, metrics: ScoringMetrics) throws {
        let context = try Context()
        defer { context.terminate() }
        let configuration = host.settings.configuration
        let tallies = try Socket(context, .dealer, options: SocketOptions { $0.sendHighWaterMark = 4096 })
        try tallies.connect(configuration.string("scoring.tallies"))
        var ingest: [WorkSocket] = []
        for endpoint in configuration.strings("scoring.work") {
            let socket = try Socket(context, .dealer, options: SocketOptions { $0.receiveHighWaterMark = 4096 })
            try socket.connect(endpoint)
            ingest.append(WorkSocket(socket))
        }
        var loop = ScoringLoop(host: host, metrics: metrics, tallies: tallies, ingest: ingest)
        try loop.turn()
    }

    private init(host: ServiceHost, metrics: ScoringMetrics, tallies: consuming Socket, ingest: [WorkSocket]) {
        self.host = host
        self.metrics = metrics
        credit = host.settings.configuration.integer("scoring.credit")
        machine = ScoringMachine(worker: host.start)
        poller = Poller(itemsMax: 2 + ingest.count)
        _ = poller.add(fileDescriptor: host.control.wakeup.fileDescriptor)
        _ = poller.add(tallies)
        for node in ingest { _ = poller.add(node.socket) }
        self.tallies = tallies
        self.ingest = ingest
        host.health.set("ingest", .notReady("no ingest node has sent a block yet"))
        host.health.set("alerting", .notReady("alerting has not answered yet"))
    }

    private mutating func turn() throws {
        while !host.control.isStopping {
            _ = try poller.wait(timeoutMilliseconds: Int(Self.heartbeatMilliseconds) / 2)
            host.control.wakeup.drain()
            host.health.loopTurned()
            let now = MonotonicClock.system.now() / 1_000_000
            if poller.isReadable(1) { try drainAlerting(now) }
            for index in ingest.indices where poller.isReadable(2 + index) { try drainIngest(index, now) }
            try heartbeat(now)
        }
        host.logger.info("finishing", metadata: ["tallied": "\(machine.statistics.blocks)"])
    }

    // MARK: Receiving

    private mutating func drainIngest(_ index: Int, _ now: Int64) throws {
        for _ in 0..<Self.messagesPerTurnMax {
            guard try ingest[index].socket.receiveMessage(into: &message) else { return }
            heardIngest = now
            guard message.count >= 2, !message.tooManyFrames else { continue }
            let control: JSONValue
            do { control = try parser.parse(message[0]) } catch {
                host.logger.warning("a message of ingest is not JSON", metadata: ["error": "\(error)"])
                continue
            }
            let started = MonotonicClock.system.now()
            do throws(MessageError) {
                let effects = try machine.take(
                    block: control, events: message[1], set: message.count > 2 ? message[2] : nil)
                metrics.tallySeconds.observe(nanoseconds: MonotonicClock.system.now() - started)
                do { try perform(effects, node: index) } catch { throw MessageError("\(error)") }
            } catch {
                host.logger.warning("a message of ingest is not understood", metadata: ["error": "\(error)"])
            }
            // Between blocks, so that many blocks never silence the heartbeat.
            try heartbeat(MonotonicClock.system.now() / 1_000_000)
        }
    }

    private mutating func drainAlerting(_ now: Int64) throws {
        for _ in 0..<Self.messagesPerTurnMax {
            guard try tallies.receiveMessage(into: &message) else { return }
            guard message.count == 1 else { continue }
            heardAlerting = now
            let event: JSONValue
            do { event = try parser.parse(message[0]) } catch { continue }
            do throws(MessageError) {
                let effects = try machine.take(answer: event, text: message[0])
                do { try perform(effects, node: nil) } catch { throw MessageError("\(error)") }
            } catch {
                host.logger.warning("a message of alerting is not understood", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: Sending

    private mutating func perform(_ effects: [ScoringEffect], node: Int?) throws {
        for effect in effects {
            switch effect {
            case .tally(let event, let set):
                // What alerting has no room for is not lost: ingest sends the block again.
                guard try tallies.send(event, more: set != nil) == .sent else { continue }
                if let set { _ = try tallies.send(set) }
            case .tallied(let tallied): try tell(.tallied, tallied.tree, node: node)
            case .refused(let refused): try tell(.refused, refused.tree, node: node)
            case .progress(let text):
                progress = text
                for node in ingest { _ = try node.socket.send(text) }
            }
        }
    }

    /// Tells one ingest node, or all of them.
    private mutating func tell(_ type: MessageType, _ data: JSONTree, node: Int?) throws {
        counter += 1
        let event = Envelope(type: type, source: "/scoring/\(machine.worker)", data: data).encoded(id: "\(counter)")
        for (index, target) in ingest.enumerated() where node == nil || node == index {
            _ = try target.socket.send(event)
        }
    }

    private mutating func heartbeat(_ now: Int64) throws {
        guard now >= nextHeartbeat else { return }
        nextHeartbeat = now + Self.heartbeatMilliseconds
        let beat = Heartbeat(worker: machine.worker, finished: machine.statistics.blocks)
        counter += 1
        let event = Envelope(type: .heartbeat, source: "/scoring/\(machine.worker)", data: beat.tree)
            .encoded(id: "\(counter)")
        _ = try tallies.send(event)
        for node in ingest { _ = try node.socket.send(event) }
        let hearsAlerting = heardAlerting > .min && now - heardAlerting <= Self.alertingSilenceMaxMilliseconds
        if hearsAlerting {
            for node in ingest { _ = try node.socket.send(progress) }
            try tell(.ready, Ready(worker: machine.worker, credit: credit).tree, node: nil)
        }
        host.health.set(
            "alerting",
            hearsAlerting ? .ready : .notReady("alerting is silent; blocks are not asked for until it answers"))
        host.health.set(
            "ingest", heardIngest > .min || hearsAlerting ? .ready : .notReady("nothing heard of ingest yet"))
        show()
    }

    private mutating func show() {
        let now = machine.statistics
        metrics.blocks.increment(by: Int(now.blocks - last.blocks))
        metrics.responses.increment(by: Int(now.responses - last.responses))
        metrics.failures.increment(by: Int(now.failures - last.failures))
        metrics.kept.set(machine.keptCount)
        last = now
    }
}
