import Alerting
import JSON
import MachineTestKit
import Messages
import Testing

/// A worker that sends nonsense harms nothing.
@Suite struct BadTallyTests {
    private func bend(_ tally: SentTally, _ change: (String) -> some StringProtocol) -> SentTally {
        SentTally(event: Array(change(String(decoding: tally.event, as: UTF8.self)).utf8), set: tally.set)
    }

    private func reason(_ outcome: TallyOutcome) -> Refused.Reason? {
        if case .refused(let refused) = outcome { refused.reason } else { nil }
    }

    @Test(arguments: [
        ("\"type\":\"tideline.tally.v1\"", "\"type\":\"tideline.block.v1\""), ("\"data\":", "\"date\":"),
        ("\"number\":1", "\"number\":\"1\""), ("\"mark\":", "\"park\":"), ("\"step\":", "\"stop\":"),
        ("\"lines\":", "\"lanes\":"), ("[[[],[", "[[[],{}],[[],["), ("[[[],[", "[[[],[1.5,"),
        ("[[[],[", "[[[\"planet\",\"mars\"],["), ("[[[],[", "[[[\"region\"],["), ("[[[],[", "[[[\"region\",3],["),
        ("\"contract\":\"", "\"contract\":\"0"), ("\"metric\":\"csat\"", "\"metric\":\"nps\""),
        ("{", ""),
    ])
    func nonsenseIsRefused(what: String, instead: String) throws {
        var bench = try AlertingMachineTests.Bench()
        let good = try bench.tally([Responses.event("a")])
        let text = String(decoding: good.event, as: UTF8.self)
        #expect(text.contains(what))
        let place = try #require(text.firstRange(of: what))
        let bad = bend(good) { _ in text[..<place.lowerBound] + instead + text[place.upperBound...] }
        #expect(reason(bench.machine.take(bad)) == .badTally)
        #expect(bench.machine.take(good) == .applied)
        try bench.machine.commit(to: bench.store)
        #expect(try bench.totals() == ["total: 1"])
    }

    @Test func aSetThatIsNoneIsRefused() throws {
        var bench = try AlertingMachineTests.Bench()
        let good = try bench.tally([Responses.event("a")])
        for text in ["", "{}", "[]", "{\"metrics\":[]}"] {
            #expect(reason(bench.machine.take(SentTally(event: good.event, set: Array(text.utf8)))) != nil)
        }
        #expect(bench.machine.take(good) == .applied)
    }

    @Test func whatIsBadInItsMiddleCountsNothing() throws {
        var bench = try AlertingMachineTests.Bench()
        let good = try bench.tally([Responses.event("a", segments: [("region", "eu")])])
        let bad = bend(good) { $0.replacing("[\"region\",\"eu\"],[", with: "[\"region\",\"eu\"],[\"x\",") }
        #expect(reason(bench.machine.take(bad)) == .badTally)
        #expect(bench.machine.take(good) == .applied)
        try bench.machine.commit(to: bench.store)
        #expect(try bench.totals() == ["region:eu: 1", "total: 1"])
    }

    @Test func theRefusalNamesItsBlock() throws {
        var bench = try AlertingMachineTests.Bench()
        let bad = bend(try bench.tally([Responses.event("a")])) { $0.replacing("\"lines\":", with: "\"lanes\":") }
        guard case .refused(let refused) = bench.machine.take(bad) else {
            Issue.record("taken")
            return
        }
        #expect(refused.node == bench.chain.node && refused.number == 1)
    }

    @Test(
        "numbers at the ends of their ranges do not trap",
        arguments: [
            "[-9223372036854775808,4,1]", "[9223372036854775807,4,1]",
            "[0,4,9223372036854775807,4,9223372036854775807]",
        ])
    func extremes(row: String) throws {
        var bench = try AlertingMachineTests.Bench()
        let good = try bench.tally([Responses.event("a")])
        let text = String(decoding: good.event, as: UTF8.self)
        let start = try #require(text.firstRange(of: "[[],[")?.upperBound)
        let end = try #require(text[start...].firstIndex(of: "]"))
        let bad = bend(good) { _ in text[..<start].dropLast() + row + text[text.index(after: end)...] }
        _ = bench.machine.take(bad)
    }
}
