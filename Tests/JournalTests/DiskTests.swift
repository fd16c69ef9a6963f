import Journal
import JournalTestKit
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder on the real disk, removed afterwards.
final class TemporaryFolder {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/tideline-journal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Broken("no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        for name in (try? POSIXFileSystem().list(path)) ?? [] { remove(path + "/" + name) }
        if unlink(path) != 0 { rmdir(path) }
    }
}

/// The same journal on the machine's own file system.
@Suite struct DiskTests {
    private let folder: TemporaryFolder
    private let files = POSIXFileSystem()
    private var journalPath: String { folder.path + "/a/b/journal" }

    init() throws { folder = try TemporaryFolder() }

    @Test func aJournalIsReadAgain() throws {
        var maker = BlockMaker(seed: 5)
        var written: [SealedBlock] = []
        for round in 1...3 {
            var journal = try openJournal(files, journalPath, seed: UInt64(round))
            #expect(try journal.allBlocks() == written)
            journal.writer.setInForce(makeSet(round))
            for _ in 0..<20 {
                let blocks = maker.blocks(2, after: journal.writer.end)
                try journal.write(blocks)
                written += blocks
            }
        }
        let inspected = try Recovery.inspect(fileSystem: files, directory: journalPath)
        #expect(inspected.index.files.count > 3 && inspected.end.next == 121)
        #expect(throws: Never.self) { try files.freeBytes(at: journalPath) }
    }

    @Test func theLockIsHeldAndReleased() throws {
        var journal: RecoveredJournal? = try openJournal(files, journalPath)
        #expect(throws: JournalError.locked(directory: journalPath)) { try openJournal(files, journalPath) }
        journal = nil
        #expect(journal == nil)
        #expect(throws: Never.self) { try openJournal(files, journalPath) }
    }

    @Test func errorsNameOperationPathAndCause() throws {
        let error = #expect(throws: FileError.self) { try files.open(folder.path + "/none", .read) }
        #expect(error?.description == "open \(folder.path)/none: No such file or directory (errno 2)")
        #expect(throws: FileError.self) { try files.list(folder.path + "/none") }
        #expect(throws: FileError.self) { try files.remove(folder.path + "/none") }
        #expect(throws: FileError.self) { try files.rename(folder.path + "/none", to: folder.path + "/x") }
        #expect(throws: FileError.self) { try files.synchronizeDirectory(folder.path + "/none") }
    }

    @Test func theIdentityKeyIsSecretAndStays() throws {
        var generator = SeededGenerator(seed: 1)
        let key = try IdentityKey.open(fileSystem: files, directory: folder.path, randomness: &generator)
        let again = try IdentityKey.open(fileSystem: files, directory: folder.path, randomness: &generator)
        #expect(key.identity(source: "/a", id: "1") == again.identity(source: "/a", id: "1"))
        #expect(key.identity(source: "/a", id: "b1") != again.identity(source: "/ab", id: "1"))
        var status = stat()
        stat(folder.path + "/identity.key", &status)
        #expect(status.st_mode & 0o777 == 0o600)
        let file = try files.open(folder.path + "/identity.key", .update)
        _ = try [UInt8(ascii: "X")].withUnsafeBytes { try file.write($0, at: 60) }
        #expect(throws: JournalError.self) {
            try IdentityKey.open(fileSystem: files, directory: folder.path, randomness: &generator)
        }
    }

    @Test func manyIdentitiesMergeIntoFewRuns() throws {
        var generator = SeededGenerator(seed: 1)
        let key = try IdentityKey.open(fileSystem: files, directory: folder.path, randomness: &generator)
        let options = IdentityOptions(identitiesInMemoryMax: 1000, horizon: nil)
        func open() throws -> IdentityIndex {
            try IdentityIndex.open(
                fileSystem: files, directory: folder.path, node: "n", key: key, options: options, neededFrom: 1
            ) { Mark(rawValue: $0) }
        }
        var index = try open()
        for block in 1...200 as ClosedRange<UInt64> {
            for place in 0..<100 {
                #expect(
                    try index.insert(key.identity(source: "/s", id: "\(block)-\(place)"), block: block, clock: 1) == nil
                )
            }
            index.settle(through: block)
            while let work = index.nextWork(now: 0, clock: 1, settled: (block, Mark(rawValue: block))) {
                try index.finish(work.perform())
            }
        }
        #expect(index.countInMemory + index.countOnDisk == 20_000 && index.runCount <= 6)
        index = try open()
        #expect(index.uncoveredFrom > 190 && index.runCount <= 6)
        for block in 1..<index.uncoveredFrom {
            #expect(try index.contains(key.identity(source: "/s", id: "\(block)-\(block % 100)")) == block)
        }
        let names = try files.list(folder.path).filter { $0.hasSuffix(".identities") }
        #expect(names.count == index.runCount)
    }
}
