/// Says of most identities that they are not in a run, without reading it: a Bloom filter in blocks of one cache line
/// (Putze, Sanders and Singler, 2007). About one in 150 identities passes that is not in the run.
///
/// Filled by one thread, then never changed and read from any.
final class IdentityFilter: @unchecked Sendable {
    // Unchecked because of the rule above: the writer of a run fills the filter before anybody else has it.
    private let memory: ZeroedMemory
    private let words: UnsafeMutablePointer<UInt64>
    /// Of 64 bytes each.
    let blocks: Int

    static let blockBytes = 64
    private static let bitsPerIdentity = 12

    /// A filter for about `count` identities.
    convenience init(count: Int) { self.init(blocks: max(1, (count * Self.bitsPerIdentity + 511) / 512)) }

    /// A filter as a run file has it, in whole blocks.
    convenience init(_ bytes: UnsafeRawBufferPointer) {
        precondition(!bytes.isEmpty && bytes.count % Self.blockBytes == 0, "a filter is made of whole blocks")
        self.init(blocks: bytes.count / Self.blockBytes)
        for index in 0..<bytes.count / 8 {
            words[index] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
    }

    private init(blocks: Int) {
        self.blocks = blocks
        memory = ZeroedMemory(byteCount: blocks * Self.blockBytes)
        words = memory.start.bindMemory(to: UInt64.self, capacity: blocks * 8)
    }

    deinit { memory.deallocate() }

    /// As a run file has it, apart from the order of bytes.
    var allWords: UnsafeBufferPointer<UInt64> { UnsafeBufferPointer(start: words, count: blocks * 8) }

    func insert(_ identity: Identity) {
        let block = block(of: identity)
        var bits = identity.high
        for _ in 0..<7 {
            block[Int(bits >> 6 & 7)] |= 1 << (bits & 63)
            bits >>= 9
        }
    }

    /// Looks at all seven bits without branching, so that the processor need not wait for the memory to go on.
    @inline(__always)
    func mayContain(_ identity: Identity) -> Bool {
        let block = block(of: identity)
        let bits = identity.high
        func bit(_ index: UInt64) -> UInt64 {
            let place = bits >> (9 * index)
            return block[Int(place >> 6 & 7)] >> (place & 63)
        }
        return (bit(0) & bit(1) & bit(2) & bit(3)) & (bit(4) & bit(5) & bit(6)) & 1 == 1
    }

    @inline(__always)
    private func block(of identity: Identity) -> UnsafeMutablePointer<UInt64> {
        words + Int(identity.low.multipliedFullWidth(by: UInt64(blocks)).high) * 8
    }
}
