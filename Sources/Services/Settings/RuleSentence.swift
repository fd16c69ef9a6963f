import DetectorPlugins
import JSON
import Messages
import PluginKit
import Satisfaction

/// Rules made on the command line, to be tried beside those of a set.
package enum RuleSentence {
    package static let keys = ["name", "metric", "detector", "falseAlarms", "smallestDip", "detector."]

    /// Reads `name=fast, detector=ewma, falseAlarms=1 per month, smallestDip=2, detector.NAME=…`; what is not said is
    /// that of the set's first rule on the metric, or the default.
    package static func rule(_ text: String, in set: DefinitionSet) throws(MessageError) -> RuleDefinition {
        let sentence = try KeyedSentence(text, separator: ",", keys: keys)
        guard let name = sentence["name"] else { throw MessageError("a rule must have a name, such as name=fast") }
        guard let metric = sentence["metric"] ?? set.rules.first?.metric ?? set.metrics.first?.name else {
            throw MessageError("a rule must have a metric, and the set has none")
        }
        let model = set.rules.first { $0.metric == metric }
        var smallestDip = model?.smallestDip ?? 3
        if let given = sentence["smallestDip"] {
            let number = given.split(separator: " ").first.flatMap { Double($0) }
            guard let points = number, RulesSetting.smallestDipRange.contains(points) else {
                throw MessageError("smallestDip is \"\(given)\", but must be points of the score, 0 or more")
            }
            smallestDip = points
        }
        var budget = model?.budget ?? .perSegmentDefault
        if let given = sentence["falseAlarms"] {
            guard let read = FalseAlarmBudget(given) else {
                throw MessageError(
                    "falseAlarms is \"\(given)\", but must be a budget such as \(FalseAlarmBudget.forms)")
            }
            budget = read
        }
        let settings = sentence.pairs.filter { $0.key.hasPrefix("detector.") }.map { pair in
            (String(pair.key.dropFirst("detector.".count)), value(pair.value))
        }
        let rule = try RuleDefinition(
            name: name, metric: metric,
            detector: sentence["detector"] ?? model?.detector ?? RulesSetting.detectorDefault,
            settings: settings, smallestDip: smallestDip, budget: budget, like: model)
        try check(rule, in: set)
        return rule
    }

    /// The rule with another detector at its defaults, named after both.
    package static func rule(
        like rule: RuleDefinition, detector: String, in set: DefinitionSet
    ) throws(MessageError) -> RuleDefinition {
        let clone = try RuleDefinition(
            name: "\(rule.name)+\(detector)", metric: rule.metric, detector: detector, settings: [],
            smallestDip: rule.smallestDip, budget: rule.budget, like: rule)
        try check(clone, in: set)
        return clone
    }

    /// The detector a rule names, made ready for one line of answers.
    package static func detector(
        of rule: RuleDefinition, in set: DefinitionSet, dimensions: [String], budget: FalseAlarmBudget
    ) throws(MessageError) -> any Detector {
        guard let definition = set.metrics.first(where: { $0.name == rule.metric }) else {
            let known = set.metrics.map(\.name).joined(separator: ", ")
            throw MessageError("rule \(rule.name) watches \(rule.metric), but the metrics are: \(known)")
        }
        let metric = try definition.metric()
        guard let watched = metric.watched else {
            throw MessageError(
                "rule \(rule.name) watches \(rule.metric), but no detector can tell good from bad in what "
                    + "\(definition.kind) counts")
        }
        let type = try RuleDefinition.type(of: rule.detector)
        do throws(PluginConfigurationError) {
            return try type.init(
                configuration: PluginConfiguration(rule.configuration, for: type.plugin),
                context: DetectorContext(
                    rule: rule.name, contract: metric.contract, watched: watched, dimensions: dimensions,
                    stepMilliseconds: set.stepMilliseconds, budget: budget, smallestDip: rule.smallestDip))
        } catch { throw MessageError("rule \(rule.name): detector \(rule.detector): \(error)") }
    }

    private static func check(_ rule: RuleDefinition, in set: DefinitionSet) throws(MessageError) {
        _ = try detector(of: rule, in: set, dimensions: set.model, budget: rule.budget)
    }

    private static func value(_ text: String) -> JSONTree {
        if let whole = Int64(text) { return .integer(whole) }
        if let number = Double(text), number.isFinite { return .number(number) }
        return text == "true" || text == "false" ? .bool(text == "true") : .string(text)
    }
}

extension RuleDefinition {
    /// - Parameter model: a rule whose lateness limit is this one's too, where both detectors know one.
    fileprivate init(
        name: String, metric: String, detector: String, settings: [(String, JSONTree)], smallestDip: Double,
        budget: FalseAlarmBudget, like model: RuleDefinition?
    ) throws(MessageError) {
        let type = try Self.type(of: detector)
        let lateness = "latenessLimitDays"
        var settings = settings
        if let days = model?.configuration[lateness], type.plugin.defaults[lateness] != nil,
            !settings.contains(where: { $0.0 == lateness })
        {
            settings.append((lateness, days))
        }
        do throws(PluginConfigurationError) {
            let configuration = try PluginConfiguration(.object(settings), for: type.plugin)
            self.init(
                name: name, metric: metric, detector: detector, configuration: configuration.effective,
                smallestDip: smallestDip, budget: budget)
        } catch { throw MessageError("rule \(name): detector \(detector): \(error)") }
    }

    fileprivate static func type(of detector: String) throws(MessageError) -> any Detector.Type {
        if let found = DetectorPlugins.all.first(where: { $0.plugin.name == detector }) { return found }
        let known = DetectorPlugins.all.map { $0.plugin.name }.joined(separator: ", ")
        throw MessageError("detector is \"\(detector)\", but the detectors there are: \(known)")
    }
}

extension DefinitionSet {
    /// The set with further rules; nothing that counts responses changes.
    /// - Throws: ``MessageError`` where a name is taken.
    package func adding(_ rules: [RuleDefinition]) throws(MessageError) -> DefinitionSet {
        guard !rules.isEmpty else { return self }
        var all = self.rules
        for rule in rules {
            guard !all.contains(where: { $0.name == rule.name }) else {
                throw MessageError("there is a rule named \(rule.name) already; name this one otherwise")
            }
            all.append(rule)
        }
        return DefinitionSet(
            metrics: metrics, dimensions: dimensions, pairs: pairs, model: model,
            valuesPerDimensionMax: valuesPerDimensionMax, timeZone: timeZone, rules: all,
            stepMilliseconds: stepMilliseconds, latenessLimitMilliseconds: latenessLimitMilliseconds,
            completenessDelayMilliseconds: completenessDelayMilliseconds, calendar: calendar)
    }
}
