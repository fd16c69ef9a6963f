import JSON
import Messages
import Testing

/// Every receipt is one line of JSON that says what was decided.
@Suite struct ReceiptTests {
    private static let hostile = ["a", "\"", "\\", "\u{1}\n\r\t", "é\u{1F600}", String(repeating: "x", count: 256)]

    private func lines(_ write: (inout ReceiptWriter, inout JSONWriter) -> Void) throws -> [JSONTree] {
        var writer = ReceiptWriter(node: "n", start: "s")
        var target = JSONWriter()
        write(&writer, &target)
        return try target.text.split(separator: "\n").map { try JSONTree.parse(String($0)) }
    }

    @Test(arguments: hostile) func acceptedAndDuplicate(id: String) throws {
        let parser = JSONParser()
        let event = try parser.parse(Array(JSONTree.object([("id", .string(id))]).text.utf8))
        let name = try #require(event.member(named: "id")?.string)
        let receipts = try lines { writer, target in
            writer.writeAccepted(id: name, into: &target)
            writer.writeDuplicate(id: name, into: &target)
        }
        withExtendedLifetime(parser) {}
        #expect(receipts.map { $0["data"]?["status"]?.string } == ["accepted", "duplicate"])
        #expect(
            receipts.allSatisfy {
                $0["data"]?["id"]?.string == id && $0["source"] == "/ingest/n" && $0["specversion"] == "1.0"
            })
        #expect(receipts.map { $0["id"]?.string } == ["s-1", "s-2"])
        #expect(receipts.allSatisfy { $0["type"] == "tideline.receipt.v1" })
    }

    @Test(arguments: hostile) func rejectedAndUnavailable(text: String) throws {
        let receipts = try lines { writer, target in
            writer.write(Rejection(.missing, at: text, text), id: text, into: &target)
            writer.write(Rejection(.syntax, at: nil, text), id: nil, into: &target)
            writer.write(.diskFull, retryAfterSeconds: 3, id: text, into: &target)
        }
        #expect(
            receipts.map { $0["data"]! } == [
                [
                    "id": .string(text), "status": "rejected", "reason": "missing", "pointer": .string(text),
                    "sentence": .string(text),
                ],
                ["id": nil, "status": "rejected", "reason": "syntax", "sentence": .string(text)],
                ["id": .string(text), "status": "unavailable", "reason": "diskFull", "retryAfter": 3],
            ])
    }
}
