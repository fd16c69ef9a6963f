import Ingest
import Testing

/// PROTOCOL rule 12: a block that no worker can tally is isolated, then skipped; a broken release skips nothing.
@Suite struct PoisonTests {
    @Test func threeFailuresThenAloneThenTwoMore() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 2", "committed x 1 1", "ready A 2", "ready B 2") == "1>A")
        _ = bench.do("failed A 1")
        #expect(bench.wait(100, ready: "A", "B") == "1>B*2")
        _ = bench.do("failed B 1")
        #expect(bench.wait(200, ready: "A", "B") == "1>A*3")
        #expect(bench.do("blocks 4") == "2>B 3>A")
        // The third failure: from now on it goes to a worker that holds nothing else, another one if there is one.
        _ = bench.do("failed A 1")
        #expect(bench.wait(300, ready: "A", "B") == "")
        #expect(bench.do("tallied A 3") == "")
        #expect(bench.do("tallied B 2") == "1>B*4")
        _ = bench.do("failed B 1")
        #expect(bench.poison.isEmpty)
        #expect(bench.wait(400, ready: "A", "B") == "1>A*5")
        _ = bench.do("failed A 1")
        #expect(bench.poison == [1])
        #expect(bench.do("skip 1") == "1>B*6")
        #expect(bench.dispatcher.statistics.skipped == 1)
    }

    @Test func onlyAWorkerThatFinishedABlockCounts() {
        var bench = DispatchBench()
        _ = bench.do("blocks 2", "committed x 1 1", "ready A 2")
        for _ in 0..<20 {
            _ = bench.do("new A 1")
            _ = bench.wait(2100, ready: "A")
        }
        #expect(bench.poison.isEmpty)
        #expect(bench.dispatcher.statistics.failures == 20)
    }

    @Test func silenceIsNoFailure() {
        var bench = DispatchBench()
        _ = bench.do("blocks 2", "committed x 1 1")
        for life in 0..<12 {
            _ = bench.do("ready W\(life) 2")
            _ = bench.wait(1200)
        }
        #expect(bench.dispatcher.statistics.failures == 0)
        #expect(bench.dispatcher.statistics.workersLost == 12)
        #expect(bench.poison.isEmpty)
    }

    @Test func anotherWorkerIsTriedFirst() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 2", "committed x 1 1", "ready A 2", "ready B 2") == "1>A")
        _ = bench.do("failed A 1")
        #expect(bench.wait(100, ready: "A", "B") == "1>B*2")
    }

    @Test func aLoneWorkerIsEmptiedBeforeItGetsTheSuspect() {
        var bench = DispatchBench()
        #expect(bench.do("blocks 3", "committed x 1 1", "ready A 2") == "1>A 2>A")
        for _ in 0..<3 {
            _ = bench.do("failed A 1")
            _ = bench.wait(300, ready: "A")
        }
        #expect(bench.do("blocks 5") == "")
        #expect(bench.do("tallied A 2").hasPrefix("1>A*4"))
    }
}
