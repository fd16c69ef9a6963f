import Journal
import JournalTestKit
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Journals of every version ever released must stay readable, and this release must still write version 1 to the byte.
///
/// `TIDELINE_GOLDEN=write` writes the files anew; do that only for a new version, in a folder of its own.
@Suite struct GoldenTests {
    private static let folder = String(#filePath.dropLast("GoldenTests.swift".count)) + "Golden/v1"
    private static let names = ["journal", "identity", "rejected"]

    /// A journal with two sets, an erased block, a skip, the duplicate index of its blocks, and a dead letter.
    private func writeJournal(_ disk: SimulatedFileSystem) throws {
        var journal = try openJournal(disk, "journal", seed: 2026)
        var maker = BlockMaker(seed: 2026)
        journal.writer.setInForce(makeSet(1))
        try journal.write(maker.blocks(2, after: journal.writer.end, lines: 2...2))
        try journal.write(maker.blocks(1, after: journal.writer.end, lines: 0...0))
        try journal.writer.addSkip(
            number: 3, mark: journal.writer.end.mark, reason: "worker \"a\" ended 5 times\n")
        journal.writer.setInForce(makeSet(2))
        try journal.write(maker.blocks(2, after: journal.writer.end, lines: 1...3))
        let erased = FileRewriting.Payload(count: 1, bytes: Array("{\"erased\":true,\"answers\":{\"csat\":2}}\n".utf8))
        journal.index.replace(
            try FileRewriting.rewrite(
                journal.index.files[0].id, replacing: [2: erased], index: journal.index, fileSystem: disk,
                directory: "journal"))
        try writeIdentities(disk, journal)
        try writeLetter(disk)
    }

    private func writeIdentities(_ disk: SimulatedFileSystem, _ journal: RecoveredJournal) throws {
        var generator = SeededGenerator(seed: 2026)
        let key = try IdentityKey.open(fileSystem: disk, directory: "identity", randomness: &generator)
        let index = try IdentityIndex.open(
            fileSystem: disk, directory: "identity", node: journal.end.node, key: key, neededFrom: 1
        ) { _ in nil }
        for number in 1...400 {
            let identity = key.identity(source: "/helpdesk/eu", id: "response-\(number)")
            _ = try index.insert(identity, block: UInt64(number % 5 + 1), clock: Int64(number) * 1000)
        }
        let work = index.nextWork(now: 0, clock: 400_000, settled: (5, journal.writer.end.mark), flushing: true)
        try index.finish(try #require(work).perform())
    }

    private func writeLetter(_ disk: SimulatedFileSystem) throws {
        var buffer = DeadLetterBuffer(DeadLetterOptions())
        Array("{\"type\":\"tideline.response.v1\",\n\"data\":{\"answers\":{\"csat\":\"great\"}}}".utf8).withUnsafeBytes
        {
            buffer.append(
                DeadLetter(
                    at: 1_764_000_000_000, origin: "receipts", reason: "schema", pointer: "/data/answers/csat",
                    sentence: "\"great\" is not a number from 1 to 5", text: $0))
        }
        try DeadLetterWriter(fileSystem: disk, directory: "rejected").write(buffer.takeAll())
    }

    @Test func thisReleaseWritesVersion1ToTheByte() throws {
        let disk = SimulatedFileSystem(seed: 1)
        try writeJournal(disk)
        let contents = disk.contents
        if getenv("TIDELINE_GOLDEN").map({ String(cString: $0) }) == "write" { try store(contents) }
        let kept = try Self.names.flatMap { name in
            try POSIXFileSystem().list(Self.folder + "/" + name).map { name + "/" + $0 }
        }
        #expect(kept.sorted() == contents.keys.sorted())
        for (path, bytes) in contents { #expect(try read(path) == bytes, "\(path) differs") }
    }

    @Test func version1IsRead() throws {
        let files = POSIXFileSystem()
        let journal = try Recovery.inspect(fileSystem: files, directory: Self.folder + "/journal")
        #expect(journal.unsynced == nil && journal.end.next == 6 && journal.end.clock == .wall)
        #expect(journal.end.set == makeSet(2))
        #expect(journal.end.skips.map(\.reason) == ["worker \"a\" ended 5 times\n"])
        let erased = try journal.reader.read(2, in: journal.index)
        #expect(erased.header.generation == 1 && erased.header.count == 1)
        #expect(try journal.reader.read(3, in: journal.index).payload.isEmpty)

        // Opening removes runs that do not hold, so it gets a copy.
        let disk = SimulatedFileSystem(seed: 1)
        for name in try files.list(Self.folder + "/identity") {
            let bytes = try read("identity/" + name)
            let copy = try disk.open("identity/" + name, .create)
            _ = try bytes.withUnsafeBytes { try copy.write($0, at: 0) }
        }
        var generator = SeededGenerator(seed: 1)
        let key = try IdentityKey.open(fileSystem: disk, directory: "identity", randomness: &generator)
        let index = try IdentityIndex.open(
            fileSystem: disk, directory: "identity", node: journal.end.node, key: key, neededFrom: 1
        ) { number throws(JournalError) in try journal.reader.header(number, in: journal.index).mark }
        #expect(index.countOnDisk == 400 && index.uncoveredFrom == 6)
        #expect(try index.contains(key.identity(source: "/helpdesk/eu", id: "response-7")) == 3)
        #expect(try index.contains(key.identity(source: "/helpdesk/eu", id: "response-401")) == nil)
    }

    private func read(_ path: String) throws -> [UInt8] {
        let file = try POSIXFileSystem().open(Self.folder + "/" + path, .read)
        var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return Array(bytes[..<count])
    }

    private func store(_ contents: [String: [UInt8]]) throws {
        for name in Self.names { try POSIXFileSystem().makeDirectory(Self.folder + "/" + name) }
        for (path, bytes) in contents {
            let file = try POSIXFileSystem().open(Self.folder + "/" + path, .replace)
            _ = try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        }
    }
}
