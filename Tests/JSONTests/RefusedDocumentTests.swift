import JSON
import Testing

private let notANumber = "NaN and Infinity are no JSON numbers, send null or leave the member out"
private let tooLarge = "a number is too large for a 64-bit floating-point number"
private let byteOrderMark = "the document begins with a byte order mark, send UTF-8 without one"

/// Documents that are refused, and the sentence the sender gets. The offset in it is the first wrong byte.
@Suite struct RefusedDocumentTests {
    @Test(
        arguments: [
            ("", "the document is empty, expected a JSON value at byte 0 (line 1, column 1)"),
            (" \n\t", "the document is empty, expected a JSON value at byte 0 (line 1, column 1)"),
            (#"{"specversion":1,"id" 2}"#, "expected ':' after the member's name at byte 22 (line 1, column 23)"),
            (#"{"a":1 "b":2}"#, "expected ',' or '}' after the member's value at byte 7 (line 1, column 8)"),
            ("[1 2]", "expected ',' or ']' after the array's element at byte 3 (line 1, column 4)"),
            ("[1}", "expected ',' or ']' after the array's element at byte 2 (line 1, column 3)"),
            ("{\"a\":1]", "expected ',' or '}' after the member's value at byte 6 (line 1, column 7)"),
            ("[\"a\" \"b\"]", "expected ',' or ']' after the array's element at byte 5 (line 1, column 6)"),
            ("[1,]", "a comma with nothing after it at byte 2 (line 1, column 3)"),
            ("[\n  1,\n]", "a comma with nothing after it at byte 5 (line 2, column 4)"),
            ("{\"a\":1,}", "a comma with nothing after it at byte 6 (line 1, column 7)"),
            ("[,1]", "expected a JSON value at byte 1 (line 1, column 2)"),
            ("[1,,2]", "expected a JSON value at byte 3 (line 1, column 4)"),
            ("{,}", "expected a member's name in double quotes at byte 1 (line 1, column 2)"),
            ("{1:2}", "expected a member's name in double quotes at byte 1 (line 1, column 2)"),
            ("{a:2}", "expected a member's name in double quotes at byte 1 (line 1, column 2)"),
            ("{'a':2}", "expected a member's name in double quotes at byte 1 (line 1, column 2)"),
            ("{\"a\"}", "expected ':' after the member's name at byte 4 (line 1, column 5)"),
            ("{\"a\":}", "expected a JSON value at byte 5 (line 1, column 6)"),
            ("{\"a\"::1}", "expected a JSON value at byte 5 (line 1, column 6)"),
            ("['a']", "expected a JSON value at byte 1 (line 1, column 2)"),
            ("]", "expected a JSON value at byte 0 (line 1, column 1)"),
            ("// comment\n1", "expected a JSON value at byte 0 (line 1, column 1)"),
            ("[1]/* */", "unexpected content after the end of the document at byte 3 (line 1, column 4)"),
            ("[1]]", "unexpected content after the end of the document at byte 3 (line 1, column 4)"),
            ("[1],", "unexpected content after the end of the document at byte 3 (line 1, column 4)"),
            ("{}\n{}", "unexpected content after the end of the document at byte 3 (line 2, column 1)"),
            ("1 2", "unexpected content after the end of the document at byte 2 (line 1, column 3)"),
            ("nulll", "unexpected content after the end of the document at byte 4 (line 1, column 5)"),
            ("\u{FEFF}[1]", "\(byteOrderMark) at byte 0 (line 1, column 1)"),
            ("[1,\u{A0}2]", "expected a JSON value at byte 3 (line 1, column 4)"),
            ("[1\u{0}]", "expected ',' or ']' after the array's element at byte 2 (line 1, column 3)"),
            ("[1\u{C}]", "expected ',' or ']' after the array's element at byte 2 (line 1, column 3)"),
            ("[1]\u{0}", "unexpected content after the end of the document at byte 3 (line 1, column 4)"),
        ])
    func structures(document: String, sentence: String) {
        #expect(verdict(document) == .refused(sentence))
    }

    @Test(
        arguments: [
            ("[1", "an array that is not closed begins at byte 0 (line 1, column 1)"),
            ("[1,", "an array that is not closed begins at byte 0 (line 1, column 1)"),
            ("{\"a\":[1,2}", "expected ',' or ']' after the array's element at byte 9 (line 1, column 10)"),
            ("{\"a\":\n{\"b\":1", "an object that is not closed begins at byte 6 (line 2, column 1)"),
            ("{\"a\"", "an object that is not closed begins at byte 0 (line 1, column 1)"),
            ("{\"a\":", "an object that is not closed begins at byte 0 (line 1, column 1)"),
            ("{\"a\":1,", "an object that is not closed begins at byte 0 (line 1, column 1)"),
            ("{", "an object that is not closed begins at byte 0 (line 1, column 1)"),
            ("[\"ab", "a string that is not closed begins at byte 1 (line 1, column 2)"),
            ("[\"ab\\\"", "a string that is not closed begins at byte 1 (line 1, column 2)"),
            ("\"\\", "a string that is not closed begins at byte 0 (line 1, column 1)"),
            ("\"", "a string that is not closed begins at byte 0 (line 1, column 1)"),
        ])
    func unclosed(document: String, sentence: String) {
        #expect(verdict(document) == .refused(sentence))
    }

    @Test(
        arguments: [
            ("[01]", "a number has a superfluous leading zero at byte 1 (line 1, column 2)"),
            ("-01", "a number has a superfluous leading zero at byte 1 (line 1, column 2)"),
            ("[00]", "a number has a superfluous leading zero at byte 1 (line 1, column 2)"),
            ("1.", "expected a digit at byte 2 (line 1, column 3)"),
            ("[1.]", "expected a digit at byte 3 (line 1, column 4)"),
            ("[1.e1]", "expected a digit at byte 3 (line 1, column 4)"),
            ("[1e]", "expected a digit at byte 3 (line 1, column 4)"),
            ("[1e+]", "expected a digit at byte 4 (line 1, column 5)"),
            ("[-]", "expected a digit at byte 2 (line 1, column 3)"),
            ("[--1]", "expected a digit at byte 2 (line 1, column 3)"),
            ("[+1]", "expected a JSON value at byte 1 (line 1, column 2)"),
            ("[.5]", "expected a JSON value at byte 1 (line 1, column 2)"),
            ("[1a]", "expected ',' or ']' after the array's element at byte 2 (line 1, column 3)"),
            ("[0x10]", "expected ',' or ']' after the array's element at byte 2 (line 1, column 3)"),
            ("[1.5.2]", "expected ',' or ']' after the array's element at byte 4 (line 1, column 5)"),
            ("[１]", "expected a JSON value at byte 1 (line 1, column 2)"),
            ("[NaN]", "\(notANumber) at byte 1 (line 1, column 2)"),
            ("-Infinity", "\(notANumber) at byte 0 (line 1, column 1)"),
            ("Infinity", "\(notANumber) at byte 0 (line 1, column 1)"),
            ("[1e400]", "\(tooLarge) at byte 1 (line 1, column 2)"),
            ("-1.8e308", "\(tooLarge) at byte 0 (line 1, column 1)"),
            ("1e99999999999999999999", "\(tooLarge) at byte 0 (line 1, column 1)"),
        ])
    func numbers(document: String, sentence: String) {
        #expect(verdict(document) == .refused(sentence))
    }

    /// Rounding an identifier silently would change it, so integers that 64 bits cannot hold are refused.
    @Test(arguments: ["18446744073709551616", "-9223372036854775809", String(repeating: "9", count: 400)])
    func integersBeyond64Bits(document: String) {
        let sentence = """
            an integer is outside -9223372036854775808...18446744073709551615, send it as a string or with a decimal \
            point at byte 0 (line 1, column 1)
            """
        #expect(verdict(document) == .refused(sentence))
    }

    @Test(
        arguments: [
            ("[tru]", "expected true, false or null, in lower case at byte 1 (line 1, column 2)"),
            ("[True]", "expected true, false or null, in lower case at byte 1 (line 1, column 2)"),
            ("nul", "expected true, false or null, in lower case at byte 0 (line 1, column 1)"),
            ("[truex]", "expected ',' or ']' after the array's element at byte 5 (line 1, column 6)"),
            ("undefined", "expected true, false or null, in lower case at byte 0 (line 1, column 1)"),
            ("\"a\nb\"", "a control character (0x0a) in a string must be escaped at byte 2 (line 1, column 3)"),
            ("[\"a\u{1f}\"]", "a control character (0x1f) in a string must be escaped at byte 3 (line 1, column 4)"),
            ("\"\u{0}\"", "a control character (0x00) in a string must be escaped at byte 1 (line 1, column 2)"),
            (#"["é\x41"]"#, "invalid escape in a string at byte 4 (line 1, column 4)"),
            (#""\u12""#, "invalid escape in a string at byte 1 (line 1, column 2)"),
            (#""\u12G4""#, "invalid escape in a string at byte 1 (line 1, column 2)"),
            (#""\U0041""#, "invalid escape in a string at byte 1 (line 1, column 2)"),
            (#""\ud800""#, "a \\u escape is half of a surrogate pair at byte 1 (line 1, column 2)"),
            (#""ab\udc00""#, "a \\u escape is half of a surrogate pair at byte 3 (line 1, column 4)"),
            (#""\ud800\ud800""#, "a \\u escape is half of a surrogate pair at byte 1 (line 1, column 2)"),
            (#""\ud800\u0041""#, "a \\u escape is half of a surrogate pair at byte 1 (line 1, column 2)"),
            (#""\ud800\n""#, "a \\u escape is half of a surrogate pair at byte 1 (line 1, column 2)"),
            (#"{"\ud800":1}"#, "a \\u escape is half of a surrogate pair at byte 2 (line 1, column 3)"),
        ])
    func literalsAndStrings(document: String, sentence: String) {
        #expect(verdict(document) == .refused(sentence))
    }

    /// Every way in which bytes fail to be UTF-8, and where: the offset is that of the sequence's first byte.
    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0x80], [0xE2, 0x82],
            [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(sequence: [UInt8]) {
        let inString = Array("{\"ä\":\"é".utf8) + sequence + Array("\"}".utf8)
        #expect(verdict(inString) == .refused("invalid UTF-8 at byte 9 (line 1, column 8)"))
        let outside = Array("[\n".utf8) + sequence + Array("]".utf8)
        #expect(verdict(outside) == .refused("invalid UTF-8 at byte 2 (line 2, column 1)"))
    }
}
