#if canImport(Glibc)
internal import Glibc
#endif

/// Gives every distinct byte string a small number, in order of first appearance.
///
/// Open addressing over one arena of bytes: a look-up hashes, compares once and allocates nothing; only a new string is
/// copied. Used by one thread.
public struct ByteTable {
    private var slots: [UInt32]
    private var hashes: [UInt64] = []
    private var starts: [Int] = [0]
    private var arena: [UInt8] = []
    private var mask: Int

    public init(minimumCapacity: Int = 64) {
        var capacity = 16
        while capacity < minimumCapacity * 2 { capacity *= 2 }
        slots = [UInt32](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    /// Distinct strings so far; numbers are `0 ..< count`.
    public var count: Int { hashes.count }

    /// Bytes held by all strings.
    public var byteCount: Int { arena.count }

    public func bytes(of number: Int) -> ArraySlice<UInt8> { arena[starts[number]..<starts[number + 1]] }

    public func text(of number: Int) -> String { String(decoding: bytes(of: number), as: UTF8.self) }

    /// The string's number, or nil when it has none yet.
    public func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let hash = Self.hash(bytes)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, equals(number, bytes) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The string's number; a new one is given if it has none.
    public mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = Self.hash(bytes)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, equals(number, bytes) { return number }
            slot = (slot + 1) & mask
        }
        let number = hashes.count
        hashes.append(hash)
        arena.append(contentsOf: bytes)
        starts.append(arena.count)
        slots[slot] = UInt32(number + 1)
        if hashes.count * 2 > slots.count { grow() }
        return number
    }

    public mutating func intern(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { intern($0) }
    }

    private func equals(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[number]
        let length = starts[number + 1] - start
        guard length == bytes.count else { return false }
        return arena.withUnsafeBufferPointer { held in
            guard let own = held.baseAddress, let other = bytes.baseAddress else { return true }
            return memcmp(own + start, other, length) == 0
        }
    }

    private mutating func grow() {
        let capacity = slots.count * 2
        mask = capacity - 1
        slots = [UInt32](repeating: 0, count: capacity)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }

    /// Multiply–fold over eight bytes at a time, after W. Yi's wyhash (public domain); not for adversarial keys whose
    /// number is unbounded: callers cap how many strings they admit.
    @inline(__always)
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        let raw = UnsafeRawBufferPointer(bytes)
        var position = 0
        while position + 8 <= raw.count {
            state = fold(state ^ raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        if position < raw.count {
            var tail: UInt64 = 0
            for index in position..<raw.count { tail = tail << 8 | UInt64(raw[index]) }
            state = fold(state ^ tail)
        }
        return state
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }
}
