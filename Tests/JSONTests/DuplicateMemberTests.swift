import JSON
import Testing

@Suite struct DuplicateMemberTests {
    private func firstDuplicate(_ document: String) throws -> (name: String, value: Int64?)? {
        try withDocument(document) { root in
            root.object?.firstDuplicateMember().map { ($0.name.text, $0.value.int64) }
        }
    }

    private func object(_ names: [String]) -> String {
        "{" + names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",") + "}"
    }

    @Test(
        arguments: [
            ("{}", nil), (#"{"a":1}"#, nil), (#"{"a":1,"b":2}"#, nil), (#"{"a":0,"a":1}"#, "a 1"),
            (#"{"a":0,"\u0061":1}"#, "a 1"), (#"{"":0,"":1}"#, " 1"), (#"{"a":0,"b":1,"b":2,"a":3}"#, "b 2"),
            (#"{"a":{"b":1},"b":2}"#, nil), (#"{"abcdX":0,"abcdY":1,"abcdX":2}"#, "abcdX 2"),
            (#"{"a":0,"a\u0000":1}"#, nil), (#"{"ab":0,"ac":1,"abc":2}"#, nil), ("{\"\u{e9}\":0,\"e\u{301}\":1}", nil),
        ] as [(String, String?)])
    func smallObjects(document: String, expected: String?) throws {
        let duplicate = try firstDuplicate(document).map { "\($0.name) \($0.value ?? -1)" }
        #expect(duplicate == expected)
    }

    /// Names with the same length and beginning look alike to the quick comparison.
    @Test(arguments: [2, 3, 15, 16, 17, 18, 100, 5000])
    func everySize(count: Int) throws {
        let names = (0..<count).map { "name\(1000 + $0)" }
        #expect(try firstDuplicate(object(names)) == nil)
        for original in Set([0, count / 2, count - 1]) {
            let duplicate = try firstDuplicate(object(names + [names[original]]))
            #expect(duplicate?.name == names[original] && duplicate?.value == Int64(count))
        }
    }

    /// Random names, many of them equal or nearly so, against the plain definition.
    @Test(arguments: 1...4)
    func matchesTheDefinition(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = ["", "a", "b", "ab", "ba", "abc", "abcd", "abce", "abcde", "abcdf", "é", "xabcd", "yabcd"]
        for _ in 0..<500 {
            let names = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator)!
                    + (Bool.random(using: &generator) ? "" : "\(generator.next() % 50)")
            }
            let expected = names.indices.first { names[..<$0].contains(names[$0]) }
            let found = try firstDuplicate(object(names))
            #expect(found?.value == expected.map(Int64.init), "\(names)")
        }
    }

    @Test(
        arguments: [
            (#"{"x":{"a":1,"a":2},"y":{}}"#, "/x/a"), (#"{"x":[],"y":{"a":1,"a":2}}"#, "/y/a"),
            (#"{"a":[1,{"b":{}}],"c":2.5}"#, nil), ("[]", nil), ("3", nil), (#"{"a":1,"a":2}"#, "/a"),
            (#"{"data":{"answers":{"csat":4,"nps":9,"csat":5}}}"#, "/data/answers/csat"),
            (#"[0,1.5,"x",{"k":[[],{"x/y":1,"~":2,"x/y":3}]}]"#, "/3/k/1/x~1y"),
            (#"{"outer":{"b":1,"b":1},"x":1,"x":1}"#, "/x"),
            (#"{"a":18446744073709551615,"b":[{"":1,"":2}]}"#, "/b/0/"),
        ] as [(String, String?)])
    func wholeDocuments(document: String, expected: String?) throws {
        try withDocument(document) { #expect($0.validateNoDuplicateMembers()?.description == expected) }
    }

    /// Every object is looked at, wherever it lies.
    @Test(arguments: 1...4)
    func randomDocumentsMatchTheDefinition(seed: UInt64) throws {
        func repeats(_ tree: JSONTree) -> Bool {
            if let elements = tree.array { return elements.contains(where: repeats) }
            guard let members = tree.object else { return false }
            return Set(members.map { Array($0.0.utf8) }).count < members.count || members.contains { repeats($0.1) }
        }
        var generator = SeededGenerator(seed: seed)
        var repeated = 0
        for _ in 0..<1000 {
            let tree = randomTree(4, &generator)
            let found = try withDocument(tree.text) { $0.validateNoDuplicateMembers() != nil }
            #expect(found == repeats(tree), "\(tree)")
            repeated += found ? 1 : 0
        }
        #expect(repeated > 10 && repeated < 990, "both answers are tried: \(repeated) of 1000 repeat a name")
    }

    @Test func pointerIsSeenFromTheValueAsked() throws {
        try withDocument(#"{"data":{"x":{"a":1,"a":2}}}"#) { root in
            let data = try #require(root.member(named: "data"))
            #expect(data.validateNoDuplicateMembers() == JSONPointer("x", "a"))
        }
    }
}

@Suite struct PointerTests {
    /// The examples of RFC 6901, section 5, and a combining character behind a slash.
    @Test(
        arguments: [
            ([], ""), (["foo"], "/foo"), (["foo", 0], "/foo/0"), ([""], "/"), (["a/b"], "/a~1b"), (["c%d"], "/c%d"),
            (["e^f"], "/e^f"), (["g|h"], "/g|h"), (["i\\j"], "/i\\j"), (["k\"l"], "/k\"l"), ([" "], "/ "),
            (["m~n"], "/m~0n"), (["~1"], "/~01"), (["/\u{301}"], "/~1\u{301}"),
        ] as [([JSONPointer.Component], String)])
    func escapes(components: [JSONPointer.Component], expected: String) {
        #expect(JSONPointer(components).description == expected)
        #expect(components.reduce(JSONPointer.root) { $0.appending($1) } == JSONPointer(components))
    }
}
