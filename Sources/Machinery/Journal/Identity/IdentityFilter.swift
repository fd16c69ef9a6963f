/// Says of most identities that they are not in a run, without reading it: a Bloom filter in blocks of one cache line
/// (Putze, Sanders and Singler, 2007). About one in 150 identities passes that is not in the run.
struct IdentityFilter: Sendable {
    /// Eight words a block.
    private(set) var words: [UInt64]
    private let blocks: UInt64

    private static let bitsPerIdentity = 12
    private static let bitsSet = 7

    /// A filter for about `count` identities.
    init(count: Int) { self.init(blocks: max(1, (count * Self.bitsPerIdentity + 511) / 512)) }

    private init(blocks: Int) {
        self.blocks = UInt64(blocks)
        words = [UInt64](repeating: 0, count: blocks * 8)
    }

    /// A filter as a run file has it; `words.count` is a positive multiple of eight.
    init(words: [UInt64]) {
        precondition(!words.isEmpty && words.count % 8 == 0, "a filter is made of whole blocks")
        self.words = words
        blocks = UInt64(words.count / 8)
    }

    mutating func insert(_ identity: Identity) {
        let start = first(identity)
        var bits = identity.high
        for _ in 0..<Self.bitsSet {
            words[start + Int(bits >> 6 & 7)] |= 1 << (bits & 63)
            bits >>= 9
        }
    }

    func mayContain(_ identity: Identity) -> Bool {
        words.withUnsafeBufferPointer { words in
            let block = words.baseAddress! + first(identity)
            var bits = identity.high
            for _ in 0..<Self.bitsSet {
                if block[Int(bits >> 6 & 7)] >> (bits & 63) & 1 == 0 { return false }
                bits >>= 9
            }
            return true
        }
    }

    @inline(__always)
    private func first(_ identity: Identity) -> Int {
        Int(identity.low.multipliedFullWidth(by: blocks).high) * 8
    }
}
