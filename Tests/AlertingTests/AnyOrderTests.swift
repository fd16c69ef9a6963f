import Alerting
import JournalTestKit
import MachineTestKit
import Messages
import Testing

/// Promise 3: whatever the order, the repetitions, the workers, the transactions and the restarts, the store is the same.
@Suite struct AnyOrderTests {
    private static let inOrder = try! undisturbed()

    private static func undisturbed() throws -> String {
        let store = try TrendStore(path: nil)
        var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
        for tally in Story.dip.tallies[0] {
            let outcome = machine.take(tally)
            if outcome != .applied { throw Broken("\(outcome)") }
        }
        try machine.commit(to: store)
        return try text(of: store)
    }

    @Test func theStoryHasItsDip() {
        let alerts = Self.inOrder.split(separator: "\n").filter { $0.hasPrefix("alert ") }
        #expect(alerts.contains { $0.contains("\"state\":\"firing\"") && $0.contains("chat") })
        #expect(Self.inOrder.contains("feed tideline.alert.v1.csat."))
    }

    private func difference(_ found: String) -> String? {
        let left = found.split(separator: "\n")
        let right = Self.inOrder.split(separator: "\n")
        for (a, b) in zip(left, right) where a != b { return "\(a)\nshould be\n\(b)" }
        return left.count == right.count ? nil : "\(left.count) lines should be \(right.count)"
    }

    @Test(arguments: seeds(4)) func shuffledAndRepeatedTalliesOfSeveralWorkers(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let store = try TrendStore(path: nil)
        var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
        var deliveries = Story.dip.blocks.indices.flatMap { block in
            (0..<Int.random(in: 1...3, using: &generator)).map { (block, $0) }
        }
        // Each comes up to a hundred places early or late.
        let places = deliveries.indices.map { $0 + Int.random(in: -100...100, using: &generator) }
        deliveries = zip(places, deliveries).sorted { $0.0 < $1.0 }.map(\.1)
        for (block, worker) in deliveries {
            _ = machine.take(Story.dip.tallies[worker][block])
            if generator.chance(0.05) { try machine.commit(to: store) }
        }
        try machine.commit(to: store)
        #expect(try difference(text(of: store)) == nil, "\(reproduction(seed, "AnyOrderTests"))")
    }

    @Test(arguments: seeds(4)) func restartsAnywhere(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 1000)
        let store = try TrendStore(path: nil)
        var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
        var restarts = 0
        var next = 0
        while next < Story.dip.blocks.count {
            // Now and then the next but one comes first, and waits.
            if generator.chance(0.1), next + 1 < Story.dip.blocks.count {
                _ = machine.take(Story.dip.tallies[2][next + 1])
            }
            let outcome = machine.take(Story.dip.tallies[0][next])
            #expect(outcome == .applied || outcome == .repeated)
            next += 1
            if generator.chance(0.1) { try machine.commit(to: store) }
            if generator.chance(0.03) {
                restarts += 1
                machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a\(restarts)")
                next = Int(machine.progress().nodes.values.first?.next ?? 1) - 1
            }
        }
        try machine.commit(to: store)
        #expect(restarts > 3)
        #expect(try difference(text(of: store)) == nil, "\(reproduction(seed, "AnyOrderTests"))")
    }
}
