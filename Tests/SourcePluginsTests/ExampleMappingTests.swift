import Foundation
import JSON
import Testing
import Yams

@testable import SourcePlugins

/// The mapping files users are told to copy.
@Suite struct ExampleMappingTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/mappings")

    private func example(_ name: String) throws -> JSONTree {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        return tree(try #require(try Yams.compose(yaml: text)))
    }

    /// What the mapping files use of YAML: mappings, lists, numbers, truth values and texts.
    private func tree(_ node: Node) -> JSONTree {
        if let mapping = node.mapping { return .object(mapping.map { ($0.key.string ?? "", tree($0.value)) }) }
        if let sequence = node.sequence { return .array(sequence.map(tree)) }
        if let truth = node.bool { return .bool(truth) }
        if let number = node.int { return .integer(Int64(number)) }
        return .string(node.string ?? "")
    }

    @Test func everyFileIsTestedHere() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        #expect(files.sorted() == ["store-ratings.yaml", "support-csat.yaml"])
    }

    @Test func storeRatings() throws {
        let outcomes = try read(
            "review_id,answered_at,score,thumbs_up,version\n17,2026-03-14T21:44:00,4,0,4.55\n18,2026-03-14T21:45:00,,0,\n"
                + "19,2026-03-14T21:46:00+01:00,5,0,\n",
            example("store-ratings.yaml"))
        #expect(outcomes.map { $0.event?["id"]?.string } == ["store-17", nil, "store-19"])
        #expect(outcomes[0].event?["time"] == "2026-03-14T21:44:00.000Z")
        #expect(outcomes[0].data == ["answers": ["csat": 4], "segments": ["version": "4.55"]])
        #expect(outcomes[1] == .skipped("no rating", line: 3))
        #expect(outcomes[2].event?["time"] == "2026-03-14T20:46:00.000Z")
    }

    @Test func supportSatisfaction() throws {
        let outcomes = try read(
            "id,answered_on,score,channel,category,agent,supervisor,shift,tenure\n"
                + "t-1,2026-08-01,good,Inbound,Refund,Kim,Lee,Morning,>90\nt-2,2026-08-01,null,Email,Order,,,,\n"
                + "t-3,2026-12-01,2,Email,Order,,,,\n",
            example("support-csat.yaml"))
        #expect(outcomes[0].event?["time"] == "2026-08-01T10:00:00.000Z")
        #expect(
            outcomes[0].data == [
                "survey": "post-ticket", "answers": ["csat": 5],
                "segments": [
                    "channel": "Inbound", "category": "Refund", "agent": "Kim", "supervisor": "Lee", "shift": "Morning",
                    "tenure": ">90",
                ],
            ])
        #expect(outcomes[1] == .skipped("never answered", line: 3))
        #expect(outcomes[2].event?["time"] == "2026-12-01T11:00:00.000Z")
        #expect(outcomes[2].data?["segments"] == ["channel": "Email", "category": "Order"])
    }
}
