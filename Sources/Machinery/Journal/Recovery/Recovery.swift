/// Opens a journal for writing, or for reading alone.
package enum Recovery {
    /// Locks, verifies and repairs a journal, or begins one in an empty or absent directory.
    ///
    /// What it returns is durable: the valid blocks of the unsynced tail are written again and synced, the damaged ones
    /// cut. `randomness` gives the node of a new journal. Throws `locked`, `corrupt`, `version`, `clockMode`, `full` or
    /// `file`; then nothing but unsynced bytes was changed, and it can be called again. Takes about as long as reading
    /// all files; `progress` is called after each block.
    package static func open(
        fileSystem: any FileSystem, directory: String, options: JournalOptions,
        randomness: inout some RandomNumberGenerator, progress: @escaping (RecoveryProgress) -> Void = { _ in }
    ) throws(JournalError) -> RecoveredJournal {
        let lock = try journaling { () throws(FileError) in
            try fileSystem.makeDirectory(directory)
            return try fileSystem.lock(directory + "/lock")
        }
        guard let lock else { throw .locked(directory: directory) }
        let scan = try JournalScan(
            fileSystem: fileSystem, directory: directory, options: options, mode: .update, progress: progress)
        if let found = scan.end?.clock, found != options.clock {
            throw .clockMode(journal: found, asked: options.clock)
        }
        var end = scan.end ?? newJournal(clock: options.clock, using: &randomness)
        end.skips = try skips(fileSystem, directory) ?? end.skips
        let active = try journaling { () throws(FileError) in
            let active = try makeTailDurable(scan)
            try removeLeftovers(scan.useless, fileSystem, directory)
            return active
        }
        let writer = JournalWriter(
            fileSystem: fileSystem, directory: directory, options: options, lock: lock, end: end, active: active,
            nextSerial: scan.highestSerial + 1)
        return RecoveredJournal(
            end: end, index: scan.index, reader: JournalReader(fileSystem: fileSystem, directory: directory),
            writer: writer, cut: scan.cut)
    }

    /// Reads a journal without lock and without changing anything, beside the process that writes it or without one.
    ///
    /// Throws `corrupt` as `open` does, and `absent` when the directory holds no journal.
    package static func inspect(
        fileSystem: any FileSystem, directory: String, verifiedThrough: UInt64 = 0,
        progress: @escaping (RecoveryProgress) -> Void = { _ in }
    ) throws(JournalError) -> InspectedJournal {
        let scan = try JournalScan(
            fileSystem: fileSystem, directory: directory, options: JournalOptions(verifiedThrough: verifiedThrough),
            mode: .read, progress: progress)
        guard var end = scan.end else { throw .absent(number: 1, first: 1, next: 1) }
        end.skips = try skips(fileSystem, directory) ?? end.skips
        return InspectedJournal(
            end: end, index: scan.index, reader: JournalReader(fileSystem: fileSystem, directory: directory),
            unsynced: scan.cut)
    }

    private static func newJournal(clock: ClockMode, using randomness: inout some RandomNumberGenerator) -> JournalEnd {
        JournalEnd(
            node: Mark.random(using: &randomness).description, clock: clock, next: 1, mark: .none, step: 0,
            clockReading: 0, set: nil, nodes: "[]", skips: [])
    }

    private static func skips(_ fileSystem: any FileSystem, _ directory: String) throws(JournalError) -> [Skip]? {
        let path = directory + "/" + SkipsFile.name
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try fileSystem.open(path, .read).bytes(at: 0, count: SkipsFile.bytesMax)
        } catch {
            if error.isMissing { return nil }
            throw JournalError(error)
        }
        guard let skips = SkipsFile.parse(bytes) else {
            throw .corrupt(Corruption(file: path, offset: 0, why: "checksum or lines of the skips do not fit"))
        }
        return skips
    }

    /// Cuts the damaged tail, writes the valid one again (it may live in the page cache only, and a sync that failed
    /// before may have left lost pages marked clean), and syncs both and the directory.
    private static func makeTailDurable(_ scan: JournalScan) throws(FileError) -> JournalWriter.ActiveFile? {
        guard let last = scan.last, let entry = scan.index.files.last else { return nil }
        let firstUnsynced = scan.index.locate(scan.synced + 1)
        // Without a synced block in it the file's preamble may be unsynced as well.
        let start = scan.synced < last.id.first ? 0 : firstUnsynced?.offset ?? entry.end
        if try last.file.size() > entry.end { try last.file.truncate(to: entry.end) }
        try rewriteInPlace(last.file, start..<entry.end)
        try last.file.synchronize()
        return JournalWriter.ActiveFile(id: last.id, file: last.file, size: entry.end, setHash: entry.setHash)
    }

    private static func rewriteInPlace(_ file: any File, _ range: Range<Int64>) throws(FileError) {
        let chunk = Int64(4 << 20)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let bytes = try file.bytes(at: offset, count: Int(min(chunk, range.upperBound - offset)))
            // The file cannot have shrunk under the lock.
            guard !bytes.isEmpty else { throw FileError(.read, file.path, code: 5) }
            try file.writeFully(bytes, at: offset)
            offset += Int64(bytes.count)
        }
    }

    private static func removeLeftovers(
        _ useless: [FileID], _ fileSystem: any FileSystem, _ directory: String
    ) throws(FileError) {
        try fileSystem.synchronizeDirectory(directory)
        let unfinished = try fileSystem.list(directory).filter { $0.hasSuffix(temporarySuffix) }
        for name in useless.map(\.name) + unfinished { try fileSystem.remove(directory + "/" + name) }
        if !useless.isEmpty { try fileSystem.synchronizeDirectory(directory) }
    }
}

/// A journal ready for writing.
package struct RecoveredJournal: Sendable {
    /// Where the next block joins, and what is in force.
    package let end: JournalEnd
    /// For the loop thread: `index.append(header, at: location)` after each write.
    package var index: BlockIndex
    /// For the loop thread.
    package let reader: JournalReader
    /// For the sync thread.
    package let writer: JournalWriter
    /// What was cut, to be logged; `nil` normally.
    package let cut: TailCut?
}

/// A journal opened for reading alone.
package struct InspectedJournal: Sendable {
    package let end: JournalEnd
    package let index: BlockIndex
    package let reader: JournalReader
    /// A damaged or half-written end that recovery would cut.
    package let unsynced: TailCut?
}
