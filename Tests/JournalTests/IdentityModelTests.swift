import Journal
import JournalTestKit
import Testing

/// The duplicate index against a dictionary: inserts, failed writes, flushes, merges, damage, crashes and restarts.
@Suite struct IdentityModelTests {
    @Test(arguments: seeds) func remembersWhatItMust(seed: UInt64) throws {
        do {
            var model = try IdentityModel(seed: seed)
            for _ in 0..<120 { try model.step() }
            try model.check()
        } catch {
            Issue.record("\(error)\n\(reproduction(seed, "IdentityModelTests"))")
        }
    }
}

private let directory = "data/ingest/identity"

/// Stands for the journal too: the blocks, their marks, clocks and identities.
private struct IdentityModel {
    private struct Block {
        var mark: Mark
        var clock: Int64
        var identities: [Identity]
    }

    private let disk: SimulatedFileSystem
    private var generator: SeededGenerator
    private var index: IdentityIndex
    private let key: IdentityKey
    private let horizon: Int64?
    private let options: IdentityOptions
    private var blocks: [Block] = []
    /// Blocks up to this number are synced; the write of later ones may still fail.
    private var synced = 0
    private var known: [Identity: UInt64] = [:]
    private var clock: Int64 = 1_000_000
    private var work: IdentityWork?
    private var names = 0

