import Journal
import JournalTestKit
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The seeds of a run: `TIDELINE_SEED` names one, `TIDELINE_SEEDS` how many (default 200).
let seeds: [UInt64] = {
    if let one = getenv("TIDELINE_SEED").flatMap({ UInt64(String(cString: $0)) }) { return [one] }
    let count = getenv("TIDELINE_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 200
    return Array(1...max(1, count))
}()

/// How to see a failure again.
func reproduction(_ seed: UInt64, _ suite: String) -> Comment {
    "reproduce with: TIDELINE_SEED=\(seed) swift test --filter \(suite)"
}

/// Random operations against a faulty disk, compared with what a list in memory says must be there.
@Suite struct JournalModelTests {
    @Test(arguments: seeds) func keepsEveryAcknowledgedBlock(seed: UInt64) throws {
        do {
            var model = JournalModel(seed: seed)
            for _ in 0..<60 { try model.step() }
            try model.finish()
            #expect(model.recoveries > 0, reproduction(seed, "JournalModelTests"))
        } catch {
            Issue.record("\(error)\n\(reproduction(seed, "JournalModelTests"))")
        }
    }
}

/// A broken promise; says which.
struct Broken: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

private struct JournalModel {
    private let fileSystem: SimulatedFileSystem
    private var generator: SeededGenerator
    private var maker: BlockMaker
    private var journal: RecoveredJournal?
    /// Written and acknowledged; the first may have been removed by retention.
    private var acknowledged: [SealedBlock] = []
    /// Written, but the writer threw: they may be found after a crash, in order and without gaps, or not.
    private var doubtful: [SealedBlock] = []
    /// What the skips may be after a crash; the first is what was acknowledged last.
    private var skips: [[Skip]] = [[]]
    private var node: String?
    private var setVersion = 1
    private(set) var recoveries = 0

    init(seed: UInt64) {
        fileSystem = SimulatedFileSystem(seed: seed)
        generator = SeededGenerator(seed: seed &* 31)
        maker = BlockMaker(seed: seed &* 37)
    }

    mutating func step() throws {
        guard journal != nil else { return try recover() }
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<55: try write()
        case 55..<60: changeSet()
        case 60..<65: changeFaults()
        case 65..<70: fileSystem.stop(afterOperations: Int.random(in: 0..<12, using: &generator))
        case 70..<75: changeSkips()
        case 75..<78: retain()
        case 78..<82: try rewrite()
        case 82..<86: try damageSynced()
        case 86..<90: restart { _ in }
        case 90..<94: restart { $0.kill() }
        default: restart { $0.losePower() }
        }
    }

    /// The last word belongs to a power loss on a disk that works again.
    mutating func finish() throws {
        restart { $0.losePower() }
        while journal == nil { try recover() }
        restart { $0.losePower() }
        fileSystem.stop(afterOperations: nil)
        try recover()
        if journal == nil { throw Broken("cannot open on a working disk") }
    }

    // MARK: Operations

    private mutating func write() throws {
        let blocks = maker.blocks(Int.random(in: 1...4, using: &generator), after: journal!.writer.end)
        let before = journal!.writer.end
        do {
            try journal!.write(blocks)
            acknowledged += blocks
            doubtful = []
            node = before.node
        } catch {
            if journal!.writer.end != before { throw Broken("a failed write moved the end") }
            doubtful += blocks
        }
    }

    private mutating func changeSet() {
        setVersion += 1
        journal!.writer.setInForce(makeSet(setVersion))
    }

    private mutating func changeFaults() {
        var faults = SimulatedFileSystem.Faults()
        if generator.chance(0.5) {
            faults.shortWrite = 0.3
            faults.writeError = 0.1
            faults.full = 0.1
            faults.syncError = 0.1
            faults.directoryError = 0.1
        }
        fileSystem.setFaults(faults)
        fileSystem.setBytesMax(generator.chance(0.3) ? fileSystem.bytes + 500 : .max)
    }

    private mutating func changeSkips() {
        let writer = journal!.writer
        guard let block = acknowledged.randomElement(using: &generator) else { return }
        let wasSkipped = writer.end.skips.contains { $0.number == block.header.number }
        var wanted = writer.end.skips.filter { $0.number != block.header.number }
        let reason = "worker \"7\"\ncrashed \u{1} ü"
        if !wasSkipped {
            wanted.append(Skip(number: block.header.number, mark: block.header.mark, reason: reason))
            wanted.sort { $0.number < $1.number }
        }
        do {
            if wasSkipped {
                try writer.removeSkip(number: block.header.number)
            } else {
                try writer.addSkip(number: block.header.number, mark: block.header.mark, reason: reason)
            }
            skips = [wanted]
        } catch { skips.append(wanted) }
    }

    private mutating func retain() {
        let behind = UInt64.random(in: journal!.index.first...journal!.index.next, using: &generator)
        let files = journal!.index.files(behind: behind, olderThan: .max)
        journal!.index.forget(files)
        files.forEach(journal!.reader.close)
        // What could not be removed goes with a later call, or is found again at the next start.
        try? journal!.writer.remove(files)
    }

    private mutating func rewrite() throws {
        guard let number = acknowledged.randomElement(using: &generator)?.header.number,
            let location = journal!.index.locate(number)
        else { return }
        journal!.writer.closeActiveFile()
        let token = UInt64.random(in: 0...UInt64.max, using: &generator)
        let payload = FileRewriting.Payload(count: 1, bytes: Array("{\"erased\":\(token)}\n".utf8))
        do {
            let rewritten = try FileRewriting.rewrite(
                location.file, replacing: [number: payload], index: journal!.index, fileSystem: fileSystem,
                directory: journalDirectory)
            journal!.index.replace(rewritten)
            journal!.reader.close(location.file)
            replaceAcknowledged(number, payload)
        } catch JournalError.corrupt(let corruption) {
            throw Broken("rewriting found \(corruption)")
        } catch {
            // Old or new after this: look which.
            rewriteInDoubt = (number, payload)
            restart { $0.kill() }
        }
    }
    private var rewriteInDoubt: (UInt64, FileRewriting.Payload)?

    private mutating func replaceAcknowledged(_ number: UInt64, _ payload: FileRewriting.Payload) {
        guard let place = acknowledged.firstIndex(where: { $0.header.number == number }) else { return }
        var header = acknowledged[place].header
        header.generation += 1
        header.count = payload.count
        header.bytes = payload.bytes.count
        acknowledged[place] = SealedBlock(sealing: header, payload: payload.bytes)
    }

    /// Damage to a block that a later header or file name says was synced must be reported, and nothing may change.
    private mutating func damageSynced() throws {
        restart { _ in }
        try recover()
        guard let index = journal?.index else { return }
        journal = nil
        let lastFirst = index.files.last?.id.first ?? 1
        let claimed = max(acknowledged.map(\.header.synced).max() ?? 0, lastFirst - 1)
        guard claimed >= index.first, let location = index.locate(.random(in: index.first...claimed, using: &generator))
        else { return }
        let path = journalDirectory + "/" + location.file.name
        let offset = Int(location.offset) + Int.random(in: 0..<location.length, using: &generator)
        let mask = UInt8.random(in: 1...255, using: &generator)
        fileSystem.damage(path, at: offset, xor: mask)
        let before = fileSystem.contents
        do {
            _ = try openJournal(fileSystem)
            throw Broken("damage at \(path):\(offset) went unnoticed")
        } catch JournalError.corrupt(let corruption) {
            if corruption.file != path { throw Broken("damage in \(path) reported as \(corruption)") }
        } catch is JournalError {}
        if fileSystem.contents != before { throw Broken("files changed although corruption was found") }
        fileSystem.damage(path, at: offset, xor: mask)
    }

    private mutating func restart(_ end: (SimulatedFileSystem) -> Void) {
        journal = nil
        end(fileSystem)
        fileSystem.setFaults(.init())
        fileSystem.setBytesMax(.max)
        fileSystem.stop(afterOperations: nil)
        // Recovery itself may be interrupted.
        if generator.chance(0.2) { fileSystem.stop(afterOperations: Int.random(in: 0..<40, using: &generator)) }
    }

    // MARK: Comparing

    private mutating func recover() throws {
        let inspected = try? Recovery.inspect(fileSystem: fileSystem, directory: journalDirectory)
        do {
            var recovered = try openJournal(fileSystem, seed: UInt64.random(in: 0..<1000, using: &generator))
            try compare(recovered)
            if let inspected, inspected.index.next != recovered.index.next {
                throw Broken("inspecting saw another end")
            }
            recoveries += 1
            recovered.writer.setInForce(makeSet(setVersion))
            // Some processes run until they are stopped, others look twice first.
            if generator.chance(0.2) {
                fileSystem.kill()
                recovered = try openJournal(fileSystem)
                try compare(recovered)
                recovered.writer.setInForce(makeSet(setVersion))
            }
            journal = recovered
        } catch JournalError.corrupt(let corruption) {
            throw Broken("nothing was damaged, yet: \(corruption)")
        } catch is JournalError {
            // The disk stopped in the middle; somebody starts the process again.
            let powerLoss = generator.chance(0.5)
            restart { powerLoss ? $0.losePower() : $0.kill() }
        }
    }

    private mutating func compare(_ recovered: RecoveredJournal) throws {
        let found = try recovered.allBlocks()
        try settleRewrite(found)
        let first = recovered.index.first
        acknowledged.removeAll { $0.header.number < first }
        guard found.count >= acknowledged.count, Array(found.prefix(acknowledged.count)) == acknowledged else {
            throw Broken("acknowledged \(numbers(acknowledged)), found \(numbers(found))")
        }
        for block in found.dropFirst(acknowledged.count) {
            if !doubtful.contains(block) { throw Broken("block \(block.header.number) was never written") }
        }
        for (before, after) in zip(found, found.dropFirst()) {
            if after.header.number != before.header.number + 1 || after.header.previous != before.header.mark {
                throw Broken("block \(after.header.number) does not follow")
            }
        }
        let end = recovered.end
        if let last = found.last?.header {
            guard end.mark == last.mark, end.next == last.number + 1, end.step == last.through,
                end.clockReading == last.clock
            else { throw Broken("the end is not the last block") }
        }
        if let node, node != end.node { throw Broken("the node changed") }
        if !skips.contains(end.skips) { throw Broken("skips \(end.skips), acknowledged \(skips)") }
        // What recovery returned is durable and counts as acknowledged.
        acknowledged = found
        doubtful = []
        skips = [end.skips]
        if !found.isEmpty { node = end.node }
    }

    private mutating func settleRewrite(_ found: [SealedBlock]) throws {
        guard let (number, payload) = rewriteInDoubt else { return }
        rewriteInDoubt = nil
        if found.contains(where: { $0.header.number == number && $0.payload == payload.bytes }) {
            replaceAcknowledged(number, payload)
        }
    }

    private func numbers(_ blocks: [SealedBlock]) -> String {
        "\(blocks.first?.header.number ?? 0)…\(blocks.last?.header.number ?? 0)"
    }
}
