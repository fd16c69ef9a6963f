extension SyntaxScanner {
    /// Reads a string from its opening quote to behind its closing one.
    mutating func scanString() throws(Fault) {
        let opening = position
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): try scanEscape(inStringAt: opening)
            case 0..<0x20: throw fault(.controlCharacterInString(byte))
            case 0x80...:
                guard let length = validUTF8Length() else { throw fault(.invalidUTF8) }
                position += length
            default: position += 1
            }
        }
        throw fault(.unclosedString, at: opening)
    }

    private mutating func scanEscape(inStringAt opening: Int) throws(Fault) {
        let backslash = position
        position += 1
        guard let byte = next else { throw fault(.unclosedString, at: opening) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"): try scanCodePoint(escapedAt: backslash)
        default: throw fault(.invalidEscape, at: backslash)
        }
    }

    /// Reads the digits of `\uXXXX`, and the second half when they are the first half of a surrogate pair.
    private mutating func scanCodePoint(escapedAt backslash: Int) throws(Fault) {
        let unit = try scanFourHexDigits(escapedAt: backslash)
        guard 0xD800...0xDFFF ~= unit else { return }
        guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw fault(.loneSurrogate, at: backslash) }
        let second = position
        position += 2
        let low = try scanFourHexDigits(escapedAt: second)
        guard 0xDC00...0xDFFF ~= low else { throw fault(.loneSurrogate, at: backslash) }
    }

    private mutating func scanFourHexDigits(escapedAt backslash: Int) throws(Fault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault(.invalidEscape, at: backslash)
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    /// The length of the well-formed sequence at the position, whose first byte is 0x80 or above, by table 3-7 of the
    /// Unicode standard (no overlong forms, no surrogates, nothing above U+10FFFF); nil when it is not well-formed.
    func validUTF8Length() -> Int? {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[position] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard position + length <= bytes.count, second ~= bytes[position + 1] else { return nil }
        let rest = bytes[(position + 2)..<(position + length)]
        return rest.allSatisfy { 0x80...0xBF ~= $0 } ? length : nil
    }

    /// Reads true, false or null.
    mutating func scanLiteral() throws(Fault) {
        for literal: StaticString in ["true", "false", "null"] where matches(literal) {
            position += literal.utf8CodeUnitCount
            return
        }
        throw fault(matches("NaN") || matches("Infinity") ? .notANumber : .misspelledLiteral)
    }

    private func matches(_ literal: StaticString) -> Bool {
        bytes[position...].starts(
            with: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Reads a number and checks that a `Double`, or for an integer 64 bits, can hold it.
    mutating func scanNumber() throws(Fault) {
        let start = position
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { position += 1 }
        if isNegative, matches("Infinity") { throw fault(.notANumber, at: start) }
        let integerStart = position
        try scanDigits()
        if bytes[integerStart] == UInt8(ascii: "0"), position > integerStart + 1 {
            throw fault(.leadingZero, at: integerStart)
        }
        let integer = bytes[integerStart..<position]
        let hasFraction = next == UInt8(ascii: ".")
        if hasFraction {
            position += 1
            try scanDigits()
        }
        let hasExponent = next == UInt8(ascii: "e") || next == UInt8(ascii: "E")
        if hasExponent {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try scanDigits()
        }
        if hasFraction || hasExponent {
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            if Double(text)?.isFinite != true { throw fault(.numberTooLarge, at: start) }
        } else if !Self.fits(integer, isNegative: isNegative) {
            throw fault(.integerOutOfRange, at: start)
        }
    }

    private mutating func scanDigits() throws(Fault) {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        if position == start { throw fault(.expectedDigit) }
    }

    private static func fits(_ digits: Slice<UnsafeRawBufferPointer>, isNegative: Bool) -> Bool {
        guard let magnitude = UInt64(String(decoding: digits, as: UTF8.self)) else { return false }
        return !isNegative || magnitude <= Int64.min.magnitude
    }
}