    init(seed: UInt64) throws {
        disk = SimulatedFileSystem(seed: seed)
        generator = SeededGenerator(seed: seed &* 41)
        horizon = generator.chance(0.7) ? 20_000 : nil
        options = IdentityOptions(
            identitiesInMemoryMax: 40, flushAge: 5_000, horizon: horizon, identitiesMax: 1_000_000)
        key = try IdentityKey.open(fileSystem: disk, directory: directory, randomness: &generator)
        index = try IdentityIndex.open(
            fileSystem: disk, directory: directory, node: "n", key: key, options: options, neededFrom: 1
        ) { _ in nil }
    }

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<60: try addBlock()
        case 60..<75: try startWork()
        case 75..<88: finishWork()
        case 88..<90: try check()
        case 90..<92: changeFaults()
        case 92..<94: try restart { _ in }
        case 94..<96: try restart { $0.kill() }
        case 96..<98: try restart { $0.losePower() }
        default: try damageARun()
        }
    }

    private mutating func addBlock() throws {
        clock += Int64.random(in: 0...600, using: &generator)
        let number = UInt64(blocks.count) + 1
        var block = Block(mark: .random(using: &generator), clock: clock, identities: [])
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let name = generator.chance(0.3) ? Int.random(in: 0...names, using: &generator) : names + 1
            names = max(names, name)
            let identity = key.identity(source: "/s\(name % 3)", id: "r\(name)")
            let expected = known[identity]
            let found = try index.insert(identity, block: number, clock: clock)
            if let expected, !isExpired(expected), found != expected {
                throw Broken("\(name) is in block \(expected), insert found \(found as Any)")
            }
            // What has expired may be remembered or not.
            if expected == nil, let found { throw Broken("\(name) is new, insert found \(found)") }
            if found == nil {
                block.identities.append(identity)
                known[identity] = number
            }
        }
        blocks.append(block)
        // The write of what waits succeeds, fails, or goes on waiting.
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5: settle()
        case 5..<7:
            let first = Int.random(in: synced...blocks.count, using: &generator) + 1
            index.forget(from: UInt64(first))
            keepBlocks(first - 1)
        default: break
        }
    }

    private mutating func settle() {
        synced = blocks.count
        index.settle(through: UInt64(synced))
    }

    /// Forgets later blocks; an identity whose older acceptance had expired goes back to that one.
    private mutating func keepBlocks(_ count: Int) {
        blocks.removeSubrange(count...)
        known = [:]
        for (number, block) in blocks.enumerated() {
            for identity in block.identities { known[identity] = UInt64(number) + 1 }
        }
    }

    private mutating func startWork() throws {
        let settled = synced == 0 ? nil : (number: UInt64(synced), mark: blocks[synced - 1].mark)
        let next = index.nextWork(now: clock, clock: clock, settled: settled, flushing: generator.chance(0.1))
        if let next {
            if work != nil { throw Broken("two pieces of work at once") }
            work = next
        }
    }

    private mutating func finishWork() {
        guard let work else { return }
        self.work = nil
        try? index.finish(work.perform())
    }

    private mutating func changeFaults() {
        var faults = SimulatedFileSystem.Faults()
        if generator.chance(0.5) {
            faults.shortWrite = 0.3
            faults.writeError = 0.05
            faults.syncError = 0.1
            faults.directoryError = 0.1
        }
        disk.setFaults(faults)
    }

    private mutating func restart(_ end: (SimulatedFileSystem) -> Void) throws {
        // The work may be done, half done or not begun when the process ends.
        if let work, generator.chance(0.7) {
            if generator.chance(0.5) { disk.stop(afterOperations: Int.random(in: 0..<12, using: &generator)) }
            _ = work.perform()
        }
        work = nil
        end(disk)
        disk.stop(afterOperations: nil)
        disk.setFaults(.init())
        // A journal restored from a backup ends earlier and goes on differently.
        if generator.chance(0.2), blocks.count > 3 {
            keepBlocks(Int.random(in: 1..<blocks.count, using: &generator))
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                blocks.append(Block(mark: .random(using: &generator), clock: blocks.last!.clock, identities: []))
            }
        }
        try open()
        try check()
    }

    private mutating func open() throws {
        let needed = UInt64(blocks.firstIndex { !isExpired($0.clock) } ?? blocks.count) + 1
        let blocks = self.blocks
        index = try IdentityIndex.open(
            fileSystem: disk, directory: directory, node: "n", key: key, options: options, neededFrom: needed
        ) { number in number > 0 && number <= blocks.count ? blocks[Int(number) - 1].mark : nil }
        synced = blocks.count
        if let covered = index.coveredThrough,
            covered.number > blocks.count || covered.mark != blocks[Int(covered.number) - 1].mark
        {
            throw Broken("covers a block that the journal does not have")
        }
        guard index.uncoveredFrom <= blocks.count else { return }
        for number in index.uncoveredFrom...UInt64(blocks.count) {
            let block = blocks[Int(number) - 1]
            for identity in block.identities {
                _ = try index.insert(identity, block: number, clock: block.clock)
            }
            index.settle(through: number)
        }
    }

    private mutating func damageARun() throws {
        disk.setFaults(.init())
        guard work == nil,
            let path = disk.contents.keys.filter({ $0.hasSuffix(".identities") }).sorted().randomElement(
                using: &generator),
            let size = disk.content(path)?.count
        else { return }
        disk.damage(path, at: Int.random(in: 0..<size, using: &generator), xor: 1)
        // Lookups may notice; none may give a wrong answer. The next start puts it right.
        for (identity, number) in known where !isExpired(number) {
            guard let found = try? index.contains(identity) else { continue }
            if found != number { throw Broken("block \(number) became \(found) through damage") }
        }
        for _ in 0..<3 {
            if let work = index.nextWork(now: clock, clock: clock, settled: nil) { try? index.finish(work.perform()) }
        }
        // Damage that no lookup met stays until a lookup meets it; here the operator removes the file.
        if disk.content(path) != nil { try disk.remove(path) }
        try disk.synchronizeDirectory(directory)
        disk.kill()
        try open()
        try check()
    }

    private func isExpired(_ number: UInt64) -> Bool {
        number <= blocks.count && isExpired(blocks[Int(number) - 1].clock)
    }

    private func isExpired(_ clock: Int64) -> Bool { horizon.map { clock < self.clock - $0 } ?? false }

    func check() throws {
        for (identity, number) in known where number <= blocks.count && !isExpired(number) {
            let found = try index.contains(identity)
            if found != number { throw Broken("of block \(number), found \(found as Any)") }
        }
        for name in names + 1...names + 20 {
            if let found = try index.contains(key.identity(source: "/s", id: "r\(name)")) {
                throw Broken("a new identity was found in block \(found)")
            }
        }
    }
}
