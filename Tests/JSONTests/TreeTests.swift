import JSON
import Testing

@Suite struct TreeTests {
    @Test func parsingAndReading() throws {
        let tree = try JSONTree.parse(#"{"a":[1,2.5,"x",null,true],"b":{"c":4.0},"big":18446744073709551615}"#)
        #expect(tree["a"]?[0]?.int64 == 1 && tree["a"]?[1]?.double == 2.5 && tree["a"]?[2]?.string == "x")
        #expect(tree["a"]?[3] == .null && tree["a"]?[4]?.bool == true && tree["a"]?[5] == nil && tree["a"]?[-1] == nil)
        #expect(tree["b"]?["c"] == 4 && tree["nothing"] == nil && tree[0] == nil && tree["a"]?["b"] == nil)
        #expect(tree["big"]?.double == 18446744073709551615.0)
        #expect(tree["a"]?.array?.count == 5 && tree.object?.map(\.0) == ["a", "b", "big"])
    }

    @Test func literals() throws {
        let tree: JSONTree = ["a": [1, 2.5, "x", nil, true], "b": ["c": 4.0], "e": [:]]
        #expect(tree.text == #"{"a":[1,2.5,"x",null,true],"b":{"c":4},"e":{}}"#)
        #expect(try JSONTree.parse(tree.text) == tree)
    }

    @Test func errorsAreThePlainOnes() {
        #expect(throws: JSONSyntaxError.self) { try JSONTree.parse("[1,") }
        #expect { try JSONTree.parse("[1 2]") } throws: {
            "\($0)" == "expected ',' or ']' after the array's element at byte 3 (line 1, column 4)"
        }
    }

    @Test func canonicalTextIgnoresOrderAndSpelling() throws {
        let left = try JSONTree.parse(#"{ "b": [1.0, 2], "a": {"y": 1e2, "x": "\u00e9"}, "é": 0, "Z": null }"#)
        let right = try JSONTree.parse(#"{"é":0,"Z":null,"a":{"x":"é","y":100},"b":[1,2.0]}"#)
        #expect(String(decoding: left.canonical, as: UTF8.self) == #"{"Z":null,"a":{"x":"é","y":100},"b":[1,2],"é":0}"#)
        #expect(left.canonical == right.canonical)
        #expect(left != right, "trees differ by order")
    }

    @Test func equalityIsByBytes() {
        #expect(JSONTree.string("\u{e9}") != JSONTree.string("e\u{301}"))
        #expect(JSONTree.object([("\u{e9}", 1)]) != JSONTree.object([("e\u{301}", 1)]))
        #expect(JSONTree.object([("\u{e9}", 1)])["e\u{301}"] == nil)
        #expect(JSONTree.number(4) == JSONTree.integer(4) && JSONTree.number(4.5) != JSONTree.integer(4))
        #expect(Set<JSONTree>([.number(4), .integer(4), .number(4.5), "x", ["a": 1], ["a": 1], .null, nil]).count == 5)
    }

    @Test(arguments: 1...8)
    func roundTrips(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let tree = randomTree(4, &generator)
            #expect(try JSONTree.parse(spaced(tree, &generator)) == tree)
            let canonical = String(decoding: tree.canonical, as: UTF8.self)
            #expect(try JSONTree.parse(canonical).canonical == tree.canonical)
        }
    }
}
