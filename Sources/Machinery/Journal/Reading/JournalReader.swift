/// Reads blocks by number, each verified by its checksum. Used by one thread at a time.
///
/// Reading in order costs about one system call for `readAheadBytes`; a jump reads only what was asked for.
package final class JournalReader: @unchecked Sendable {
    // Unchecked because its state is guarded by the rule above: whoever was handed the reader is its only user.
    private let fileSystem: any FileSystem
    private let directory: String
    private var opened: [(id: FileID, file: any File)] = []
    private let storage: Storage
    private var windowFile: FileID?
    private var windowStart: Int64 = 0
    private var windowFilled = 0
    private var lastEnd: Int64 = -1

    private static let readAheadBytes = 1 << 20
    private static let openFilesMax = 4

    package init(fileSystem: any FileSystem, directory: String) {
        self.fileSystem = fileSystem
        self.directory = directory
        storage = Storage(Self.readAheadBytes)
    }

    /// The block of that number, verified.
    ///
    /// Throws `absent` when the index does not have it, and `corrupt` when its bytes are not what was written.
    package func read(_ number: UInt64, in index: BlockIndex) throws(JournalError) -> SealedBlock {
        let location = try locate(number, index)
        let bytes = try journaling { () throws(FileError) in try self.bytes(location) }
        do throws(BlockDamage) {
            guard bytes.count == location.length else { throw BlockDamage.cutShort }
            let block = try SealedBlock.verified(bytes)
            guard block.header.number == number else { throw BlockDamage.outOfChain(.number) }
            return block
        } catch {
            throw .corrupt(
                Corruption(
                    file: directory + "/" + location.file.name, offset: location.offset, number: number,
                    why: error.description))
        }
    }

    /// The header of that block, not verified by its checksum (that would need its payload).
    package func header(_ number: UInt64, in index: BlockIndex) throws(JournalError) -> BlockHeader {
        var location = try locate(number, index)
        location.length = min(location.length, BlockHeader.lineBytesMax)
        let bytes = try journaling { () throws(FileError) in try self.bytes(location) }
        guard let newline = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let line = ChecksummedLine(UnsafeRawBufferPointer(rebasing: bytes[..<newline])),
            let header = BlockHeader(body: line.body), header.number == number
        else {
            throw .corrupt(
                Corruption(
                    file: directory + "/" + location.file.name, offset: location.offset, number: number,
                    why: BlockDamage.header.description))
        }
        return header
    }

    /// Calls `body` with every block of the range in order; it answers whether to go on.
    package func forEachBlock(
        in range: Range<UInt64>, of index: BlockIndex, _ body: (SealedBlock) throws(JournalError) -> Bool
    ) throws(JournalError) {
        for number in range {
            guard try body(try read(number, in: index)) else { return }
        }
    }

    /// The first block whose clock is at least `clock`; `index.next` when there is none. Reads about 20 headers.
    package func firstNumber(clockAtLeast clock: Int64, in index: BlockIndex) throws(JournalError) -> UInt64 {
        var low = index.first
        var high = index.next
        while low < high {
            let middle = low + (high - low) / 2
            if try header(middle, in: index).clock < clock { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What was in force where the file of that block begins.
    package func preamble(of number: UInt64, in index: BlockIndex) throws(JournalError) -> Preamble {
        try preamble(of: locate(number, index).file)
    }

    /// The set with that hash, from the newest file written under it; `nil` when no kept file was.
    package func set(hash: String, in index: BlockIndex) throws(JournalError) -> JournalSet? {
        guard let entry = index.files.last(where: { $0.setHash == hash }) else { return nil }
        return try preamble(of: entry.id).set
    }

    /// Forgets what it holds of a file that was rewritten or removed.
    package func close(_ id: FileID) {
        opened.removeAll { $0.id == id }
        if windowFile == id { windowFile = nil }
    }

    private func preamble(of id: FileID) throws(JournalError) -> Preamble {
        let file = try journaling { () throws(FileError) in try self.file(id) }
        let (reading, _) = try journaling { () throws(FileError) in
            try MessageFileReading(window: FileWindow(file, windowBytes: 64 << 10)).preamble()
        }
        switch reading {
        case .preamble(let preamble): return preamble
        case .version(let version): throw .version(file: file.path, version: version)
        case .damaged:
            throw .corrupt(Corruption(file: file.path, offset: 0, why: BlockDamage.preamble.description))
        }
    }

    private func locate(_ number: UInt64, _ index: BlockIndex) throws(JournalError) -> BlockLocation {
        guard let location = index.locate(number) else {
            throw .absent(number: number, first: index.first, next: index.next)
        }
        return location
    }

    /// The bytes at a location; valid until the next call.
    private func bytes(_ location: BlockLocation) throws(FileError) -> UnsafeRawBufferPointer {
        let inOrder = windowFile == location.file && location.offset == lastEnd
        lastEnd = location.offset + Int64(location.length)
        let held = windowStart..<windowStart + Int64(windowFilled)
        if windowFile != location.file || location.offset < held.lowerBound || lastEnd > held.upperBound {
            let wanted = inOrder ? max(location.length, Self.readAheadBytes) : location.length
            storage.reserve(wanted)
            windowFile = nil
            let room = UnsafeMutableRawBufferPointer(rebasing: storage.bytes[..<wanted])
            windowFilled = try file(location.file).readFully(into: room, at: location.offset)
            windowStart = location.offset
            windowFile = location.file
        }
        let from = Int(location.offset - windowStart)
        let count = min(location.length, windowFilled - from)
        return UnsafeRawBufferPointer(rebasing: storage.bytes[from..<from + count])
    }

    private func file(_ id: FileID) throws(FileError) -> any File {
        if let held = opened.last(where: { $0.id == id }) { return held.file }
        let file = try fileSystem.open(directory + "/" + id.name, .read)
        if opened.count == Self.openFilesMax { opened.removeFirst() }
        opened.append((id, file))
        return file
    }

    private final class Storage {
        private(set) var bytes: UnsafeMutableRawBufferPointer

        init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 16) }
        deinit { bytes.deallocate() }

        func reserve(_ count: Int) {
            if bytes.count >= count { return }
            bytes.deallocate()
            bytes = .allocate(byteCount: count, alignment: 16)
        }
    }
}
