import Journal
import JournalTestKit

let journalDirectory = "data/ingest/journal"

/// Seals blocks as ingest would: numbers, marks, steps and clock go on from the end of a journal.
struct BlockMaker {
    var generator: SeededGenerator
    private var events = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Blocks that follow `end`.
    mutating func blocks(_ count: Int, after end: JournalEnd, lines: ClosedRange<Int> = 0...5) -> [SealedBlock] {
        var next = end.next
        var previous = end.mark
        var clock = end.clockReading
        var step = end.step
        return (0..<count).map { _ in
            clock += Int64.random(in: 0...40_000, using: &generator)
            step = max(step, clock / 60_000)
            let count = Int.random(in: lines, using: &generator)
            let payload = (0..<count).flatMap { _ in event(like: end) }
            let block = SealedBlock(
                sealing: BlockHeader(
                    node: end.node, number: next, mark: .random(using: &generator), previous: previous,
                    synced: end.next - 1, step: step, through: step, clock: clock, set: end.set!.hash, count: count,
                    bytes: payload.count),
                payload: payload)
            next += 1
            previous = block.header.mark
            return block
        }
    }

    /// One line; now and then one that looks like a header, as a malicious sender might write it.
    private mutating func event(like end: JournalEnd) -> [UInt8] {
        events += 1
        if generator.chance(0.1) {
            let line =
                "{\"node\":\"\(end.node)\",\"number\":\(end.next),\"generation\":0,\"mark\":\"\(end.mark)\","
                + "\"crc\":\"00000000\"}"
            return Array((line + "\n").utf8)
        }
        let filler = String(repeating: "x", count: Int.random(in: 0...120, using: &generator))
        return Array("{\"id\":\"\(events)\",\"comment\":\"\(filler)\"}\n".utf8)
    }
}

func makeSet(_ version: Int) -> JournalSet {
    JournalSet(json: "{\"metrics\":{\"csat\":\"1..5\"},\"version\":\(version)}", hash: "set-\(version)")
}

func openJournal(
    _ fileSystem: any FileSystem, _ directory: String = journalDirectory, seed: UInt64 = 1,
    options: JournalOptions = JournalOptions(fileBytesMax: 4096)
) throws(JournalError) -> RecoveredJournal {
    var generator = SeededGenerator(seed: seed)
    return try Recovery.open(
        fileSystem: fileSystem, directory: directory, options: options, randomness: &generator)
}

extension RecoveredJournal {
    /// Every block, in order.
    func allBlocks() throws(JournalError) -> [SealedBlock] {
        var blocks: [SealedBlock] = []
        try reader.forEachBlock(in: index.first..<index.next, of: index) { block in
            blocks.append(block)
            return true
        }
        return blocks
    }

    /// Writes and indexes blocks as the two threads of ingest would.
    mutating func write(_ blocks: [SealedBlock]) throws(JournalError) {
        let locations = try writer.write(blocks)
        for (block, location) in zip(blocks, locations) { index.append(block.header, at: location) }
    }
}
