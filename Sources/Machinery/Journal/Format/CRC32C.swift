internal import CChecksum

/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41 reflected, initial value and final exclusive-or all ones.
///
/// By the processor's own instruction where it has one; else by sixteen tables, sixteen bytes a round ("slicing-by-16",
/// Kounavis and Berry, 2008), about ten times as fast as a byte at a time.
package struct CRC32C: Sendable {
    private var state: UInt32 = ~0

    package init() {}

    /// The checksum of everything added so far.
    package var value: UInt32 { ~state }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, cchecksum_crc32c(&state, start, bytes.count) == 0 else { return }
        addByTables(bytes)
    }

    /// The same without the instruction.
    package mutating func addByTables(_ bytes: UnsafeRawBufferPointer) {
        guard var next = bytes.baseAddress else { return }
        let end = next + bytes.count
        let table = tables.start
        var crc = state
        while next + 16 <= end {
            let low = next.loadUnaligned(as: UInt64.self).littleEndian ^ UInt64(crc)
            let high = next.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
            crc = eightBytes(low, table + 8 * 256) ^ eightBytes(high, table)
            next += 16
        }
        while next < end {
            crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ next.load(as: UInt8.self))] ^ (crc >> 8)
            next += 1
        }
        state = crc
    }

    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        crc.add(bytes)
        return crc.value
    }

    package static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { of($0) } }
}

/// The first byte of `word` stands furthest from the end, so it takes the last of the eight tables from `table` on.
@inline(__always)
private func eightBytes(_ word: UInt64, _ table: UnsafePointer<UInt32>) -> UInt32 {
    let a = table[7 * 256 + Int(word & 255)] ^ table[6 * 256 + Int(word >> 8 & 255)]
    let b = table[5 * 256 + Int(word >> 16 & 255)] ^ table[4 * 256 + Int(word >> 24 & 255)]
    let c = table[3 * 256 + Int(word >> 32 & 255)] ^ table[2 * 256 + Int(word >> 40 & 255)]
    let d = table[1 * 256 + Int(word >> 48 & 255)] ^ table[Int(word >> 56)]
    return (a ^ b) ^ (c ^ d)
}

/// 16 × 256 entries; entry [k][b] is the CRC of byte b followed by k zero bytes.
private struct Tables: @unchecked Sendable {
    // Unchecked because a pointer is never Sendable: the memory is filled once, before it is published, and never
    // freed.
    let start: UnsafePointer<UInt32>

    init() {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 16 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
            table[byte] = crc
        }
        for index in 256..<16 * 256 {
            let shorter = table[index - 256]
            table[index] = table[Int(shorter & 255)] ^ (shorter >> 8)
        }
        start = UnsafePointer(table)
    }
}

private let tables = Tables()
