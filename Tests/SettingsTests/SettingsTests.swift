import JSON
import Messages
import PluginKit
import Runtime
import Settings
import Testing

/// From flags to the set, and contradictions said all at once.
@Suite struct SettingsTests {
    private func settings(_ flags: String...) throws -> TidelineSettings { try load(flags) }

    private func load(_ flags: [String]) throws -> TidelineSettings {
        let arguments = ServiceArguments(flags, schema: TidelineSchema.schema)
        return try TidelineSettings(
            try Configuration.load(TidelineSchema.schema, arguments: arguments),
            calendars: .read(now: 1_795_000_000_000))
    }

    private func problems(_ flags: [String]) throws -> [String] {
        do {
            _ = try load(flags)
            return []
        } catch let error as ConfigurationError { return error.problems.map { "\($0.key): \($0.sentence)" } }
    }

    @Test func theDefaultsAreASet() throws {
        let set = try settings().set
        #expect(set.dimensions == ["region", "channel", "agent", "product"] && set.model == ["region", "channel"])
        #expect(set.metrics.map(\.name) == ["csat"] && set.metrics[0].configuration["satisfied"] == "4..5")
        #expect(
            set.rules.map(\.name) == ["csat-dip"] && set.rules[0].budget == .perSegmentDefault
                && set.rules[0].smallestDip == 3)
        #expect(set.stepMilliseconds == 60_000 && set.timeZone == "UTC" && set.valuesPerDimensionMax == 1000)
        #expect(set.latenessLimitMilliseconds == 7 * 86_400_000)
        #expect(try DefinitionSet(text: set.text).text == set.text)
        #expect(try settings().set.hash == set.hash)
    }

    @Test func whateverDecidesCountsIsPartOfTheSet() throws {
        let changes = [
            ["--timezone", "Europe/Berlin"], ["--step", "30s"], ["--latenessLimit", "3d"],
            ["--dimensions", "[region, channel]"],
            ["--pairs", "[[region, channel]]"], ["--model", "[region]"], ["--caps.valuesPerDimensionMax", "9"],
            ["--metrics", "{csat: {scale: 1..7}}"], ["--metrics", "{happy: {kind: csat}}", "--rules", "[]"],
            ["--rules", "[{name: csat-dip, metric: csat, smallestDip: 4}]"],
            ["--rules", "[{name: csat-dip, metric: csat, falseAlarms: 1 per segment per 100 days}]"],
            ["--rules", "[{name: csat-dip, metric: csat, detector: {kind: sr-mixture, halfLifeDays: 30}}]"],
        ]
        var hashes = [try settings().set.hash]
        for flags in changes {
            hashes.append(try load(flags).set.hash)
        }
        #expect(Set(hashes).count == hashes.count)
        #expect(try settings("--data", "/elsewhere", "--scoring.credit", "3").set.hash == hashes[0])
    }

    @Test(arguments: [
        (["--timezone", "Europe/Atlantis"], "timezone"), (["--dimensions", "[region, region, channel]"], "dimensions"),
        (["--dimensions", "[region, \"\", channel]"], "dimensions"), (["--model", "[planet]"], "model"),
        (["--pairs", "[[region, planet]]"], "pairs"), (["--pairs", "[[region]]"], "pairs"),
        (["--pairs", "3"], "pairs"),
        (["--rules", "[{name: a, metric: nps}]"], "rules"), (["--rules", "[{name: a}]"], "rules[0]"),
        (["--rules", "[{name: a, metric: csat, colour: red}]"], "rules[0].colour"),
        (["--rules", "[{name: a, metric: csat}, {name: a, metric: csat}]"], "rules[1]"),
        (["--rules", "[{name: a, metric: csat, smallestDip: -1}]"], "rules[0].smallestDip"),
        (["--rules", "[{name: a, metric: csat, falseAlarms: never}]"], "rules[0].falseAlarms"),
        (["--rules", "[{name: a, metric: csat, falseAlarms: 1 per segment per nan days}]"], "rules[0].falseAlarms"),
        (["--rules", "[{name: a, metric: csat, detector: oracle}]"], "rules[0].detector"),
        (["--metrics", "{}"], "metrics"), (["--metrics", "{oracle: {scale: 0..10}}"], "metrics.oracle.kind"),
        (["--metrics", "{csat: {satisfied: 4..6}}"], "metrics.csat.satisfied"),
        (["--metrics", "{csat: {bands: strict}}"], "metrics.csat.bands"),
        (["--metrics", "{csat: {bands: [{label: a, from: 10}, {label: b, from: 20}]}}"], "metrics.csat.bands"),
        (["--metrics", "{csat: {}, health: {kind: index, of: {csat: 60, nps: 40}}}"], "metrics.health.of"),
        (["--metrics", "{csat: {}, nps: {}, health: {kind: index, of: {csat: 60, nps: 30}}}"], "metrics.health.of"),
        (["--metrics", "{csat: {}, health: {kind: index, of: {csat: 60, health: 40}}}"], "metrics.health.of"),
        (
            ["--metrics", "{csat: {}, a: {kind: index, of: {csat: 60, b: 40}}, b: {kind: index, of: {a: 100}}}"],
            "metrics.a.of"
        ),
        (["--metrics", "{csat: {followUp: 6}}"], "metrics.csat.followUp"),
        (["--metrics", "{csat: {target: soon}}"], "metrics.csat.target"),
        (["--metrics", "{csat: {convert: {1..10: {1: 1}}}}"], "metrics.csat.convert"),
        (["--metrics", "{csat: {words: {good: 9}}}"], "metrics.csat.words"),
        (["--calendar", "3.5"], "calendar"), (["--calendar", "{kind: holiday}"], "calendar"),
        (["--calendar", "[{file: a.ics, kind: feast}]"], "calendar[0].kind"),
        (["--calendar", "[{file: a.ics, sort: holiday}]"], "calendar[0].sort"),
        (["--calendar", "[\"\"]"], "calendar[0]"), (["--calendar", "/nowhere/a.ics"], "calendar"),
        (["--themes", "{delivery: []}"], "themes"), (["--themes", "[delivery]"], "themes"),
        (["--metrics", "{csat: {scale: 5..1}}"], "metrics.csat.scale"),
        (["--metrics", "{csat: {sclae: 1..5}}"], "metrics.csat.sclae"), (["--notifiers", "[slack]"], "notifiers"),
        (["--ingest.receipts", "tcp://0.0.0.0:7402"], "ingest.receipts"),
        (["--ingest.http", "0.0.0.0:7400"], "ingest.http"),
        (["--alerting.feed", "tcp://*:7412"], "alerting.feed"), (["--step", "0s"], "step"),
        (["--identityHorizon", "1s"], "identityHorizon"), (["--scoring.credit", "0"], "scoring.credit"),
    ])
    func contradictionsNameTheirSetting(flags: [String], key: String) throws {
        let found = try problems(flags)
        #expect(
            found.contains { $0.hasPrefix("\(key):") || $0.hasPrefix("\(key).") || $0.hasPrefix("\(key)[") }, "\(found)"
        )
    }

    @Test func aDetectorsSettingsAreCheckedAtStart() throws {
        let found = try problems(["--rules", "[{name: a, metric: csat, detector: {halfLifeDays: 1}}]"])
        #expect(found.contains { $0.hasPrefix("rules[0].detector") })
    }

    /// The rule of the defaults watches csat; without csat there is nothing to watch, and nobody asked for it.
    @Test func theDefaultRuleGoesWithItsMetric() throws {
        #expect(try problems(["--metrics", "{nps: {}}"]) == [])
        #expect(!(try problems(["--metrics", "{nps: {}}", "--rules", "[{name: a, metric: csat}]"])).isEmpty)
    }

    @Test func severalContradictionsAreSaidAtOnce() throws {
        #expect(
            try problems(["--timezone", "nowhere", "--model", "[planet]", "--ingest.http", "0.0.0.0:1"]).count == 3)
    }

    @Test func whoeverKnowsMayBindElsewhere() throws {
        let open = ["--insecure", "true", "--ingest.receipts", "tcp://0.0.0.0:7402", "--alerting.http", "0.0.0.0:1"]
        #expect(try problems(open) == [])
        let local = [
            "--ingest.receipts", "ipc:///tmp/x", "--ingest.work", "tcp://[::1]:7403", "--ingest.http", "127.0.0.9:1",
        ]
        let found = try problems(local)
        #expect(found == [])
    }

    @Test func metricsAreBuiltFromTheirDefinitions() throws {
        #expect(try settings().set.metrics[0].metric().contract.rating?.scale.description == "1..5")
        let unknown = MetricDefinition(name: "nps", kind: "oracle", configuration: nil)
        #expect(throws: MessageError.self) { try unknown.metric() }
        let wrong = MetricDefinition(name: "csat", kind: "csat", configuration: ["scale": "5..1"])
        #expect(throws: MessageError.self) { try wrong.metric() }
    }
}
