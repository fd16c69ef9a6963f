/// Where each block lies: four bytes a block. Used by one thread (the loop's).
package struct BlockIndex: Sendable {
    /// The live blocks of one message file.
    package struct Entry: Sendable {
        package let id: FileID
        /// Offset of each block from number `id.first` on. Files stay below 4 GiB (`JournalOptions.fileBytesMax`).
        var offsets: [UInt32]
        /// Where the last block ends.
        package var end: Int64
        /// Arrival clock of the last block, milliseconds.
        package var lastClock: Int64
        package let setHash: String

        /// Number behind the last block.
        package var next: UInt64 { id.first + UInt64(offsets.count) }
    }

    /// Oldest first; numbers follow each other without gaps.
    package private(set) var files: [Entry] = []
    /// Number of the next block when the journal holds none.
    private var emptyNext: UInt64

    init(emptyNext: UInt64 = 1) { self.emptyNext = emptyNext }

    /// Number of the oldest block kept.
    package var first: UInt64 { files.first?.id.first ?? emptyNext }
    /// Number that the next block will have.
    package var next: UInt64 { files.last?.next ?? emptyNext }
    package var isEmpty: Bool { first == next }
    /// Bytes of all files up to their last live block.
    package var bytes: Int64 { files.reduce(0) { $0 + $1.end } }

    /// Adds a file whose first block will have the number `next`. A file without blocks that has the same first number
    /// is void then.
    mutating func begin(_ id: FileID, setHash: String, end: Int64, lastClock: Int64) {
        if let last = files.last, last.offsets.isEmpty { files.removeLast() }
        precondition(files.isEmpty || id.first == next, "message files follow each other")
        files.append(Entry(id: id, offsets: [], end: end, lastClock: lastClock, setHash: setHash))
    }

    /// Adds the block after the last one, at the place the writer gave it.
    package mutating func append(_ header: BlockHeader, at location: BlockLocation) {
        if files.last?.id != location.file {
            begin(location.file, setHash: header.set, end: location.offset, lastClock: header.clock)
        }
        precondition(header.number == next, "blocks are indexed in order")
        let last = files.count - 1
        files[last].offsets.append(UInt32(location.offset))
        files[last].end = location.offset + Int64(location.length)
        files[last].lastClock = header.clock
    }

    /// `nil` when the journal does not hold the block.
    package func locate(_ number: UInt64) -> BlockLocation? {
        guard let file = file(holding: number) else { return nil }
        let entry = files[file]
        let place = Int(number - entry.id.first)
        let offset = Int64(entry.offsets[place])
        let end = place + 1 < entry.offsets.count ? Int64(entry.offsets[place + 1]) : entry.end
        return BlockLocation(file: entry.id, offset: offset, length: Int(end - offset))
    }

    private func file(holding number: UInt64) -> Int? {
        var low = 0
        var high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle].next <= number { low = middle + 1 } else { high = middle }
        }
        guard low < files.count, files[low].id.first <= number, number < files[low].next else { return nil }
        return low
    }

    /// The oldest files that retention asks to go: all their blocks are below `number`, and their last block is older
    /// than `clock`, or the files together take more than `bytesMax` until they go. Never the newest file.
    package func files(behind number: UInt64, olderThan clock: Int64, bytesMax: Int64 = .max) -> [FileID] {
        var found: [FileID] = []
        var rest = bytes
        for entry in files.dropLast() {
            guard entry.next <= number, entry.lastClock < clock || rest > bytesMax else { break }
            rest -= entry.end
            found.append(entry.id)
        }
        return found
    }

    /// Forgets the oldest files, before `JournalWriter.remove` removes them.
    package mutating func forget(_ ids: [FileID]) {
        let gone = Set(ids)
        emptyNext = next
        files.removeAll { gone.contains($0.id) }
    }

    /// Takes the new places of a rewritten file.
    package mutating func replace(_ rewritten: RewrittenFile) {
        guard let index = files.firstIndex(where: { $0.id == rewritten.id }) else { return }
        precondition(files[index].offsets.count == rewritten.offsets.count, "a rewrite keeps the numbers")
        files[index].offsets = rewritten.offsets
        files[index].end = rewritten.end
    }
}

/// Where the blocks of a rewritten file lie now.
package struct RewrittenFile: Sendable {
    package let id: FileID
    let offsets: [UInt32]
    let end: Int64
}
