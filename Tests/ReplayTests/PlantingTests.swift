import JSON
import MachineTestKit
import Messages
import Satisfaction
import Testing

@testable import Replay

/// Drops planted in recorded answers: as large as asked for, the same whatever the order, and nowhere else.
@Suite struct PlantingTests {
    private func answers(_ lines: [[UInt8]], channel: String, days: Range<Int64>) throws -> (satisfied: Int, all: Int) {
        var satisfied = 0
        var all = 0
        for line in lines {
            let tree = try line.withUnsafeBytes { try JSONTree.parse($0) }
            let time = Timestamp.read(tree["time"]!.string!)!
            guard tree["data"]?["segments"]?["channel"]?.string == channel,
                (Recorded.begin + days.lowerBound * Recorded.day..<Recorded.begin + days.upperBound * Recorded.day)
                    .contains(time)
            else { continue }
            all += 1
            satisfied += tree["data"]!["answers"]!["csat"]!.int64! >= 4 ? 1 : 0
        }
        return (satisfied, all)
    }

    private func planted(_ recorded: Recorded, _ text: String, seed: UInt64 = 1) throws -> [[UInt8]] {
        let backtest = try Backtest(history: recorded.history, set: Recorded.set, seed: seed)
        var planter = Planter(try backtest.plan([Recorded.request(text)]).shared)
        return recorded.lines.map { planter.planted($0) }
    }

