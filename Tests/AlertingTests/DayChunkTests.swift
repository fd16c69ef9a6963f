import JournalTestKit
import MachineTestKit
import Satisfaction
import Testing

@testable import Alerting

/// The bytes of a day, and what must never be taken for them.
@Suite struct DayChunkTests {
    private typealias Rows = [Int64: [Int: Int64]]

    private func windows(_ chunk: DayChunk, width: Int) -> [WindowTally] {
        var windows: [WindowTally] = []
        chunk.forEachBucket(in: Int32.min..<Int32.max) { start in
            windows.append(WindowTally(window: start..<start + Bucket.milliseconds, width: width))
            return windows.last
        }
        return windows
    }

    private func rows(_ chunk: DayChunk, width: Int) -> Rows {
        var rows: Rows = [:]
        for window in windows(chunk, width: width) {
            rows[window.window.lowerBound] = Dictionary(uniqueKeysWithValues: window.tally.columns.map { ($0, $1) })
        }
        return rows
    }

    /// Narrow tallies are arrays, wide ones are sparse: the same must come of both.
    @Test(arguments: seeds(20)) func whatIsAddedIsThereAndComesBackFromItsBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let day = Int32.random(in: -3...30_000, using: &generator)
        let width = seed % 2 == 0 ? Int.random(in: 2...101, using: &generator) : 100_000
        var chunk = DayChunk(series: 7, day: day, width: width)
        var model: Rows = [:]
        var revisions: [Int64: Set<Int64>] = [:]
        var step: Int64 = 29_000_000
        for _ in 0..<Int.random(in: 0...200, using: &generator) {
            let bucket = day * 96 + Int32.random(in: 0..<96, using: &generator)
            let column = Int.random(in: 0..<width, using: &generator)
            let amount = generator.chance(0.1) ? Int64.random(in: -5...(1 << 40), using: &generator) : 1
            step += Int64.random(in: 0...2, using: &generator)
            chunk.add(amount, column: column, bucket: bucket, step: step)
            let start = Bucket(index: bucket).start
            model[start, default: [:]][column, default: 0] += amount
            revisions[start, default: []].insert(step)
        }
        model = model.mapValues { $0.filter { $0.value != 0 } }
        #expect(rows(chunk, width: width) == model)
        let read = try #require(DayChunk(series: 7, day: day, width: width, encoded: chunk.encoded))
        #expect(rows(read, width: width) == model)
        #expect(read.encoded == chunk.encoded)
        #expect(!read.isDirty)
        for window in windows(read, width: width) {
            #expect(window.revision == Int64(revisions[window.window.lowerBound]!.count))
        }
        let whole = WindowTally(window: 0..<1, width: width)
        read.forEachBucket(in: Int32.min..<Int32.max) { _ in whole }
        #expect(whole.revision == Int64(revisions.values.reduce(into: Set<Int64>()) { $0.formUnion($1) }.count))
    }

    @Test func theSecondVersionsBytes() throws {
        var chunk = DayChunk(series: 1, day: 20_000, width: 5)
        chunk.add(1, column: 4, bucket: 20_000 * 96 + 95, step: 10)
        chunk.add(200, column: 0, bucket: 20_000 * 96, step: 10)
        chunk.add(-1, column: 2, bucket: 20_000 * 96, step: 11)
        #expect(chunk.encoded == [2, 0, 2, 0, 0x90, 0x03, 2, 1, 1, 20, 1, 95, 1, 4, 2, 1, 1, 0])
    }

    @Test(
        arguments: [
            [], [0], [1], [2, 96, 0, 0], [2, 5, 1], [2, 5, 1, 5, 2, 0], [2, 5, 6, 0, 2, 0], [2, 5, 1, 0],
            [2, 5, 0, 0, 5, 0, 0], [2, 5, 0, 0, 4, 0, 0], [2, 5, 0, 1, 4], [2, 5, 0, 9],
            [2, 0x80], [2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]])
    func damageIsRefused(bytes: [UInt8]) {
        #expect(DayChunk(series: 1, day: 0, width: 5, encoded: bytes) == nil)
    }

    @Test(arguments: seeds(20)) func randomBytesNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            guard let chunk = DayChunk(series: 1, day: 0, width: 5, encoded: [2] + bytes) else { continue }
            for window in windows(chunk, width: 5) { #expect(window.revision >= 0) }
        }
    }
}
