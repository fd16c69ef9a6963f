import JSON
import Journal
import MachineTestKit
import Messages
import Scoring
import Testing

/// What a worker says to ingest and alerting, and what it keeps.
@Suite struct ScoringMachineTests {
    private let set = Definitions.csat(rules: [])

    /// The effects as words: `tally 1`, `tally 1 with set`, `tallied 1`, `refused 1 failed`, `progress`.
    private func words(_ effects: [ScoringEffect]) -> [String] {
        effects.map { effect in
            switch effect {
            case .tally(let event, let set):
                let number = (try? JSONTree.parse(String(decoding: event, as: UTF8.self)))?["data"]?["number"]?.int64
                return "tally \(number ?? -1)" + (set == nil ? "" : " with set")
            case .tallied(let tallied): return "tallied \(tallied.number)"
            case .refused(let refused):
                return "refused \(refused.number) \(refused.reason.rawValue)"
                    + (refused.finishedBefore ? " suspect" : "")
            case .progress: return "progress"
            }
        }
    }

    private func committed(_ next: UInt64, start: String = "s", counter: UInt64 = 1, node: String) -> JSONTree {
        Progress(start: start, counter: counter, nodes: [node: NodePosition(next: next, mark: "m")], ahead: [:]).tree
    }

    @Test func theSetGoesAlongWithTheFirstTally() throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let blocks = (0..<2).map { chain.seal([Responses.event("\($0)")], clock: Responses.moment) }
        #expect(words(try machine.take(blocks[0], set: set)) == ["tally 1 with set", "tallied 1"])
        #expect(words(try machine.take(blocks[1], set: nil)) == ["tally 2", "tallied 2"])
        #expect(machine.statistics.blocks == 2)
        #expect(machine.statistics.responses == 2)
    }

    @Test func aBlockOfAnUnknownSetIsRefusedAndSuspectsNobody() throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let block = chain.seal([Responses.event("a")], clock: Responses.moment)
        #expect(words(try machine.take(block, set: nil)) == ["refused 1 unknownSet"])
        #expect(words(try machine.take(block, set: set)) == ["tally 1 with set", "tallied 1"])
    }

    @Test(arguments: [
        "{", "[]", "null", #"{"time":"2026-11-21T10:15:00Z"}"#, #"{"time":"yesterday","data":{"answers":{"csat":5}}}"#,
        #"{"time":"2026-11-21T10:15:00Z","data":{"answers":{"nps":5}}}"#,
        #"{"time":"2026-11-21T10:15:00Z","data":{"answers":{"csat":6}}}"#,
        #"{"time":"2026-11-21T10:15:00Z","data":{"answers":[]}}"#,
    ])
    func aPoisonEventSpoilsItsBlockAlone(poison: String) throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let bad = chain.seal([Responses.event("a"), poison, Responses.event("b")], clock: Responses.moment)
        let good = chain.seal([Responses.event("c")], clock: Responses.moment)
        #expect(words(try machine.take(bad, set: set)) == ["refused 1 failed"])
        let tally = try machine.tally(of: good, set: nil)
        // Nothing of the bad block is left over.
        var fresh = ScoringMachine(worker: "w")
        #expect(try fresh.tally(of: good, set: set).event == tally.event)
        #expect(words(try machine.take(bad, set: nil)) == ["refused 1 failed suspect"])
        #expect(machine.statistics.failures == 2)
    }

    @Test func aHeaderThatCountsOtherwiseIsRefused() throws {
        var chain = BlockChain(set)
        let block = chain.seal([Responses.event("a"), Responses.event("b")], clock: Responses.moment)
        var header = block.header
        header.count = 3
        var machine = ScoringMachine(worker: "w")
        let other = SealedBlock(sealing: header, payload: block.payload)
        #expect(words(try machine.take(other, set: set)) == ["refused 1 failed"])
    }

    @Test func aSkippedBlockIsItsHeaderAlone() throws {
        var chain = BlockChain(set)
        let block = chain.seal([Responses.event("a")], clock: Responses.moment)
        var machine = ScoringMachine(worker: "w")
        let effects = try machine.take(block, set: set, skipped: "poison \"1\"")
        #expect(words(effects) == ["tally 1 with set", "tallied 1"])
        guard case .tally(let event, _) = effects[0] else { return }
        let data = try JSONTree.parse(String(decoding: event, as: UTF8.self))["data"]
        #expect(data?["skipped"] == "poison \"1\"")
        #expect(data?["responses"] == 0)
        #expect(data?["metrics"] == [])
    }

    @Test func whatIsCommittedIsForgottenAndTheRestIsSentToANewLife() throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        for id in 0..<4 {
            _ = try machine.take(
                chain.seal([Responses.event("\(id)")], clock: Responses.moment), set: id == 0 ? set : nil)
        }
        #expect(machine.keptCount == 4)
        // The first word of alerting names its life: all that is kept is sent again, with the set.
        let hello = try machine.take(answer: .hello, committed(2, node: chain.node))
        #expect(words(hello) == ["progress", "tally 2 with set", "tally 3", "tally 4"])
        let later = try machine.take(answer: .committed, committed(4, counter: 2, node: chain.node))
        #expect(words(later) == ["progress"])
        #expect(machine.keptCount == 1)
        let newLife = try machine.take(answer: .committed, committed(3, start: "t", node: chain.node))
        #expect(words(newLife) == ["progress", "tally 4 with set"])
    }

    @Test func progressIsPassedOnAsItCame() throws {
        var machine = ScoringMachine(worker: "w")
        let data = committed(7, node: "n")
        let effects = try machine.take(answer: .committed, data)
        guard case .progress(let text)? = effects.first else {
            Issue.record("no progress")
            return
        }
        #expect(text == Envelope(type: .committed, source: "/alerting/test", data: data).encoded(id: "1"))
    }

    @Test func alertingThatLacksTheSetGetsItWithTheTally() throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let block = chain.seal([Responses.event("a")], clock: Responses.moment)
        _ = try machine.take(block, set: set)
        let refused = Refused(
            worker: "", node: chain.node, number: 1, mark: block.header.mark.description, reason: .unknownSet,
            sentence: "which set?", finishedBefore: false)
        #expect(words(try machine.take(answer: .refused, refused.tree)) == ["tally 1 with set"])
        #expect(words(try machine.take(answer: .refused, refused.tree)) == ["tally 1 with set"])
    }

    @Test func aForkIsToldToIngestAndNotSentAgain() throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let block = chain.seal([Responses.event("a")], clock: Responses.moment)
        _ = try machine.take(block, set: set)
        let refused = Refused(
            worker: "", node: chain.node, number: 1, mark: block.header.mark.description, reason: .fork,
            sentence: "another", finishedBefore: false)
        #expect(words(try machine.take(answer: .refused, refused.tree)).map { $0.prefix(14) } == ["refused 1 fork"])
        #expect(machine.keptCount == 0)
    }

    @Test func whatDoesNotComeFromAlertingIsRefused() throws {
        var machine = ScoringMachine(worker: "w")
        for type in MessageType.allCases where ![.hello, .committed, .refused].contains(type) {
            #expect(throws: MessageError.self) { try machine.take(answer: type, [:]) }
        }
        #expect(throws: MessageError.self) { try machine.take(answer: .committed, ["start": "x"]) }
    }
}
