import DetectorPlugins
import JSON
import JournalTestKit
import MetricPlugins
import PluginKit
import Satisfaction
import SourcePlugins
import Testing

/// The battery every plugin passes: it describes itself, refuses what it does not know, says the same again, and no
/// input ends the process.
@Suite struct ConformanceTests {
    private static let descriptions: [PluginDescription] =
        metricPlugins.map { $0.plugin } + DetectorPlugins.all.map { $0.plugin } + sourcePlugins.map { $0.plugin }

    @Test func theListsAreWhole() {
        #expect(metricPlugins.map { $0.plugin.name } == ["csat"])
        #expect(DetectorPlugins.all.map { $0.plugin.name } == ["sr-mixture"])
        #expect(sourcePlugins.map { $0.plugin.name } == ["csv"])
        #expect(Set(Self.descriptions.map(\.name)).count == Self.descriptions.count)
    }

    @Test(arguments: descriptions.indices) func itDescribesItself(place: Int) throws {
        let plugin = Self.descriptions[place]
        #expect(
            plugin.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "." || $0 == "-" } && !plugin.name.isEmpty)
        #expect(plugin.summary.count > 20)
        #expect(plugin.defaults.object?.isEmpty == false)
        #expect(try PluginConfiguration(nil, for: plugin).effective == plugin.defaults)
        #expect(plugin.example.object?.isEmpty == false)
        do {
            _ = try PluginConfiguration(["no-such-setting": 1], for: plugin)
            Issue.record("\(plugin.name) takes a setting it does not have")
        } catch { #expect(error.key == "no-such-setting") }
    }

    /// Every key of a plugin, set to values of other kinds: refused by name or taken, never a trap.
    @Test(arguments: descriptions.indices) func wildConfigurationsNeverTrap(place: Int) throws {
        let plugin = Self.descriptions[place]
        let wild: [JSONTree] = [
            nil, true, -1, 0, 1, .integer(.max), .integer(.min), 0.5, .number(.infinity), .number(.nan), "", "x",
            "0..1",
            "-9223372036854775808..9223372036854775807", [], [1], [[:]], [:], ["a": nil], ["column": "x"],
        ]
        for (key, _) in try #require(plugin.defaults.object) {
            for value in wild {
                let given = JSONTree.object(plugin.example.object!.filter { $0.0 != key } + [(key, value)])
                do {
                    let configuration = try PluginConfiguration(given, for: plugin)
                    try build(plugin, configuration)
                } catch let error as PluginConfigurationError {
                    #expect(!error.sentence.isEmpty)
                }
            }
        }
    }

    private func build(_ plugin: PluginDescription, _ configuration: PluginConfiguration) throws {
        for type in metricPlugins where type.plugin.name == plugin.name {
            _ = try type.init(configuration: configuration)
        }
        for type in DetectorPlugins.all where type.plugin.name == plugin.name {
            _ = try type.init(configuration: configuration, context: Self.context)
        }
        for type in sourcePlugins where type.plugin.name == plugin.name {
            _ = try type.init(configuration: configuration)
        }
    }

    static let context = DetectorContext(
        rule: "battery",
        contract: ScoreContract(
            kind: "csat", formulaVersion: 1, scale: Scale("1..5")!, satisfied: 4...5, neutral: .separate,
            polarity: .higherIsBetter, displayDigits: 1), dimensions: ["region", "channel"],
        stepMilliseconds: 3_600_000,
        patienceDays: 2000, smallestDip: 3)

    // MARK: Metrics

    @Test(arguments: metricPlugins.indices) func aMetric(place: Int) throws {
        let type = metricPlugins[place]
        for given in [nil, type.plugin.example] as [JSONTree] {
            let configuration = try PluginConfiguration(given, for: type.plugin)
            let metric = try type.init(configuration: configuration)
            let twin = try type.init(configuration: configuration)
            #expect(metric.contract == twin.contract && !metric.unit.isEmpty)
            #expect(metric.score(AnswerCounts(steps: metric.contract.scale.steps)) == nil)
            var generator = SeededGenerator(seed: 1)
            for round in 0..<200 {
                let most: Int64 = round % 2 == 0 ? 5 : 1 << 40
                let counts = AnswerCounts(
                    (0..<metric.contract.scale.steps).map { _ in Int64.random(in: 0...most, using: &generator) })
                guard let score = metric.score(counts) else { continue }
                #expect(score == twin.score(counts))
                #expect(metric.range.contains(score.value) && score.responses == counts.total)
                #expect(score.interval.low <= score.value && score.value <= score.interval.high)
                #expect(!metric.band(of: score.value).isEmpty)
            }
        }
    }

    @Test(arguments: metricPlugins.indices) func wildAnswersNeverTrap(place: Int) throws {
        let type = metricPlugins[place]
        let metric = try type.init(configuration: PluginConfiguration(nil, for: type.plugin))
        let parser = JSONParser()
        for text in [
            "null", "true", "0", "-0.0", "1e308", "-1e308", "5e-324", "9223372036854775807", "-9223372036854775808",
            "18446744073709551615", "\"\"", "\"5\"", "[]", "[[[]]]", "{}", #"{"value":null}"#, #"{"value":{}}"#,
            #"{"value":1,"scale":""}"#, #"{"value":1,"scale":".."}"#, #"{"value":1,"scale":"-"}"#,
            #"{"value":1,"scale":"9223372036854775807..-9223372036854775808"}"#,
            #"{"value":1,"scale":"-9223372036854775808..1"}"#,
        ] {
            let value = try parser.parse(Array(text.utf8))
            do throws(AnswerRefusal) {
                let step = try metric.step(of: value)
                #expect((0..<metric.contract.scale.steps).contains(step))
            } catch { #expect(!error.sentence.isEmpty) }
        }
        withExtendedLifetime(parser) {}
    }
}
