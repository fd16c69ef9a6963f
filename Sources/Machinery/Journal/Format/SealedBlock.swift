/// A block that will not change any more: header, events, and the checksum over both.
///
/// The header line and the payload are also what travels to workers, so a worker checks the same checksum that guards
/// the disk.
package struct SealedBlock: Sendable, Equatable {
    package let header: BlockHeader
    /// `header.count` events, one a line, each ended by a newline.
    package let payload: [UInt8]
    /// CRC-32C over header and payload.
    package let crc: UInt32

    /// Seals a block; `header.bytes` must be the size of the payload.
    package init(sealing header: BlockHeader, payload: [UInt8]) {
        precondition(header.bytes == payload.count, "header.bytes must be the size of the payload")
        precondition(header.bytes <= BlockHeader.payloadBytesMax, "a payload has at most payloadBytesMax bytes")
        precondition(header.number > header.synced && header.through >= header.step, "a block lies after what it says")
        precondition(isPlainName(header.node) && isPlainName(header.set), "names in a header are plain ASCII")
        var line: [UInt8] = []
        line.reserveCapacity(384)
        header.appendBody(to: &line)
        var crc = CRC32C()
        line.withUnsafeBytes { crc.add($0) }
        payload.withUnsafeBytes { crc.add($0) }
        self.init(header: header, payload: payload, verified: crc.value)
    }

    /// Checks a header line (with or without its newline) and payload that came from elsewhere.
    package init(line: [UInt8], payload: [UInt8]) throws(BlockDamage) {
        let (header, crc) = try line.withRawBytes { (line) throws(BlockDamage) in
            let bare = line.last == UInt8(ascii: "\n") ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
            return try payload.withRawBytes { (payload) throws(BlockDamage) in
                try Self.verify(line: bare, payload: payload)
            }
        }
        self.init(header: header, payload: payload, verified: crc)
    }

    private init(header: BlockHeader, payload: [UInt8], verified crc: UInt32) {
        self.header = header
        self.payload = payload
        self.crc = crc
    }

    /// The header of a line without newline whose checksum fits the payload, and that checksum.
    static func verify(
        line: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer
    ) throws(BlockDamage) -> (BlockHeader, UInt32) {
        guard let parts = ChecksummedLine(line), let header = BlockHeader(body: parts.body) else { throw .header }
        guard header.bytes == payload.count else { throw .cutShort }
        guard parts.isIntact(payload: payload) else { throw .checksum }
        return (header, parts.crc)
    }

    /// The block found at the start of `bytes`, which hold all of it.
    static func verified(_ bytes: UnsafeRawBufferPointer) throws(BlockDamage) -> SealedBlock {
        guard let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw .header }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[(newline + 1)...])
        let (header, crc) = try verify(line: UnsafeRawBufferPointer(rebasing: bytes[..<newline]), payload: payload)
        return SealedBlock(header: header, payload: [UInt8](payload), verified: crc)
    }

    /// The header line with its newline.
    package var headerLine: [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(384)
        appendHeaderLine(to: &line)
        return line
    }

    func appendHeaderLine(to line: inout [UInt8]) {
        header.appendBody(to: &line)
        line.append(checksum: crc)
    }
}

/// Why bytes are not the block that should be there.
package enum BlockDamage: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line is not a block header.
    case header
    /// The checksum does not fit header and payload.
    case checksum
    /// The file ends before the payload does.
    case cutShort
    /// A valid block that does not follow the one before.
    case outOfChain(Link)
    /// The first line of the file is not a whole preamble.
    case preamble
    /// A valid preamble that does not fit its file name or the file before.
    case preambleOutOfChain(Link)
    /// Blocks that later files and headers say were synced are absent.
    case absent(from: UInt64)

    /// The member that does not fit.
    package enum Link: String, Sendable { case node, number, previous, set, clockMode }

    package var description: String {
        switch self {
        case .header: "no block header here"
        case .checksum: "the checksum does not fit header and payload"
        case .cutShort: "the file ends inside a block"
        case .outOfChain(let link): "a block whose \(link.rawValue) does not follow the block before"
        case .preamble: "the first line is not a whole preamble"
        case .preambleOutOfChain(let link):
            "a preamble whose \(link.rawValue) fits neither its name nor the file before"
        case .absent(let number): "block \(number) and those after it are absent although they were synced"
        }
    }
}
