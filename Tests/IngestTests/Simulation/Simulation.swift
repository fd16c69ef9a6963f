import Alerting
import Ingest
import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages
import Satisfaction
import Scoring

/// The whole system in one thread under a simulated clock, disk and network.
///
/// A client sends every response until it is told `accepted` or `duplicate`. For a while processes die, messages are lost
/// and the disk fails; then all is calm. In the end the store must hold every response once, and what an undisturbed
/// alerting makes of the journal.
struct Simulation {
    static let responses = 240
    static let badTimes: Int64 = 12_000
    static let patience: Int64 = 90_000

    private let seed: UInt64
    private var random: SeededGenerator
    private let set = Definitions.csat(step: 1000)
    private let disk: SimulatedFileSystem
    private var network: SimulatedNetwork
    private let store: TrendStore
    private var now = Responses.moment
    private var ingest: SimulatedIngest?
    private var workers: [String: SimulatedWorker] = [:]
    private var alerting: AlertingMachine?
    private var lives = 0
    private let parser = JSONParser()
    /// When each response was sent last; nil once it is settled.
    private var unsettled: [Int: Int64] = [:]
    private(set) var restarts = 0
    private(set) var rejected = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        disk = SimulatedFileSystem(seed: seed &* 3)
        network = SimulatedNetwork(generator: SeededGenerator(seed: seed &* 5))
        store = try TrendStore(path: nil)
        for number in 0..<Self.responses { unsettled[number] = .min }
    }

    // MARK: The course of things

    mutating func run() throws {
        let calm = now + Self.badTimes
        let end = calm + Self.patience
        while now < end {
            now += 10
            if now < calm { try misbehave() } else if network.loss > 0 { behave() }
            try startWhatIsDown()
            while let packet = network.next(at: now) { try deliver(packet) }
            sendRequests()
            try turnIngest()
            for name in workers.keys.sorted() { beat(workers[name]!) }
            if now % 20 == 0, var machine = alerting, machine.hasChanges {
                try machine.commit(to: store)
                alerting = machine
            }
            if now > calm, unsettled.isEmpty, isCaughtUp { return try check() }
        }
        throw Broken(
            "after \(Self.patience) ms of calm \(unsettled.count) responses are unsettled, "
                + "\(ingest?.dispatcher.backlog ?? 0) of \(ingest?.blocks.count ?? 0) blocks are not committed")
    }

    private var isCaughtUp: Bool {
        guard let ingest, let alerting, !ingest.intake.hasOpenEvents, !alerting.hasChanges else { return false }
        return ingest.dispatcher.backlog == 0
    }

    private mutating func misbehave() throws {
        network.loss = 0.03
        if random.chance(0.02) {
            var faults = SimulatedFileSystem.Faults()
            if random.chance(0.4) {
                faults.shortWrite = 0.3
                faults.writeError = 0.2
                faults.syncError = 0.2
            }
            disk.setFaults(faults)
        }
        if random.chance(0.002) { killIngest() }
        if random.chance(0.004), let victim = workers.keys.sorted().randomElement(using: &random) {
            workers[victim] = nil
            restarts += 1
        }
        if random.chance(0.003), alerting != nil {
            alerting = nil
            restarts += 1
        }
    }

    private mutating func behave() {
        network.loss = 0
        disk.setFaults(.init())
    }

    /// The process ends inside whatever the disk is doing; sometimes the machine with it.
    private mutating func killIngest() {
        guard let dying = ingest else { return }
        restarts += 1
        if !dying.writing.isEmpty {
            disk.stop(afterOperations: Int.random(in: 0...6, using: &random))
            dying.finishWrite()
        }
        ingest = nil
        if random.chance(0.5) { disk.losePower() } else { disk.kill() }
    }

    private mutating func startWhatIsDown() throws {
        if ingest == nil, random.chance(0.05) {
            disk.setFaults(.init())
            lives += 1
            ingest = try SimulatedIngest(disk, set: set, life: lives, generator: &random)
        }
        if workers.count < 3, random.chance(0.05) {
            lives += 1
            let name = "worker\(lives)"
            workers[name] = SimulatedWorker(name, now: now)
        }
        if alerting == nil, random.chance(0.05) {
            lives += 1
            alerting = try AlertingMachine(contents: try store.contents(), chunks: store, start: "life\(lives)")
        }
    }

    // MARK: The client

    /// Every response has a quarter of an hour of its own, so that the store can be asked for each.
    private func event(_ number: Int) -> String {
        Responses.event(
            "r\(number)", csat: .integer(Int64(number % 5 + 1)),
            at: Responses.moment - Int64(number) * Bucket.milliseconds,
            segments: [("region", "r\(number % 3)"), ("channel", "c\(number % 7)")])
    }

    private mutating func sendRequests() {
        guard random.chance(0.4) else { return }
        let due = unsettled.filter { $0.value < now - 700 }.keys.sorted()
        guard !due.isEmpty else { return }
        let chosen = (0..<Int.random(in: 1...4, using: &random)).map { _ in due.randomElement(using: &random)! }
        for number in chosen { unsettled[number] = now }
        network.send(.request(chosen), now: now)
    }

    private mutating func settle(_ receipts: [Receipt]) {
        for receipt in receipts {
            guard let number = receipt.id.flatMap({ Int($0.dropFirst()) }) else { continue }
            switch receipt.status {
            case "accepted", "duplicate": unsettled[number] = nil
            case "rejected": rejected += 1
            default: break
            }
        }
    }

    // MARK: Packets

    private mutating func deliver(_ packet: Packet) throws {
        switch packet {
        case .request(let numbers):
            guard let ingest else { return }
            let text = Array(numbers.map(event).joined(separator: "\n").utf8)
            text.withUnsafeBytes { ingest.intake.request($0, address: [], now: now) { _, _, _ in } }
        case .reply(let receipts): settle(receipts)
        case .diskDone(let life): if life == lifeOfIngest { ingest?.finishWrite() }
        case .ready(let ready): ingest?.dispatcher.hear(ready, now: now)
        case .heartbeat(let heartbeat): ingest?.dispatcher.hear(heartbeat, now: now)
        case .tallied(let tallied): ingest?.dispatcher.hear(tallied, now: now)
        case .refused(let refused): ingest?.hear(refused, now: now)
        case .progress(let text):
            let envelope = try withExtendedLifetime(parser) { try Envelope(try parser.parse(text)) }
            try ingest?.hear(try Progress(envelope.data), now: now)
        case .block(let worker, let control, let events, let set): try score(worker, control, events, set)
        case .tally(let worker, let tally):
            guard case .refused(let refused)? = alerting?.take(tally) else { return }
            answer(worker, .refused, refused.tree)
        case .beat(let worker):
            guard let progress = alerting?.progress() else { return }
            answer(worker, .committed, progress.tree)
        case .answer(let worker, let text):
            guard let worker = workers[worker] else { return }
            worker.heardAlerting = now
            let effects = try withExtendedLifetime(parser) {
                let event = try parser.parse(text)
                return try text.withUnsafeBytes { try worker.machine.take(answer: event, text: $0) }
            }
            perform(effects, worker)
        }
    }

    private mutating func answer(_ worker: String, _ type: MessageType, _ data: JSONTree) {
        network.send(
            .answer(worker: worker, Envelope(type: type, source: "/alerting/x", data: data).encoded(id: "1")), now: now)
    }

    private mutating func score(_ name: String, _ control: [UInt8], _ events: [UInt8], _ set: [UInt8]?) throws {
        guard let worker = workers[name] else { return }
        let parser = JSONParser()
        let effects = try withExtendedLifetime(parser) {
            let control = try parser.parse(control)
            return try events.withUnsafeBytes { events in
                guard let set else { return try worker.machine.take(block: control, events: events, set: nil) }
                return try set.withUnsafeBytes { try worker.machine.take(block: control, events: events, set: $0) }
            }
        }
        perform(effects, worker)
    }

    private mutating func perform(_ effects: [ScoringEffect], _ worker: SimulatedWorker) {
        for effect in effects {
            switch effect {
            case .tally(let event, let set):
                network.send(.tally(worker: worker.machine.worker, SentTally(event: event, set: set)), now: now)
            case .tallied(let tallied): network.send(.tallied(tallied), now: now)
            case .refused(let refused): network.send(.refused(refused), now: now)
            case .progress(let text):
                worker.progress = text
                network.send(.progress(text), now: now)
            }
        }
    }

    private mutating func beat(_ worker: SimulatedWorker) {
        guard now >= worker.nextBeat else { return }
        worker.nextBeat = now + 250
        let name = worker.machine.worker
        network.send(.beat(worker: name), now: now)
        network.send(.heartbeat(Heartbeat(worker: name, finished: worker.machine.statistics.blocks)), now: now)
        guard worker.hearsAlerting(now) else { return }
        network.send(.progress(worker.progress), now: now)
        network.send(.ready(Ready(worker: name, credit: 4)), now: now)
    }

    // MARK: Ingest's turn

    private var lifeOfIngest = 0

    private mutating func turnIngest() throws {
        guard let ingest else { return }
        ingest.intake.tick(now: now)
        if ingest.beginWrite() {
            lifeOfIngest = lives
            network.send(.diskDone(life: lives), now: now)
        }
        var replies: [[Receipt]] = []
        ingest.intake.replies.release(through: ingest.intake.synced) { _, text in
            replies.append((try? Receipt.all(in: String(decoding: text, as: UTF8.self))) ?? [])
        }
        for reply in replies { network.send(.reply(reply), now: now) }
        if now % 100 == 0 { ingest.dispatcher.tick(now: now) }
        while let assignment = ingest.dispatcher.next(now: now) { dispatch(assignment, ingest) }
    }

    private mutating func dispatch(_ assignment: Assignment, _ ingest: SimulatedIngest) {
        let block = ingest.blocks[Int(assignment.number) - 1]
        let skipped = ingest.skips[assignment.number]
        let needsSet = ingest.dispatcher.needsSet(block.header.set, worker: assignment.worker)
        network.send(
            .block(
                worker: assignment.worker,
                control: block.controlFrame(worker: assignment.worker, attempt: assignment.attempt, skipped: skipped),
                events: skipped == nil ? block.payload : [], set: needsSet ? set.text : nil), now: now)
    }

    // MARK: The end

    private func check() throws {
        guard let ingest else { return }
        if rejected > 0 { throw Broken("\(rejected) responses were rejected") }
        if !ingest.skips.isEmpty { throw Broken("blocks \(ingest.skips.keys.sorted()) were skipped") }
        try checkCounts()
        let quiet = try TrendStore(path: nil)
        var machine = try AlertingMachine(contents: try quiet.contents(), chunks: quiet, start: "quiet")
        var worker = ScoringMachine(worker: "quiet")
        for block in ingest.blocks {
            let outcome = machine.take(try worker.tally(of: block, set: set))
            if outcome != .applied { throw Broken("block \(block.header.number) is \(outcome)") }
        }
        try machine.commit(to: quiet)
        let disturbed = try text(of: store).split(separator: "\n")
        let undisturbed = try text(of: quiet).split(separator: "\n")
        for (left, right) in zip(disturbed, undisturbed) where left != right {
            throw Broken("the store says\n  \(left)\nbut the journal says\n  \(right)")
        }
        if disturbed.count != undisturbed.count { throw Broken("the store has other lines than the journal") }
    }

    /// Every response stands in its own quarter of an hour of the total, once.
    private func checkCounts() throws {
        guard let total = try store.series(metric: "csat", segment: .total).first else { throw Broken("no total") }
        var counted: [Int32: [Int64]] = [:]
        var buckets: [WindowTally] = []
        try store.forEachBucket(of: total, in: 0..<now) { start in
            buckets.append(WindowTally(window: start..<start + Bucket.milliseconds, width: 5))
            return buckets.last
        }
        for bucket in buckets {
            counted[Bucket(containing: bucket.window.lowerBound).index] = (0..<5).map { bucket.tally[$0] }
        }
        for number in 0..<Self.responses {
            let bucket = Bucket(containing: Responses.moment).index - Int32(number)
            var expected = [Int64](repeating: 0, count: 5)
            expected[number % 5] = 1
            if counted[bucket] != expected {
                throw Broken("response r\(number) is counted as \(counted[bucket] ?? [])")
            }
        }
        if counted.count != Self.responses { throw Broken("\(counted.count) quarters of an hour have answers") }
    }
}
