import JournalTestKit
import MachineTestKit
import Satisfaction
import Testing

@testable import Alerting

/// The bytes of a day, and what must never be taken for them.
@Suite struct DayChunkTests {
    private typealias Rows = [Int32: [Int64]]

    private func rows(_ chunk: DayChunk) -> Rows {
        var rows: Rows = [:]
        chunk.forEachBucket { rows[$0.index] = Array($1) }
        return rows
    }

    @Test(arguments: seeds(20)) func whatIsAddedIsThereAndComesBackFromItsBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let day = Int32.random(in: -3...30_000, using: &generator)
        let steps = Int.random(in: 2...101, using: &generator)
        var chunk = DayChunk(series: 7, day: day, steps: steps)
        var model: Rows = [:]
        for _ in 0..<Int.random(in: 0...200, using: &generator) {
            let bucket = day * 96 + Int32.random(in: 0..<96, using: &generator)
            let step = Int.random(in: 0..<steps, using: &generator)
            let count = generator.chance(0.1) ? Int64.random(in: -5...(1 << 40), using: &generator) : 1
            chunk.add(count, step: step, bucket: bucket)
            model[bucket, default: [Int64](repeating: 0, count: steps)][step] += count
        }
        #expect(rows(chunk) == model)
        let read = try #require(DayChunk(series: 7, day: day, steps: steps, encoded: chunk.encoded))
        #expect(rows(read) == model)
        #expect(read.encoded == chunk.encoded)
        #expect(!read.isDirty)
    }

    @Test func theFirstVersionsBytes() throws {
        var chunk = DayChunk(series: 1, day: 20_000, steps: 5)
        chunk.add(1, step: 4, bucket: 20_000 * 96 + 95)
        chunk.add(200, step: 0, bucket: 20_000 * 96)
        chunk.add(-1, step: 2, bucket: 20_000 * 96)
        #expect(chunk.encoded == [1, 0, 2, 0, 0x90, 0x03, 2, 1, 95, 1, 4, 2])
    }

    @Test(
        arguments: [
            [], [0], [2], [1, 96, 0], [1, 5, 1], [1, 5, 1, 5, 2], [1, 5, 6, 0, 2], [1, 5, 1, 0], [1, 5, 0, 5, 0],
            [1, 5, 0, 4, 0],
            [1, 0x80], [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]])
    func damageIsRefused(bytes: [UInt8]) {
        #expect(DayChunk(series: 1, day: 0, steps: 5, encoded: bytes) == nil)
    }

    @Test(arguments: seeds(20)) func randomBytesNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            guard let chunk = DayChunk(series: 1, day: 0, steps: 5, encoded: [1] + bytes) else { continue }
            #expect(rows(chunk).keys.allSatisfy { (0..<96).contains($0) })
        }
    }
}
