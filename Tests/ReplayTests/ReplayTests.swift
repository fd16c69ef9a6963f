import Alerting
import Demo
import JSON
import MachineTestKit
import Messages
import Replay
import Testing

/// Promise 3, the half that one process can show: the same lines give the same scores and alerts, to the last byte.
@Suite struct ReplayTests {
    struct Outcome: Equatable {
        var alerts: [String] = []
        var scores: [String] = []
        var accepted = 0
        var duplicates = 0
        var rejected = 0
    }

    private final class Told { var alerts: [String] = [] }

    private func replay(_ lines: some Sequence<[UInt8]>, set: DefinitionSet) throws -> Outcome {
        let told = Told()
        var outcome = Outcome()
        var replay = try Replay.open(set: set) { told.alerts.append($0.data.text) }
        for line in lines {
            switch try line.withUnsafeBytes({ try replay.take(line: $0) }) {
            case .accepted: outcome.accepted += 1
            case .duplicate: outcome.duplicates += 1
            case .rejected: outcome.rejected += 1
            }
        }
        try replay.finish()
        try replay.scores { outcome.scores.append($0.text) }
        outcome.alerts = told.alerts
        return outcome
    }

    private static let sample = DemoSample(seed: 5, days: 45, perDay: 150, dipDay: 38, drop: 50)
    private static let set = Definitions.csat(
        dimensions: ["region", "channel"], pairs: [["region", "channel"]], timeZone: "Europe/Berlin", step: 600_000)

    @Test func aSampleTwice() throws {
        let lines = Array(Self.sample)
        let first = try replay(lines.map(\.bytes), set: Self.set)
        let second = try replay(lines.map(\.bytes), set: Self.set)
        #expect(first == second)
        #expect(first.accepted == lines.count { $0.kind == .response })
        #expect(first.duplicates == lines.count { $0.kind == .redelivery })
        #expect(first.rejected == lines.count - first.accepted - first.duplicates)
        #expect(first.alerts.contains { $0.contains("\"status\":\"firing\"") }, "the dip is found")
        let onset = Timestamp.text(Self.sample.truth!.onset)
        for alert in first.alerts {
            #expect(
                try #require(try JSONTree.parse(alert)["detected"]?.string) > onset, "nothing is said before the dip")
        }
        let counted = try first.scores.map { try JSONTree.parse($0) }.filter { $0["segment"] == [:] }
            .reduce(Int64(0)) { $0 + $1["responses"]!.int64! }
        #expect(counted == Int64(first.accepted))
    }

    @Test func nothingGivesNothing() throws {
        #expect(try replay([[UInt8]](), set: Self.set) == Outcome())
        let nonsense = try replay([Array("nonsense".utf8), [], Array("{}".utf8)], set: Self.set)
        #expect(nonsense.rejected == 3 && nonsense.scores.isEmpty && nonsense.alerts.isEmpty)
    }

    @Test func theLastStepIsCounted() throws {
        let outcome = try replay(
            [Responses.event("a", csat: 5), Responses.event("b", csat: 1), Responses.event("a", csat: 1)].map {
                Array($0.utf8)
            },
            set: Self.set)
        #expect(outcome.accepted == 2 && outcome.duplicates == 1)
        let score = try JSONTree.parse(try #require(outcome.scores.first))
        #expect(score["score"] == 50 && score["responses"] == 2 && score["revision"] == 1)
        // The input ends within the day: more answers of it could have come.
        #expect(score["provisional"] == true)
        #expect(score["start"] == "2026-11-20T23:00:00.000Z" && score["end"] == "2026-11-21T23:00:00.000Z")
    }
}
