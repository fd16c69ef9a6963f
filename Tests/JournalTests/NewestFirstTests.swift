import Journal
import JournalTestKit
import Testing

@Suite struct NewestFirstTests {
    private let disk = SimulatedFileSystem(seed: 11)
    private var walk: NewestFirst { NewestFirst(fileSystem: disk, directory: journalDirectory) }

    private func begun() throws -> (RecoveredJournal, BlockMaker) {
        let journal = try openJournal(disk)
        journal.writer.setInForce(makeSet(1))
        return (journal, BlockMaker(seed: 11))
    }

    /// Header and events of every block the walk hands out.
    private func read(since clock: Int64 = .min, atMost count: Int = .max) throws -> [Seen] {
        var seen: [Seen] = []
        try walk.forEachBlock(since: clock) { header, payload in
            seen.append(Seen(header: header, payload: [UInt8](payload)))
            return seen.count < count
        }
        return seen
    }

    struct Seen: Equatable {
        let header: BlockHeader
        let payload: [UInt8]
    }

    private func seen(_ blocks: some Sequence<SealedBlock>) -> [Seen] {
        blocks.map { Seen(header: $0.header, payload: $0.payload) }
    }

    @Test func anAbsentFolderHasNoBlocks() throws {
        #expect(try read().isEmpty)
        let real = NewestFirst(fileSystem: POSIXFileSystem(), directory: "/nowhere/at/all")
        try real.forEachBlock { _, _ in
            Issue.record("a block of nothing")
            return false
        }
    }

    @Test func manyFilesComeBackward() throws {
        var (journal, maker) = try begun()
        for version in 1...3 {
            journal.writer.setInForce(makeSet(version))
            for _ in 0..<20 { try journal.write(maker.blocks(3, after: journal.writer.end)) }
        }
        #expect(journal.index.files.count > 5)
        let all = try journal.allBlocks()
        #expect(try read() == seen(all.reversed()))
        #expect(try read(atMost: 7) == seen(all.reversed().prefix(7)))
    }

    @Test func blocksLargerThanTheWindow() throws {
        var (journal, _) = try begun()
        for bytes in [10, 3 << 20, 40, 1 << 20, (1 << 20) - 400, 5] {
            let end = journal.writer.end
            let payload = [UInt8](repeating: UInt8(ascii: "x"), count: bytes - 1) + [UInt8(ascii: "\n")]
            try journal.write([
                SealedBlock(
                    sealing: BlockHeader(
                        node: end.node, number: end.next, mark: Mark(rawValue: end.next), previous: end.mark,
                        synced: end.next - 1, step: 1, through: 1, clock: 1, set: "set-1", count: 1, bytes: bytes),
                    payload: payload)
            ])
        }
        #expect(try read() == seen(try journal.allBlocks().reversed()))
    }

    @Test func blocksBeforeAMomentEndTheWalk() throws {
        var (journal, maker) = try begun()
        let blocks = maker.blocks(40, after: journal.writer.end)
        try journal.write(blocks)
        let clock = blocks[25].header.clock
        #expect(try read(since: clock) == seen(blocks.reversed().filter { $0.header.clock >= clock }))
        #expect(try read(since: .max).isEmpty)
    }

