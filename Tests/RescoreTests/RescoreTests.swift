import Foundation
import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages
import Rescore
import Testing

@testable import Alerting

/// History under a contract that came later is what it would be, had the contract been there from the start.
@Suite struct RescoreTests {
    private static let before = Samples.set([Samples.wide, Samples.nps], rules: [Definitions.dipRule])
    private static let after = Samples.set([Samples.narrow, Samples.mean, Samples.nps], rules: [Definitions.dipRule])

    private static func fromTheStart(_ blocks: [[String]], _ set: DefinitionSet) throws -> [String] {
        var history = try History()
        try history.take(blocks, under: set)
        return try history.lines(under: set)
    }

    @Test(arguments: seeds(5)) func aChangedContractGetsItsPast(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let blocks = Samples.blocks(40, &generator)
        let change = Int.random(in: 1..<40, using: &generator)
        var history = try History(seed: seed)
        try history.take(Array(blocks[..<change]), under: Self.before)
        try history.take(Array(blocks[change...]), under: Self.after)
        let old = try history.lines(under: Self.before)
        let expected = try Self.fromTheStart(blocks, Self.after)
        #expect(try history.lines(under: Self.after) != expected)

        var rescore = try history.rescore(under: Self.after)
        #expect(rescore.plan.contracts.map(\.metric) == ["csat", "csat.mean"])
        #expect(rescore.plan.contracts.allSatisfy { $0.first == 1 && $0.last == UInt64(change) && $0.blocks == change })
        let outcome = try rescore.run()
        #expect(outcome.blocks == change && outcome.responses == blocks[..<change].reduce(0) { $0 + $1.count })
        #expect(outcome.leftOut == .init() && outcome.responses == rescore.plan.responses)
        #expect(try history.lines(under: Self.after) == expected, "\(reproduction(seed, "RescoreTests"))")
        #expect(try history.lines(under: Self.before) == old, "the old contract's lines stay as they are")

        let stored = try text(of: history.store)
        var again = try history.rescore(under: Self.after)
        #expect(again.plan.blocks == 0 && again.plan.countedBefore == change)
        #expect(try again.run().blocks == 0)
        #expect(try text(of: history.store) == stored, "a second run adds nothing")
    }

    private struct Killed: Error {}

