import Ingest
import Messages
import Testing

/// PROTOCOL rule 10: what alerting says of itself, and what it no longer means.
@Suite struct ProgressTests {
    @Test func olderCountersOfOneLifeAreIgnored() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 5", "committed x 7 3", "ready A 9") == "3>A 4>A")
        _ = bench.do("committed x 6 1", "committed x 7 1")
        #expect(bench.outcomes == [.taken, .stale, .stale])
        #expect(bench.dispatcher.backlog == 2)
    }

    @Test func aNewLifeVoidsWhatWasCommittedFromItsNextOn() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 6", "committed x 9 1", "ready A 9") == "1>A 2>A 3>A 4>A 5>A")
        #expect(bench.do("tallied A 1 2 3 4 5", "committed x 10 6") == "")
        #expect(bench.dispatcher.inFlight == 0)
        // A new life counts anew; its counter is small.
        #expect(bench.do("committed y 1 3") == "3>A 4>A 5>A")
        #expect(bench.outcomes.last == .rewound(to: 3))
        #expect(bench.dispatcher.statistics.rewinds == 1)
    }

    /// A worker that has not heard of the restart repeats for a while what the former life said.
    @Test func aDeadLifesWordsAreStale() {
        var bench = DispatchBench()
        _ = bench.do("blocks 6", "ready A 9", "committed x 5 4", "committed y 1 2", "committed x 6 4")
        #expect(bench.outcomes == [.taken, .rewound(to: 2), .stale])
        #expect(bench.dispatcher.backlog == 4)
    }

    /// An ingest that restarted may hear the living life first and the dead one after it.
    @Test func theLifeThatGoesOnSpeakingIsTheLivingOne() {
        var bench = DispatchBench()
        _ = bench.do("blocks 6", "ready A 9", "committed living 1 2", "committed dead 7 2")
        for counter in 2...50 {
            _ = bench.do("committed living \(counter) 2")
            _ = bench.wait(100, ready: "A")
        }
        #expect(bench.outcomes.last == .taken)
        _ = bench.do("committed living 60 6")
        #expect(bench.dispatcher.backlog == 0)
    }

    @Test func aRewindIsOrdinaryDispatchByCredit() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 6", "committed x 1 6", "ready A 2") == "")
        #expect(bench.do("committed y 1 1") == "1>A 2>A")
        #expect(bench.do("tallied A 1") == "3>A")
    }

    @Test func aNewLifeThatLostNothingSendsOnlyWhatIsNeeded() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 4", "committed x 1 1", "ready A 9") == "1>A 2>A 3>A")
        #expect(bench.do("committed y 1 3") == "3>A")
        #expect(bench.outcomes == [.taken, .taken])
    }

    @Test func blocksStoredAheadAreNotSentAgain() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 6", "committed x 1 2 3,5", "ready A 9") == "2>A 4>A")
    }

    @Test func aBlockStoredAheadAndThenDroppedIsSent() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 4", "committed x 1 2 3", "ready A 9") == "2>A")
        let again = bench.do("tallied A 2", "committed x 2 3")
        #expect((again + bench.wait(2200, ready: "A")).contains("3>A"))
    }

    @Test func aJournalBehindTheStoreStandsStill() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 3", "ready A 9", "committed x 1 5") == "")
        #expect(bench.outcomes == [.journalBehind(next: 5)])
        #expect(bench.dispatcher.halted == .journalBehind(next: 5))
        // Blocks that come later are not the ones the store has; but once it agrees, all goes on.
        #expect(bench.do("committed y 1 2") == "2>A")
        #expect(bench.dispatcher.halted == nil)
    }

    @Test func anotherMarkUnderANumberIsAFork() {
        var bench = DispatchBench()
        _ = bench.do("blocks 5", "ready A 9")
        #expect(bench.hearFork(next: 3) == .forked(number: 2, theirs: "theirs"))
        #expect(bench.do("ready A 9") == "")
    }

    @Test func whatRetentionRemovedIsAGap() {
        var bench = DispatchBench(first: 10, end: 20)
        _ = bench.do("ready A 9", "committed x 1 5")
        #expect(bench.outcomes == [.gap(next: 5)])
        #expect(bench.do("committed x 2 18") == "18>A 19>A")
    }

    @Test func aStoreThatKnowsOthersAloneIsForeign() {
        var bench = DispatchBench()
        _ = bench.do("blocks 2", "ready A 9")
        var dispatcher = bench.dispatcher
        let progress = Progress(
            start: "x", counter: 1, nodes: ["bb": NodePosition(next: 4, mark: "m3")], ahead: [:])
        #expect(dispatcher.hear(progress, now: 0, mark: nil) == .foreign(nodes: ["bb"]))
        #expect(dispatcher.next(now: 0) == nil)
    }
}
