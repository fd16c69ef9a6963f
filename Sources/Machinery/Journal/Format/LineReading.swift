/// Reads the journal's own lines, strictly: members in their one order, no white space, no number written two ways.
///
/// Every step answers `nil` (or false) at the first byte that differs; the position is then meaningless.
struct LineReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    /// `bytes` must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// The next byte, not taken.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
        position += count
        return true
    }

    /// Without sign, leading zeros or overflow.
    mutating func unsigned() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
            position += 1
        }
        let digits = position - start
        if digits == 0 || (digits > 1 && bytes[start] == UInt8(ascii: "0")) { return nil }
        return value
    }

    mutating func signed() -> Int64? {
        let negative = take("-")
        guard let magnitude = unsigned() else { return nil }
        if !negative { return Int64(exactly: magnitude) }
        if magnitude == 0 { return nil }
        return magnitude <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }

    /// An `Int` that is not negative.
    mutating func natural() -> Int? { unsigned().flatMap { Int(exactly: $0) } }

    /// Exactly `digits` lowercase digits, without quotes.
    mutating func hexadecimal(digits: Int) -> UInt64? {
        guard bytes.count - position >= digits else { return nil }
        var value: UInt64 = 0
        for index in position..<position + digits {
            guard let digit = hexadecimalDigit(bytes[index]) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        position += digits
        return value
    }

    /// A quoted string of printable ASCII without escapes: names and hashes.
    mutating func plainString() -> String? {
        guard take("\"") else { return nil }
        let start = position
        while let byte = next, byte != UInt8(ascii: "\"") {
            if byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\\") { return nil }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return take("\"") ? text : nil
    }

    /// A quoted string with the escapes that this module writes.
    mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            if byte < 0x20 { return nil }
            position += 1
            if byte != UInt8(ascii: "\\") {
                text.append(byte)
            } else if let escaped = escape() {
                text.append(escaped)
            } else {
                return nil
            }
        }
        return take("\"") ? String(decoding: text, as: UTF8.self) : nil
    }

    private mutating func escape() -> UInt8? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "u"): return hexadecimal(digits: 4).flatMap { $0 < 0x20 ? UInt8($0) : nil }
        default: return nil
        }
    }

    /// The text of any object or array, found by its brackets: its content is opaque here and guarded by the checksum.
    mutating func nested() -> String? {
        let start = position
        var depth = 0
        var quoted = false
        while let byte = next {
            position += 1
            if quoted {
                if byte == UInt8(ascii: "\\") { position += 1 } else if byte == UInt8(ascii: "\"") { quoted = false }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): quoted = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            if depth == 0 { break }
        }
        guard depth == 0, !quoted, position > start + 1, position <= bytes.count else { return nil }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}

/// A line that ends in the member `crc`, taken apart. The newline is not part of `line`.
struct ChecksummedLine {
    /// From the opening brace up to and not including the comma before `"crc"`: what the checksum covers.
    let body: UnsafeRawBufferPointer
    let crc: UInt32

    init?(_ line: UnsafeRawBufferPointer) {
        guard line.count > Self.tail else { return nil }
        let split = line.count - Self.tail
        var reader = LineReader(UnsafeRawBufferPointer(rebasing: line[split...]))
        guard reader.take(",\"crc\":\""), let crc = reader.hexadecimal(digits: 8), reader.take("\"}") else {
            return nil
        }
        body = UnsafeRawBufferPointer(rebasing: line[..<split])
        self.crc = UInt32(crc)
    }

    /// Whether the checksum fits the line and the payload behind it.
    func isIntact(payload: UnsafeRawBufferPointer? = nil) -> Bool {
        var computed = CRC32C()
        computed.add(body)
        if let payload { computed.add(payload) }
        return computed.value == crc
    }

    /// Bytes of `,"crc":"01234567"}`.
    private static let tail = 18
}
