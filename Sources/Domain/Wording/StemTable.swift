/// Numbers of byte strings, looked up without allocating.
///
/// Open addressing over one arena; built once from configuration and only read afterwards, so hostile comments cannot
/// lengthen its probes.
struct StemTable: Sendable {
    private var slots: [UInt32]
    private var starts: [Int] = [0]
    private var arena: [UInt8] = []

    init() { slots = [UInt32](repeating: 0, count: 16) }

    /// Distinct strings so far; numbers are `1 ... count`, 0 says there is none.
    var count: Int { starts.count - 1 }

    @inline(__always)
    func number(of bytes: UnsafeBufferPointer<UInt8>) -> UInt32 { slots[slot(of: bytes)] }

    /// The string's number; a new one is given if it has none.
    mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let found = slot(of: bytes)
        guard slots[found] == 0 else { return slots[found] }
        arena.append(contentsOf: bytes)
        starts.append(arena.count)
        slots[found] = UInt32(count)
        if count * 2 > slots.count { grow() }
        return UInt32(count)
    }

    /// The slot that holds the string, or the empty one where it belongs.
    @inline(__always)
    private func slot(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(of: bytes)) & mask
        while slots[slot] != 0, !equals(Int(slots[slot]), bytes) { slot = (slot + 1) & mask }
        return slot
    }

    @inline(__always)
    private func equals(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[number - 1]
        guard starts[number] - start == bytes.count else { return false }
        for index in 0..<bytes.count where arena[start + index] != bytes[index] { return false }
        return true
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for number in 1...count {
            arena.withUnsafeBufferPointer { arena in
                let string = UnsafeBufferPointer(rebasing: arena[starts[number - 1]..<starts[number]])
                slots[slot(of: string)] = UInt32(number)
            }
        }
    }
}

/// FNV-1a by Fowler, Noll and Vo, its halves folded so that the low bits depend on every byte.
@inline(__always)
func hash(of bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return state ^ state >> 32
}
