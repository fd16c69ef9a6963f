import Ingest
import JSON
import MachineTestKit
import Messages
import Testing

/// Promise 1 and 2 at the door: a receipt waits for the disk, and a response is taken once.
@Suite struct IntakeTests {
    private let moment = Responses.moment

    @Test func aReceiptWaitsForItsBlock() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        #expect(bench.replies().isEmpty)
        bench.beginWrite()
        #expect(bench.replies().isEmpty)
        bench.succeed()
        #expect(bench.replies() == ["p: a accepted"])
        #expect(bench.story == ["1 [0] a"])
    }

    @Test func repliesLeaveInTheOrderOfRequestsAndReceiptsInTheOrderOfEvents() throws {
        var bench = try IntakeBench()
        bench.request([Responses.event("a"), "", "{", Responses.event("b", csat: 9), "  "].joined(separator: "\n"))
        bench.request("nonsense", from: "q")
        bench.request("", from: "r")
        // Nothing is decided by the disk for q and r, and still they do not overtake p.
        #expect(bench.replies().isEmpty)
        bench.write()
        #expect(
            bench.replies() == [
                "p: a accepted, null rejected syntax, b rejected outsideScale", "q: null rejected syntax",
                "r: null rejected emptyMessage",
            ])
        #expect(bench.deadLetters.map(\.reason) == [.syntax, .outsideScale, .syntax, .emptyMessage])
    }

    @Test func aDuplicateWaitsForTheBlockOfItsOriginal() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        bench.request(Responses.event("a"), from: "q")
        #expect(bench.replies().isEmpty)
        bench.beginWrite()
        // The original is on its way to the disk; another block is open.
        bench.request(Responses.event("a"), from: "r")
        bench.request(Responses.event("b"), from: "s")
        #expect(bench.replies().isEmpty)
        bench.succeed()
        #expect(bench.replies() == ["p: a accepted", "q: a duplicate", "r: a duplicate"])
        bench.write()
        #expect(bench.replies() == ["s: b accepted"])
        bench.request(Responses.event("a"), from: "t")
        #expect(bench.replies() == ["t: a duplicate"])
        #expect(bench.story == ["1 [0] a", "2 [0] b"])
    }

    @Test func identityIsSourceAndIdTogether() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("bc", source: "a") + "\n" + Responses.event("c", source: "ab"))
        bench.request(Responses.event("bc", source: "a") + "\n" + Responses.event("c", source: "ab"))
        bench.write()
        #expect(bench.replies() == ["p: bc accepted, c accepted", "p: bc duplicate, c duplicate"])
    }

    @Test func aRestartRemembersWhatWasWrittenAndNothingElse() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        bench.write()
        bench.request(Responses.event("b"))
        try bench.restart()
        bench.request(Responses.event("a") + "\n" + Responses.event("b"))
        bench.write()
        #expect(bench.replies() == ["p: a duplicate, b accepted"])
        #expect(bench.story == ["1 [0] a", "2 [0] b"])
    }

    @Test func aFailedWriteTellsEveryoneToTryAgainAndForgets() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        bench.write()
        _ = bench.replies()
        bench.request([Responses.event("b"), Responses.event("b"), "{"].joined(separator: "\n"))
        bench.beginWrite()
        bench.request(Responses.event("c"), from: "q")
        bench.fail(.diskFull)
        #expect(
            bench.replies() == [
                "p: b unavailable diskFull, b unavailable diskFull, null rejected syntax", "q: c unavailable diskFull",
            ])
        #expect(bench.intake.statistics.accepted == 1)
        bench.request([Responses.event("a"), Responses.event("b"), Responses.event("c")].joined(separator: "\n"))
        #expect(bench.beginWrite().map(\.number) == [2])
        bench.succeed()
        #expect(bench.replies() == ["p: a duplicate, b accepted, c accepted"])
        #expect(bench.story == ["1 [0] a", "2 [0] b c"])
    }

    @Test func theChainGoesOnFromTheLastDurableBlockAfterAFailure() throws {
        var bench = try IntakeBench()
        bench.request(Responses.event("a"))
        bench.write()
        bench.request(Responses.event("b"))
        bench.beginWrite()
        bench.fail()
        bench.request(Responses.event("c"))
        bench.write()
        #expect(bench.journal[1].header.previous == bench.journal[0].header.mark)
        #expect(bench.journal[1].header.synced == 1)
    }

    @Test func whileUnavailableNothingIsTakenAndWrongThingsAreStillWrong() throws {
        var bench = try IntakeBench()
        bench.intake.unavailable = .diskFull
        bench.request(Responses.event("a") + "\n{}")
        #expect(bench.replies() == ["p: a unavailable diskFull, null rejected missing"])
        bench.intake.unavailable = nil
        bench.request(Responses.event("a"))
        bench.write()
        #expect(bench.replies() == ["p: a accepted"])
    }

    @Test func aBatchIsTakenWholeOrRefusedWhole() throws {
        var bench = try IntakeBench()
        let pretty = Responses.event("b").replacing("{", with: "{\n ").replacing(",", with: ",\r\n\t")
        bench.request("[\(Responses.event("a")),\n\(pretty) , 3]")
        bench.request("[\(Responses.event("c"))", from: "q")
        bench.request("[ ]", from: "r")
        bench.write()
        #expect(
            bench.replies() == [
                "p: a accepted, b accepted, null rejected notObject", "q: null rejected syntax",
                "r: null rejected emptyMessage",
            ])
        #expect(bench.story == ["1 [0] a b"])
    }

    @Test func limitsAreReachedAndHeld() throws {
        var limits = IntakeLimits()
        limits.blockEventsMax = 2
        limits.eventsPerMessageMax = 3
        limits.eventBytesMax = 400
        var bench = try IntakeBench(limits: limits)
        bench.request((1...5).map { Responses.event("\($0)") }.joined(separator: "\n"))
        bench.request(Responses.event("long", source: String(repeating: "s", count: 250)), from: "q")
        bench.write()
        #expect(
            bench.replies() == [
                "p: 1 accepted, 2 accepted, 3 accepted, null rejected tooMany", "q: null rejected tooLarge",
            ])
        #expect(bench.story == ["1 [0] 1 2", "2 [0] 3"])
    }

    @Test func aBlockIsClosedByItsBytes() throws {
        var limits = IntakeLimits()
        limits.blockBytesMax = 600
        var bench = try IntakeBench(limits: limits)
        for id in 1...5 { bench.request(Responses.event("\(id)")) }
        bench.write()
        #expect(bench.story == ["1 [0] 1 2 3 4", "2 [0] 5"])
        #expect(bench.replies().count == 5)
    }

    @Test func onlyTheSourcesOfThisNodeAreTaken() throws {
        var limits = IntakeLimits()
        limits.sources = ["/ours"]
        var bench = try IntakeBench(limits: limits)
        bench.request(Responses.event("a", source: "/ours") + "\n" + Responses.event("b", source: "/theirs"))
        bench.write()
        #expect(bench.replies() == ["p: a accepted, b rejected wrongSource"])
    }

    @Test func everyEventIsStampedOnce() throws {
        var wall = try IntakeBench(clock: .wall)
        wall.request(Responses.event("a", recorded: moment - 5000))
        wall.write()
        var message = try IntakeBench(clock: .message)
        message.request(
            Responses.event("a", recorded: moment + 5000).replacing("recordedtime", with: "\\u0072ecordedtime"))
        message.write()
        for (journal, stamp) in [(wall.journal, moment), (message.journal, moment + 5000)] {
            let event = try JSONTree.parse(try #require(journal.first?.lines.first))
            #expect(event.object?.filter { $0.0 == "recordedtime" }.map(\.1) == [.string(Timestamp.text(stamp))])
            #expect(event.object?.first?.0 == "recordedtime")
        }
    }
}
