/// Gives every distinct pair of small numbers a number of its own, in order of first appearance.
///
/// Chaining pairs makes exact numbers for longer tuples. Used by one thread.
public struct PairTable {
    private var slots: [UInt32]
    private var keys: [UInt64] = []
    private var mask: Int

    public init() {
        slots = [UInt32](repeating: 0, count: 64)
        mask = 63
    }

    public var count: Int { keys.count }

    public func pair(of number: Int) -> (UInt32, UInt32) {
        (UInt32(truncatingIfNeeded: keys[number] >> 32), UInt32(truncatingIfNeeded: keys[number]))
    }

    public mutating func intern(_ first: UInt32, _ second: UInt32) -> Int {
        let key = UInt64(first) << 32 | UInt64(second)
        var slot = Self.slot(of: key) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if keys[number] == key { return number }
            slot = (slot + 1) & mask
        }
        keys.append(key)
        slots[slot] = UInt32(keys.count)
        if keys.count * 2 > slots.count { grow() }
        return keys.count - 1
    }

    private mutating func grow() {
        let capacity = slots.count * 2
        mask = capacity - 1
        slots = [UInt32](repeating: 0, count: capacity)
        for (number, key) in keys.enumerated() {
            var slot = Self.slot(of: key) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }

    @inline(__always)
    private static func slot(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20)
    }
}
