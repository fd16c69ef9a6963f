import Messages
import MetricPlugins
import PluginKit
import Runtime
import Satisfaction

/// The configuration in force, read once at start: typed, checked across settings.
package struct TidelineSettings: Sendable {
    package let configuration: Configuration
    package let data: String
    /// What ingest journals; workers and alerting take the set from the journal, not from here.
    package let set: DefinitionSet

    /// Whether the files that `calendar` names are read into the set.
    package enum Calendars: Sendable {
        /// At this moment, ms since 1970: its calendar year decides which years' events are taken.
        case read(now: Int64)
        /// For those who take the set from the journal or do without one: they need not have the files.
        case leave
    }

    /// - Throws: every contradiction between settings at once, and what is wrong with the files they name.
    package init(_ configuration: Configuration, calendars: Calendars) throws(ConfigurationError) {
        self.configuration = configuration
        data = configuration.string("data")
        let metrics = MetricsSetting.definitions(
            configuration.tree("metrics"), themes: configuration.tree("themes"))
        var rules = RulesSetting.definitions(
            configuration.tree("rules"), metrics: metrics,
            latenessDays: min(60, configuration.milliseconds("latenessLimit") / 86_400_000))
        // The rule of the defaults is there for the metric of the defaults; without it there is nothing to watch.
        if configuration.origin("rules") == .builtIn {
            rules.removeAll { rule in !metrics.contains { $0.name == rule.metric } }
        }
        var problems: [ConfigurationProblem] = []
        var notes: [CalendarNote] = []
        if case .read(let now) = calendars, let zone = TimeZoneTable(named: configuration.string("timezone")) {
            notes = CalendarSetting.notes(configuration.tree("calendar"), zone: zone, now: now) { problems.append($0) }
        }
        set = DefinitionSet(
            metrics: metrics, dimensions: configuration.strings("dimensions"),
            pairs: PairsSetting.pairs(configuration.tree("pairs")), model: configuration.strings("model"),
            valuesPerDimensionMax: configuration.integer("caps.valuesPerDimensionMax"),
            timeZone: configuration.string("timezone"), rules: rules,
            stepMilliseconds: configuration.milliseconds("step"),
            latenessLimitMilliseconds: configuration.milliseconds("latenessLimit"),
            completenessDelayMilliseconds: configuration.milliseconds("completenessDelay"),
            calendar: notes)
        problems += Self.contradictions(configuration, set)
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }

    private static func contradictions(_ configuration: Configuration, _ set: DefinitionSet) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func report(_ path: String, _ sentence: String) {
            problems.append(ConfigurationProblem(place: configuration.origin(path), key: path, sentence: sentence))
        }
        if TimeZoneTable(named: set.timeZone) == nil {
            report("timezone", "is \"\(set.timeZone)\", but must be an IANA time zone such as Europe/Berlin")
        }
        if Set(set.dimensions).count != set.dimensions.count { report("dimensions", "names a dimension twice") }
        if set.dimensions.contains("") { report("dimensions", "has an empty name") }
        for dimension in set.model where !set.dimensions.contains(dimension) {
            report(
                "model",
                "names \(dimension), which is not among the dimensions \(set.dimensions.joined(separator: ", "))")
        }
        for dimension in set.pairs.joined() where !set.dimensions.contains(dimension) {
            report(
                "pairs",
                "names \(dimension), which is not among the dimensions \(set.dimensions.joined(separator: ", "))")
        }
        for pair in set.pairs where pair[0] == pair[1] { report("pairs", "has \(pair[0]) with itself") }
        if set.pairs.count > 255 { report("pairs", "has \(set.pairs.count) pairs, but at most 255 are taken") }
        for (place, pair) in set.pairs.enumerated()
        where set.pairs[..<place].contains(where: { Set($0) == Set(pair) }) {
            report("pairs", "has \(pair[0]) and \(pair[1]) twice")
        }
        if let feeds = try? MetricFeeds(set) {
            for answer in feeds.answers {
                let scales = Set(answer.feeds.compactMap { feeds.metrics[$0.metric].watchedRating?.scale })
                guard scales.count > 1 else { continue }
                let names = answer.feeds.map { set.metrics[$0.metric].name }.joined(separator: ", ")
                let listed = scales.map(\.description).sorted().joined(separator: " and ")
                report(
                    "metrics",
                    "take the answer \(answer.name) as one on \(listed) (\(names)): give one scale, or another answer to some"
                )
            }
        }
        var contracts: [Digest: String] = [:]
        var names: Set<String> = []
        for definition in set.metrics {
            if !names.insert(definition.name).inserted {
                report(
                    "metrics", "has \(definition.name) twice; with themes, NAME.themes is taken by the themes of NAME")
            }
            guard let contract = try? definition.metric().contract else { continue }
            if let other = contracts.updateValue(definition.name, forKey: contract.hash) {
                report(
                    "metrics",
                    "has \(other) and \(definition.name), which are the same to the last word; remove one, or name another "
                        + "answer or measure")
            }
        }
        for rule in set.rules {
            guard let definition = set.metrics.first(where: { $0.name == rule.metric }) else {
                let known = set.metrics.map(\.name).joined(separator: ", ")
                report("rules", "rule \(rule.name) watches \(rule.metric), but the metrics are: \(known)")
                continue
            }
            // A metric that cannot be made has been reported.
            guard (try? definition.metric()) != nil else { continue }
            do {
                _ = try RuleSentence.detector(of: rule, in: set, dimensions: set.model, budget: rule.budget)
            } catch { report("rules", error.description) }
        }
        if !configuration.boolean("insecure") {
            for path in [
                "ingest.responses", "ingest.receipts", "ingest.work", "alerting.tallies", "alerting.feed",
                "alerting.requests",
            ]
            where !isLocal(configuration.string(path)) {
                report(
                    path,
                    "is \(configuration.string(path)), which others can reach without encryption: bind to 127.0.0.1, or set insecure: true"
                )
            }
            for path in ["ingest.http", "scoring.http", "alerting.http"]
            where !isLoopback(host(of: configuration.string(path))) {
                report(
                    path,
                    "is \(configuration.string(path)), which others can reach: bind to 127.0.0.1, or set insecure: true"
                )
            }
        }
        return problems
    }

    private static func isLocal(_ endpoint: String) -> Bool {
        guard endpoint.hasPrefix("tcp://") else { return true }
        return isLoopback(host(of: String(endpoint.dropFirst(6))))
    }

    /// What stands before the last colon: an IPv6 address has colons of its own.
    private static func host(of address: String) -> String {
        String(address[..<(address.lastIndex(of: ":") ?? address.endIndex)])
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    }
}
