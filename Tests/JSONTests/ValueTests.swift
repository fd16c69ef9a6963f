import JSON
import Testing

@Suite struct ValueTests {
    @Test func kindsAndScalars() throws {
        try withDocument(#"[null,true,false,3,-1.5,"text",[1],{"a":1}]"#) { root in
            let values = Array(try #require(root.array))
            #expect(values.map(\.kind) == [.null, .bool, .bool, .number, .number, .string, .array, .object])
            #expect(values.map(\.isNull) == [true] + Array(repeating: false, count: 7))
            #expect(values.map(\.bool) == [nil, true, false, nil, nil, nil, nil, nil])
            #expect(values.map(\.int64) == [nil, nil, nil, 3, nil, nil, nil, nil])
            #expect(values.map(\.double) == [nil, nil, nil, 3, -1.5, nil, nil, nil])
            #expect(values.map { $0.string?.text } == [nil, nil, nil, nil, nil, "text", nil, nil])
            #expect(values.map { $0.array == nil } == [true, true, true, true, true, true, false, true])
            #expect(values.map { $0.object == nil } == [true, true, true, true, true, true, true, false])
            #expect(values.map(\.count) == [0, 0, 0, 0, 0, 0, 1, 1])
            #expect(values.map { $0.member(named: "a")?.int64 } == [nil, nil, nil, nil, nil, nil, nil, 1])
        }
    }

    @Test(
        arguments: [
            ("4.0", 4), ("1e2", 100), ("-0", 0), ("-0.0", 0), ("4.5", nil), ("1e-1", nil),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("9223372036854775808.0", nil), ("-9223372036854775808.0", .min), ("1e18", 1_000_000_000_000_000_000),
            ("1e300", nil), ("9007199254740993", 9_007_199_254_740_993),
        ] as [(String, Int64?)])
    func integersAreExactOrNil(document: String, expected: Int64?) throws {
        try withDocument(document) { #expect($0.int64 == expected) }
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", nil), ("18446744073709551615", .max), ("1e19", 10_000_000_000_000_000_000), ("2.5", nil),
            ("\"1\"", nil), ("2e19", nil), ("7", 7),
        ] as [(String, UInt64?)])
    func unsignedIntegersAreExactOrNil(document: String, expected: UInt64?) throws {
        try withDocument(document) { #expect($0.uint64 == expected) }
    }

    @Test func doublesAreTheNearest() throws {
        let numbers = [
            "0.1", "-0.0", "1e308", "5e-324", "18446744073709551615", "-9223372036854775808", "123456.789e-3",
        ]
        for number in numbers {
            try withDocument("[\(number)]") { root in
                let double = try #require(root.array?.first { _ in true }?.double)
                #expect(double.bitPattern == Double(number)?.bitPattern, "\(number)")
            }
        }
    }

    @Test func membersInOrderWithNestedValuesSkipped() throws {
        try withDocument(
            #"{"a":[1,{"x":2.5},"]"],"b":{"a":{"a":0}},"c":-1.5,"d":"","e":18446744073709551615,"f":null}"#
        ) {
            root in
            let object = try #require(root.object)
            #expect(object.map { $0.name.text } == ["a", "b", "c", "d", "e", "f"])
            #expect(object.map { $0.value.kind } == [.array, .object, .number, .string, .number, .null])
            #expect(object.count == 6 && !object.isEmpty)
            #expect(root.member(named: "c")?.double == -1.5)
            #expect(root.member(named: "f")?.isNull == true)
            #expect(root.member(named: "x") == nil)
            #expect(object.member(named: String("e"))?.uint64 == .max)
            #expect(root.member(named: "b")?.member(named: "a")?.member(named: "a")?.int64 == 0)
        }
    }

    @Test func theFirstOfEqualNamesIsFound() throws {
        try withDocument(#"{"a":1,"a":2}"#) { #expect($0.member(named: "a")?.int64 == 1) }
    }

    @Test func emptyContainers() throws {
        try withDocument("[[],{}]") { root in
            let values = Array(try #require(root.array))
            #expect(values[0].array?.isEmpty == true && values[1].object?.isEmpty == true)
            #expect(
                values[0].array?.contains { _ in true } == false && values[1].object?.contains { _ in true } == false)
            #expect(root.array?.isEmpty == false)
        }
    }

    /// Above 16,777,215 elements simdjson no longer counts.
    @Test func countBeyondWhatTheTapeHolds() throws {
        let count = 0xFF_FFFF + 3
        // Copied in ever larger pieces, because an unoptimized loop over 32 MiB takes seconds.
        var ones = Array("1,".utf8)
        while ones.count < 2 * count { ones += ones }
        let document = Array("[".utf8) + ones[..<(2 * count - 1)] + Array("]".utf8)
        let parser = JSONParser(documentBytesMax: 1 << 26)
        let root = try parser.parse(document)
        #expect(root.count == count)
        withExtendedLifetime(parser) {}
    }
}

@Suite struct StringTests {
    /// Comparison goes by words that overlap: every length, equal and differing at every byte.
    @Test func comparisonAtEveryLength() throws {
        for count in 0...40 {
            let text = String((0..<count).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
            try withDocument("\"\(text)\"") { root in
                let string = try #require(root.string)
                #expect(string.equals(text) && string.count == count && string.text == text)
                #expect(!string.equals(text + "x"))
                for position in 0..<count {
                    var other = Array(text.utf8)
                    other[position] ^= 1
                    #expect(!other.withUnsafeBytes { string.equals($0) }, "\(count) bytes, differing at \(position)")
                }
            }
        }
    }

    @Test func comparisonWithLiterals() throws {
        try withDocument(#"["","a","ab","abc","abcd","tideline.response.v1","né"]"#) { root in
            let strings = try #require(root.array).compactMap(\.string)
            #expect(strings[0] == "" && strings[1] == "a" && strings[2] == "ab" && strings[3] == "abc")
            #expect(strings[4] == "abcd" && strings[5] == "tideline.response.v1" && strings[6] == "né")
            #expect(strings[5] != "tideline.response.v2" && strings[5] != "tideline.response.v" && strings[0] != "a")
            #expect(root.array?.first { _ in true }?.string == "")
            #expect(root.string != "a")
            switch strings[4] {
            case "abc": Issue.record("abc is not abcd")
            case "abcd": break
            default: Issue.record("abcd is abcd")
            }
        }
    }

    @Test func equalBytesEqualHashes() throws {
        try withDocument(#"["abc","\u0061bc","abd",""]"#) { root in
            let strings = try #require(root.array).compactMap(\.string)
            #expect(strings[0] == strings[1] && strings[0] != strings[2])
            #expect(Set(strings).count == 3)
            #expect(strings[0].hashValue == strings[1].hashValue)
        }
    }

    @Test func zeroBytesAreContent() throws {
        try withDocument(#""a\u0000b""#) { root in
            #expect(root.string?.bytes.map { $0 } == [97, 0, 98])
            #expect(root.string == "a\u{0}b" && root.string != "a")
        }
    }
}
