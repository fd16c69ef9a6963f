/// A sorted run of identities on disk. Its filter and fences are in memory, 1.55 bytes an identity. Immutable; any
/// thread.
final class IdentityRun: Sendable {
    let header: IdentityRunHeader
    let file: any File
    private let filter: IdentityFilter
    /// The high half of the first identity of each page.
    private let fences: [UInt64]

    typealias Header = IdentityRunHeader

    init(header: IdentityRunHeader, file: any File, filter: IdentityFilter, fences: [UInt64]) {
        self.header = header
        self.file = file
        self.filter = filter
        self.fences = fences
    }

    /// The same run, read through another handle.
    func reading(_ file: any File) -> IdentityRun {
        IdentityRun(header: header, file: file, filter: filter, fences: fences)
    }

    /// Opens a run file; `nil` when it is damaged. Its entry pages are checked when they are read.
    static func open(_ file: any File) throws(FileError) -> IdentityRun? {
        guard let header = IdentityRunHeader(page: try file.bytes(at: 0, count: Header.pageBytes)),
            // Sizes first, so that a damaged number cannot ask for absurd memory.
            header.pages <= 1 << 40, header.filterBlocks <= 1 << 40,
            try file.size() == header.filterOffset + Int64(header.indexBytes)
        else { return nil }
        let bytes = try file.bytes(at: header.filterOffset, count: header.indexBytes)
        guard bytes.count == header.indexBytes, CRC32C.of(bytes) == header.indexCrc else { return nil }
        let split = header.filterBlocks * IdentityFilter.blockBytes
        return bytes.withUnsafeBytes { bytes in
            let fences = (0..<header.pages).map { page in
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: split + 8 * page, as: UInt64.self))
            }
            let filter = IdentityFilter(UnsafeRawBufferPointer(rebasing: bytes[..<split]))
            return IdentityRun(header: header, file: file, filter: filter, fences: fences)
        }
    }

    /// `false` when the identity is certainly not here.
    @inline(__always)
    func mayContain(_ identity: Identity) -> Bool { filter.mayContain(identity) }

    /// The block that holds the identity; reads at most one page as a rule, and none for most identities that are not
    /// here.
    func block(of identity: Identity) throws(JournalError) -> UInt64? {
        guard filter.mayContain(identity), var page = lastPage(startingAtOrBelow: identity.high) else { return nil }
        while true {
            if let found = try search(page, identity) { return found }
            // Identities that share their high half may begin on the page before.
            guard page > 0, fences[page] == identity.high else { return nil }
            page -= 1
        }
    }

    private func lastPage(startingAtOrBelow high: UInt64) -> Int? {
        var lower = 0
        var upper = fences.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if fences[middle] <= high { lower = middle + 1 } else { upper = middle }
        }
        return lower == 0 ? nil : lower - 1
    }

    private func search(_ page: Int, _ identity: Identity) throws(JournalError) -> UInt64? {
        let entries = try entries(of: page)
        var lower = 0
        var upper = entries.count
        while lower < upper {
            let middle = (lower + upper) / 2
            let found = entries[middle].identity
            if found == identity { return entries[middle].block }
            if found < identity { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }

    /// The entries of a page, verified.
    func entries(of page: Int) throws(JournalError) -> [IdentityTable.Slot] {
        let offset = Int64(1 + page) * Int64(Header.pageBytes)
        let bytes = try journaling { () throws(FileError) in try file.bytes(at: offset, count: Header.pageBytes) }
        let count = min(Header.entriesPerPage, header.count - page * Header.entriesPerPage)
        let entries: [IdentityTable.Slot]? = bytes.withUnsafeBytes { bytes in
            guard bytes.count == Header.pageBytes else { return nil }
            let crc = CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[..<Header.pageChecksumOffset]))
            let stored = bytes.loadUnaligned(fromByteOffset: Header.pageChecksumOffset, as: UInt32.self)
            guard crc == UInt32(littleEndian: stored) else { return nil }
            func word(_ offset: Int) -> UInt64 {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            return (0..<count).map { index in
                let at = index * Header.entryBytes
                return IdentityTable.Slot(high: word(at), low: word(at + 8), block: word(at + 16))
            }
        }
        if let entries { return entries }
        throw .corrupt(
            Corruption(
                file: file.path, offset: offset,
                why:
                    "a page of the duplicate index is damaged; it was set aside and is rebuilt from the message files "
                    + "at the next start"
            ))
    }
}
