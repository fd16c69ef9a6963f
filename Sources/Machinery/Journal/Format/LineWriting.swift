/// What the journal needs to write its own lines: integers, hexadecimal digits, JSON strings, and the closing checksum.
extension [UInt8] {
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(text: String) { append(contentsOf: text.utf8) }

    mutating func append(number: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    mutating func append(number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(number: number.magnitude)
    }

    /// A JSON string; only what must be escaped is escaped.
    mutating func append(jsonString text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 { appendEscaped(byte) }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        case 0..<0x20:
            append("\\u")
            append(contentsOf: hexadecimal(UInt64(byte), digits: 4))
        default: append(byte)
        }
    }

    /// Closes the JSON object that began at `start` with its checksum member and ends the line. The checksum covers the
    /// bytes from `start` on, and `payload` after them.
    mutating func appendChecksum(from start: Int, payload: UnsafeRawBufferPointer? = nil) {
        var crc = CRC32C()
        withUnsafeBytes { crc.add(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        if let payload { crc.add(payload) }
        append(checksum: crc.value)
    }

    mutating func append(checksum: UInt32) {
        append(",\"crc\":\"")
        append(contentsOf: hexadecimal(UInt64(checksum), digits: 8))
        append("\"}\n")
    }
}

/// Lowercase, with leading zeros.
func hexadecimal(_ value: UInt64, digits: Int) -> [UInt8] {
    (0..<digits).map { place in
        let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - place))) & 15
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}

/// The value of a lowercase hexadecimal digit.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}

/// Decimal with leading zeros, as file names have it so that they sort.
func decimal(_ value: UInt64, digits: Int) -> String {
    let plain = String(value)
    return String(repeating: "0", count: max(0, digits - plain.utf8.count)) + plain
}