    /// What is not in a transaction is as if it had not been done; what is, is not done again.
    @Test(arguments: seeds(5)) func killedAnywhereAndRunAgain(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 100)
        let blocks = Samples.blocks(60, &generator)
        var history = try History(seed: seed)
        try history.take(Array(blocks[..<45]), under: Self.before)
        try history.take(Array(blocks[45...]), under: Self.after)
        var kills = 0
        while kills < 200 {
            var rescore = try history.rescore(
                under: Self.after, blocksPerCommit: Int.random(in: 1...7, using: &generator))
            var left = Int.random(in: 1...12, using: &generator)
            do {
                _ = try rescore.run { _ in
                    left -= 1
                    if left == 0 { throw Killed() }
                }
                break
            } catch is Killed { kills += 1 }
        }
        #expect(kills > 2)
        #expect(
            try history.lines(under: Self.after) == Self.fromTheStart(blocks, Self.after),
            "\(reproduction(seed, "RescoreTests"))")
    }

    /// A run that was stopped goes on under another configuration: each contract from where it was.
    @Test func aContractMoreAfterAStop() throws {
        var generator = SeededGenerator(seed: 7)
        let blocks = Samples.blocks(30, &generator)
        let narrow = Samples.set([Samples.narrow, Samples.nps])
        var history = try History()
        try history.take(blocks, under: Self.before)
        var first = try history.rescore(under: narrow, blocksPerCommit: 4)
        var left = 14
        #expect(throws: Killed.self) {
            try first.run { _ in
                left -= 1
                if left == 0 { throw Killed() }
            }
        }
        var second = try history.rescore(under: Self.after)
        #expect(second.plan.contracts.map(\.blocks) == [18, 30], "12 of CSAT's 30 blocks are done")
        _ = try second.run()
        #expect(try history.lines(under: Self.after) == Self.fromTheStart(blocks, Self.after))
    }

    @Test func thereAndBackAgain() throws {
        var generator = SeededGenerator(seed: 8)
        let blocks = Samples.blocks(36, &generator)
        var history = try History()
        for (place, set) in [Self.before, Self.after, Self.before].enumerated() {
            try history.take(Array(blocks[place * 12..<(place + 1) * 12]), under: set)
        }
        for set in [Self.after, Self.before, Self.after] {
            var rescore = try history.rescore(under: set)
            _ = try rescore.run()
            #expect(try history.lines(under: set) == Self.fromTheStart(blocks, set))
        }
        try history.restart()
        let more = Samples.blocks(12, &generator)
        try history.take(more, under: Self.before)
        var rescore = try history.rescore(under: Self.after)
        #expect(rescore.plan.blocks == 12)
        _ = try rescore.run()
        for set in [Self.before, Self.after] {
            #expect(try history.lines(under: set) == Self.fromTheStart(blocks + more, set))
        }
    }

    /// Rescored before ingest has the new set, with a cap that bites: values are admitted as they came.
    @Test(arguments: seeds(3)) func valuesAreAdmittedInTheOrderOfTheJournal(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 200)
        let blocks = Samples.blocks(40, &generator)
        let old = Samples.set([Samples.wide], valuesMax: 2)
        let new = Samples.set([Samples.narrow], valuesMax: 2)
        let answered = blocks.map { $0.filter { !$0.contains("nps") } }
        var history = try History(seed: seed)
        try history.take(Array(answered[..<25]), under: old)
        var rescore = try history.rescore(under: new)
        _ = try rescore.run()
        try history.restart()
        try history.take(Array(answered[25...]), under: new)
        let lines = try history.lines(under: new)
        #expect(lines.contains { $0.contains("region:other ") })
        #expect(try lines == Self.fromTheStart(answered, new), "\(reproduction(seed, "RescoreTests"))")
    }

    /// Values that live answers have brought keep their places; the past fills what is left, the rest is `other`.
    @Test func aFullDimensionLosesNothing() throws {
        func block(_ region: String) -> [String] {
            [Samples.event(region, ["csat": 4], segments: [("region", region)])]
        }
        let old = Samples.set([Samples.wide], valuesMax: 2)
        let new = Samples.set([Samples.narrow], valuesMax: 2)
        var history = try History()
        try history.take(["a", "b", "c", "a"].map(block), under: old)
        try history.take([block("d")], under: new)
        var rescore = try history.rescore(under: new)
        _ = try rescore.run()
        let values = try history.lines(under: new).filter { $0.hasPrefix("csat region:") }
            .map { $0.split(separator: " ")[1] + " " + $0.split(separator: "amount: ")[1].prefix(1) }
        #expect(values == ["region:a 2", "region:d 1", "region:other 2"])
    }

    @Test func aSkippedBlockCountsUnderNoContract() throws {
        var generator = SeededGenerator(seed: 9)
        let blocks = Samples.blocks(9, &generator)
        var history = try History()
        try history.take(blocks, under: Self.before, skipping: [2, 5])
        var rescore = try history.rescore(under: Self.after)
        #expect(try rescore.run().skipped == 2)
        var fresh = try History()
        try fresh.take(blocks, under: Self.after, skipping: [2, 5])
        #expect(try history.lines(under: Self.after) == fresh.lines(under: Self.after))
    }

    @Test func detectionAndFeedStayAsTheyAre() throws {
        var generator = SeededGenerator(seed: 10)
        var history = try History()
        try history.take(Samples.blocks(20, &generator), under: Self.before)
        let untouched = { (store: TrendStore) in
            try text(of: store).split(separator: "\n").filter { line in
                ["node", "detector", "open", "alert", "feed", "sequence", "waiting"].contains {
                    line.hasPrefix("\($0) ")
                }
            }
        }
        let before = try untouched(history.store)
        #expect(before.contains { $0.hasPrefix("detector ") } && before.contains { $0.hasPrefix("feed ") })
        var rescore = try history.rescore(under: Self.after)
        _ = try rescore.run()
        #expect(try untouched(history.store) == before)
        #expect(try history.store.sets().contains(Self.after), "so that its contracts can be asked for")
    }

    // MARK: What cannot be done

    @Test func blocksThatRetentionRemovedAreSaid() throws {
        var history = try History()
        let filler = String(repeating: "x", count: 200)
        let blocks = (0..<60).map { block in
            (0..<10).map { Samples.event("\(block)-\($0)-\(filler)", ["csat": 4]) }
        }
        try history.take(blocks, under: Self.before)
        let files = history.journal.index.files
        #expect(files.count > 2)
        try history.journal.writer.remove([files[0].id])
        var rescore = try history.rescore(under: Self.after)
        #expect(rescore.plan.firstKept == files[1].id.first && rescore.plan.firstKept > 1)
        #expect(try rescore.run().blocks == 60 - Int(files[1].id.first - 1))
    }

    @Test func aStoreThatHasNothing() throws {
        var history = try History()
        let empty = try TrendStore(path: nil)
        try history.take([[]], under: Self.before)
        let journal = try Recovery.inspect(fileSystem: history.files, directory: History.folder)
        let error = #expect(throws: RescoreError.self) {
            _ = try Rescore(set: Self.after, store: empty, journal: journal)
        }
        #expect(error?.description.contains("counted nothing yet") ?? false)
    }

    @Test func messageFilesOfAnotherNode() throws {
        var history = try History(seed: 1)
        var other = try History(seed: 2)
        try history.take([[]], under: Self.before)
        try other.take([[]], under: Self.before)
        let journal = try Recovery.inspect(fileSystem: other.files, directory: History.folder)
        let error = #expect(throws: RescoreError.self) {
            _ = try Rescore(set: Self.after, store: history.store, journal: journal)
        }
        #expect(error?.description.contains("are of node \(journal.end.node)") ?? false)
    }

    @Test func messageFilesThatEndTooEarlyOrAreOthers() throws {
        var long = try History(seed: 1)
        var short = try History(seed: 1)
        try long.take([[], []], under: Self.before)
        try short.take([[]], under: Self.before)
        let journal = try Recovery.inspect(fileSystem: short.files, directory: History.folder)
        let early = #expect(throws: RescoreError.self) {
            _ = try Rescore(set: Self.after, store: long.store, journal: journal)
        }
        #expect(early?.description.contains("the message files end with block 1") ?? false)
        // The same node and numbers, other marks: a copy that went on by itself.
        var forked = try History(seed: 1)
        try forked.take([[], []], under: Self.before)
        let state = try long.store.contents().nodes[journal.end.node]
        var changes = StoreChanges()
        changes.nodes[journal.end.node] = state.map {
            var other = $0
            other.mark = "0123456789abcdef"
            return other
        }
        try forked.store.commit(changes)
        let fork = #expect(throws: RescoreError.self) { _ = try forked.rescore(under: Self.after) }
        #expect(fork?.description.contains("is not the one") ?? false)
    }

    @Test func oneProcessAtATime() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lock-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/alerting/trends.sqlite"
        var held = try StoreLock.take(beside: path)
        #expect(held != nil)
        #expect(try StoreLock.take(beside: path) == nil)
        held = nil
        #expect(try StoreLock.take(beside: path) != nil)
        #expect(throws: TrendStoreError.self) { _ = try StoreLock.take(beside: "/dev/null/deep/trends.sqlite") }
    }
}
