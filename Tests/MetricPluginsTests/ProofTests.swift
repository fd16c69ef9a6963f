import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// The figures by which the field knows its formulas, each to the digits in which it is printed.
@Suite struct ProofTests {
    /// A metric by its kind, fed with whole events.
    private struct Bench {
        let metric: any Metric
        private(set) var tally: Tally

        init(_ kind: String, _ configuration: JSONTree = .null) throws {
            let type = try #require(metricPlugins.first { $0.plugin.name == kind })
            metric = try type.init(configuration: PluginConfiguration(configuration, for: type.plugin))
            tally = Tally(width: metric.width)
        }

        mutating func take(_ value: JSONTree, input: MetricInput? = nil, times: Int = 1) throws {
            let place = try #require(input.map { metric.inputs.firstIndex(of: $0) } ?? 0)
            let parser = JSONParser()
            let data = try parser.parse(Array(JSONTree.object([("value", value)]).text.utf8))
            var sums = Contributions()
            let isWhole = metric.inputs[place] == .invitation || metric.inputs[place] == .response
            try metric.count(
                isWhole ? data : data.member(named: "value")!, input: place, of: MetricEvent(time: 0, data: data),
                into: &sums)
            for _ in 0..<times { for entry in sums.entries { tally.add(entry.amount, at: Int(entry.column)) } }
            withExtendedLifetime(parser) {}
        }

        func score() throws -> Score { try #require(metric.score(tally)) }
        func band() throws -> Band? { metric.contract.bands.band(of: try score().value) }
    }

    private func rounded(_ value: Double, _ digits: Int) -> Double {
        var unit = 1.0
        for _ in 0..<digits { unit *= 10 }
        return (value * unit).rounded() / unit
    }

    // MARK: Customer satisfaction

    @Test func eightyOfAHundred() throws {
        var bench = try Bench("csat")
        try bench.take(5, times: 80)
        try bench.take(2, times: 20)
        #expect(try bench.score().value == 80.0)
        #expect(try bench.band()?.label == "good")
    }

    @Test func sixtyOfSeventyAndTheirResponseRate() throws {
        var bench = try Bench("csat")
        try bench.take(4, times: 60)
        try bench.take(1, times: 10)
        #expect(try rounded(bench.score().value, 3) == 85.714)
        var rate = try Bench("response.rate")
        try rate.take(.null, input: .invitation, times: 100)
        try rate.take(.null, input: .response, times: 70)
        #expect(try rate.score().value == 70)
    }

    @Test func sixtyTwoOfAHundredWithItsInterval() throws {
        var bench = try Bench("csat")
        try bench.take(5, times: 62)
        try bench.take(1, times: 38)
        let interval = try #require(try bench.score().interval)
        #expect(rounded(interval.low, 1) == 52.2 && rounded(interval.high, 1) == 70.9)
    }

    @Test func sharesOverFiveSteps() throws {
        var strict = try Bench("csat", ["neutral": "dissatisfied"])
        var mean = try Bench("csat.mean")
        for (answer, count) in [(1, 20), (2, 15), (3, 20), (4, 35), (5, 10)] {
            try strict.take(.integer(Int64(answer)), times: count)
            try mean.take(.integer(Int64(answer)), times: count)
        }
        #expect(try strict.score().value == 45)
        #expect(try strict.score().figures.first { $0.name == "dissatisfied" }?.value == 55)
        #expect(try mean.score().value == 3.00)
    }

    @Test func fivePeriods() throws {
        let summary = TrendSummary([48, 45, 50, 47, 53])
        #expect(try rounded(#require(summary.mean), 1) == 48.6)
        #expect(summary.lows == [1, 3])
        #expect(TrendSummary([nil, 3, nil, 1, 1, nil, 2]).lows == [3] && TrendSummary([]).mean == nil)
    }

    // MARK: Net promoter score

    @Test func netPromoterScores() throws {
        var plain = try Bench("nps")
        try plain.take(9, times: 80)
        try plain.take(3, times: 20)
        #expect(try plain.score().value == 60)
        var mixed = try Bench("nps")
        try mixed.take(10, times: 566)
        try mixed.take(7, times: 261)
        try mixed.take(6, times: 173)
        #expect(try rounded(mixed.score().value, 1) == 39.3)
        #expect(try Bench("nps").metric.contract != Bench("nps", ["scale": "1..10"]).metric.contract)
        #expect(throws: AnswerRefusal.self) { try plain.take(8.5) }
    }

    // MARK: Indexes

    @Test func americanIndex() throws {
        let answer: JSONTree = ["overall": 8, "expectations": 7, "ideal": 7]
        var weighted = try Bench(
            "acsi", ["weights": ["overall": 0.3885, "expectations": 0.3190, "ideal": 0.2925]])
        try weighted.take(answer)
        #expect(try rounded(weighted.score().value, 2) == 70.98)
        var equal = try Bench("acsi")
        try equal.take(answer)
        #expect(try rounded(equal.score().value, 2) == 70.37)
    }

    @Test func seventyOneIsBelowAverage() throws {
        let band = try #require(try Bench("acsi").metric.contract.bands.band(of: 71))
        #expect(band.label == "below average")
        #expect(band.note?.contains("20") == true && band.note?.contains("40 %") == true)
    }

    @Test func halfAPointOfFiveIsTenPercent() throws {
        let group = { (mean: Double) in Profile.Group(mean: mean, deviation: 1, answers: 100) }
        let profile = Profile([
            Profile.Component(name: "speed", scale: Scale("1..5")!, first: group(3.5), second: group(4.0))
        ])
        #expect(try rounded(abs(#require(profile.lines[0].percent)), 9) == 10)
    }

    @Test func aFallOfFifteenPoints() {
        let change = Change(from: 75, to: 60)
        #expect(change.points == -15 && change.percent == -20)
    }

    // MARK: Operations

    @Test func churn() throws {
        var bench = try Bench("churn")
        try bench.take(2500, input: .measure("customersStart"))
        try bench.take(2455, input: .measure("customersEnd"))
        #expect(try rounded(bench.score().value, 9) == 1.8)
    }

    @Test func adoption() throws {
        var bench = try Bench("adoption", ["count": "given"])
        try bench.take(5, input: .measure("featureUsers"))
        try bench.take(200, input: .measure("users"))
        #expect(try bench.score().value == 2.5)
    }

    @Test func returnOnInvestment() throws {
        var bench = try Bench("roi", ["margin": 40])
        try bench.take(50_000, input: .measure("spend"))
        try bench.take(300_000, input: .measure("sales"))
        #expect(try bench.score().value == 140)
    }

    @Test func serviceLevel() throws {
        var bench = try Bench("service.level")
        try bench.take(27, input: .measure("inStockDays"))
        try bench.take(3, input: .measure("outOfStockDays"))
        #expect(try bench.score().value == 0.9)
    }
}
