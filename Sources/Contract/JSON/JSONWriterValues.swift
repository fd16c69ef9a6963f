extension JSONWriter {
    public mutating func value(_ number: Int64) {
        beginValue()
        reserve(DecimalDigits.bytesMax)
        advance(DecimalDigits.write(number, to: end))
    }

    public mutating func value(_ number: Int) { value(Int64(number)) }

    public mutating func value(_ number: UInt64) {
        beginValue()
        reserve(DecimalDigits.bytesMax)
        advance(DecimalDigits.write(number, to: end))
    }

    /// Writes the shortest text that reads back as the same number; integral numbers below 2^53 without `.0`.
    /// The number is finite: JSON has no other, so the caller writes `null` or leaves the member out.
    public mutating func value(_ number: Double) {
        precondition(number.isFinite, "JSON has no NaN and no infinity")
        // Negative zero is integral, but as an integer it would lose its sign.
        if number.magnitude < 0x1p53, number.rounded(.towardZero) == number, number != 0 || number.sign == .plus {
            return value(Int64(number))
        }
        var text = number.description
        beginValue()
        text.withUTF8 { append(verbatim: UnsafeRawBufferPointer($0)) }
    }

    public mutating func value(_ truth: Bool) { raw(truth ? "true" : "false") }

    public mutating func null() { raw("null") }

    /// Writes a string of these UTF-8 bytes, escaping what needs it. The caller vouches that they are valid UTF-8.
    public mutating func value(utf8 bytes: UnsafeRawBufferPointer) {
        beginValue()
        appendQuoted(bytes)
    }

    public mutating func value(_ text: JSONString) { value(utf8: text.rawBytes) }

    public mutating func value(_ text: String) {
        var text = text
        text.withUTF8 { value(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a copy of a parsed value. Numbers keep their value, not their spelling.
    public mutating func value(_ value: JSONValue) {
        switch value.kind {
        case .null: null()
        case .bool: self.value(value.bool ?? false)
        case .string: if let string = value.string { self.value(string) }
        case .number: number(value)
        case .array:
            beginArray()
            if let array = value.array { for element in array { self.value(element) } }
            endArray()
        case .object:
            beginObject()
            if let object = value.object {
                for member in object {
                    name(member.name)
                    self.value(member.value)
                }
            }
            endObject()
        }
    }

    private mutating func number(_ value: JSONValue) {
        switch value.type {
        case Tape.double: self.value(value.double ?? 0)
        case Tape.uint64: self.value(value.uint64 ?? 0)
        default: self.value(value.int64 ?? 0)
        }
    }

    /// Writes JSON text as a value. The caller vouches that it is valid.
    public mutating func raw(_ json: UnsafeRawBufferPointer) {
        beginValue()
        append(verbatim: json)
    }

    /// Writes JSON text as a value. The caller vouches that it is valid.
    public mutating func raw(_ json: StaticString) {
        raw(UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }

    /// Writes the quotes and what is between them: runs that need no escape are copied as they are.
    mutating func appendQuoted(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count &+ 2)
        append(byte: UInt8(ascii: "\""))
        var position = 0
        while true {
            let special = JSONEscape.firstSpecial(in: bytes, from: position)
            append(verbatim: UnsafeRawBufferPointer(rebasing: bytes[position..<special]))
            if special == bytes.count { break }
            reserve(JSONEscape.bytesMax)
            advance(JSONEscape.write(bytes[special], to: end))
            position = special &+ 1
        }
        append(byte: UInt8(ascii: "\""))
    }
}

/// Which bytes cannot stand in a JSON string as they are, and what stands for them.
enum JSONEscape {
    /// `\u001f`
    static let bytesMax = 6

    /// The position of the first control character, quote or backslash at or behind `start`, else the count.
    static func firstSpecial(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.count {
            let plain = plainBytes(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position &+= plain
            if plain < 8 { return position }
        }
        while position < bytes.count, !isSpecial(bytes[position]) { position &+= 1 }
        return position
    }

    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// How many of the eight bytes loaded come before the first special one.
    ///
    /// All are tested at once: subtracting a bound from a byte below it borrows, which sets the byte's top bit. A
    /// borrow may also mark a byte behind a special one, which does not matter when the first is wanted.
    static func plainBytes(_ loaded: UInt64) -> Int {
        let word = loaded.littleEndian
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let control = (word &- ones &* 0x20) & ~word
        let special = (control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & (ones &* 0x80)
        return special.trailingZeroBitCount / 8
    }

    /// Writes the escape of a special byte at `target`, which has room for `bytesMax`; returns its length.
    static func write(_ byte: UInt8, to target: UnsafeMutablePointer<UInt8>) -> Int {
        target[0] = UInt8(ascii: "\\")
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): target[1] = byte
        case 0x08: target[1] = UInt8(ascii: "b")
        case 0x09: target[1] = UInt8(ascii: "t")
        case 0x0A: target[1] = UInt8(ascii: "n")
        case 0x0C: target[1] = UInt8(ascii: "f")
        case 0x0D: target[1] = UInt8(ascii: "r")
        default:
            target[1] = UInt8(ascii: "u")
            target[2] = UInt8(ascii: "0")
            target[3] = UInt8(ascii: "0")
            target[4] = UInt8(ascii: "0") &+ byte &>> 4
            let low = byte & 0xF
            target[5] = low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &+ low &- 10
            return bytesMax
        }
        return 2
    }
}