    @Test(arguments: [5.0, 20, 60]) func theScoreFallsByThePoints(_ points: Double) throws {
        let recorded = Recorded(days: 40, perDay: 800)
        let lines = try planted(recorded, "segment=channel:chat drop=\(points) from=2026-01-15 until=2026-02-04")
        let before = try answers(recorded.lines, channel: "chat", days: 10..<30)
        let after = try answers(lines, channel: "chat", days: 10..<30)
        let fall = 100 * Double(before.satisfied - after.satisfied) / Double(before.all)
        // 8,000 answers: the binomial choice of the changed ones has a standard deviation of half a point at most.
        #expect(abs(fall - points) < 2, "\(fall)")
        #expect(before.all == after.all)
        for (channel, days) in [("phone", Int64(0)..<40), ("chat", 0..<10), ("chat", 30..<40)] {
            #expect(
                try answers(lines, channel: channel, days: days)
                    == answers(recorded.lines, channel: channel, days: days))
        }
    }

    @Test func theOrderOfLinesDoesNotMatter() throws {
        let recorded = Recorded(days: 20, perDay: 100)
        let text = "segment=channel:chat drop=30 from=2026-01-08"
        let straight = try planted(recorded, text)
        let turned = try planted(Recorded(lines: recorded.lines.reversed()), text)
        #expect(straight == turned.reversed())
        let other = try planted(recorded, text, seed: 2)
        #expect(straight != other)
        let again = try planted(recorded, text)
        #expect(straight == again)
    }

    @Test func netPromoterScoreFallsToo() throws {
        let set = DefinitionSet(
            metrics: [MetricDefinition(name: "nps", kind: "nps", configuration: .object([("scale", "0..10")]))],
            dimensions: [], pairs: [], model: [], valuesPerDimensionMax: 10, timeZone: "UTC", rules: [],
            stepMilliseconds: 3_600_000, latenessLimitMilliseconds: 86_400_000)
        var generator = SplitMix(state: 4)
        let lines = (0..<8_000).map { number in
            let draw = generator.unit()
            let answer: Int64 = draw < 0.55 ? 9 : draw < 0.8 ? 7 : 3
            let event = Responses.event("n\(number)", at: Recorded.begin + Int64(number) * 1_000)
            return Array(event.replacing("\"csat\":5", with: "\"nps\":\(answer)").utf8)
        }
        let backtest = try Backtest(history: Recorded(lines: lines).history, set: set)
        let drop = try #require(
            try backtest.plan([Recorded.request("metric=nps drop=25 from=2026-01-05")]).shared.first)
        var planter = Planter([drop])
        func score(_ lines: [[UInt8]]) throws -> Double {
            let values = try lines.map { line in
                try line.withUnsafeBytes { try JSONTree.parse($0) }["data"]!["answers"]!["nps"]!.int64!
            }
            return 100 * Double(values.count { $0 >= 9 } - values.count { $0 <= 6 }) / Double(values.count)
        }
        let fall = try score(lines) - score(lines.map { planter.planted($0) })
        #expect(abs(fall - 25) < 2.5, "\(fall)")
    }

    @Test func answersWithAScaleKeepIt() throws {
        let answer: JSONTree = ["value": 5, "scale": "1..5"]
        let lines = (0..<200).map { number in
            Array(
                Responses.event(
                    "s\(number)", csat: number.isMultiple(of: 4) ? 1 : answer, at: Recorded.begin + Int64(number)
                ).utf8)
        }
        let backtest = try Backtest(history: Recorded(lines: lines).history, set: Recorded.set)
        var planter = Planter(try backtest.plan([Recorded.request("drop=70 from=2026-01-05")]).shared)
        let changed = lines.map { planter.planted($0) }.filter { line in
            String(decoding: line, as: UTF8.self).contains(#"{"value":1,"scale":"1..5"}"#)
        }
        #expect(changed.count > 100)
    }

    @Test func linesThatAreNoResponsesStayAsTheyAre() throws {
        let odd = [
            "nonsense", "[]", "{}", #"{"type":"tideline.response.v1"}"#, "{\"data\":{\"answers\":{\"csat\":5}}",
            Responses.event("a", csat: "5"), Responses.event("b", csat: 9), Responses.event("c", csat: 4.5),
        ].map { Array($0.utf8) }
        let backtest = try Backtest(
            history: Recorded(lines: Recorded(days: 3, perDay: 50).lines + odd).history, set: Recorded.set)
        var planter = Planter(try backtest.plan([Recorded.request("drop=50 from=2026-01-05")]).shared)
        for line in odd { #expect(planter.planted(line) == line) }
    }

    @Test(arguments: [
        ("segment=channel:chat", "size"), ("drop=ten", "ten"), ("drop=0", "above 0"), ("drop=-3", "above 0"),
        ("drop=nan", "above 0"), ("segment=chat drop=5", "channel:chat"), ("colour=red drop=5", "colour"),
        ("drop=5 drop=6", "twice"), ("drop=5 from=2026-02-30", "2026-02-30"), ("drop=5 from=soon", "soon"),
        ("drop=5 from=2026-02-01 until=2026-02-01", "not after"),
        ("drop=5 from=2026-02-01 until=2026-03-01 days=3", "contradict"),
        ("drop=5 until=2026-03-01", "days="), ("drop=5 days=0", "days"), ("drop=5 times=0", "times"),
        ("drop=5 times=3 from=2026-02-01", "random"), ("drop=5 times=1e9", "times"), ("", "NAME=VALUE"),
        ("five points", "NAME=VALUE"), ("drop=", "no value"),
    ])
    func requestsThatMakeNoSense(_ text: String, _ named: String) {
        let error = #expect(throws: MessageError.self) { _ = try Recorded.request(text) }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("segment=channel:fax drop=5", "chat, phone"), ("segment=planet:mars drop=5", "planet"),
        ("metric=nps drop=5", "csat"), ("drop=99 from=2026-01-05", "has to lose"),
        ("drop=5 from=2030-01-01 until=2030-02-01", "no answers"),
    ])
    func dropsThatTheHistoryCannotTake(_ text: String, _ named: String) throws {
        let backtest = try Backtest(history: Recorded(days: 5, perDay: 40).history, set: Recorded.set)
        let error = #expect(throws: MessageError.self) { _ = try backtest.plan([Recorded.request(text)]) }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }

    @Test func anEmptyHistoryCannotBePlantedIn() throws {
        let backtest = try Backtest(history: Recorded(lines: []).history, set: Recorded.set)
        #expect(throws: MessageError.self) { _ = try backtest.plan([Recorded.request("drop=5")]) }
    }
}
