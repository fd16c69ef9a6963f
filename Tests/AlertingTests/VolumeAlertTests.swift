import Alerting
import JSON
import Journal
import MachineTestKit
import Messages
import Satisfaction
import Scoring
import Testing

/// What alerting says of the number of answers, from blocks to stored alerts.
@Suite struct VolumeAlertTests {
    private static let hour: Int64 = 3_600_000
    /// A Monday, 2025-09-01.
    private static let start: Int64 = 1_756_684_800_000

    /// Alerting fed block by block; may be restarted anywhere.
    private final class Feeding {
        var set: DefinitionSet
        var chain: BlockChain
        let store: TrendStore
        var machine: AlertingMachine
        var worker = ScoringMachine(worker: "w")
        var told: [AlertRecord] = []
        private var number = 0

        init(_ set: DefinitionSet) throws {
            self.set = set
            chain = BlockChain(set)
            store = try TrendStore(path: nil)
            machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
        }

        func use(_ set: DefinitionSet) {
            self.set = set
            chain.set = set
        }

        func block(_ answers: [(region: String, csat: Int, source: String)], at clock: Int64) throws {
            let events = answers.map { answer in
                number += 1
                return Responses.event(
                    "r\(number)", csat: .integer(Int64(answer.csat)), at: clock, source: answer.source,
                    segments: [("region", answer.region), ("channel", "chat")])
            }
            let tally = try worker.tally(of: chain.seal(events, clock: clock), set: set)
            let outcome = tally.event.withUnsafeBytes { machine.take(tally: $0, set: set.text) }
            #expect(outcome == .applied)
        }

        func commit() throws {
            let changes = machine.takeChanges()
            told += changes.alerts.filter { $0.state != .pending }
            try store.commit(changes)
            machine.markStored(changes)
        }

        func restart() throws {
            try commit()
            machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "b")
        }

        /// Forty days of two answers an hour.
        func learn(restarting: Bool = false) throws {
            for slot in 0..<(40 * 24) {
                try block(
                    [("eu", 5, "/web"), ("us", slot % 5 == 0 ? 2 : 4, "/web")],
                    at: VolumeAlertTests.start + Int64(slot) * VolumeAlertTests.hour)
                if restarting, slot % 100 == 99 { try restart() }
            }
            try commit()
        }

