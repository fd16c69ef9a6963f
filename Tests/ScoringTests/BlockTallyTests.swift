import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages
import Satisfaction
import Scoring
import Testing

/// A block's tally against counting with dictionaries.
@Suite struct BlockTallyTests {
    private struct Answer {
        let time: Int64
        let csat: Int
        let segments: [(String, String)]
    }

    private let zone = TimeZoneTable(named: "Europe/Berlin")!
    private let set = Definitions.csat(
        dimensions: ["region", "channel", "agent"], pairs: [["channel", "region"], ["agent", "channel"]],
        model: ["channel", "region"], timeZone: "Europe/Berlin")

    private func answers(_ generator: inout SeededGenerator) -> [Answer] {
        (0..<Int.random(in: 0...60, using: &generator)).map { _ in
            // Half the answers around one change of the clocks, the others anywhere in a year.
            let spread: Int64 = generator.chance(0.5) ? 20_000_000 : 31_000_000_000
            var segments: [(String, String)] = []
            for (dimension, values) in [("region", 3), ("channel", 2), ("agent", 9), ("ignored", 2)] {
                if generator.chance(0.75) {
                    segments.append((dimension, "\(dimension.first!)\(Int.random(in: 0..<values, using: &generator))"))
                }
            }
            if generator.chance(0.1) { segments.append(("région", "\"\\\u{1}é\u{1F600}")) }
            return Answer(
                time: 1_774_744_000_000 + Int64.random(in: -spread...spread, using: &generator),
                csat: Int.random(in: 1...5, using: &generator), segments: segments.shuffled(using: &generator))
        }
    }

    private func naive(_ answers: [Answer]) -> TallyReading {
        var reading = TallyReading()
        reading.responses = Int64(answers.count)
        for answer in answers {
            let values = Dictionary(uniqueKeysWithValues: answer.segments.map { ($0.0, $0.1) })
            var segments: [[String]] = [[]]
            for dimension in set.dimensions {
                if let value = values[dimension] { segments.append([dimension, value]) }
            }
            for pair in set.pairs {
                if let first = values[pair[0]], let second = values[pair[1]] {
                    segments.append([pair[0], first, pair[1], second])
                }
            }
            let bucket = Int64((Double(answer.time) / 900_000).rounded(.down))
            let step = Int64(answer.csat - 1)
            for segment in segments {
                reading.lines[.init(segment: segment, bucket: bucket), default: [:]][step, default: 0] += 1
            }
            let cell = TallyReading.CellKey(
                values: set.model.map { values[$0] ?? "" }, day: Int64(zone.day(of: answer.time)))
            var entry = reading.cells[cell] ?? .init()
            entry.counts[step, default: 0] += 1
            entry.first = min(entry.first, bucket)
            entry.last = max(entry.last, bucket)
            reading.cells[cell] = entry
        }
        return reading
    }

    private func events(_ answers: [Answer]) -> [String] {
        answers.enumerated().map { index, answer in
            Responses.event(
                "\(index)", csat: .integer(Int64(answer.csat)), at: answer.time, segments: answer.segments)
        }
    }

    @Test(arguments: seeds(20)) func countsWhatDictionariesCount(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var chain = BlockChain(set, seed: seed)
        var machine = ScoringMachine(worker: "w")
        for number in 0..<6 {
            let answers = answers(&generator)
            let block = chain.seal(events(answers), clock: Responses.moment)
            let tally = try machine.tally(of: block, set: number == 0 ? set : nil)
            #expect(try TallyReading(tally.event) == naive(answers), "\(reproduction(seed, "BlockTallyTests"))")
        }
    }

    @Test func theSameBlockGivesTheSameBytesWhateverCameBefore() throws {
        var generator = SeededGenerator(seed: 5)
        var chain = BlockChain(set)
        let blocks = (0..<5).map { _ in chain.seal(events(answers(&generator)), clock: Responses.moment) }
        var busy = ScoringMachine(worker: "w")
        let first = try blocks.map { try busy.tally(of: $0, set: set).event }
        for (block, expected) in zip(blocks, first).reversed() {
            var fresh = ScoringMachine(worker: "w")
            #expect(try fresh.tally(of: block, set: set).event == expected)
            #expect(try busy.tally(of: block, set: nil).event == expected)
        }
    }

    @Test func answersWithTheirScaleAndWithDecimalsCountAlike() throws {
        var chain = BlockChain(set)
        let block = chain.seal(
            [
                Responses.event("a", csat: 4), Responses.event("b", csat: .number(4.0)),
                Responses.event("c", csat: ["value": 4, "scale": "1..5"]),
                Responses.event("d").replacing("\"csat\":5", with: "\"csat\":40e-1"),
            ], clock: Responses.moment)
        var machine = ScoringMachine(worker: "w")
        let reading = try TallyReading(try machine.tally(of: block, set: set).event)
        #expect(reading.lines == [.init(segment: [], bucket: Responses.moment / 900_000): [3: 4]])
    }

    @Test func anEmptyBlockHasAnEmptyTally() throws {
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let tally = try machine.tally(of: chain.seal([], clock: Responses.moment), set: set)
        #expect(try TallyReading(tally.event) == TallyReading())
    }

    @Test func whatNoRuleWatchesHasNoCells() throws {
        let set = Definitions.csat(rules: [])
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let block = chain.seal([Responses.event("a")], clock: Responses.moment)
        let reading = try TallyReading(try machine.tally(of: block, set: set).event)
        #expect(reading.cells.isEmpty && !reading.lines.isEmpty)
    }

    @Test func withoutAModelThereIsOneCellADay() throws {
        let set = Definitions.csat(dimensions: [], model: [])
        var chain = BlockChain(set)
        var machine = ScoringMachine(worker: "w")
        let block = chain.seal([Responses.event("a"), Responses.event("b", csat: 1)], clock: Responses.moment)
        let reading = try TallyReading(try machine.tally(of: block, set: set).event)
        let day = Responses.moment / 86_400_000
        #expect(reading.cells.map(\.key) == [.init(values: [], day: day)])
        #expect(reading.cells.values.map(\.counts) == [[0: 1, 4: 1]])
    }

    @Test func aTallyNamesItsBlock() throws {
        var chain = BlockChain(set)
        _ = chain.seal([], clock: Responses.moment)
        let block = chain.seal([Responses.event("a")], clock: Responses.moment + 5, through: nil)
        var machine = ScoringMachine(worker: "w")
        let data = try #require(
            try JSONTree.parse(String(decoding: try machine.tally(of: block, set: set).event, as: UTF8.self))["data"])
        #expect(data["node"]?.string == chain.node)
        #expect(data["number"] == 2)
        #expect(data["mark"]?.string == block.header.mark.description)
        #expect(data["previous"]?.string == block.header.previous.description)
        #expect(data["clock"] == .integer(Responses.moment + 5))
        #expect(data["set"]?.string == set.hash.text)
        #expect(data["metrics"]?[0]?["contract"]?.string?.count == 32)
    }
}
