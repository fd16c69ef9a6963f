import JSON
import Testing

/// Documents RFC 8259 allows, and how the writer puts them.
@Suite struct AcceptedDocumentTests {
    @Test(
        arguments: [
            // Scalars as whole documents.
            ("null", "null"), ("true", "true"), ("false", "false"), ("0", "0"), ("\"\"", "\"\""),
            // White space of all four kinds.
            (" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n", "[1,2]"),
            ("{ \"a\" : 1 , \"b\" : { } }", #"{"a":1,"b":{}}"#),
            ("[]", "[]"), ("{}", "{}"), ("[[],{},[[]]]", "[[],{},[[]]]"),
            // Members may be empty names, and names may repeat.
            (#"{"":0}"#, #"{"":0}"#), (#"{"a":1,"a":2}"#, #"{"a":1,"a":2}"#),
            (#"{"\u0000":1}"#, #"{"\u0000":1}"#),
        ])
    func structures(document: String, expected: String) {
        #expect(verdict(document) == .accepted(expected))
    }

    @Test(
        arguments: [
            ("-0", "0"), ("-0.0", "-0.0"), ("0.0", "0"), ("4.0", "4"), ("1e2", "100"), ("1E+2", "100"),
            ("1e-2", "0.01"),
            ("0e1", "0"), ("123.456e-2", "1.23456"), ("0.1", "0.1"), ("1e-400", "0"),
            ("9007199254740993", "9007199254740993"),
            ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9223372036854775808"), ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616.0", "1.8446744073709552e+19"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("5e-324", "5e-324"), ("2.2250738585072011e-308", "2.225073858507201e-308"),
            ("[1,-1,1.5]", "[1,-1,1.5]"), ("0.3000000000000000166", "0.3"),
        ])
    func numbers(document: String, expected: String) {
        #expect(verdict(document) == .accepted(expected))
    }

    @Test(
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, #""\"\\/\b\f\n\r\t""#),
            (#""\u0041\u00e9\u20AC""#, #""Aé€""#),
            (#""\ud83d\ude00\uD83D\uDE00""#, #""😀😀""#),
            (#""\uD800\uDC00 \uDBFF\uDFFF""#, "\"\u{10000} \u{10FFFF}\""),
            ("\"é€😀\"", "\"é€😀\""),
            ("\"\u{7F}\u{80}\u{2028}\u{FEFF}\u{FFFE}\u{FFFF}\"", "\"\u{7F}\u{80}\u{2028}\u{FEFF}\u{FFFE}\u{FFFF}\""),
            (#""\u001f""#, #""\u001f""#),
            (#"["a]b","c\"]d","{\\"]"#, #"["a]b","c\"]d","{\\"]"#),
        ])
    func strings(document: String, expected: String) {
        #expect(verdict(document) == .accepted(expected))
    }

    @Test(arguments: [1, 7, 31, 32, 63, 64, 65, 127, 128, 1000, 65_535, 65_536, 70_000, 300_000])
    func lengthsAroundEveryBoundary(length: Int) {
        let document = "\"" + String(repeating: "x", count: length) + "\""
        #expect(verdict(document) == .accepted(document))
    }

    /// What lies behind the document must not matter, even when it would continue it.
    @Test(arguments: ["0", "]", "}", ",1]", ":", "\"", "\\", "e5", ".5", "rue", "\u{0}", " ", "\n[1]"])
    func paddingIsNotRead(behind: String) throws {
        let parser = JSONParser()
        for document in ["12", "true", "[1]", #"{"a":"b"}"#, #""text""#, "-0.5", "[[1],2]"] {
            var padding = Array(behind.utf8)
            while padding.count < JSONParser.paddingBytes { padding += Array(behind.utf8) }
            let text = try (Array(document.utf8) + padding).withUnsafeBytes { raw in
                let value = try parser.parse(
                    UnsafeRawBufferPointer(rebasing: raw[..<document.utf8.count]), padded: true)
                return written { $0.value(value) }
            }
            #expect(text == document)
        }
    }
}