        var volumes: [AlertRecord] { told.filter { $0.kind == .volume } }
    }

    private static let learned: Int64 = start + 40 * 24 * hour

    private static func csat(scale: String = "1..5", volume: Bool = true) -> DefinitionSet {
        let rule = RuleDefinition(
            name: "csat-dip", metric: "csat", detector: "sr-mixture", configuration: .object([]), smallestDip: 3,
            budget: .perSegmentDefault, volume: volume)
        return Definitions.csat(rules: [rule], step: hour / 4, scale: scale)
    }

    /// The same story told by a machine that lives on and one that is restarted every few days.
    @Test(arguments: [false, true])
    func aBurstASilenceAndTheirEndsAreAlerts(restarting: Bool) throws {
        let feeding = try Feeding(Self.csat())
        try feeding.learn(restarting: restarting)
        #expect(feeding.volumes.isEmpty)
        for quarter in 0..<4 {
            try feeding.block(
                [(String, Int, String)](repeating: ("eu", 1, "/scanner"), count: 40) + [("us", 5, "/web")],
                at: Self.learned + Int64(quarter) * Self.hour / 4)
            if restarting { try feeding.restart() }
        }
        for slot in 1..<12 {
            try feeding.block([("eu", 5, "/web"), ("us", 5, "/web")], at: Self.learned + Int64(slot) * Self.hour)
        }
        try feeding.commit()
        #expect(feeding.volumes.map(\.status) == [.firing, .updated, .resolved])
        let burst = try #require(feeding.volumes.first)
        #expect(burst.severity == .info && burst.remarks[0].contains("from /scanner"))
        #expect(feeding.volumes[2].remarks[0].hasPrefix("160 answers from /scanner in a burst since 2025-10-11 00:00"))
        #expect(feeding.volumes[2].current.score == 0 && feeding.volumes[2].current.responses == 160)
        #expect(!feeding.told.contains { $0.kind == .dip }, "suspect answers are no evidence")

        // Nothing but the clock, a block a quarter of an hour.
        for slot in (12 * 4)..<(40 * 4) {
            try feeding.block([], at: Self.learned + Int64(slot) * Self.hour / 4)
            if restarting, slot % 9 == 0 { try feeding.restart() }
        }
        try feeding.block([("eu", 5, "/web")], at: Self.learned + 41 * Self.hour)
        try feeding.block([], at: Self.learned + 42 * Self.hour)
        try feeding.commit()
        let silence = feeding.volumes.dropFirst(3)
        #expect(silence.first?.status == .firing && silence.last?.status == .resolved)
        #expect(Set(silence.map(\.id)).count == 1)
        for alert in silence {
            #expect(alert.remarks[0].hasPrefix("no answers since 2025-10-11 11:15"))
            #expect(alert.data["current"]?["responses"]?.int64 == 0)
            guard case .null? = alert.data["current"]?["score"], case .null? = alert.data["current"]?["interval"] else {
                Issue.record("a silence has a score")
                continue
            }
            // The burst's answers count, though they are no evidence.
            #expect((75..<90).contains(alert.baseline.score))
            // What is written is read as it was.
            let read = try AlertRecord(alert.data)
            #expect(read.current == .unanswered)
        }
        #expect(!feeding.told.contains { $0.kind == .dip })
    }

    @Test func anotherScaleIsToldOnceAndItsFallsAreNoDips() throws {
        let feeding = try Feeding(Self.csat())
        try feeding.learn()
        let next = Self.csat(scale: "0..10")
        feeding.use(next)
        for slot in 0..<48 {
            try feeding.block(
                [("eu", 5, "/web"), ("us", 6, "/web")], at: Self.learned + Int64(slot) * Self.hour)
            if slot % 10 == 3 { try feeding.restart() }
        }
        try feeding.commit()
        #expect(feeding.told.map(\.kind) == [.volume] && feeding.told.map(\.status) == [.firing])
        let told = try #require(feeding.told.first)
        #expect(told.segment == .total && told.rule == "csat-dip")
        #expect(told.remarks[0].hasPrefix("csat is measured differently since 2025-10-1"))
        #expect(told.remarks[0].hasSuffix(": scale 1..5 → 0..10; falls across the change are not dips"))
        // Forty-five days on the new scale is the usual one.
        for slot in 48..<(48 * 24) {
            try feeding.block([("eu", 5, "/web"), ("us", 6, "/web")], at: Self.learned + Int64(slot) * Self.hour)
        }
        try feeding.commit()
        #expect(feeding.volumes.map(\.status) == [.firing, .resolved])
    }

    @Test func aRuleMayLeaveVolumesAlone() throws {
        let feeding = try Feeding(Self.csat(volume: false))
        try feeding.learn()
        try feeding.block(
            [(String, Int, String)](repeating: ("eu", 5, "/scanner"), count: 400), at: Self.learned)
        for slot in 1..<200 { try feeding.block([], at: Self.learned + Int64(slot) * Self.hour) }
        try feeding.commit()
        #expect(feeding.volumes.isEmpty)
        #expect(
            String(decoding: Self.csat(volume: false).text, as: UTF8.self).contains("\"volume\":false")
                && !String(decoding: Self.csat().text, as: UTF8.self).contains("volume"))
    }

    @Test func aTallySaysTheSourcesWithTheMostAnswersAndTheRest() throws {
        let set = Self.csat()
        var chain = BlockChain(set)
        var worker = ScoringMachine(worker: "w")
        var events: [String] = []
        for source in 0..<12 {
            for number in 0...source {
                events.append(
                    Responses.event(
                        "\(source).\(number)", csat: .integer(number == 0 ? 1 : 5), source: "/s\(source)",
                        segments: [("region", "eu")]))
            }
        }
        let tally = try worker.tally(of: chain.seal(events, clock: Self.start), set: set)
        let tree = try JSONTree.parse(String(decoding: tally.event, as: UTF8.self))
        let sources = tree["data"]?["metrics"]?[0]?["sources"]?.array ?? []
        #expect(sources.map { $0[0]?.string ?? "" } == (4..<12).reversed().map { "/s\($0)" } + [""])
        #expect(sources.map { $0[1]?.int64 ?? 0 } == (5...12).reversed().map(Int64.init) + [10])
        #expect(sources.map { $0[2]?.int64 ?? 0 } == [Int64](repeating: 1, count: 8) + [4])
    }
}
