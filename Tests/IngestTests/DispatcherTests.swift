import Ingest
import Messages
import Testing

/// PROTOCOL rules 9 and 10: who gets which block, and when again.
@Suite struct DispatcherTests {
    @Test func nothingIsSentBeforeAlertingIsHeard() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 4", "ready A 2") == "")
        #expect(bench.do("committed x 1 1") == "1>A 2>A")
    }

    @Test func creditBoundsWhatAWorkerHolds() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 9", "committed x 1 1", "ready A 2", "ready B 3") == "1>B 2>A 3>B 4>A 5>B")
        #expect(bench.do("tallied B 3") == "6>B")
        #expect(bench.do("tallied A 4 2") == "7>A 8>A")
        // What another holds is not returned by saying its number.
        #expect(bench.do("tallied A 1") == "")
        #expect(bench.do("blocks 20") == "")
    }

    @Test func theWindowOfBlocksInFlightIsBounded() {
        var limits = DispatchLimits()
        limits.blocksInFlightMax = 3
        var bench = DispatchBench(limits)
        #expect(bench.do("blocks 9", "committed x 1 1", "ready A 9") == "1>A 2>A 3>A")
        #expect(bench.do("tallied A 1 2 3") == "")
        #expect(bench.do("committed x 2 3") == "4>A 5>A")
        #expect(bench.dispatcher.backlog == 6)
    }

    @Test func aSilentWorkersBlocksGoToAnotherFirstAndWithoutCredit() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 4", "committed x 1 1", "ready A 1", "ready B 2") == "1>B 2>A 3>B")
        // Tallied and not committed: what a dead worker sent may never have arrived.
        #expect(bench.do("tallied B 1") == "")
        #expect(bench.wait(1000, ready: "A") == "")
        #expect(bench.wait(100, ready: "A") == "1>A*2 3>A*2")
        #expect(bench.dispatcher.workerCount == 1)
    }

    @Test func aWorkerThatDoesNotHearAlertingGetsNothing() {
        var bench = DispatchBench()
        #expect(bench.do("committed x 1 1", "ready A 2") == "")
        // Heartbeats keep its blocks with it, but only `ready` asks for more.
        for _ in 0..<20 {
            _ = bench.do("beat A")
            _ = bench.wait(100)
        }
        #expect(bench.do("beat A", "blocks 3") == "")
        #expect(bench.dispatcher.workerCount == 1)
        #expect(bench.do("ready A 2") == "1>A 2>A")
    }

    @Test func aBlockHeldTooLongGoesToAnother() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 3", "committed x 1 1", "ready A 1", "ready B 1") == "1>A 2>B")
        _ = bench.do("tallied A 1", "committed x 2 2")
        // The needed block after two seconds.
        #expect(bench.wait(2000, ready: "A", "B") == "")
        #expect(bench.wait(100, ready: "A", "B") == "2>A*2")
    }

    @Test func theHardLeaseEndsWhateverTheHeartbeatsSay() {
        var limits = DispatchLimits()
        limits.neededMilliseconds = 60_000
        var bench = DispatchBench(limits)
        #expect(bench.do("blocks 2", "committed x 1 1", "ready A 1", "ready B 1") == "1>A")
        #expect(bench.wait(10_000, ready: "A", "B") == "")
        #expect(bench.wait(100, ready: "A", "B") == "1>B*2")
        // The first holder answers late: its word is no longer about this block.
        _ = bench.do("tallied A 1")
        #expect(bench.wait(10_000, ready: "A", "B") == "")
        #expect(bench.wait(200, ready: "A", "B") == "1>A*3")
    }

    @Test func aTalliedBlockThatAlertingWaitsForIsSentAgain() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 2", "committed x 1 1", "ready A 1", "ready B 1") == "1>A")
        _ = bench.do("tallied A 1")
        #expect(bench.wait(2000, ready: "A", "B") == "")
        #expect(bench.wait(200, ready: "A", "B") == "1>B*2")
    }

    @Test func aLoneWorkerGetsItsOwnBlockAgain() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 2", "committed x 1 1", "ready A 1") == "1>A")
        #expect(bench.wait(2200, ready: "A") == "1>A*2")
    }

    @Test func aGoneWorkerThatComesBackStartsWithFreeHands() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 3", "committed x 1 1", "ready A 2") == "1>A 2>A")
        _ = bench.wait(1200)
        #expect(bench.dispatcher.workerCount == 0)
        #expect(bench.do("ready A 2") == "1>A*2 2>A*2")
    }

    @Test func aLostConnectionNeedsNoWaiting() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 2", "committed x 1 1", "ready A 2") == "1>A")
        #expect(bench.do("ready B 2", "lost A") == "1>B*2")
    }

    @Test func aSetGoesToEachWorkerOnceAndAgainToANewOne() {
        var bench = DispatchBench()
        _ = bench.do("blocks 2", "committed x 1 1", "ready A 2")
        var dispatcher = bench.dispatcher
        #expect(dispatcher.needsSet("s", worker: "A") == true)
        #expect(dispatcher.needsSet("s", worker: "A") == false)
        #expect(dispatcher.needsSet("t", worker: "A") == true)
        dispatcher.lost("A")
        dispatcher.hear(Ready(worker: "A", credit: 1), now: 0)
        #expect(dispatcher.needsSet("s", worker: "A") == true)
    }

    @Test func aLostSetIsSentAgain() {
        var bench = DispatchBench()
        _ = bench.do("blocks 2", "committed x 1 1", "ready A 2")
        var dispatcher = bench.dispatcher
        _ = dispatcher.needsSet("s", worker: "A")
        let refused = Refused(
            worker: "A", node: DispatchBench.node, number: 1, mark: "m1", reason: .unknownSet, sentence: "which set?",
            finishedBefore: true)
        _ = dispatcher.hear(failure: refused, now: 0)
        #expect(dispatcher.needsSet("s", worker: "A") == true)
    }
}
