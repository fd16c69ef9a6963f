/// A position in JSON text that moves from token to token, by pointers that never leave the text.
struct TextCursor {
    private let start: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private var next: UnsafePointer<UInt8>

    /// The bytes stay where they are as long as the cursor is used.
    init(_ text: UnsafeRawBufferPointer) {
        // Some address is needed for empty text too; it is compared and never read.
        start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
        end = start + text.count
        next = start
    }

    /// Steps behind the bracket that opens a container; false when another byte comes or the container is empty.
    mutating func enter(_ opening: UInt8, closing: UInt8) -> Bool {
        guard skip(opening) else { return false }
        skipWhitespace()
        return next < end && next.pointee != closing
    }

    /// Steps behind white space and then `byte`, if that is what comes.
    mutating func skip(_ byte: UInt8) -> Bool {
        skipWhitespace()
        guard next < end, next.pointee == byte else { return false }
        next += 1
        return true
    }

    /// Steps behind white space and one value, and returns where the value lies.
    mutating func skipValue() -> Range<Int> {
        skipWhitespace()
        let first = next
        if first < end {
            switch first.pointee {
            case UInt8(ascii: "\""): next = behindString(first)
            case UInt8(ascii: "{"), UInt8(ascii: "["): next = behindContainer(first)
            default: while next < end, !Self.endsScalar(next.pointee) { next += 1 }
            }
        }
        return (first - start)..<(next - start)
    }

    private mutating func skipWhitespace() {
        while next < end, next.pointee <= 0x20 { next += 1 }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
            || byte == UInt8(ascii: ":")
    }

    private func behindContainer(_ opening: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var position = opening
        var depth = 0
        while position < end {
            let byte = position.pointee
            if byte == UInt8(ascii: "\"") {
                position = behindString(position)
                continue
            }
            position += 1
            // Of all brackets only these bytes remain when bit 5 is set: `{` and `[`, `}` and `]`.
            let folded = byte | 0x20
            if folded == UInt8(ascii: "{") {
                depth &+= 1
            } else if folded == UInt8(ascii: "}") {
                depth &-= 1
                if depth == 0 { return position }
            }
        }
        return end
    }

    /// Control characters, at which the search for special bytes halts too, occur in no valid string.
    @inline(__always)
    private func behindString(_ opening: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var position = opening + 1
        while position < end {
            let byte = position.pointee
            if byte == UInt8(ascii: "\"") { return position + 1 }
            if byte == UInt8(ascii: "\\") {
                position += position + 1 < end ? 2 : 1
            } else if end - position >= 8 {
                // At least one byte is passed: this one is neither quote nor backslash.
                position += max(1, JSONEscape.plainBytes(UnsafeRawPointer(position).loadUnaligned(as: UInt64.self)))
            } else {
                position += 1
            }
        }
        return end
    }
}
