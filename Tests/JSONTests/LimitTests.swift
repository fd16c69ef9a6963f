import JSON
import Testing

@Suite struct LimitTests {
    private func nested(_ depth: Int, _ inner: String = "1") -> String {
        String(repeating: "[", count: depth) + inner + String(repeating: "]", count: depth)
    }

    @Test func depthMaxIsTaken() {
        #expect(verdict(nested(64)) == .accepted(nested(64)))
        #expect(verdict(nested(64, "[]")) == .accepted(nested(64, "[]")), "an empty array is no level")
    }

    @Test func oneDeeperIsRefusedWhereItBegins() {
        let sentence = "arrays and objects are nested deeper than the limit of 64 at byte 64 (line 1, column 65)"
        #expect(verdict(nested(65)) == .refused(sentence))
        #expect(verdict(nested(64, "{\"a\":1}")) == .refused(sentence))
    }

    @Test(arguments: [1, 2, 5, 200, 1000])
    func depthMaxIsConfigurable(depthMax: Int) {
        let parser = JSONParser(depthMax: depthMax)
        #expect(verdict(Array(nested(depthMax).utf8), by: parser) == .accepted(nested(depthMax)))
        #expect(verdict(Array(nested(depthMax + 1).utf8), by: parser) != .accepted(nested(depthMax + 1)))
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func aHundredThousandLevelsDoNotExhaustTheStack(opening: String) {
        let document = String(repeating: opening, count: 100_000)
        let offset = opening == "[{\"a\":" ? 32 * opening.utf8.count : 64 * opening.utf8.count
        let sentence = """
            arrays and objects are nested deeper than the limit of 64 at byte \(offset) (line 1, column \(offset + 1))
            """
        #expect(verdict(document) == .refused(sentence))
    }

    @Test func aHundredThousandLevelsCanBeAllowed() throws {
        let parser = JSONParser(depthMax: 100_000)
        let root = try parser.parse(Array(nested(100_000).utf8))
        #expect(root.count == 1)
        #expect(root.validateNoDuplicateMembers() == nil)
        withExtendedLifetime(parser) {}
    }

    @Test func documentBytesMax() {
        let parser = JSONParser(documentBytesMax: 10)
        #expect(verdict(Array("[12345678]".utf8), by: parser) == .accepted("[12345678]"))
        #expect(
            verdict(Array("[123456789]".utf8), by: parser)
                == .refused("the document is longer than the limit of 10 bytes at byte 10 (line 1, column 11)"))
    }

    @Test func buffersGrowAndStayUsable() throws {
        let parser = JSONParser()
        for elements in [1, 10, 100_000, 3, 1_000_000, 1] {
            let document = "[" + Array(repeating: "7", count: elements).joined(separator: ",") + "]"
            let root = try parser.parse(Array(document.utf8))
            #expect(root.count == elements)
            #expect(root.array?.reduce(0) { $0 + ($1.int64 ?? 0) } == Int64(7 * elements))
        }
    }

    /// After a refusal the parser is as good as new.
    @Test func refusalLeavesNothingBehind() throws {
        let parser = JSONParser()
        for _ in 0..<100 {
            #expect(verdict(Array("{\"a\":[1,{\"b\":\"".utf8), by: parser) != .accepted(""))
            #expect(verdict(Array("[1,2]".utf8), by: parser) == .accepted("[1,2]"))
        }
    }
}
