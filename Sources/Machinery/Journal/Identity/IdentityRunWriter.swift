/// Writes a run file from identities in ascending order. Any one thread.
struct IdentityRunWriter {
    private let file: any File
    private let filter: IdentityFilter
    private var fences: [UInt64] = []
    private var page: [UInt8] = []
    private var pending: [UInt8] = []
    private var offset = Int64(IdentityRunHeader.pageBytes)
    private var count = 0
    private var last: Identity?

    private static let pendingBytesMax = 1 << 20

    /// Begins a run of at most `countMax` identities.
    init(_ file: any File, countMax: Int) {
        self.file = file
        filter = IdentityFilter(count: countMax)
    }

    /// Adds the next identity; one equal to the last is passed over.
    mutating func add(_ slot: IdentityTable.Slot) throws(FileError) {
        let identity = slot.identity
        if let last {
            if last == identity { return }
            precondition(last < identity, "identities come in ascending order")
        }
        last = identity
        if page.isEmpty { fences.append(slot.high) }
        filter.insert(identity)
        for word in [slot.high, slot.low, slot.block] { page.append(littleEndian: word) }
        count += 1
        if page.count == IdentityRunHeader.pageChecksumOffset { try finishPage() }
    }

    /// Writes what is left, then the header, and syncs; the run is whole afterwards. `header` gives all but the sizes.
    mutating func finish(_ header: IdentityRunHeader) throws(FileError) -> IdentityRun {
        if !page.isEmpty { try finishPage() }
        try flush()
        var index: [UInt8] = []
        index.reserveCapacity(filter.blocks * IdentityFilter.blockBytes + fences.count * 8)
        for word in filter.allWords { index.append(littleEndian: word) }
        for fence in fences { index.append(littleEndian: fence) }
        try file.writeFully(index, at: offset)
        var header = header
        header.count = count
        header.pages = fences.count
        header.filterBlocks = filter.blocks
        header.indexCrc = CRC32C.of(index)
        try file.writeFully(header.page, at: 0)
        try file.synchronize()
        return IdentityRun(header: header, file: file, filter: filter, fences: fences)
    }

    private mutating func finishPage() throws(FileError) {
        let padding = IdentityRunHeader.pageChecksumOffset - page.count
        page.append(contentsOf: [UInt8](repeating: 0, count: padding))
        let crc = CRC32C.of(page)
        page.append(littleEndian: UInt64(crc))
        page.append(contentsOf: [UInt8](repeating: 0, count: IdentityRunHeader.pageBytes - page.count))
        pending.append(contentsOf: page)
        page.removeAll(keepingCapacity: true)
        if pending.count >= Self.pendingBytesMax { try flush() }
    }

    private mutating func flush() throws(FileError) {
        try file.writeFully(pending, at: offset)
        offset += Int64(pending.count)
        pending.removeAll(keepingCapacity: true)
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian word: UInt64) {
        Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }
}