    @Test func theWalkCanBeCancelledBeforeAnyBlock() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(4, after: journal.writer.end))
        try walk.forEachBlock(isCancelled: { true }) { _, _ in
            Issue.record("a block after the end")
            return true
        }
    }

    @Test func aWriterMayGoOnMeanwhile() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(30, after: journal.writer.end))
        let all = try journal.allBlocks()
        var seen: [UInt64] = []
        try walk.forEachBlock { header, _ in
            seen.append(header.number)
            do throws(JournalError) { try journal.write(maker.blocks(2, after: journal.writer.end)) } catch {
                Issue.record("\(error)")
            }
            return true
        }
        #expect(seen == all.map(\.header.number).reversed())
        #expect(try read().first?.header.number == 90)
    }

    /// Retention removes the oldest files; a walk that comes there has reached the end.
    @Test func filesMayGoMeanwhile() throws {
        var (journal, maker) = try begun()
        for version in 1...4 {
            journal.writer.setInForce(makeSet(version))
            try journal.write(maker.blocks(5, after: journal.writer.end))
        }
        var seen: [UInt64] = []
        try walk.forEachBlock { header, _ in
            seen.append(header.number)
            if header.number == 13 {
                let gone = journal.index.files(behind: 11, olderThan: .max)
                journal.index.forget(gone)
                do throws(JournalError) { try journal.writer.remove(gone) } catch { Issue.record("\(error)") }
            }
            return true
        }
        #expect(seen == (11...20).reversed())
    }

    // MARK: Tails

    @Test func aTornTailIsWhereReadingBegins() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(3, after: journal.writer.end))
        // One group: of these four nobody knows that they were synced.
        let tail = maker.blocks(4, after: journal.writer.end, lines: 2...2)
        try journal.write(tail)
        let location = try #require(journal.index.locate(5))
        let path = journalDirectory + "/" + location.file.name
        disk.damage(path, at: Int(location.offset) + location.length - 2, xor: 1)
        // Blocks 6 and 7 are whole, but recovery would cut them with 5.
        #expect(try read().map(\.header.number) == [4, 3, 2, 1])
        disk.kill()
        #expect(try openJournal(disk).end.next == 5)
    }

    @Test func halfAHeaderAtTheEndIsNothing() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(3, after: journal.writer.end))
        let location = try #require(journal.index.locate(3))
        try disk.open(journalDirectory + "/" + location.file.name, .update).truncate(to: location.offset + 40)
        #expect(try read().map(\.header.number) == [2, 1])
    }

    @Test func aVoidedTailIsNotRead() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(3, after: journal.writer.end))
        let refused = maker.blocks(2, after: journal.writer.end, lines: 3...3)
        disk.failSynchronization(after: 0)
        #expect(throws: JournalError.self) { try journal.writer.write(refused) }
        let accepted = maker.blocks(2, after: journal.writer.end)
        try journal.write(accepted)
        #expect(journal.index.files.map(\.id.first) == [1, 4])
        #expect(try read() == seen(try journal.allBlocks().reversed()))
    }

    @Test func voidAndUnfinishedFilesAreLeftOut() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(2, after: journal.writer.end))
        // The new file's preamble is synced and its first block is not: it stays, void.
        journal.writer.setInForce(makeSet(2))
        disk.failSynchronization(after: 1)
        #expect(throws: JournalError.self) { try journal.writer.write(maker.blocks(1, after: journal.writer.end)) }
        #expect(try read().map(\.header.number) == [2, 1])
        journal.writer.setInForce(makeSet(3))
        try journal.write(maker.blocks(2, after: journal.writer.end))
        let begun = FileID(first: 5, serial: 9)
        _ = try disk.open(journalDirectory + "/" + begun.name, .create)
        #expect(try read() == seen(try journal.allBlocks().reversed()))
    }

    // MARK: Damage

    @Test func damageToSyncedBlocksNamesFileAndOffset() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(3, after: journal.writer.end, lines: 2...2))
        try journal.write(maker.blocks(2, after: journal.writer.end))
        let location = try #require(journal.index.locate(2))
        let path = journalDirectory + "/" + location.file.name
        disk.damage(path, at: Int(location.offset) + location.length - 2, xor: 1)
        var numbers: [UInt64] = []
        let expected = JournalError.corrupt(
            Corruption(file: path, offset: location.offset, number: 2, why: BlockDamage.checksum.description))
        #expect(throws: expected) {
            try walk.forEachBlock { header, _ in
                numbers.append(header.number)
                return true
            }
        }
        #expect(numbers == [5, 4, 3])
    }

    @Test func anAbsentFileIsSaid() throws {
        var (journal, maker) = try begun()
        for version in 1...3 {
            journal.writer.setInForce(makeSet(version))
            try journal.write(maker.blocks(2, after: journal.writer.end))
        }
        try disk.remove(journalDirectory + "/" + journal.index.files[1].id.name)
        #expect(throws: JournalError.self) { try read() }
    }

    @Test func aDamagedPreambleIsSaid() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(2, after: journal.writer.end))
        let path = journalDirectory + "/" + journal.index.files[0].id.name
        disk.damage(path, at: 30, xor: 1)
        #expect(
            throws: JournalError.corrupt(
                Corruption(file: path, offset: 0, number: 1, why: BlockDamage.preamble.description))
        ) { try read() }
    }

    /// Whatever a crash leaves, the walk sees what recovery keeps.
    @Test(arguments: 1...60 as ClosedRange<UInt64>) func afterAPowerLossItReadsWhatRecoveryKeeps(seed: UInt64) throws {
        let disk = SimulatedFileSystem(seed: seed)
        var generator = SeededGenerator(seed: seed)
        var maker = BlockMaker(seed: seed)
        do {
            var journal = try openJournal(disk, seed: seed)
            disk.setFaults(faults(&generator))
            for version in 1...40 {
                if generator.chance(0.1) || version == 1 { journal.writer.setInForce(makeSet(version)) }
                if version == 35 { disk.stop(afterOperations: Int.random(in: 0...6, using: &generator)) }
                // A failed write is part of the story.
                try? journal.write(maker.blocks(Int.random(in: 1...4, using: &generator), after: journal.writer.end))
            }
        }
        disk.stop(afterOperations: nil)
        disk.setFaults(SimulatedFileSystem.Faults())
        disk.losePower()
        let walked = try NewestFirst(fileSystem: disk, directory: journalDirectory).all()
        let recovered = try openJournal(disk, seed: seed)
        #expect(walked == seen(try recovered.allBlocks().reversed()), "seed \(seed)")
    }

    private func faults(_ generator: inout SeededGenerator) -> SimulatedFileSystem.Faults {
        var faults = SimulatedFileSystem.Faults()
        faults.shortWrite = 0.3
        faults.writeError = generator.chance(0.5) ? 0.05 : 0
        faults.syncError = generator.chance(0.5) ? 0.1 : 0
        return faults
    }
}

extension NewestFirst {
    fileprivate func all() throws -> [NewestFirstTests.Seen] {
        var seen: [NewestFirstTests.Seen] = []
        try forEachBlock { header, payload in
            seen.append(NewestFirstTests.Seen(header: header, payload: [UInt8](payload)))
            return true
        }
        return seen
    }
}
