/// Reads all message files of a directory and decides what is live, void, unsynced or damaged, changing nothing.
///
/// The rules are those of docs/message-files.md, "Reading the journal at start".
struct JournalScan {
    private let fileSystem: any FileSystem
    private let directory: String
    private let options: JournalOptions
    private let mode: FileOpenMode
    private let progress: (RecoveryProgress) -> Void
    private var done = RecoveryProgress(bytesDone: 0, bytesTotal: 0)

    /// Files whose live range is empty, and last files that were being begun.
    private(set) var useless: [FileID] = []
    private(set) var highestSerial: UInt32 = 0
    private(set) var index = BlockIndex()
    /// `nil` when there is no message file.
    private(set) var end: JournalEnd?
    /// Number of the last block known to be synced.
    private(set) var synced: UInt64 = 0
    private(set) var cut: TailCut?
    /// The newest live file.
    private(set) var last: (id: FileID, file: any File)?

    init(
        fileSystem: any FileSystem, directory: String, options: JournalOptions, mode: FileOpenMode,
        progress: @escaping (RecoveryProgress) -> Void
    ) throws(JournalError) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.options = options
        self.mode = mode
        self.progress = progress
        let names = try journaling { () throws(FileError) in try fileSystem.list(directory) }
        let files = names.compactMap(FileID.init(name:)).sorted()
        highestSerial = files.map(\.serial).max() ?? 0
        // A file is begun only when everything before it is synced.
        synced = (files.last?.first ?? 1) - 1
        let live = try withoutVoid(withoutUnfinished(files))
        try readFiles(live)
    }

    /// Drops last files that never got their preamble.
    private mutating func withoutUnfinished(_ files: [FileID]) throws(JournalError) -> [FileID] {
        var files = files
        while let id = files.last {
            let reading = try open(id)
            let (preamble, _) = try journaling { () throws(FileError) in try reading.preamble() }
            guard case .damaged = preamble else { break }
            let claim = try journaling { () throws(FileError) in try reading.highestSyncedClaim(from: 0, node: nil) }
            if claim != nil { throw corrupt(id, 0, id.first, .preamble) }
            useless.append(files.removeLast())
        }
        return files
    }

    /// Drops files that are void from their first block on.
    private mutating func withoutVoid(_ files: [FileID]) -> [FileID] {
        var live: [FileID] = []
        for id in files {
            if let before = live.last, before.first == id.first { useless.append(live.removeLast()) }
            live.append(id)
        }
        return live
    }

    private mutating func readFiles(_ files: [FileID]) throws(JournalError) {
        for (place, id) in files.enumerated() {
            let next = place + 1 < files.count ? files[place + 1].first : nil
            let reading = try open(id)
            done.bytesTotal += reading.window.size
            try readPreamble(id, reading)
            try readBlocks(id, reading, before: next)
            if next == nil { last = (id, reading.window.file) }
        }
        let next = end?.next ?? 1
        // Also reached when every file is gone or unfinished although blocks were synced.
        if synced >= next {
            throw corrupt(files.last ?? useless[0], index.files.last?.end ?? 0, next, .absent(from: next))
        }
    }

    private mutating func readPreamble(_ id: FileID, _ reading: MessageFileReading) throws(JournalError) {
        let (found, start) = try journaling { () throws(FileError) in try reading.preamble() }
        let preamble: Preamble
        switch found {
        case .preamble(let whole): preamble = whole
        case .version(let version): throw .version(file: reading.window.file.path, version: version)
        case .damaged: throw corrupt(id, 0, id.first, .preamble)
        }
        if let end {
            if id.first != end.next { throw corrupt(id, 0, id.first, .absent(from: end.next)) }
            if preamble.node != end.node { throw corrupt(id, 0, id.first, .preambleOutOfChain(.node)) }
            if preamble.previous != end.mark { throw corrupt(id, 0, id.first, .preambleOutOfChain(.previous)) }
            if preamble.clock != end.clock { throw corrupt(id, 0, id.first, .preambleOutOfChain(.clockMode)) }
        }
        if preamble.first != id.first { throw corrupt(id, 0, id.first, .preambleOutOfChain(.number)) }
        end = JournalEnd(
            node: preamble.node, clock: preamble.clock, next: id.first, mark: preamble.previous,
            step: preamble.lastStep, clockReading: preamble.lastClock, set: preamble.set, nodes: preamble.nodes,
            skips: preamble.skips)
        index.begin(id, setHash: preamble.set.hash, end: start, lastClock: preamble.lastClock)
    }

    /// Reads blocks until the number where the next file begins, or to the end of the last file.
    private mutating func readBlocks(
        _ id: FileID, _ reading: MessageFileReading, before next: UInt64?
    ) throws(JournalError) {
        var offset = index.files.last!.end
        while end!.next != next {
            let verifying = end!.next > options.verifiedThrough
            let found = try journaling { () throws(FileError) in try reading.block(at: offset, verifying: verifying) }
            switch chained(found) {
            case .block(let header, let length):
                add(header, BlockLocation(file: id, offset: offset, length: length))
                offset += Int64(length)
                report(bytes: length)
            case .end:
                if next == nil { return }
                throw corrupt(id, offset, end!.next, .absent(from: end!.next))
            case .damaged(let damage):
                let claim = try journaling { () throws(FileError) in
                    try reading.highestSyncedClaim(from: offset, node: end!.node)
                }
                synced = max(synced, claim ?? 0)
                if next != nil || synced >= end!.next { throw corrupt(id, offset, end!.next, damage) }
                cut = TailCut(
                    file: reading.window.file.path, offset: offset, bytes: reading.window.size - offset,
                    why: damage)
                return
            }
        }
    }

    private mutating func add(_ header: BlockHeader, _ location: BlockLocation) {
        synced = max(synced, header.synced)
        index.append(header, at: location)
        end!.next = header.number + 1
        end!.mark = header.mark
        end!.step = header.through
        end!.clockReading = header.clock
    }

    /// A valid block that does not follow the one before is damage too.
    private func chained(_ found: MessageFileReading.Block) -> MessageFileReading.Block {
        guard case .block(let header, _) = found, let end else { return found }
        if header.node != end.node { return .damaged(.outOfChain(.node)) }
        if header.number != end.next { return .damaged(.outOfChain(.number)) }
        if header.previous != end.mark { return .damaged(.outOfChain(.previous)) }
        if header.set != end.set?.hash { return .damaged(.outOfChain(.set)) }
        return found
    }

    private mutating func report(bytes: Int) {
        done.bytesDone += Int64(bytes)
        progress(done)
    }

    private func open(_ id: FileID) throws(JournalError) -> MessageFileReading {
        try journaling { () throws(FileError) in
            let file = try fileSystem.open(directory + "/" + id.name, mode)
            return MessageFileReading(window: try FileWindow(file, windowBytes: 4 << 20))
        }
    }

    private func corrupt(_ id: FileID, _ offset: Int64, _ number: UInt64?, _ why: BlockDamage) -> JournalError {
        .corrupt(
            Corruption(
                file: directory + "/" + id.name, offset: offset, number: number, why: why.description))
    }
}

/// How far reading the journal at start has come. The total grows file by file.
package struct RecoveryProgress: Sendable {
    package var bytesDone: Int64
    package var bytesTotal: Int64
}

/// The unsynced end of the journal that was cut because it is damaged. Nobody had a receipt for it.
package struct TailCut: Sendable, Equatable {
    package var file: String
    package var offset: Int64
    package var bytes: Int64
    package var why: BlockDamage

    package init(file: String, offset: Int64, bytes: Int64, why: BlockDamage) {
        self.file = file
        self.offset = offset
        self.bytes = bytes
        self.why = why
    }
}
