import JSON
import JournalTestKit
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// The battery of metrics: what every one of them must do, whatever it measures.
@Suite struct MetricConformanceTests {
    /// Every metric, with its defaults where they suffice and with its example.
    private static let metrics: [(name: String, configuration: JSONTree)] = metricPlugins.flatMap { type in
        [(type.plugin.name, JSONTree.null), (type.plugin.name, type.plugin.example)].filter { _, configuration in
            (try? PluginConfiguration(configuration, for: type.plugin)).flatMap { try? type.init(configuration: $0) }
                != nil
        }
    }

    private func metric(_ place: Int) throws -> any Metric {
        let (name, configuration) = Self.metrics[place]
        let type = metricPlugins.first { $0.plugin.name == name }!
        return try type.init(configuration: PluginConfiguration(configuration, for: type.plugin))
    }

    @Test func everyExampleBuilds() throws {
        for type in metricPlugins {
            _ = try type.init(configuration: PluginConfiguration(type.plugin.example, for: type.plugin))
        }
        #expect(Set(metricPlugins.map { $0.plugin.name }).count == metricPlugins.count)
    }

    @Test(arguments: metrics.indices) func itDeclaresItself(place: Int) throws {
        let metric = try metric(place)
        #expect(try metric.contract == self.metric(place).contract)
        #expect(metric.contract.kind == Self.metrics[place].name)
        #expect(!metric.inputs.isEmpty && Set(metric.inputs).count <= metric.inputs.count)
        #expect((1...Tally.widthMax).contains(metric.width))
        #expect(metric.answerSchema.object?.isEmpty == false)
        let text = metric.contract.canonicalText
        #expect(try JSONTree.parse(text).canonical == Array(text.utf8))
        if let rating = metric.contract.rating { #expect(rating.scale.contains(rating.satisfied.lowerBound)) }
        if metric.range.upperBound.isFinite, metric.range.lowerBound.isFinite {
            #expect(metric.range.lowerBound < metric.range.upperBound)
        }
    }

    @Test(arguments: metrics.indices) func withoutAnswersThereIsNoScore(place: Int) throws {
        let metric = try metric(place)
        #expect(metric.score(Tally(width: metric.width)) == nil)
    }

    /// Real and wild events in turn; gives every contribution that was taken.
    func contributions(
        _ metric: any Metric, seed: UInt64, events: Int, onlyCounts: Bool = false
    ) throws -> [[(Int, Int64)]] {
        var generator = SeededGenerator(seed: seed)
        let parser = JSONParser()
        var taken: [[(Int, Int64)]] = []
        for number in 0..<events {
            let input = Int.random(in: metric.inputs.indices, using: &generator)
            let value = Samples.value(metric, input: input, onlyCounts: onlyCounts, using: &generator)
            let text =
                "{\"data\":{\"value\":\(value.text),\"respondent\":\"r\(number % 97)\",\"survey\":\"post-ticket\","
                + "\"comment\":\"the courier was late and the price is high\",\"segments\":{\"channel\":\"email\"},"
                + "\"invited\":\"2026-11-21T10:00:00Z\"}}"
            let root = try parser.parse(Array(text.utf8))
            let data = root.member(named: "data")!
            let isWhole = metric.inputs[input] == .invitation || metric.inputs[input] == .response
            var sums = Contributions()
            do throws(AnswerRefusal) {
                try metric.count(
                    isWhole ? data : data.member(named: "value")!, input: input,
                    of: MetricEvent(time: 1_763_719_530_000, data: data), into: &sums)
                for entry in sums.entries { #expect((0..<metric.width).contains(Int(entry.column))) }
                if !sums.entries.isEmpty { taken.append(sums.entries.map { (Int($0.column), $0.amount) }) }
            } catch { #expect(!error.sentence.isEmpty) }
        }
        withExtendedLifetime(parser) {}
        return taken
    }

    private func tally(_ metric: any Metric, _ contributions: [[(Int, Int64)]]) -> Tally {
        var tally = Tally(width: metric.width)
        for event in contributions { for (column, amount) in event { tally.add(amount, at: column) } }
        return tally
    }

    /// Any split over any number of workers, merged in any order, is the same tally and the same score to the last bit.
    @Test(arguments: metrics.indices, [1, 2, 3, 4] as [UInt64]) func mergingIsCommutativeAndAssociative(
        place: Int, seed: UInt64
    ) throws {
        let metric = try metric(place)
        let events = try contributions(metric, seed: seed, events: 400)
        let whole = tally(metric, events)
        var generator = SeededGenerator(seed: seed)
        var parts = [[[(Int, Int64)]]](repeating: [], count: Int.random(in: 2...7, using: &generator))
        for event in events { parts[Int.random(in: parts.indices, using: &generator)].append(event) }
        var tallies = parts.map { tally(metric, $0) }.shuffled(using: &generator)
        while tallies.count > 1 {
            var merged = tallies.remove(at: Int.random(in: tallies.indices, using: &generator))
            let other = tallies.remove(at: Int.random(in: tallies.indices, using: &generator))
            merged.add(other)
            tallies.append(merged)
        }
        #expect(tallies[0] == whole)
        #expect(metric.score(tallies[0]) == metric.score(whole))
    }

    @Test(arguments: metrics.indices, [1, 2, 3, 4] as [UInt64]) func scoresLieInTheirRangeAndIntervalsAroundThem(
        place: Int, seed: UInt64
    ) throws {
        let metric = try metric(place)
        let events = try contributions(metric, seed: seed, events: 300)
        var tally = Tally(width: metric.width)
        var scored = 0
        for event in events {
            for (column, amount) in event { tally.add(amount, at: column) }
            guard let score = metric.score(tally) else { continue }
            scored += 1
            #expect(metric.range.contains(score.value), "\(Self.metrics[place].name) \(score.value)")
            #expect(score.responses > 0)
            if let interval = score.interval {
                #expect(interval.low <= score.value && score.value <= interval.high)
                #expect(!interval.low.isNaN && !interval.high.isNaN)
            }
            for component in score.components { #expect(component.weight >= 0 && component.weight <= 1 + 1e-9) }
            if !metric.contract.bands.bands.isEmpty {
                #expect(metric.contract.bands.band(of: score.value) != nil)
            }
        }
        #expect(scored > 0, "\(Self.metrics[place].name): no sample made a score; teach Samples its answers")
    }

    /// Sums no real answers give: no score or some score, never a trap.
    @Test(arguments: metrics.indices) func hostileSumsNeverTrap(place: Int) throws {
        let metric = try metric(place)
        var generator = SeededGenerator(seed: 5)
        for round in 0..<60 {
            var tally = Tally(width: metric.width)
            let amounts: [Int64] = [.min, .max, -1, 1, 0, 1 << 40, 7]
            for _ in 0..<min(metric.width, 40) {
                tally.add(
                    round % 2 == 0
                        ? amounts.randomElement(using: &generator)! : Int64.random(in: -9...9, using: &generator),
                    at: Int.random(in: 0..<metric.width, using: &generator))
            }
            _ = metric.score(tally)
        }
    }

    @Test(arguments: metrics.indices) func wildAnswersNeverTrap(place: Int) throws {
        let metric = try metric(place)
        let parser = JSONParser()
        for text in [
            "null", "true", "0", "-0.0", "1e308", "-1e308", "5e-324", "9223372036854775807", "-9223372036854775808",
            "18446744073709551615", "\"\"", "\"5\"", "\"★★★\"", "[]", "[[[]]]", "{}", #"{"value":null}"#,
            #"{"value":{}}"#,
            #"{"value":1,"scale":""}"#, #"{"value":1,"scale":".."}"#, #"{"value":1,"scale":"-"}"#,
            #"{"value":1,"scale":"9223372036854775807..-9223372036854775808"}"#,
            #"{"value":1,"scale":"-9223372036854775808..1"}"#, #"{"components":1}"#, #"{"components":{"a":1}}"#,
            #"{"components":{"":{"rating":null,"importance":[]}}}"#, #"{"mentions":[1,null,{}],"ratings":[]}"#,
            #"{"indicators":{"quality":1e400}}"#.replacing("1e400", with: "1e300"), #"{"from":1,"to":2}"#,
            #"{"from":"2026-11-21T10:00:00Z","to":"2000-01-01T00:00:00Z"}"#, #"{"from":"","to":""}"#,
            #"{"overall":11,"expectations":null,"ideal":[]}"#,
        ] {
            let value = try parser.parse(Array(text.utf8))
            for input in metric.inputs.indices {
                var sums = Contributions()
                do throws(AnswerRefusal) {
                    try metric.count(value, input: input, of: MetricEvent(time: 0, data: value), into: &sums)
                    for entry in sums.entries { #expect((0..<metric.width).contains(Int(entry.column))) }
                } catch { #expect(!error.sentence.isEmpty) }
            }
        }
        withExtendedLifetime(parser) {}
    }
}

/// Answers and measured values as each kind of metric takes them, some of them wrong.
private enum Samples {
    static func value(
        _ metric: any Metric, input: Int, onlyCounts: Bool = false, using generator: inout SeededGenerator
    ) -> JSONTree {
        if onlyCounts, case .measure = metric.inputs[input] { return measuredCount(metric, using: &generator) }
        if generator.chance(0.05) { return [nil, true, "x", -1, 1e9, [:], []].randomElement(using: &generator)! }
        switch metric.inputs[input] {
        case .measure: return measured(using: &generator)
        case .invitation, .response: return true
        case .answer: return answer(metric, using: &generator)
        }
    }

    /// Numbers of things where a metric takes them, else what is so or not.
    private static func measuredCount(_ metric: any Metric, using generator: inout SeededGenerator) -> JSONTree {
        metric.width == 2
            ? .bool(generator.chance(0.3)) : .integer(Int64.random(in: 0...20, using: &generator))
    }

    private static func measured(using generator: inout SeededGenerator) -> JSONTree {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: .bool(Bool.random(using: &generator))
        case 1: .integer(Int64.random(in: 0...3, using: &generator))
        case 2: .integer(Int64.random(in: 0...20, using: &generator))
        case 3: .number(Double.random(in: 0...5000, using: &generator))
        default: ["from": "2026-11-21T10:00:00Z", "to": "2026-11-21T10:07:30Z"]
        }
    }

    private static func answer(_ metric: any Metric, using generator: inout SeededGenerator) -> JSONTree {
        func rating(_ highest: Int64) -> JSONTree { .integer(Int64.random(in: 1...highest, using: &generator)) }
        if let scale = metric.watchedRating?.scale {
            return .integer(Int64.random(in: Int64(scale.lowest)...Int64(scale.highest), using: &generator))
        }
        let definition = (try? JSONTree.parse(metric.contract.canonicalText))?["settings"] ?? .null
        let names =
            (definition["components"]?.array?.compactMap(\.string)) ?? (definition["weights"]?.object?.map(\.0)) ?? []
        switch metric.contract.kind {
        case "csi.weighted":
            return ["components": .object(names.map { ($0, ["rating": rating(5), "importance": rating(5)]) })]
        case "csi.ranked":
            return [
                "mentions": .array(names.shuffled(using: &generator).prefix(4).map { .string($0) }),
                "ratings": .object(names.map { ($0, rating(6)) }),
            ]
        case "csi.scorecard":
            return [
                "indicators": .object(names.map { ($0, .number(Double.random(in: 0...100, using: &generator))) })
            ]
        case "acsi": return ["overall": rating(10), "expectations": rating(10), "ideal": rating(10)]
        default: return rating(5)
        }
    }
}
