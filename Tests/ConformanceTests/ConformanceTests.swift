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
        #expect(
            DetectorPlugins.all.map { $0.plugin.name } == [
                "sr-mixture", "fixed-threshold", "band-crossing", "week-over-week", "shewhart", "ewma", "cusum",
                "page-hinkley",
            ])
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
            kind: "csat", rating: Rating(scale: Scale("1..5")!, satisfied: 4...5),
            bands: Bands([Band("good", .from(70)), Band("average", .from(60)), Band("critical", .rest)])!, unit: "%"),
        watched: .share(of: 4...5, on: Scale("1..5")!), dimensions: ["region", "channel"],
        stepMilliseconds: 3_600_000, budget: .perSegmentDefault, smallestDip: 3)
}
