/// The text of one valid JSON string, quotes included, which may spell characters as escapes.
struct StringSpelling {
    private let inner: Slice<UnsafeRawBufferPointer>

    init(_ quoted: Slice<UnsafeRawBufferPointer>) { inner = quoted.dropFirst().dropLast() }

    /// Whether the string means these UTF-8 bytes.
    func spells(_ wanted: UnsafeRawBufferPointer) -> Bool {
        guard inner.contains(UInt8(ascii: "\\")) else { return inner.elementsEqual(wanted) }
        return unescaped().elementsEqual(wanted)
    }

    private func unescaped() -> [UInt8] {
        var result: [UInt8] = []
        var rest = inner
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "u"): result += Array(String(Character(Self.scalar(&rest))).utf8)
            default: result.append(escape)
            }
        }
        return result
    }

    /// Reads the digits of an escape `\uXXXX`, and the second half when it is half of a surrogate pair.
    private static func scalar(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Unicode.Scalar {
        var code = unit(&rest)
        if 0xD800..<0xDC00 ~= code {
            rest = rest.dropFirst(2)
            code = 0x10000 + (code - 0xD800) << 10 + (unit(&rest) & 0x3FF)
        }
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }

    private static func unit(_ rest: inout Slice<UnsafeRawBufferPointer>) -> UInt32 {
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        rest = rest.dropFirst(4)
        return UInt32(digits, radix: 16) ?? 0xFFFD
    }
}
