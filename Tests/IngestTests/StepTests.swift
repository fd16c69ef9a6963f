import Ingest
import MachineTestKit
import Messages
import Testing

/// The journal itself carries the passage of time: a block lies in one step, and empty steps are said.
@Suite struct StepTests {
    private let moment = Responses.moment
    private let minute: Int64 = 60_000

    @Test func aStepEndsTheBlock() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"), at: moment)
        bench.request(Responses.event("b"), at: moment + minute - 1)
        bench.request(Responses.event("c"), at: moment + minute)
        bench.request(Responses.event("d"), at: moment + 5 * minute)
        bench.write()
        #expect(bench.story == ["1 [0] a b", "2 [1] c", "3 [2...4] ", "4 [5] d"])
    }

    @Test func ticksSayThatStepsPass() throws {
        var bench = try IntakeBench()
        bench.intake.tick(now: moment - minute)
        bench.write()
        #expect(bench.story.isEmpty, "before the first block no time passes")
        bench.request(Responses.event("a"), at: moment)
        bench.intake.tick(now: moment + minute - 1)
        bench.intake.tick(now: moment + minute)
        bench.intake.tick(now: moment + minute + 1)
        bench.intake.tick(now: moment + 4 * minute)
        bench.request(Responses.event("b"), at: moment + 4 * minute)
        bench.write()
        #expect(bench.story == ["1 [0] a", "2 [1] ", "3 [2...4] ", "4 [4] b"])
    }

    @Test func theWallClockNeverGoesBack() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"), at: moment + minute)
        bench.request(Responses.event("b"), at: moment)
        bench.intake.tick(now: moment)
        bench.write()
        #expect(bench.story == ["1 [1] a b"])
        try bench.restart()
        bench.request(Responses.event("c"), at: moment - 10 * minute)
        bench.write()
        #expect(bench.journal.map(\.header.clock) == [moment + minute, moment + minute])
    }

    @Test func theMessageClockIsTheRunningMaximum() throws {
        var bench = try IntakeBench(clock: .message)
        bench.intake.tick(now: moment + 50 * minute)
        bench.request(Responses.event("a", at: moment), at: 0)
        bench.request(Responses.event("b", at: moment - minute, recorded: moment + 2 * minute), at: 0)
        bench.request(Responses.event("c", at: moment + minute), at: 0)
        bench.intake.tick(now: moment + 50 * minute)
        bench.request(Responses.event("d", at: moment + 3 * minute), at: 0)
        bench.write()
        #expect(bench.story == ["1 [0] a", "2 [1] ", "3 [2] b c", "4 [3] d"])
    }

    @Test func whatIsMoreThanADayAheadIsRefusedByTheWallClockAlone() throws {
        let day: Int64 = 86_400_000
        let text = [
            Responses.event("a", at: moment + day), Responses.event("b", at: moment + day + 1),
            Responses.event("c", at: moment, recorded: moment + day + 1),
        ].joined(separator: "\n")
        var wall = try IntakeBench(clock: .wall)
        wall.request(text)
        wall.write()
        #expect(wall.replies() == ["p: a accepted, b rejected timeAhead, c rejected timeAhead"])
        var message = try IntakeBench(clock: .message)
        message.request(text)
        message.write()
        #expect(message.replies() == ["p: a accepted, b accepted, c accepted"])
    }

    @Test func aFailedWriteLosesNoPassageOfTime() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        bench.write()
        bench.intake.tick(now: moment + 3 * minute)
        bench.beginWrite()
        bench.fail()
        bench.request(Responses.event("b"), at: moment + 3 * minute)
        bench.write()
        #expect(bench.journal.last?.header.step == moment / minute + 3)
        #expect(bench.journal.map(\.header.number) == [1, 2])
    }

    @Test func aLongerStepAfterARestart() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        bench.write()
        try bench.restart(set: Definitions.csat(step: 10 * minute))
        for id in 0..<4 { bench.request(Responses.event("b\(id)"), at: moment + Int64(id) * 10 * minute) }
        bench.write()
        #expect(Set(bench.journal.map(\.header.step)).count == 5)
    }
}
