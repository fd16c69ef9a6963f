import Alerting
import JSON
import Journal
import MachineTestKit
import Messages
import Satisfaction
import Scoring
import Testing

/// What alerting does with each tally.
@Suite struct AlertingMachineTests {
    /// Blocks of one answer each, and alerting with an empty store.
    struct Bench {
        let set: DefinitionSet
        var chain: BlockChain
        let store: TrendStore
        var machine: AlertingMachine
        private var life = 1

        init(_ set: DefinitionSet = Definitions.csat(rules: [])) throws {
            self.set = set
            chain = BlockChain(set)
            store = try TrendStore(path: nil)
            machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "life1")
        }

        mutating func restart() throws {
            life += 1
            machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "life\(life)")
        }

        mutating func tally(_ events: [String], at clock: Int64 = Responses.moment) throws -> SentTally {
            try tally(of: chain.seal(events, clock: clock))
        }

        func tally(of block: SealedBlock) throws -> SentTally {
            var worker = ScoringMachine(worker: "w")
            return try worker.tally(of: block, set: set)
        }

        /// The next block needed, after a transaction.
        mutating func next() throws -> UInt64 {
            try machine.commit(to: store)
            return machine.progress().nodes[chain.node]?.next ?? 1
        }

        /// Answers of each line, as `segment: count`.
        func totals() throws -> [String] {
            try store.contents().series.map { series in
                var count: Int64 = 0
                let whole = WindowTally(window: 0..<1, width: series.width)
                try store.forEachBucket(of: series, in: 0..<253_370_764_800_000) { _ in whole }
                count += whole.tally.sum(0..<series.width)
                return "\(series.segment): \(count)"
            }.sorted()
        }
    }

    @Test func eachBlockIsAppliedOnce() throws {
        var bench = try Bench()
        let tally = try bench.tally([Responses.event("a", segments: [("region", "eu")])])
        #expect(bench.machine.take(tally) == .applied)
        #expect(bench.machine.take(tally) == .repeated)
        try bench.machine.commit(to: bench.store)
        #expect(bench.machine.take(tally) == .repeated)
        #expect(try bench.totals() == ["region:eu: 1", "total: 1"])
    }

    @Test func aTallyAheadWaitsDurably() throws {
        var bench = try Bench()
        let tallies = try (0..<3).map { try bench.tally([Responses.event("\($0)")]) }
        #expect(bench.machine.take(tallies[2]) == .ahead)
        #expect(bench.machine.take(tallies[1]) == .ahead)
        #expect(bench.machine.take(tallies[1]) == .ahead)
        #expect(bench.machine.hasChanges)
        try bench.machine.commit(to: bench.store)
        #expect(bench.machine.progress().ahead == [bench.chain.node: [2, 3]])
        try bench.restart()
        #expect(bench.machine.take(tallies[0]) == .applied)
        #expect(try bench.next() == 4)
        try bench.machine.commit(to: bench.store)
        #expect(try bench.totals() == ["total: 3"])
    }

    @Test func whatWaitsIsSaidAfterARestart() throws {
        var bench = try Bench()
        _ = try bench.tally([])
        _ = bench.machine.take(try bench.tally([Responses.event("a")]))
        try bench.machine.commit(to: bench.store)
        try bench.restart()
        #expect(bench.machine.progress().ahead == [bench.chain.node: [2]])
    }

    @Test func whatWaitedAndWasAppliedIsNotKept() throws {
        var bench = try Bench()
        let tallies = try (0..<2).map { try bench.tally([Responses.event("\($0)")]) }
        _ = bench.machine.take(tallies[1])
        try bench.machine.commit(to: bench.store)
        _ = bench.machine.take(tallies[0])
        try bench.machine.commit(to: bench.store)
        #expect(try bench.store.contents().waiting.isEmpty)
    }

    @Test func whatWaitedBeforeARestartIsNotKept() throws {
        var bench = try Bench()
        let tallies = try (0..<2).map { try bench.tally([Responses.event("\($0)")]) }
        _ = bench.machine.take(tallies[1])
        try bench.machine.commit(to: bench.store)
        try bench.restart()
        _ = bench.machine.take(tallies[0])
        try bench.machine.commit(to: bench.store)
        #expect(try bench.store.contents().waiting.isEmpty)
    }

    @Test func talliesAheadAreBounded() throws {
        var bench = try Bench()
        _ = try bench.tally([])
        for _ in 0..<AlertingMachine.waitingMax + 5 { #expect(bench.machine.take(try bench.tally([])) == .ahead) }
        #expect(bench.machine.waitingCount == AlertingMachine.waitingMax)
    }

    @Test func anotherBlockUnderTheSameNumberIsAFork() throws {
        var bench = try Bench()
        var other = BlockChain(bench.set, seed: 99)
        let tally = try bench.tally([Responses.event("a")])
        let forked = try bench.tally(of: other.seal([Responses.event("b")], clock: Responses.moment))
        let successor = try bench.tally(of: other.seal([Responses.event("c")], clock: Responses.moment))
        #expect(bench.machine.take(tally) == .applied)
        for refused in [forked, successor] {
            guard case .refused(let refusal) = bench.machine.take(refused) else {
                Issue.record("a fork was taken")
                continue
            }
            #expect(refusal.reason == .fork)
            #expect(refusal.node == bench.chain.node)
        }
        try bench.machine.commit(to: bench.store)
        #expect(try bench.totals() == ["total: 1"])
        #expect(try bench.next() == 2)
    }

    @Test func aWaitingTallyThatDoesNotFollowIsDropped() throws {
        var bench = try Bench()
        var other = BlockChain(bench.set, seed: 99)
        _ = other.seal([], clock: Responses.moment)
        let foreign = try bench.tally(
            of: other.seal([Responses.event("x"), Responses.event("y")], clock: Responses.moment))
        let tallies = try (0..<2).map { try bench.tally([Responses.event("\($0)")]) }
        #expect(bench.machine.take(foreign) == .ahead)
        #expect(bench.machine.take(tallies[0]) == .applied)
        #expect(try bench.next() == 2)
        #expect(bench.machine.progress().ahead.isEmpty)
        #expect(bench.machine.take(tallies[1]) == .applied)
        try bench.machine.commit(to: bench.store)
        #expect(try bench.totals() == ["total: 2"])
    }

    @Test func anUnknownSetIsAskedFor() throws {
        var bench = try Bench()
        let tally = try bench.tally([Responses.event("a")])
        guard case .refused(let refused) = bench.machine.take(SentTally(event: tally.event, set: nil)) else {
            Issue.record("taken without its set")
            return
        }
        #expect(refused.reason == .unknownSet)
        #expect(refused.number == 1)
        #expect(bench.machine.take(tally) == .applied)
        try bench.machine.commit(to: bench.store)
        try bench.restart()
        let next = try bench.tally([Responses.event("b")])
        #expect(bench.machine.take(SentTally(event: next.event, set: nil)) == .applied, "the store keeps the set")
    }

    @Test func valuesBeyondTheCapCountAsOther() throws {
        var bench = try Bench(Definitions.csat(pairs: [["region", "channel"]], valuesMax: 2, rules: []))
        let values = ["a", "b", "c", "a", "d", "b", "c"]
        for (id, value) in values.enumerated() {
            let event = Responses.event("\(id)", segments: [("region", value), ("channel", "chat")])
            #expect(bench.machine.take(try bench.tally([event])) == .applied)
            try bench.machine.commit(to: bench.store)
            if id == 4 { try bench.restart() }
        }
        #expect(
            try bench.totals() == [
                "channel:chat: 7", "region:a,channel:chat: 2", "region:a: 2", "region:b,channel:chat: 2", "region:b: 2",
                "region:other,channel:chat: 3", "region:other: 3", "total: 7",
            ])
    }

    @Test func otherContractsAreOtherLines() throws {
        var bench = try Bench()
        #expect(bench.machine.take(try bench.tally([Responses.event("a")])) == .applied)
        // The same metric on another scale: another contract.
        let wide = Definitions.csat(rules: [], scale: "1..7")
        bench.chain.set = wide
        let block = bench.chain.seal([Responses.event("b", csat: 7)], clock: Responses.moment)
        var worker = ScoringMachine(worker: "w")
        #expect(bench.machine.take(try worker.tally(of: block, set: wide)) == .applied)
        try bench.machine.commit(to: bench.store)
        #expect(try bench.totals() == ["total: 1", "total: 1"])
        #expect(Set(try bench.store.contents().series.map(\.contract)).count == 2)
        #expect(try bench.store.contents().series.map(\.width) == [5, 7])
    }

    @Test func progressCountsWithinALife() throws {
        var bench = try Bench()
        let first = bench.machine.progress()
        let second = bench.machine.progress()
        #expect(first.start == "life1" && second.counter == first.counter + 1)
        #expect(first.nodes.isEmpty)
        let tally = try bench.tally([Responses.event("a")])
        _ = bench.machine.take(tally)
        try bench.machine.commit(to: bench.store)
        let position = try #require(bench.machine.progress().nodes[bench.chain.node])
        #expect(position.next == 2 && position.mark?.count == 16)
        try bench.restart()
        #expect(bench.machine.progress().nodes[bench.chain.node] == position)
        #expect(bench.machine.progress().start == "life2")
    }

    @Test func onlyWhatIsDurableIsSaidToBeCommitted() throws {
        var bench = try Bench()
        _ = bench.machine.take(try bench.tally([Responses.event("a")]))
        #expect(bench.machine.progress().nodes[bench.chain.node] == nil)
        try bench.machine.commit(to: bench.store)
        #expect(bench.machine.progress().nodes[bench.chain.node]?.next == 2)
    }
}
