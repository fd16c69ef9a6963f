/// Why and where a text is not a JSON document this program takes.
public struct JSONSyntaxError: Error, Hashable, Sendable {
    /// The first byte that is wrong, counted from 0. For something that does not end, the byte where it begins.
    public let offset: Int
    /// The line of that byte, counted from 1; lines end with a line feed.
    public let line: Int
    /// The Unicode character in that line, counted from 1.
    public let column: Int
    public let reason: Reason

    public enum Reason: Hashable, Sendable {
        case emptyDocument
        case documentTooLarge(bytesMax: Int)
        case nestedTooDeep(depthMax: Int)
        case byteOrderMark
        case invalidUTF8
        case expectedValue
        case notANumber
        case misspelledLiteral
        case leadingZero
        case expectedDigit
        case numberTooLarge
        case integerOutOfRange
        case controlCharacterInString(UInt8)
        case invalidEscape
        case loneSurrogate
        case unclosedString
        case unclosedArray
        case unclosedObject
        case expectedName
        case expectedColon
        case expectedCommaOrArrayEnd
        case expectedCommaOrObjectEnd
        case trailingComma
        case trailingContent
        case outOfMemory(bytes: Int)
        /// The parser refused the document and the scanner, which looks for the reason, found none: a defect here.
        case unexplained
    }
}

extension JSONSyntaxError {
    init(offset: Int, in bytes: UnsafeRawBufferPointer, reason: Reason) {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.offset = offset
        self.reason = reason
        line = 1 + before.reduce(into: 0) { lines, byte in lines += byte == UInt8(ascii: "\n") ? 1 : 0 }
        // Continuation bytes (10xxxxxx) belong to the character before them.
        column =
            1
            + before[lineStart...].reduce(into: 0) { characters, byte in
                characters += byte & 0xC0 == 0x80 ? 0 : 1
            }
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    /// One sentence without a full stop, such as
    /// "expected ':' after the member's name at byte 17 (line 1, column 18)".
    public var description: String { "\(reason) at byte \(offset) (line \(line), column \(column))" }
}

extension JSONSyntaxError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyDocument: "the document is empty, expected a JSON value"
        case .documentTooLarge(let bytesMax): "the document is longer than the limit of \(bytesMax) bytes"
        case .nestedTooDeep(let depthMax): "arrays and objects are nested deeper than the limit of \(depthMax)"
        case .byteOrderMark: "the document begins with a byte order mark, send UTF-8 without one"
        case .invalidUTF8: "invalid UTF-8"
        case .expectedValue: "expected a JSON value"
        case .notANumber: "NaN and Infinity are no JSON numbers, send null or leave the member out"
        case .misspelledLiteral: "expected true, false or null, in lower case"
        case .leadingZero: "a number has a superfluous leading zero"
        case .expectedDigit: "expected a digit"
        case .numberTooLarge: "a number is too large for a 64-bit floating-point number"
        case .integerOutOfRange:
            "an integer is outside \(Int64.min)...\(UInt64.max), send it as a string or with a decimal point"
        case .controlCharacterInString(let byte):
            "a control character (0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))) in a string must be escaped"
        case .invalidEscape: "invalid escape in a string"
        case .loneSurrogate: "a \\u escape is half of a surrogate pair"
        case .unclosedString: "a string that is not closed begins"
        case .unclosedArray: "an array that is not closed begins"
        case .unclosedObject: "an object that is not closed begins"
        case .expectedName: "expected a member's name in double quotes"
        case .expectedColon: "expected ':' after the member's name"
        case .expectedCommaOrArrayEnd: "expected ',' or ']' after the array's element"
        case .expectedCommaOrObjectEnd: "expected ',' or '}' after the member's value"
        case .trailingComma: "a comma with nothing after it"
        case .trailingContent: "unexpected content after the end of the document"
        case .outOfMemory(let bytes):
            "no memory to parse a document of \(bytes) bytes, retry later or send less at once"
        case .unexplained: "the parser refused the document for a reason that could not be located"
        }
    }
}
