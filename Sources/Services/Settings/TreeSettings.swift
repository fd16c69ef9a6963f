import DetectorPlugins
import JSON
import Messages
import MetricPlugins
import PluginKit
import Runtime
import Satisfaction

/// `pairs`: a list of pairs of dimensions.
enum PairsSetting {
    static func pairs(_ tree: ConfigurationTree) -> [[String]] {
        (tree.list ?? []).map { ($0.list ?? []).compactMap(\.text) }
    }

    static func problems(_ tree: ConfigurationTree, _ path: String) -> [ConfigurationProblem] {
        guard let list = tree.list else {
            return [tree.problem("must be a list of pairs such as [[region, channel]]", key: path)]
        }
        return list.filter { ($0.list?.compactMap(\.text).count ?? 0) != 2 }
            .map { $0.problem("must be a pair of dimensions such as [region, channel]", key: path) }
    }
}

/// `rules`: a list of {name, metric, smallestDip, falseAlarms, detector: {kind, …}, volume}.
enum RulesSetting {
    static let keys = ["name", "metric", "smallestDip", "falseAlarms", "detector", "volume"]
    static let detectorDefault = "sr-mixture"

    /// Smallest dip where none is given: 3 points, or 3 % of a score that has fewer than 100 points in all.
    static func smallestDip(of metric: MetricDefinition?) -> Double {
        guard let span = (try? metric?.metric())?.watched?.span, span > 0 else { return smallestDipDefault }
        return min(smallestDipDefault, smallestDipDefault / 100 * span)
    }

    private static let smallestDipDefault = 3.0
    /// Points of scores in money or time may be many.
    static let smallestDipRange = 0...1e12

    /// - Parameter latenessDays: of the whole configuration, for detectors that know it and are not told otherwise.
    static func definitions(
        _ tree: ConfigurationTree, metrics: [MetricDefinition], latenessDays: Int64
    ) -> [RuleDefinition] {
        (tree.list ?? []).compactMap { rule in
            guard let name = rule["name"]?.text, let metric = rule["metric"]?.text,
                let (type, configuration) = try? detector(of: rule, latenessDays: latenessDays),
                let budget = budget(rule["falseAlarms"])
            else { return nil }
            return RuleDefinition(
                name: name, metric: metric, detector: type.plugin.name, configuration: configuration.effective,
                smallestDip: rule["smallestDip"]?.number
                    ?? smallestDip(of: metrics.first { $0.name == metric }), budget: budget,
                volume: rule["volume"]?.bool ?? true)
        }
    }

    static func problems(_ tree: ConfigurationTree, _ path: String) -> [ConfigurationProblem] {
        guard let rules = tree.list else {
            return [tree.problem("must be a list of rules such as [{name: csat-dip, metric: csat}]", key: path)]
        }
        var problems: [ConfigurationProblem] = []
        var names: Set<String> = []
        for (index, rule) in rules.enumerated() {
            let key = "\(path)[\(index)]"
            for member in rule.members ?? [] where !keys.contains(member.key) {
                problems.append(
                    ConfigurationProblem(
                        place: member.keyPlace, key: "\(key).\(member.key)",
                        sentence: "is not a setting of a rule; it has: \(keys.joined(separator: ", "))"))
            }
            guard let name = rule["name"]?.text, rule["metric"]?.text != nil else {
                problems.append(rule.problem("must have a name and a metric", key: key))
                continue
            }
            if !names.insert(name).inserted { problems.append(rule.problem("repeats the name \(name)", key: key)) }
            if let dip = rule["smallestDip"], !(dip.number.map { smallestDipRange.contains($0) } ?? false) {
                problems.append(
                    dip.problem(
                        "is \(dip.whatItIs), but must be points of the score, 0 or more", key: "\(key).smallestDip"))
            }
            if let volume = rule["volume"], volume.bool == nil {
                problems.append(
                    volume.problem("is \(volume.whatItIs), but must be true or false", key: "\(key).volume"))
            }
            if budget(rule["falseAlarms"]) == nil {
                problems.append(
                    rule["falseAlarms"]!.problem(
                        "is \(rule["falseAlarms"]!.whatItIs), but must be a budget such as \(FalseAlarmBudget.forms)",
                        key: "\(key).falseAlarms"))
            }
            do {
                let (type, configuration) = try detector(of: rule)
                _ = try type.init(configuration: configuration, context: trial)
            } catch {
                problems.append((rule["detector"] ?? rule).problem(error.description, key: "\(key).detector"))
            }
        }
        return problems
    }

    /// Any context with bands will do to see whether a detector takes its configuration; whether it understands the
    /// rule's own metric shows where the rule is built.
    private static let trial: DetectorContext = {
        let rating = Rating(scale: Scale(lowest: 1, highest: 5)!, satisfied: 4...5)
        return DetectorContext(
            rule: "trial",
            contract: ScoreContract(
                kind: "csat", rating: rating, bands: Bands([Band("good", .from(80)), Band("poor", .rest)])!, unit: "%"),
            watched: .share(of: rating.satisfied, on: rating.scale),
            dimensions: [], stepMilliseconds: 60_000, budget: .perSegmentDefault, smallestDip: 3)
    }()

    private static func detector(
        of rule: ConfigurationTree, latenessDays: Int64? = nil
    ) throws(PluginConfigurationError) -> (any Detector.Type, PluginConfiguration) {
        let given = rule["detector"]
        let kind = given?.text ?? given?["kind"]?.text ?? detectorDefault
        guard let type = DetectorPlugins.all.first(where: { $0.plugin.name == kind }) else {
            let known = DetectorPlugins.all.map { $0.plugin.name }.joined(separator: ", ")
            throw PluginConfigurationError(key: "", sentence: "is \"\(kind)\", but the detectors there are: \(known)")
        }
        var members = given?.json(without: ["kind"]).object ?? []
        let lateness = "latenessLimitDays"
        if let latenessDays, type.plugin.defaults[lateness] != nil, !members.contains(where: { $0.0 == lateness }) {
            members.append((lateness, .integer(latenessDays)))
        }
        return (type, try PluginConfiguration(.object(members), for: type.plugin))
    }

    /// The budget a sentence states, the default where nothing is given.
    static func budget(_ tree: ConfigurationTree?) -> FalseAlarmBudget? {
        guard let tree else { return .perSegmentDefault }
        return tree.text.flatMap { FalseAlarmBudget($0) }
    }
}

/// `notifiers`: none are built in yet, so anything but an empty list is a mistake worth saying.
enum NotifiersSetting {
    static func problems(_ tree: ConfigurationTree, _ path: String) -> [ConfigurationProblem] {
        guard let list = tree.list else { return [tree.problem("must be a list", key: path)] }
        return list.map {
            $0.problem("names a notifier, but this release has none: subscribe to the feed instead", key: path)
        }
    }
}

extension ConfigurationTree {
    /// The tree as JSON, for plugins, without some of its keys. YAML's 1..5 stays a text.
    package func json(without excluded: Set<String> = []) -> JSONTree {
        switch value {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .double(let number): .number(number)
        case .string(let text): .string(text)
        case .list(let items): .array(items.map { $0.json() })
        case .map(let members):
            .object(members.filter { !excluded.contains($0.key) }.map { ($0.key, $0.value.json()) })
        }
    }
}
