import JSON
import Testing

@Suite struct TextTests {
    private func elements(_ text: String) -> [String] {
        withText(text) { raw in JSONText.elements(ofArray: raw).map { String(decoding: raw[$0], as: UTF8.self) } }
    }

    private func members(_ text: String) -> [String] {
        withText(text) { raw in
            JSONText.members(ofObject: raw).map {
                String(decoding: raw[$0.name], as: UTF8.self) + " → " + String(decoding: raw[$0.value], as: UTF8.self)
            }
        }
    }

    @Test func elementsOfAnArray() {
        #expect(elements("[]") == [] && elements(" [ ] ") == [] && elements("{}") == [] && elements("3") == [])
        #expect(elements("[1]") == ["1"])
        #expect(elements(" [ 1 , -2.5e3\n,\"x\"\t, null ,true]\n") == ["1", "-2.5e3", "\"x\"", "null", "true"])
        #expect(
            elements(#"["]","[",{"a":"}]"},[[1,2],{"b":[3]}],"\"]","\\","\\\"",""]"#)
                == [#""]""#, #""[""#, #"{"a":"}]"}"#, #"[[1,2],{"b":[3]}]"#, #""\"]""#, #""\\""#, #""\\\"""#, #""""#])
        #expect(elements(#"[{"a" : [ 1 , 2 ] } , { } ]"#) == [#"{"a" : [ 1 , 2 ] }"#, "{ }"])
    }

    @Test func membersOfAnObject() {
        #expect(members("{}") == [] && members("[1]") == [])
        #expect(
            members(#" { "a" : 1 , "b\"c":{"d":"}"} , "":[] , "a":"," } "#)
                == [#""a" → 1"#, #""b\"c" → {"d":"}"}"#, #""" → []"#, #""a" → ",""#])
    }

    /// The parser's own places are those the text gives, for arrays of anything and for no arrays.
    @Test(arguments: 1...4)
    func parserFindsTheSameElements(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let parser = JSONParser()
        for round in 0..<500 {
            let trees = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in randomTree(3, &generator) }
            let tree = round % 10 == 0 ? randomTree(2, &generator) : .array(trees)
            try withText(spaced(tree, &generator)) { raw in
                _ = try parser.parse(raw)
                #expect(Array(parser.elementTexts(of: raw)) == Array(JSONText.elements(ofArray: raw)), "\(tree)")
            }
        }
    }

    /// Pieces of random documents mean the same as the parsed elements.
    @Test(arguments: 1...4)
    func piecesMeanTheElements(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let trees = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in randomTree(3, &generator) }
            let text = spaced(JSONTree.array(trees), &generator)
            #expect(try elements(text).map { try JSONTree.parse($0) } == trees, "\(text)")
        }
    }

    /// On text that is no JSON nothing is read out of bounds and everything ends.
    @Test(arguments: 1...4)
    func invalidTextIsHarmless(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("[]{},:\"\\ 1a\u{0}".utf8)
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<40, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator)! }
            bytes.withUnsafeBytes { raw in
                #expect(JSONText.elements(ofArray: raw).prefix(100).allSatisfy { $0.upperBound <= count })
                #expect(JSONText.members(ofObject: raw).prefix(100).allSatisfy { $0.value.upperBound <= count })
                var writer = JSONWriter()
                JSONText.removeMember(named: "a", from: raw, into: &writer)
                JSONText.minify(raw, into: &writer)
                #expect(writer.count <= 2 * count + 4)
            }
        }
    }

    @Test(
        arguments: [
            ("[1, 2]", "[1,2]"),
            ("{ \"a b\" : \" \\\" \\n \",\n\"c\":\t1.50 }\r\n", "{\"a b\":\" \\\" \\n \",\"c\":1.50}"),
            (" 12 ", "12"), ("\"\\\\\" ", "\"\\\\\""), ("[]", "[]"),
        ])
    func minify(text: String, expected: String) {
        #expect(withText(text) { raw in written { JSONText.minify(raw, into: &$0) } } == expected)
    }

    @Test func minifyIsAValueAmongOthers() {
        let text = written { writer in
            writer.beginArray()
            for document in ["[ 1 ]", "{ }"] { withText(document) { JSONText.minify($0, into: &writer) } }
            writer.endArray()
        }
        #expect(text == "[[1],{}]")
    }

    /// A line end is found wherever it stands, and nothing else is taken for one.
    @Test func oneLine() {
        for count in 0..<40 {
            let padding = String(repeating: "\t", count: count)
            for lineEnd in ["\n", "\r", "\r\n"] {
                let text = padding + lineEnd + "[1, \"\\n\"]" + padding
                #expect(withText(text) { raw in written { JSONText.oneLine(raw, into: &$0) } } == "[1,\"\\n\"]")
            }
            let text = padding + "[1, \"\u{8d}\u{8a}\u{b}\u{c}\u{e}\"]" + padding
            #expect(withText(text) { raw in written { JSONText.oneLine(raw, into: &$0) } } == text)
        }
    }

    @Test(arguments: 1...4)
    func minifyingRandomDocuments(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let tree = randomTree(4, &generator)
            let text = spaced(tree, &generator)
            #expect(withText(text) { raw in written { JSONText.minify(raw, into: &$0) } } == tree.text)
        }
    }

    @Test(
        arguments: [
            (#"{"recordedtime":1}"#, "{}", 1), (#"{"a":1}"#, #"{"a":1}"#, 0), ("{ }", "{ }", 0),
            (#"{"recordedtime":"x","a":[1, 2]}"#, #"{"a":[1, 2]}"#, 1),
            (#"{"a":1,"recordedtime":{"b":","}}"#, #"{"a":1}"#, 1),
            (#"{"a":1 , "\u0072ecordedtime" : 2 , "b" : 3}"#, #"{"a":1,"b" : 3}"#, 1),
            (#"{"\u0072\u0065cordedtim\u0065":1,"recordedtime":2,"recorded\time":3}"#, #"{"recorded\time":3}"#, 2),
            (#"{"a":{"recordedtime":1},"xrecordedtime":2}"#, #"{"a":{"recordedtime":1},"xrecordedtime":2}"#, 0),
            (#"{"\ud83d\ude00\n\b\f\r\t\/\"\\":1}"#, #"{"\ud83d\ude00\n\b\f\r\t\/\"\\":1}"#, 0),
        ])
    func removeMember(text: String, expected: String, count: Int) {
        var writer = JSONWriter()
        let removed = withText(text) { JSONText.removeMember(named: "recordedtime", from: $0, into: &writer) }
        #expect(writer.text == expected && removed == count)
    }

    @Test func removeMemberByEveryEscape() {
        let text = #"{"\ud83d\ude00\n\b\f\r\t\/\"\\é\u20ac":1}"#
        var writer = JSONWriter()
        withText(text) { _ = JSONText.removeMember(named: "😀\n\u{8}\u{c}\r\t/\"\\é€", from: $0, into: &writer) }
        #expect(writer.text == "{}")
    }
}
