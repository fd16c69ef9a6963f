/// Reads the preamble and blocks of one message file from a window.
struct MessageFileReading {
    let window: FileWindow

    enum Block {
        case block(BlockHeader, length: Int)
        case end
        case damaged(BlockDamage)
    }

    /// The block that begins at `offset`. Without `verifying` only its header line is read, and the checksum stays
    /// unchecked.
    func block(at offset: Int64, verifying: Bool = true) throws(FileError) -> Block {
        if offset >= window.size { return .end }
        guard let line = try window.line(at: offset, bytesMax: BlockHeader.lineBytesMax) else {
            return .damaged(.header)
        }
        guard let parts = ChecksummedLine(line), let header = BlockHeader(body: parts.body) else {
            return .damaged(.header)
        }
        let lineBytes = line.count + 1
        let length = lineBytes + header.bytes
        guard offset + Int64(length) <= window.size else { return .damaged(.cutShort) }
        guard verifying else { return .block(header, length: length) }
        let whole = try window.bytes(at: offset, count: length)
        guard whole.count == length else { return .damaged(.cutShort) }
        do {
            let payload = UnsafeRawBufferPointer(rebasing: whole[lineBytes...])
            let again = UnsafeRawBufferPointer(rebasing: whole[..<(lineBytes - 1)])
            return .block(try SealedBlock.verify(line: again, payload: payload).0, length: length)
        } catch { return .damaged(error) }
    }

    /// The preamble, and where the first block begins.
    func preamble() throws(FileError) -> (Preamble.Reading, end: Int64) {
        guard let line = try window.line(at: 0, bytesMax: Preamble.bytesMax) else { return (.damaged, 0) }
        return (Preamble.read(line), Int64(line.count) + 1)
    }

    /// What valid blocks from `offset` on say about how far the journal was synced, however damaged the bytes between
    /// them are; `nil` when there is no valid block of that node (any node, when `nil`).
    func highestSyncedClaim(from offset: Int64, node: String?) throws(FileError) -> UInt64? {
        var claim: UInt64?
        var offset = offset
        while offset < window.size {
            if case .block(let header, let length) = try block(at: offset), node == nil || header.node == node {
                claim = max(claim ?? 0, header.synced)
                offset += Int64(length)
            } else {
                offset = try nextLine(after: offset)
            }
        }
        return claim
    }

    private func nextLine(after offset: Int64) throws(FileError) -> Int64 {
        let step = 64 << 10
        var offset = offset
        while offset < window.size {
            let bytes = try window.bytes(at: offset, count: step)
            if bytes.isEmpty { return window.size }
            if let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) { return offset + Int64(newline) + 1 }
            offset += Int64(bytes.count)
        }
        return window.size
    }
}
