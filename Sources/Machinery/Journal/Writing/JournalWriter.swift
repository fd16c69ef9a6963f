/// Appends sealed blocks to the journal. Used by one thread, the sync thread; it blocks on the disk.
package final class JournalWriter: @unchecked Sendable {
    // Unchecked because its state is guarded by the rule above: it is handed to the sync thread once and used there
    // alone.
    private let fileSystem: any FileSystem
    private let directory: String
    private let options: JournalOptions
    /// Released with the writer.
    private let lock: any FileLock
    private var active: ActiveFile?
    private var nextSerial: UInt32
    private var scratch: [UInt8] = []
    /// Where the next block joins and what is in force. After a failed write this is where it was before.
    package private(set) var end: JournalEnd

    /// Payload bytes of one `write`; with `fileBytesMax` it keeps every offset below 4 GiB.
    package static let groupBytesMax = 1 << 30

    /// The file that takes the next blocks.
    struct ActiveFile {
        let id: FileID
        let file: any File
        /// Through which everything is synced.
        var size: Int64
        let setHash: String
    }

    init(
        fileSystem: any FileSystem, directory: String, options: JournalOptions, lock: any FileLock, end: JournalEnd,
        active: ActiveFile?, nextSerial: UInt32
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.options = options
        self.lock = lock
        self.end = end
        self.active = active
        self.nextSerial = nextSerial
    }

    /// Puts a set in force for the blocks written from now on; the next write begins a new file if it differs.
    package func setInForce(_ set: JournalSet) { end.set = set }

    /// The nodes in force, a JSON array, repeated in the files begun from now on.
    package func nodesInForce(_ nodes: String) { end.nodes = nodes }

    /// Writes blocks and syncs them, all in one go (group commit). When it returns they survive any crash.
    ///
    /// The blocks follow `end`, each other, and name the set in force. When it throws, none of them was written as far
    /// as anyone may know: `end` is unchanged, and the next call begins a new file that repeats the number and the
    /// previous mark, which voids what may lie in the old one (PROTOCOL.md, rule 2).
    package func write(_ blocks: [SealedBlock]) throws(JournalError) -> [BlockLocation] {
        guard let last = blocks.last?.header else { return [] }
        checkChain(blocks)
        let file = try fileForNextBlock()
        let locations = place(blocks, in: file)
        do throws(FileError) {
            try file.file.writeFully(scratch, at: file.size)
            try file.file.synchronize()
        } catch {
            abandon(file)
            throw JournalError(error)
        }
        active?.size += Int64(scratch.count)
        end.next = last.number + 1
        end.mark = last.mark
        end.step = last.through
        end.clockReading = last.clock
        return locations
    }

    /// Ends the file that takes the next blocks, so that it may be rewritten or removed; the next write begins a new
    /// one.
    package func closeActiveFile() { active = nil }

    /// Bytes that may still be written to the disk.
    package func freeBytes() throws(JournalError) -> Int64 {
        try journaling { () throws(FileError) in try fileSystem.freeBytes(at: directory) }
    }

    /// Adds a skip durably. A block that has one keeps its newest reason.
    package func addSkip(number: UInt64, mark: Mark, reason: String) throws(JournalError) {
        let skips = end.skips.filter { $0.number != number } + [Skip(number: number, mark: mark, reason: reason)]
        try replaceSkips(skips.sorted { $0.number < $1.number })
    }

    /// Removes a skip durably; nothing happens when the block has none.
    package func removeSkip(number: UInt64) throws(JournalError) {
        try replaceSkips(end.skips.filter { $0.number != number })
    }

    private func replaceSkips(_ skips: [Skip]) throws(JournalError) {
        if skips == end.skips { return }
        try journaling { () throws(FileError) in
            try fileSystem.replaceFile(SkipsFile.name, in: directory, with: SkipsFile.bytes(skips))
        }
        end.skips = skips
    }

    /// Removes the files that `BlockIndex.files(behind:)` chose, and void ones left among them, oldest first. The
    /// directory is synced after each, so that a crash cannot bring an older one back without a younger. The index
    /// forgets them first; what a failed call left is removed by the next one.
    package func remove(_ files: [FileID]) throws(JournalError) {
        guard let last = files.max() else { return }
        precondition(active.map { last < $0.id } ?? true, "never the newest file")
        try journaling { () throws(FileError) in
            // A failed file is void only as long as the one that took its numbers is there, so it must not outlive it.
            let oldest = try fileSystem.list(directory).compactMap(FileID.init(name:)).filter { $0 <= last }.sorted()
            for id in oldest {
                try fileSystem.remove(directory + "/" + id.name)
                try fileSystem.synchronizeDirectory(directory)
            }
        }
    }

    private func checkChain(_ blocks: [SealedBlock]) {
        precondition(end.set != nil, "setInForce comes before the first write")
        precondition(
            blocks.reduce(0) { $0 + $1.payload.count } <= Self.groupBytesMax, "groups stay below groupBytesMax")
        var next = end.next
        var mark = end.mark
        for block in blocks {
            precondition(block.header.number == next && block.header.previous == mark, "blocks follow each other")
            precondition(block.header.node == end.node, "a block names its node")
            precondition(block.header.set == end.set?.hash, "a block names the set in force")
            precondition(block.header.synced < end.next, "a block may say only what is synced")
            next += 1
            mark = block.header.mark
        }
    }

    /// Gathers the bytes of the blocks, because one large write is cheaper than many parts.
    private func place(_ blocks: [SealedBlock], in file: ActiveFile) -> [BlockLocation] {
        scratch.removeAll(keepingCapacity: true)
        return blocks.map { block in
            let start = scratch.count
            block.appendHeaderLine(to: &scratch)
            scratch.append(contentsOf: block.payload)
            return BlockLocation(file: file.id, offset: file.size + Int64(start), length: scratch.count - start)
        }
    }

    private func fileForNextBlock() throws(JournalError) -> ActiveFile {
        if let active, active.size < options.fileBytesMax, active.setHash == end.set?.hash { return active }
        active = nil
        let begun = try journaling { () throws(FileError) in try beginFile() }
        active = begun
        return begun
    }

    /// Makes a file whose preamble and directory entry are synced before any block is written behind it.
    private func beginFile() throws(FileError) -> ActiveFile {
        let preamble = Preamble(
            node: end.node, clock: end.clock, first: end.next, previous: end.mark, lastStep: end.step,
            lastClock: end.clockReading, skips: end.skips, nodes: end.nodes, set: end.set!)
        let id = FileID(first: end.next, serial: nextSerial)
        nextSerial += 1
        let path = directory + "/" + id.name
        let file = try fileSystem.open(path, .create)
        do throws(FileError) {
            let line = preamble.line
            try file.writeFully(line, at: 0)
            try file.synchronize()
            try fileSystem.synchronizeDirectory(directory)
            return ActiveFile(id: id, file: file, size: Int64(line.count), setHash: preamble.set.hash)
        } catch {
            // Tidiness only: recovery removes such a file as well.
            try? fileSystem.remove(path)
            throw error
        }
    }

    /// Leaves a file that failed. What it holds behind its last synced block is void as soon as the next file begins.
    private func abandon(_ file: ActiveFile) {
        active = nil
        // Gives back the room on a full disk; recovery does not rely on it.
        try? file.file.truncate(to: file.size)
    }
}
