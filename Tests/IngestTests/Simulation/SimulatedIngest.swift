import Ingest
import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages

/// An ingest process on a simulated disk: the intake, the journal and the dispatcher, without sockets and threads.
final class SimulatedIngest {
    var intake: Intake
    var dispatcher: Dispatcher
    let writer: JournalWriter
    /// Every durable block.
    private(set) var blocks: [SealedBlock] = []
    private(set) var skips: [UInt64: String] = [:]
    /// Handed to the disk, which has not answered.
    private(set) var writing: [SealedBlock] = []
    let node: String

    static let journal = "data/journal"
    private static let identities = "data/identities"

    /// Opens what the disk has, as ingest does at its start.
    init(_ disk: SimulatedFileSystem, set: DefinitionSet, life: Int, generator: inout SeededGenerator) throws {
        let journal = try Recovery.open(
            fileSystem: disk, directory: Self.journal, options: JournalOptions(fileBytesMax: 64 << 10),
            randomness: &generator)
        journal.writer.setInForce(JournalSet(json: String(decoding: set.text, as: UTF8.self), hash: set.hash.text))
        writer = journal.writer
        node = journal.end.node
        var blocks: [SealedBlock] = []
        if journal.index.first < journal.index.next {
            try journal.reader.forEachBlock(in: journal.index.first..<journal.index.next, of: journal.index) {
                blocks.append($0)
                return true
            }
        }
        let key = try IdentityKey.open(fileSystem: disk, directory: Self.identities, randomness: &generator)
        let identities = try IdentityIndex.open(
            fileSystem: disk, directory: Self.identities, node: node, key: key, neededFrom: 1
        ) { number in number > 0 && number <= blocks.count ? blocks[Int(number) - 1].header.mark : nil }
        for block in blocks {
            for line in block.lines {
                let event = try JSONTree.parse(line)
                let identity = key.identity(source: event["source"]!.string!, id: event["id"]!.string!)
                if try identities.insert(identity, block: block.header.number, clock: block.header.clock) != nil {
                    throw Broken("\(line) stands twice in the journal")
                }
            }
            identities.settle(through: block.header.number)
        }
        var limits = IntakeLimits()
        limits.blockEventsMax = 5
        intake = try Intake(
            set: set, end: journal.end, limits: limits, identities: identities, key: key, start: "life\(life)",
            generator: SeededGenerator(seed: generator.next()))
        var dispatch = DispatchLimits()
        dispatch.blocksInFlightMax = 24
        dispatcher = Dispatcher(node: node, first: journal.index.first, end: journal.index.next, limits: dispatch)
        self.blocks = blocks
    }

    /// - Returns: whether the disk has something to do.
    func beginWrite() -> Bool {
        guard writing.isEmpty else { return false }
        writing = intake.takeForWriting()
        return !writing.isEmpty
    }

    /// What the disk thread does, and how the loop takes its report.
    func finishWrite() {
        defer { writing = [] }
        do {
            _ = try writer.write(writing)
        } catch {
            intake.writeFailed(.writeFailed)
            return
        }
        blocks += writing
        intake.written(writing)
        dispatcher.extend(to: UInt64(blocks.count) + 1)
    }

    func hear(_ progress: Progress, now: Int64) throws {
        let next = progress.nodes[node]?.next ?? 1
        let mark = next > 1 && next <= blocks.count + 1 ? blocks[Int(next) - 2].header.mark.description : nil
        switch dispatcher.hear(progress, now: now, mark: mark) {
        case .taken, .stale, .rewound: break
        case .journalBehind, .forked, .gap, .foreign:
            throw Broken("dispatch stands still: \(dispatcher.halted.map { "\($0)" } ?? "")")
        }
    }

    func hear(_ refused: Refused, now: Int64) {
        if dispatcher.hear(failure: refused, now: now) {
            skips[refused.number] = refused.sentence
            dispatcher.skip(refused.number)
        }
    }
}
