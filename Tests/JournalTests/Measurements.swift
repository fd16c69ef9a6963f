import Journal
import JournalTestKit
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

private let isMeasuring = getenv("TIDELINE_MEASURE") != nil

/// Figures, not tests: `TIDELINE_MEASURE=1 swift test -c release --filter Measurements`. On the disk that holds TMPDIR.
@Suite(.enabled(if: isMeasuring), .serialized) struct Measurements {
    /// Of this thread's processor time, so that a busy machine does not count; `wall` for what waits for the disk.
    private func seconds(_ clock: clockid_t = CLOCK_THREAD_CPUTIME_ID, _ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let start = now()
        try body()
        return now() - start
    }

    private let wall = CLOCK_MONOTONIC

    @Test func checksum() {
        let bytes = [UInt8](repeating: 0x5A, count: 256 << 10)
        var sum: UInt32 = 0
        let time = seconds { for _ in 0..<8000 { sum ^= CRC32C.of(bytes) } }
        print("CRC-32C: \(Double(bytes.count) * 8000 / time / 1e9) GB/s (\(sum))")
    }

    @Test func groupCommit() throws {
        let folder = try TemporaryFolder()
        var journal = try openJournal(POSIXFileSystem(), folder.path, options: JournalOptions())
        journal.writer.setInForce(makeSet(1))
        let payload = [UInt8](repeating: UInt8(ascii: "\n"), count: 256 << 10)
        var generator = SeededGenerator(seed: 1)
        var times: [Double] = []
        for _ in 0..<1000 {
            let end = journal.writer.end
            let header = BlockHeader(
                node: end.node, number: end.next, mark: .random(using: &generator), previous: end.mark,
                synced: end.next - 1, step: 0, through: 0, clock: 0, set: "set-1", count: payload.count,
                bytes: payload.count)
            let block = SealedBlock(sealing: header, payload: payload)
            times.append(try seconds(wall) { try journal.write([block]) })
        }
        times.sort()
        print("write + fdatasync of 256 KiB: p50 \(times[500] * 1000) ms, p99 \(times[990] * 1000) ms")
        let index = journal.index
        let reader = journal.reader
        let reading = try seconds { try reader.forEachBlock(in: 1..<1001, of: index) { _ in true } }
        print("verified reading in order: \(Double(1000 * payload.count) / reading / 1e9) GB/s")
        let recovering = try seconds { _ = try Recovery.inspect(fileSystem: POSIXFileSystem(), directory: folder.path) }
        print("verifying at start: \(Double(1000 * payload.count) / recovering / 1e9) GB/s")
    }

    @Test func identities() throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: 1)
        let key = try IdentityKey.open(
            fileSystem: POSIXFileSystem(), directory: folder.path, randomness: &generator)
        let index = try IdentityIndex.open(
            fileSystem: POSIXFileSystem(), directory: folder.path, node: "n", key: key,
            options: IdentityOptions(identitiesInMemoryMax: 3_000_000, horizon: nil), neededFrom: 1
        ) { Mark(rawValue: $0) }
        let source = Array("/helpdesk/eu".utf8)
        let id = Array("01JD0A2B3C4D5E6F7G8H9J0K1M".utf8)
        var all: [Identity] = []
        let hashing = seconds {
            source.withUnsafeBytes { source in
                id.withUnsafeBytes { id in
                    for _ in 0..<1_000_000 where key.identity(source: source, id: id).high == 1 {
                        all.append(Identity(high: 1, low: 1))
                    }
                }
            }
        }
        print("identity of an event: \(hashing * 1000) ns")
        all = (0..<3_000_000).map { _ in Identity(high: generator.next(), low: generator.next()) }
        for part in 0..<3 {
            let slice = all[part * 1_000_000..<(part + 1) * 1_000_000]
            let inserting = try seconds { try insert(slice, into: index, block: UInt64(part + 1)) }
            print("insert of a new identity, \(part + 1) million: \(inserting * 1000) ns")
        }
        let again = try seconds { for identity in all { _ = try index.insert(identity, block: 4, clock: 1) } }
        print("insert of a known identity: \(again * 1000 / 3) ns, \(Double(index.tableBytes) / 3e6) bytes each")
        try measureRuns(index, all, &generator)
    }

    /// Blocks of a thousand, settled at once, under one number each part.
    private func insert(_ identities: ArraySlice<Identity>, into index: IdentityIndex, block: UInt64) throws {
        for (place, identity) in identities.enumerated() {
            _ = try index.insert(identity, block: block, clock: 1)
            if place % 1000 == 999 { index.settle(through: block) }
        }
    }

    private func measureRuns(_ index: IdentityIndex, _ all: [Identity], _ generator: inout SeededGenerator) throws {
        let settled = (number: UInt64(3), mark: Mark(rawValue: 3))
        let work = index.nextWork(now: 0, clock: 1, settled: settled, flushing: true)!
        let flushing = try seconds(wall) { try index.finish(work.perform()) }
        print("flush of 3 million to a run: \(flushing) s in the background")
        let new = (0..<1_000_000).map { _ in Identity(high: generator.next(), low: generator.next()) }
        let inserting = try seconds { try insert(new[...], into: index, block: 4) }
        print("insert of a new identity before a run of 3 million: \(inserting * 1000) ns")
        let finding = try seconds { for identity in all.prefix(100_000) { _ = try index.contains(identity) } }
        print("finding one in the run: \(finding * 10_000) ns")
    }
}
