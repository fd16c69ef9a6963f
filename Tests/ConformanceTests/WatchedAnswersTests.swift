import JSON
import JournalTestKit
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// What detectors see of metrics: the linear score is the metric's own, and harms stay within their unit.
extension MetricConformanceTests {
    /// Metrics of which detectors see nothing, whatever their settings; each says why.
    private static let unwatched: Set<String> = [
        "contacts", "lifetime.value", "roi", "index", "csi.weighted", "csi.ranked", "csi.scorecard", "themes",
    ]
    /// What detectors compare of these is a place on a logarithmic scale, not the score.
    private static let durations: Set<String> = ["response.time", "resolution.time"]

    /// Forms that neither defaults nor examples have.
    private static let otherForms: [(String, JSONTree)] = [
        ("nps", ["scale": "1..10"]), ("ces", ["polarity": "effort"]), ("csat", ["neutral": "dissatisfied"]),
        ("csat.net", ["scale": "1..4"]), ("csat.net", ["scale": "0..10"]), ("csat.mean", ["scale": "0..100"]),
        ("fcr", ["count": "given"]), ("churn", ["basis": "new"]), ("response.rate", ["basis": "answered"]),
        ("adoption", ["count": "given"]), ("adoption", ["count": "distinct"]),
        ("share", ["of": "measure solved"]), ("share", ["of": "measure lost", "polarity": "lowerIsBetter"]),
        ("share", ["of": "answer csat", "counts": "1..2", "polarity": "lowerIsBetter"]),
        ("share", ["of": "answer csat", "counts": "3"]),
        ("mean", ["of": "answer effort", "polarity": "lowerIsBetter"]),
        ("mean", ["of": "measure basket", "lowest": -5, "highest": 30.25]),
        ("mean", ["of": "measure wait", "lowest": 0, "highest": 40, "polarity": "lowerIsBetter"]),
        ("mean", ["of": "measure wait", "highest": 40]), ("mean", ["of": "measure w", "lowest": 0, "highest": 1e9]),
        ("ratio", ["numerator": "a", "denominator": "b", "interval": "wilson"]),
        (
            "ratio",
            [
                "numerator": "a", "denominator": "b", "interval": "wilson", "scale": 1000,
                "polarity": "lowerIsBetter",
            ]
        ),
        ("ratio", ["numerator": "a", "denominator": "b", "interval": "poisson"]),
        ("acsi", ["weights": ["overall": 0.5, "expectations": 0.3, "ideal": 0.2]]),
    ]

    private static let forms: [(String, JSONTree)] =
        metricPlugins.map { ($0.plugin.name, JSONTree.null) }
        + metricPlugins.map { ($0.plugin.name, $0.plugin.example) }
        + otherForms

    private static let built: [(name: String, metric: any Metric)] = forms.compactMap { name, configuration in
        let type = metricPlugins.first { $0.plugin.name == name }!
        return (try? PluginConfiguration(configuration, for: type.plugin)).flatMap { configuration in
            (try? type.init(configuration: configuration)).map { (name, $0) }
        }
    }

    @Test func everyFormIsWatchedOrSaysWhyNot() {
        for (name, metric) in Self.built where Self.unwatched.contains(name) {
            #expect(metric.watched == nil, "\(name)")
        }
        let watched = Set(Self.built.filter { $0.metric.watched != nil }.map(\.name))
        #expect(watched.union(Self.unwatched) == Set(metricPlugins.map { $0.plugin.name }))
    }

    private func sum(_ weights: [Int64], _ event: [(Int, Int64)]) throws -> Int64 {
        try event.reduce(0) { sum, entry in
            let (product, overflows) = weights[entry.0].multipliedReportingOverflow(by: entry.1)
            try #require(!overflows)
            let (next, wraps) = sum.addingReportingOverflow(product)
            try #require(!wraps)
            return next
        }
    }

    @Test(arguments: built.indices, [1, 2, 3] as [UInt64])
    func theLinearScoreIsTheMetricsOwn(place: Int, seed: UInt64) throws {
        let (name, metric) = Self.built[place]
        guard let watched = metric.watched else { return }
        #expect(watched.answers.count == metric.width)
        var answers: Int64 = 0
        var harms = watched.channels.map { _ in Int64(0) }
        var tally = Tally(width: metric.width)
        var compared = 0
        for event in try contributions(metric, seed: seed, events: 300, onlyCounts: true) {
            let own = try sum(watched.answers, event)
            #expect(own >= 0, "\(name)")
            answers += own
            for (number, channel) in watched.channels.enumerated() {
                let harm = try sum(channel.harms, event)
                if !watched.comesApart { #expect((0...channel.unit * own).contains(harm), "\(name) \(channel.name)") }
                harms[number] += harm
            }
            for (column, amount) in event { tally.add(amount, at: column) }
            guard let score = metric.score(tally), answers > 0 else { continue }
            let linear = try #require(watched.score(answers: Double(answers), harms: harms.map { Double($0) }))
            if Self.durations.contains(name) {
                #expect((0...100).contains(linear))
                compared += 1
            } else if harms.indices.allSatisfy({ (0...watched.channels[$0].unit * answers).contains(harms[$0]) }) {
                #expect(abs(linear - score.value) <= 1e-9 * max(1, abs(score.value)), "\(name)")
                compared += 1
            }
        }
        #expect(compared > 0, "\(name)")
        #expect(watched.isLowerBetter == (metric.contract.polarity == .lowerIsBetter), "\(name)")
    }

    /// A slowdown by half moves the watched number of durations by as much wherever it happens.
    @Test(arguments: ["response.time", "resolution.time"]) func slowdownsAreSeenWhateverTheTail(name: String) throws {
        let metric = try #require(Self.built.first { $0.name == name }).metric
        let watched = try #require(metric.watched)
        let parser = JSONParser()
        func position(_ seconds: Double) throws -> Double {
            let value = try parser.parse(Array("\(seconds)".utf8))
            var sums = Contributions()
            try metric.count(value, input: 0, of: MetricEvent(time: 0, data: value), into: &sums)
            let event = sums.entries.map { (Int($0.column), $0.amount) }
            return try #require(
                watched.score(
                    answers: Double(try sum(watched.answers, event)),
                    harms: [Double(try sum(watched.channels[0].harms, event))]))
        }
        for seconds in [5.0, 60, 3_600, 86_400, 800_000] {
            #expect(abs(try position(2 * seconds) - position(seconds) - 4.69) < 0.3)
        }
        #expect(try position(0) == 0)
        #expect(try position(0.5) == 0)
        #expect(try position(5e6) == 100)
        withExtendedLifetime(parser) {}
    }
}
