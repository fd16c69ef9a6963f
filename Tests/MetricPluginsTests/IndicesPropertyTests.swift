import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// What holds for every index: splitting changes nothing, a score lies in its range, and no input ends the process.
@Suite struct IndicesPropertyTests {
    static let family: [(any Metric.Type, JSONTree)] = [
        (WeightedSatisfactionIndex.self, WeightedSatisfactionIndex.plugin.example),
        (
            WeightedSatisfactionIndex.self,
            ["components": ["speed", "price", "friendliness"], "normalisation": "range"]
        ),
        (RankedSatisfactionIndex.self, ["components": ["speed", "price", "friendliness", "reach"], "mentions": 2]),
        (ScorecardIndex.self, ["weights": ["speed": 33.3, "price": 33.3, "friendliness": 33.4]]),
        (AmericanIndex.self, AmericanIndex.plugin.example), (AmericanIndex.self, nil),
        (UKIndex.self, UKIndex.plugin.example),
    ]

    private static let names = ["speed", "price", "friendliness"]

    /// An answer that the family's metric of that place takes.
    private static func answer(_ place: Int, _ generator: inout IndicesGenerator) -> String {
        func whole(_ range: ClosedRange<Int>) -> String { "\(Int.random(in: range, using: &generator))" }
        func members(_ value: () -> String) -> String {
            let rated = names.filter { _ in Bool.random(using: &generator) }
            return (rated.isEmpty ? ["speed"] : rated).map { "\"\($0)\":\(value())" }.joined(separator: ",")
        }
        switch place {
        case 0, 1:
            return "{\"components\":{\(members { "{\"rating\":\(whole(1...5)),\"importance\":\(whole(1...5))}" })}}"
        case 2:
            let mentions = names.shuffled(using: &generator).prefix(2).map { "\"\($0)\"" }.joined(separator: ",")
            return "{\"mentions\":[\(mentions)],\"ratings\":{\(members { whole(1...6) })}}"
        case 3:
            return "{\"indicators\":{\(members { "\(Double.random(in: 0...100, using: &generator))" })}}"
        case 4, 5:
            return "{\"overall\":\(whole(1...10)),\"expectations\":\(whole(1...10)),\"ideal\":\(whole(1...10))}"
        default: return whole(1...10)
        }
    }

    @Test(arguments: family.indices) func everySplitGivesTheSameScore(place: Int) throws {
        let fixture = try IndicesFixture(Self.family[place].0, Self.family[place].1)
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = IndicesGenerator(state: seed)
            let rows = (0..<Int.random(in: 30...80, using: &generator)).map { _ in Self.answer(place, &generator) }
            let whole = try fixture.tally(rows)
            var parts = [Tally](repeating: Tally(width: fixture.metric.width), count: 5)
            for row in rows.shuffled(using: &generator) {
                parts[Int.random(in: 0..<5, using: &generator)].add(try fixture.tally([row]))
            }
            var merged = Tally(width: fixture.metric.width)
            for part in parts.shuffled(using: &generator) { merged.add(part) }
            #expect(merged == whole)
            let score = try #require(fixture.metric.score(merged))
            #expect(score == fixture.metric.score(whole))
            #expect(score.responses == Int64(rows.count))
            #expect(fixture.metric.range.contains(score.value) && score.method == fixture.metric.method)
            let interval = try #require(score.interval)
            #expect(interval.low <= score.value && score.value <= interval.high)
            #expect(fixture.metric.range.contains(interval.low) && fixture.metric.range.contains(interval.high))
            if !score.components.isEmpty { #expect(isClose(score.components.reduce(0) { $0 + $1.weight }, 1)) }
        }
    }

    /// What was added can be taken away again: revisions and erasures do.
    @Test(arguments: family.indices) func takingAnswersAwayUndoesThem(place: Int) throws {
        let fixture = try IndicesFixture(Self.family[place].0, Self.family[place].1)
        var generator = IndicesGenerator(state: 7)
        let rows = (0..<40).map { _ in Self.answer(place, &generator) }
        var tally = try fixture.tally(rows)
        for entry in try fixture.tally(Array(rows[20...])).columns { tally.add(-entry.amount, at: entry.column) }
        #expect(try tally == fixture.tally(Array(rows[..<20])))
    }

    @Test(arguments: family.indices) func wildAnswersNeverTrap(place: Int) throws {
        let fixture = try IndicesFixture(Self.family[place].0, Self.family[place].1)
        let wild = [
            "null", "true", "0", "-0.0", "1e308", "5e-324", "9223372036854775807", "-9223372036854775808",
            "18446744073709551615", "\"\"", "[]", "[[[]]]", "{}", #"{"":{}}"#, #"{"\u0000":1}"#,
        ]
        let holders = [
            "%", #"{"components":%}"#, #"{"components":{"speed":%}}"#, #"{"components":{"%":1}}"#,
            #"{"components":{"speed":{"rating":%,"importance":5}}}"#,
            #"{"components":{"speed":{"rating":5,"importance":%}}}"#, #"{"mentions":%,"ratings":{"speed":1}}"#,
            #"{"mentions":[%],"ratings":{"speed":1}}"#, #"{"mentions":["speed"],"ratings":%}"#,
            #"{"mentions":["speed"],"ratings":{"speed":%}}"#, #"{"indicators":%}"#, #"{"indicators":{"speed":%}}"#,
            #"{"overall":%,"expectations":7,"ideal":7}"#, #"{"overall":7,"expectations":7,"ideal":%}"#,
        ]
        for holder in holders {
            for value in wild where !(holder.contains("\"%\"") && value.contains("\"")) {
                let parts = holder.split(separator: "%", omittingEmptySubsequences: false)
                let text = parts.joined(separator: value)
                switch try fixture.count(text) {
                case .success(let tally): #expect(tally.columns.allSatisfy { $0.column < fixture.metric.width })
                case .failure(let refusal): #expect(!refusal.sentence.isEmpty)
                }
            }
        }
    }

    /// Sums that no answers make, such as those of a broken tally, give a score in its range or none.
    @Test(arguments: family.indices) func wildTalliesNeverTrap(place: Int) throws {
        let fixture = try IndicesFixture(Self.family[place].0, Self.family[place].1)
        var generator = IndicesGenerator(state: 3)
        for round in 0..<300 {
            let most: Int64 = [1, 5, 1 << 20, 1 << 40][round % 4]
            var tally = Tally(width: fixture.metric.width)
            for column in 0..<fixture.metric.width where Int.random(in: 0..<4, using: &generator) > 0 {
                tally.add(Int64.random(in: 0...most, using: &generator), at: column)
            }
            guard let score = fixture.metric.score(tally) else { continue }
            #expect(fixture.metric.range.contains(score.value))
            if let interval = score.interval { #expect(interval.low <= score.value && score.value <= interval.high) }
        }
    }

    @Test(arguments: family.indices) func itSaysTheSameAgain(place: Int) throws {
        let (type, configuration) = Self.family[place]
        let metric = try IndicesFixture(type, configuration).metric
        let twin = try IndicesFixture(type, configuration).metric
        #expect(metric.contract == twin.contract && metric.contract.kind == type.plugin.name)
        #expect(metric.unit == "points" && metric.range == 0...100 && metric.contract.polarity == .higherIsBetter)
        #expect(metric.inputs == [.answer(nil)] && metric.width == twin.width)
        #expect(metric.score(Tally(width: metric.width)) == nil)
        #expect(metricPlugins.contains { $0.plugin.name == type.plugin.name })
        let named = try IndicesFixture(
            type, .object((configuration.object ?? []) + [("answer", "shop")])
        ).metric
        #expect(named.inputs == [.answer("shop")])
    }

    /// Every setting, set to values of other kinds: refused by name or taken, never a trap.
    @Test(arguments: family.indices) func wildConfigurationsNeverTrap(place: Int) throws {
        let (type, configuration) = Self.family[place]
        let wild: [JSONTree] = [
            nil, true, -1, 0, 1, .integer(.max), .integer(.min), 0.5, .number(.infinity), .number(.nan), "", "x",
            "0..1",
            "-9223372036854775808..9223372036854775807", [], [1], [[:]], [:], ["a": nil], ["a": 1e308, "b": 1e308],
        ]
        for (key, _) in try #require(type.plugin.defaults.object) {
            for value in wild {
                let given = JSONTree.object((configuration.object ?? []).filter { $0.0 != key } + [(key, value)])
                if let refused = refusedKey(type, given) {
                    #expect(refused == key || refused == "mentions" || refused == "components")
                }
            }
        }
    }
}
