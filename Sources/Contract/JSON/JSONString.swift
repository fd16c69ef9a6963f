/// The text of a JSON string or member name, unescaped, as UTF-8 bytes. A cursor like `JSONValue`, with the same
/// lifetime. Two are equal when their bytes are.
public struct JSONString {
    @usableFromInline let start: UnsafePointer<UInt8>
    /// The length in bytes.
    public let count: Int

    /// `word` is a string's tape word: the offset of its 32-bit length, which its bytes follow.
    @inlinable
    init(strings: UnsafePointer<UInt8>, word: UInt64) {
        let entry = UnsafeRawPointer(strings + Int(truncatingIfNeeded: word & 0x00FF_FFFF_FFFF_FFFF))
        count = Int(entry.loadUnaligned(as: UInt32.self))
        start = (entry + 4).assumingMemoryBound(to: UInt8.self)
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// Valid UTF-8; may contain zero bytes (from `\u0000`).
    @inlinable public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    @inlinable public var rawBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// A copy that may be kept.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    @inlinable public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let otherStart = other.baseAddress else { return true }
        return Self.equal(start, otherStart, count)
    }

    public func equals(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { equals(UnsafeRawBufferPointer($0)) }
    }

    /// Compares eight bytes at a time; the last steps overlap instead of going byte by byte. Names are short, so this
    /// beats a call of `memcmp`, and against a literal the compiler folds the literal's side into constants.
    @inlinable
    static func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
        func same<Word: FixedWidthInteger>(_ type: Word.Type, _ offset: Int) -> Bool {
            left.loadUnaligned(fromByteOffset: offset, as: type)
                == right.loadUnaligned(fromByteOffset: offset, as: type)
        }
        if count >= 8 {
            var offset = 0
            while offset < count &- 8 {
                if !same(UInt64.self, offset) { return false }
                offset &+= 8
            }
            return same(UInt64.self, count &- 8)
        }
        if count >= 4 { return same(UInt32.self, 0) && same(UInt32.self, count &- 4) }
        if count >= 2 { return same(UInt16.self, 0) && same(UInt16.self, count &- 2) }
        return count == 0 || same(UInt8.self, 0)
    }
}

extension JSONString: Hashable {
    @inlinable
    public static func == (left: JSONString, right: JSONString) -> Bool {
        left.count == right.count && equal(left.start, right.start, left.count)
    }

    @inlinable
    public static func == (left: JSONString, right: StaticString) -> Bool {
        left.count == right.utf8CodeUnitCount && equal(left.start, right.utf8Start, left.count)
    }

    @inlinable public static func != (left: JSONString, right: StaticString) -> Bool { !(left == right) }

    /// Lets a `switch` over a name list string literals.
    @inlinable public static func ~= (pattern: StaticString, text: JSONString) -> Bool { text == pattern }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes: rawBytes) }
}

extension JSONString: CustomStringConvertible {
    public var description: String { text }
}

extension JSONString? {
    /// So that `value.string == "tideline.response.v1"` reads as it should; nil equals no text.
    @inlinable
    public static func == (left: Self, right: StaticString) -> Bool {
        guard let left else { return false }
        return left == right
    }

    @inlinable public static func != (left: Self, right: StaticString) -> Bool { !(left == right) }
}
