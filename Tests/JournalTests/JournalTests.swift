import Journal
import JournalTestKit
import Testing

@Suite struct JournalTests {
    private let disk = SimulatedFileSystem(seed: 7)

    private func begun() throws -> (RecoveredJournal, BlockMaker) {
        let journal = try openJournal(disk)
        journal.writer.setInForce(makeSet(1))
        return (journal, BlockMaker(seed: 7))
    }

    @Test func aNewJournalIsEmpty() throws {
        let journal = try openJournal(disk)
        #expect(journal.end.next == 1 && journal.end.mark == .none && journal.end.set == nil && journal.index.isEmpty)
        #expect(journal.end.node.count == 16)
        #expect(try journal.writer.write([]) == [])
    }

    @Test func twoProcessesCannotWrite() throws {
        let journal = try openJournal(disk)
        #expect(throws: JournalError.locked(directory: journalDirectory)) { try openJournal(disk) }
        withExtendedLifetime(journal) {}
    }

    @Test func theClockModeIsFixed() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(1, after: journal.end.with(makeSet(1))))
        disk.kill()
        #expect(throws: JournalError.clockMode(journal: .wall, asked: .message)) {
            try openJournal(disk, options: JournalOptions(clock: .message))
        }
    }

    @Test func oneGroupIsOneSync() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(1, after: journal.writer.end))
        let before = disk.synchronizations
        try journal.write(maker.blocks(20, after: journal.writer.end))
        #expect(disk.synchronizations == before + 1)
    }

    @Test func aFullDiskRecoversByItself() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(2, after: journal.writer.end))
        disk.setBytesMax(disk.bytes + 100)
        let refused = maker.blocks(3, after: journal.writer.end)
        let error = #expect(throws: JournalError.self) { try journal.writer.write(refused) }
        guard case .full = error else { throw Broken("\(error as Any) is not full") }
        #expect(throws: JournalError.self) { try journal.writer.write(refused) }
        disk.setBytesMax(.max)
        let accepted = maker.blocks(1, after: journal.writer.end)
        #expect(accepted[0].header.number == 3)
        try journal.write(accepted)
        #expect(try journal.reader.read(3, in: journal.index) == accepted[0])
        // Never into the file that failed (PROTOCOL.md, rule 2).
        #expect(journal.index.files.map(\.id.first) == [1, 3])
        disk.losePower()
        #expect(try openJournal(disk).allBlocks().last == accepted[0])
    }

    @Test func aNewSetBeginsANewFile() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(2, after: journal.writer.end))
        journal.writer.setInForce(makeSet(2))
        journal.writer.nodesInForce("[{\"node\":\"a\"}]")
        try journal.write(maker.blocks(1, after: journal.writer.end))
        #expect(journal.index.files.map(\.setHash) == ["set-1", "set-2"])
        let preamble = try journal.reader.preamble(of: 3, in: journal.index)
        #expect(preamble.set == makeSet(2) && preamble.nodes == "[{\"node\":\"a\"}]" && preamble.first == 3)
        #expect(try journal.reader.set(hash: "set-1", in: journal.index) == makeSet(1))
        #expect(try journal.reader.set(hash: "set-9", in: journal.index) == nil)
        disk.kill()
        #expect(try openJournal(disk).end.set == makeSet(2))
    }

    @Test func readingKnowsItsBounds() throws {
        var (journal, maker) = try begun()
        let blocks = maker.blocks(30, after: journal.writer.end)
        try journal.write(blocks)
        for number in [3, 4, 5, 29, 1, 30] as [UInt64] {
            #expect(try journal.reader.read(number, in: journal.index) == blocks[Int(number) - 1])
            #expect(try journal.reader.header(number, in: journal.index) == blocks[Int(number) - 1].header)
        }
        #expect(throws: JournalError.absent(number: 31, first: 1, next: 31)) {
            try journal.reader.read(31, in: journal.index)
        }
        let clock = blocks[11].header.clock
        let found = try journal.reader.firstNumber(clockAtLeast: clock, in: journal.index)
        #expect(found <= 12 && blocks[Int(found) - 1].header.clock == clock)
        #expect(try journal.reader.firstNumber(clockAtLeast: .max, in: journal.index) == 31)
    }

    @Test func readingStopsWhenAsked() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(10, after: journal.writer.end))
        var seen: [UInt64] = []
        try journal.reader.forEachBlock(in: 4..<11, of: journal.index) { block in
            seen.append(block.header.number)
            return seen.count < 3
        }
        #expect(seen == [4, 5, 6])
    }

    @Test func inspectingNeedsNoLockAndChangesNothing() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(10, after: journal.writer.end))
        let before = disk.contents
        let inspected = try Recovery.inspect(fileSystem: disk, directory: journalDirectory)
        #expect(inspected.index.next == 11 && inspected.unsynced == nil && disk.contents == before)
        #expect(throws: JournalError.absent(number: 1, first: 1, next: 1)) {
            try Recovery.inspect(fileSystem: disk, directory: "elsewhere")
        }
    }

    @Test func halfABlockAtTheEndIsCutAndSaid() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(3, after: journal.writer.end, lines: 2...2))
        let location = try #require(journal.index.locate(3))
        let path = journalDirectory + "/" + location.file.name
        disk.kill()
        disk.damage(path, at: Int(location.offset) + location.length - 2, xor: 1)
        let inspected = try Recovery.inspect(fileSystem: disk, directory: journalDirectory)
        #expect(inspected.unsynced?.offset == location.offset)
        // All three were of one group, so nobody can know that block 3 was synced.
        let recovered = try openJournal(disk)
        #expect(recovered.end.next == 3)
        #expect(disk.content(path)?.count == Int(location.offset))
        #expect(
            recovered.cut
                == TailCut(
                    file: path, offset: location.offset, bytes: Int64(location.length), why: .checksum))
    }

    @Test func theSameDamageBeforeASyncedBlockIsCorruption() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(3, after: journal.writer.end, lines: 2...2))
        try journal.write(maker.blocks(1, after: journal.writer.end))
        let location = try #require(journal.index.locate(3))
        let path = journalDirectory + "/" + location.file.name
        disk.kill()
        disk.damage(path, at: Int(location.offset) + location.length - 2, xor: 1)
        #expect(
            throws: JournalError.corrupt(
                Corruption(
                    file: path, offset: location.offset, number: 3, why: BlockDamage.checksum.description))
        ) { try openJournal(disk) }
    }

    @Test func aDamagedPreambleIsCorruption() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(1, after: journal.writer.end))
        disk.kill()
        let path = journalDirectory + "/" + journal.index.files[0].id.name
        disk.damage(path, at: 30, xor: 1)
        #expect(
            throws: JournalError.corrupt(
                Corruption(
                    file: path, offset: 0, number: 1, why: BlockDamage.preamble.description))
        ) { try openJournal(disk) }
    }

    @Test func anAbsentFileIsCorruption() throws {
        var (journal, maker) = try begun()
        for version in 1...3 {
            journal.writer.setInForce(makeSet(version))
            try journal.write(maker.blocks(2, after: journal.writer.end))
        }
        disk.kill()
        try disk.remove(journalDirectory + "/" + journal.index.files[1].id.name)
        #expect(throws: JournalError.self) { try openJournal(disk) }
    }

    @Test func damagedSkipsAreCorruption() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(2, after: journal.writer.end))
        try journal.writer.addSkip(number: 2, mark: journal.writer.end.mark, reason: "three workers crashed")
        disk.kill()
        let whole = try openJournal(disk)
        #expect(whole.end.skips == [Skip(number: 2, mark: whole.end.mark, reason: "three workers crashed")])
        disk.kill()
        disk.damage(journalDirectory + "/skips", at: 80, xor: 1)
        #expect(throws: JournalError.self) { try openJournal(disk) }
    }

    @Test func retentionTakesOldFilesOnly() throws {
        var (journal, maker) = try begun()
        for version in 1...4 {
            journal.writer.setInForce(makeSet(version))
            try journal.write(maker.blocks(5, after: journal.writer.end))
        }
        let index = journal.index
        #expect(index.files(behind: 10, olderThan: .max).map(\.first) == [1])
        #expect(index.files(behind: 11, olderThan: .max).map(\.first) == [1, 6])
        #expect(index.files(behind: .max, olderThan: .max).map(\.first) == [1, 6, 11])
        #expect(index.files(behind: .max, olderThan: .min).isEmpty)
        #expect(index.files(behind: .max, olderThan: index.files[1].lastClock).map(\.first) == [1])
        let bytesMax = index.bytes - index.files[0].end
        #expect(index.files(behind: .max, olderThan: .min, bytesMax: bytesMax).map(\.first) == [1])
        let gone = index.files(behind: 11, olderThan: .max)
        journal.index.forget(gone)
        try journal.writer.remove(gone)
        #expect(journal.index.first == 11 && journal.index.next == 21)
        disk.losePower()
        let recovered = try openJournal(disk)
        #expect(recovered.index.first == 11 && recovered.end.next == 21)
    }

    @Test func aVoidFileGoesBeforeTheOneThatVoidsIt() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(2, after: journal.writer.end))
        // The new file's preamble is synced and its first block is not: it stays, void.
        journal.writer.setInForce(makeSet(2))
        disk.failSynchronization(after: 1)
        #expect(throws: JournalError.self) {
            try journal.writer.write(maker.blocks(1, after: journal.writer.end))
        }
        for version in 3...4 {
            journal.writer.setInForce(makeSet(version))
            try journal.write(maker.blocks(2, after: journal.writer.end))
        }
        func messageFiles() -> Int { disk.contents.keys.filter { $0.hasSuffix(".jsonl") }.count }
        #expect(journal.index.files.map(\.id.first) == [1, 3, 5] && messageFiles() == 4)
        let gone = journal.index.files(behind: 5, olderThan: .max)
        journal.index.forget(gone)
        try journal.writer.remove(gone)
        #expect(messageFiles() == 1)
        disk.kill()
        let recovered = try openJournal(disk)
        #expect(recovered.index.first == 5 && recovered.end.next == 7)
    }

    @Test func anErasureKeepsNumberAndMark() throws {
        var (journal, maker) = try begun()
        let blocks = maker.blocks(6, after: journal.writer.end, lines: 3...3)
        try journal.write(blocks)
        journal.writer.closeActiveFile()
        let id = journal.index.files[0].id
        let tombstone = FileRewriting.Payload(count: 1, bytes: Array("{\"erased\":true}\n".utf8))
        let rewritten = try FileRewriting.rewrite(
            id, replacing: [4: tombstone], index: journal.index, fileSystem: disk, directory: journalDirectory)
        journal.index.replace(rewritten)
        journal.reader.close(id)
        let block = try journal.reader.read(4, in: journal.index)
        #expect(block.header.generation == 1 && block.header.mark == blocks[3].header.mark)
        #expect(block.payload == tombstone.bytes)
        try journal.write(maker.blocks(1, after: journal.writer.end))
        disk.losePower()
        let recovered = try openJournal(disk)
        #expect(recovered.end.next == 8)
        #expect(try recovered.allBlocks()[4] == blocks[4])
    }

    @Test func aVerifiedPartIsReadByItsHeadersOnly() throws {
        var (journal, maker) = try begun()
        try journal.write(maker.blocks(8, after: journal.writer.end, lines: 4...4))
        try journal.write(maker.blocks(1, after: journal.writer.end))
        let location = try #require(journal.index.locate(3))
        disk.kill()
        disk.damage(journalDirectory + "/" + location.file.name, at: Int(location.offset) + location.length - 2, xor: 1)
        let recovered = try openJournal(disk, options: JournalOptions(fileBytesMax: 4096, verifiedThrough: 5))
        #expect(recovered.end.next == 10)
        #expect(throws: JournalError.self) { try recovered.reader.read(3, in: recovered.index) }
        disk.kill()
        #expect(throws: JournalError.self) { try openJournal(disk, options: JournalOptions(verifiedThrough: 2)) }
    }
}

extension JournalEnd {
    func with(_ set: JournalSet) -> JournalEnd {
        var end = self
        end.set = set
        return end
    }
}
