#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads the blocks of a journal from the newest to the oldest, beside the process that writes them or without one.
///
/// Takes no lock, changes nothing and knows nothing of the writer's state: which files are live, void or being begun,
/// and where an unsynced tail ends, is found by the rules of docs/message-files.md, as at start. What is written after
/// the walk began is not seen. Holds four bytes for each block of one file, and a window of ``windowBytes`` or the
/// largest block.
package struct NewestFirst: Sendable {
    private let fileSystem: any FileSystem
    private let directory: String

    /// Blocks read with one system call.
    private static let windowBytes = 1 << 20
    /// Read at a time where only headers are wanted.
    private static let headerWindowBytes = 64 << 10

    package init(fileSystem: any FileSystem, directory: String) {
        self.fileSystem = fileSystem
        self.directory = directory
    }

    /// Hands every block, verified by its checksum, to `body`, which answers whether to go on.
    ///
    /// A directory that is absent or holds no block yet gives none. Blocks that retention removes during the walk end it.
    /// - Parameters:
    ///   - clock: the walk ends at the first block whose arrival clock lies before this; the clock never goes back, so
    ///     every older block's does too. Milliseconds since 1970.
    ///   - isCancelled: asked now and then also between blocks; the walk ends when it says so.
    ///   - body: the header and the events of the block, one a line; valid during the call.
    /// - Throws: ``JournalError`` with file and offset, for damage to blocks that were synced.
    package func forEachBlock(
        since clock: Int64 = .min, isCancelled: () -> Bool = { false },
        _ body: (BlockHeader, UnsafeRawBufferPointer) throws(JournalError) -> Bool
    ) throws(JournalError) {
        var newer: Beginning?
        for id in try liveFiles().reversed() {
            guard let file = try open(id) else { return }
            guard let blocks = try blocks(of: id, file, before: newer, isCancelled) else { return }
            guard try forEach(blocks, file, since: clock, body) else { return }
            newer = blocks.beginning
        }
    }

    /// What a file says of the one before it.
    private struct Beginning {
        let id: FileID
        let node: String
        let previous: Mark
    }

    /// The live blocks of one file.
    private struct Blocks {
        let beginning: Beginning
        /// Of each block from number `id.first` on.
        var offsets: [UInt32] = []
        /// Where the last block ends.
        var end: Int64
        /// Number of the last block known to be synced.
        var synced: UInt64
        var next: UInt64 { beginning.id.first + UInt64(offsets.count) }

        /// Ends in front of a block.
        mutating func cut(at place: Int) {
            end = Int64(offsets[place])
            offsets.removeSubrange(place...)
        }
    }

    // MARK: Files

    /// Oldest first, without files that are void or were being begun.
    private func liveFiles() throws(JournalError) -> [FileID] {
        let names: [String]
        do throws(FileError) { names = try fileSystem.list(directory) } catch {
            if error.isMissing { return [] }
            throw JournalError(error)
        }
        var files = names.compactMap(FileID.init(name:)).sorted()
        while let id = files.last {
            guard let file = try open(id) else {
                files.removeLast()
                continue
            }
            let isBegun = try journaling { () throws(FileError) in
                let reading = MessageFileReading(window: try FileWindow(file, windowBytes: Self.headerWindowBytes))
                if case .damaged = try reading.preamble().0 {
                    return try reading.highestSyncedClaim(from: 0, node: nil) != nil
                }
                return true
            }
            if isBegun { break }
            files.removeLast()
        }
        // Of files that begin with the same block the one made last voids the others.
        return files.indices.filter { $0 + 1 == files.count || files[$0 + 1].first != files[$0].first }.map {
            files[$0]
        }
    }

    /// - Returns: nil when the file is not there any more.
    private func open(_ id: FileID) throws(JournalError) -> (any File)? {
        do throws(FileError) { return try fileSystem.open(directory + "/" + id.name, .read) } catch {
            if error.isMissing { return nil }
            throw JournalError(error)
        }
    }

    private func corrupt(_ id: FileID, _ offset: Int64, _ number: UInt64, _ why: BlockDamage) -> JournalError {
        .corrupt(Corruption(file: directory + "/" + id.name, offset: offset, number: number, why: why.description))
    }

    // MARK: Blocks of a file

    /// Finds where the blocks lie, by their headers.
    /// - Returns: nil when cancelled.
    private func blocks(
        of id: FileID, _ file: any File, before newer: Beginning?, _ isCancelled: () -> Bool
    ) throws(JournalError) -> Blocks? {
        let reading = try journaling { () throws(FileError) in
            MessageFileReading(window: try FileWindow(file, windowBytes: Self.headerWindowBytes))
        }
        let (preamble, start) = try preamble(of: id, reading, before: newer)
        var blocks = Blocks(
            beginning: Beginning(id: id, node: preamble.node, previous: preamble.previous), end: start,
            synced: id.first - 1)
        var mark = preamble.previous
        while blocks.next != newer?.id.first {
            if blocks.offsets.count % 4096 == 0, isCancelled() { return nil }
            let found = try journaling { () throws(FileError) in
                try reading.block(at: blocks.end, verifying: false)
            }
            switch chained(found, number: blocks.next, previous: mark, preamble) {
            case .block(let header, let length):
                guard let offset = UInt32(exactly: blocks.end) else {
                    throw corrupt(id, blocks.end, blocks.next, .header)
                }
                blocks.offsets.append(offset)
                blocks.end += Int64(length)
                blocks.synced = max(blocks.synced, header.synced)
                mark = header.mark
            case .end:
                if newer != nil { throw corrupt(id, blocks.end, blocks.next, .absent(from: blocks.next)) }
                return try withoutTornTail(blocks, reading)
            case .damaged(let damage):
                let claim = try journaling { () throws(FileError) in
                    try reading.highestSyncedClaim(from: blocks.end, node: preamble.node)
                }
                blocks.synced = max(blocks.synced, claim ?? 0)
                if newer != nil || blocks.synced >= blocks.next {
                    throw corrupt(id, blocks.end, blocks.next, damage)
                }
                return try withoutTornTail(blocks, reading)
            }
        }
        if let newer, newer.previous != mark {
            throw corrupt(newer.id, 0, newer.id.first, .preambleOutOfChain(.previous))
        }
        return blocks
    }

    private func preamble(
        of id: FileID, _ reading: MessageFileReading, before newer: Beginning?
    ) throws(JournalError) -> (Preamble, end: Int64) {
        let (found, end) = try journaling { () throws(FileError) in try reading.preamble() }
        switch found {
        case .preamble(let preamble):
            if preamble.first != id.first { throw corrupt(id, 0, id.first, .preambleOutOfChain(.number)) }
            if let newer, newer.node != preamble.node {
                throw corrupt(newer.id, 0, newer.id.first, .preambleOutOfChain(.node))
            }
            return (preamble, end)
        case .version(let version): throw .version(file: directory + "/" + id.name, version: version)
        case .damaged: throw corrupt(id, 0, id.first, .preamble)
        }
    }

    /// A valid block that does not follow the one before is damage too.
    private func chained(
        _ found: MessageFileReading.Block, number: UInt64, previous: Mark, _ preamble: Preamble
    ) -> MessageFileReading.Block {
        guard case .block(let header, _) = found else { return found }
        if header.node != preamble.node { return .damaged(.outOfChain(.node)) }
        if header.number != number { return .damaged(.outOfChain(.number)) }
        if header.previous != previous { return .damaged(.outOfChain(.previous)) }
        if header.set != preamble.set.hash { return .damaged(.outOfChain(.set)) }
        return found
    }

    /// Blocks of which nobody knows that they were synced are read from the front, because the first damaged one ends
    /// the journal, however whole those behind it are.
    private func withoutTornTail(_ blocks: Blocks, _ reading: MessageFileReading) throws(JournalError) -> Blocks {
        var blocks = blocks
        let first = blocks.beginning.id.first
        let unsynced = Int(clamping: max(blocks.synced + 1, first) - first)
        for place in blocks.offsets.indices.dropFirst(unsynced) {
            let found = try journaling { () throws(FileError) in try reading.block(at: Int64(blocks.offsets[place])) }
            guard case .block = found else {
                blocks.cut(at: place)
                break
            }
        }
        return blocks
    }

    // MARK: Reading backward

    /// Reads as many blocks at once as a window holds, and hands them over from the last to the first.
    /// - Returns: whether to go on with the file before.
    private func forEach(
        _ blocks: Blocks, _ file: any File, since clock: Int64,
        _ body: (BlockHeader, UnsafeRawBufferPointer) throws(JournalError) -> Bool
    ) throws(JournalError) -> Bool {
        let window = try journaling { () throws(FileError) in
            try FileWindow(file, windowBytes: Self.windowBytes)
        }
        var behind = blocks.offsets.count
        var end = blocks.end
        while behind > 0 {
            var place = behind - 1
            while place > 0, end - Int64(blocks.offsets[place - 1]) <= Int64(Self.windowBytes) { place -= 1 }
            let start = Int64(blocks.offsets[place])
            let bytes = try journaling { () throws(FileError) in
                try window.bytes(at: start, count: Int(end - start))
            }
            for block in (place..<behind).reversed() {
                let offset = Int64(blocks.offsets[block])
                let number = blocks.beginning.id.first + UInt64(block)
                switch Self.verified(bytes, Int(offset - start)..<Int(end - start), number) {
                case .success((let header, let payload)):
                    guard header.clock >= clock, try body(header, payload) else { return false }
                case .failure(let damage):
                    // Its writer has cut it off since, because it could not be synced.
                    if number > blocks.synced { break }
                    throw corrupt(blocks.beginning.id, offset, number, damage)
                }
                end = offset
            }
            behind = place
        }
        return true
    }

    /// The block at a range of bytes, which may have turned out shorter.
    private static func verified(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ number: UInt64
    ) -> Result<(BlockHeader, UnsafeRawBufferPointer), BlockDamage> {
        guard range.upperBound <= bytes.count else { return .failure(.cutShort) }
        let block = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let start = block.baseAddress,
            let newline = memchr(start, 10, min(block.count, BlockHeader.lineBytesMax))
        else { return .failure(.header) }
        let lineBytes = UnsafeRawPointer(newline) - start
        let payload = UnsafeRawBufferPointer(rebasing: block[(lineBytes + 1)...])
        do throws(BlockDamage) {
            let line = UnsafeRawBufferPointer(start: start, count: lineBytes)
            let (header, _) = try SealedBlock.verify(line: line, payload: payload)
            guard header.number == number else { throw .outOfChain(.number) }
            return .success((header, payload))
        } catch { return .failure(error) }
    }
}
