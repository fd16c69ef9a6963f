import JSON
import Messages
import MetricPlugins
import PluginKit
import Runtime
import Satisfaction

/// `metrics`: a mapping from a metric's name to its configuration; `kind` names the plugin where the name does not.
///
/// Beside the plugin's own settings every metric has `followUp`, `advocate` and `target`, which change no score and are
/// therefore not part of its contract.
enum MetricsSetting {
    private static let common: Set<String> = ["kind", "followUp", "advocate", "target"]

    static func definitions(_ tree: ConfigurationTree, themes: ConfigurationTree) -> [MetricDefinition] {
        let metrics = (tree.members ?? []).compactMap { try? definition($0, among: tree, path: []) }
        return metrics + ThemesSetting.definitions(themes, of: metrics)
    }

    static func problems(_ tree: ConfigurationTree, _ path: String) -> [ConfigurationProblem] {
        guard let members = tree.members, !members.isEmpty else {
            return [tree.problem("must name at least one metric, such as {csat: {scale: 1..5}}", key: path)]
        }
        return members.compactMap { member -> ConfigurationProblem? in
            do throws(PluginConfigurationError) {
                _ = try definition(member, among: tree, path: [])
                return nil
            } catch {
                let place = error.key.isEmpty ? member.value : member.value[error.key] ?? member.value
                let key = error.key.isEmpty ? "\(path).\(member.key)" : "\(path).\(member.key).\(error.key)"
                return place.problem(error.sentence, key: key)
            }
        }
    }

    /// - Parameter path: the metrics whose parts led here, for those that are made of others.
    private static func definition(
        _ member: ConfigurationTree.Member, among metrics: ConfigurationTree, path: [String]
    ) throws(PluginConfigurationError) -> MetricDefinition {
        let kind = member.value["kind"]?.text ?? member.key
        guard let type = metricPlugins.first(where: { $0.plugin.name == kind }) else {
            let known = metricPlugins.map { $0.plugin.name }.joined(separator: ", ")
            throw PluginConfigurationError(key: "kind", sentence: "is \"\(kind)\", but the metrics there are: \(known)")
        }
        var given = member.value.json(without: common)
        if kind == WeightedIndex.plugin.name {
            given = try expanded(given, of: member.key, among: metrics, path: path + [member.key])
        }
        try checkName(member.key)
        let configuration = try PluginConfiguration(
            namingAnswer(given, of: member.key, type.plugin), for: type.plugin)
        let metric = try type.init(configuration: configuration)
        let followUp = try threshold("followUp", member.value, metric)
        let advocate = try threshold("advocate", member.value, metric)
        try checkCalls(followUp, advocate, metric)
        return MetricDefinition(
            name: member.key, kind: type.plugin.name, configuration: configuration.effective,
            followUp: followUp, advocate: advocate, target: try target(member.value, metric))
    }

    /// An index names other metrics; its contract holds what they are, so that changing one of them changes the index.
    private static func expanded(
        _ given: JSONTree, of name: String, among metrics: ConfigurationTree, path: [String]
    ) throws(PluginConfigurationError) -> JSONTree {
        guard let parts = given["of"]?.object else { return given }
        var expanded: [(String, JSONTree)] = []
        for (part, weight) in parts {
            guard !path.contains(part) else {
                throw PluginConfigurationError(
                    key: "of",
                    sentence:
                        "leads back to \(part) (\((path + [part]).joined(separator: " → "))): an index cannot be part of "
                        + "itself")
            }
            guard let member = metrics.members?.first(where: { $0.key == part }) else {
                let known = (metrics.members ?? []).map(\.key).filter { $0 != name }.joined(separator: ", ")
                throw PluginConfigurationError(
                    key: "of", sentence: "names \(part), which is no metric; the metrics are: \(known)")
            }
            let definition: MetricDefinition
            do { definition = try Self.definition(member, among: metrics, path: path) } catch {
                // What is wrong with the part itself is said at the part.
                guard error.key == "of" else {
                    throw PluginConfigurationError(key: "of", sentence: "names \(part), which cannot be used itself")
                }
                throw error
            }
            expanded.append(
                (
                    part,
                    .object([
                        ("weight", weight), ("kind", .string(definition.kind)),
                        ("configuration", definition.configuration),
                    ])
                ))
        }
        return .object((given.object ?? []).map { $0.0 == "of" ? ("of", .object(expanded)) : $0 })
    }

    private static func threshold(
        _ key: String, _ tree: ConfigurationTree, _ metric: any Metric
    ) throws(PluginConfigurationError) -> Double? {
        guard let given = tree[key] else { return nil }
        guard let scale = metric.watchedRating?.scale else {
            throw PluginConfigurationError(
                key: key, sentence: "needs ratings on a scale, which this metric has none of")
        }
        guard let value = given.number, value >= Double(scale.lowest), value <= Double(scale.highest) else {
            throw PluginConfigurationError(
                key: key, sentence: "is \(given.whatItIs), but must be an answer on \(scale)")
        }
        return value
    }

    /// Names stand in topics and queries.
    private static func checkName(_ name: String) throws(PluginConfigurationError) {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        guard isPlain, !name.isEmpty, name.utf8.count <= 128, !name.hasPrefix("."), !name.hasSuffix("."),
            !name.contains("..")
        else {
            throw PluginConfigurationError(
                key: "", sentence: "has a name that is not letters, digits, _ and -, in parts joined by single dots")
        }
    }

    /// Writes the answer's name into the configuration, and so into the contract: another question, another metric.
    private static func namingAnswer(_ given: JSONTree, of name: String, _ plugin: PluginDescription) -> JSONTree {
        guard plugin.defaults["answer"] != nil, given["answer"] == nil || given["answer"] == .null else { return given }
        let others = (given.object ?? []).filter { $0.0 != "answer" }
        return .object(others + [("answer", .string(MetricInput.answerName(ofMetric: name)))])
    }

    private static func checkCalls(
        _ followUp: Double?, _ advocate: Double?, _ metric: any Metric
    ) throws(PluginConfigurationError) {
        guard let followUp, let advocate else { return }
        guard metric.contract.polarity == .higherIsBetter ? followUp < advocate : followUp > advocate else {
            throw PluginConfigurationError(
                key: "followUp", sentence: "is \(followUp), which is not worse than the advocate's \(advocate)")
        }
    }

    private static func target(
        _ tree: ConfigurationTree, _ metric: any Metric
    ) throws(PluginConfigurationError) -> TargetPath? {
        guard let given = tree["target"] else { return nil }
        guard let path = TargetPath(given.json()) else {
            throw PluginConfigurationError(
                key: "target", sentence: "must be a score, or a path of one a year such as {2026: 80, 2027: 85}")
        }
        for (_, value) in path.values where !metric.range.contains(value) {
            throw PluginConfigurationError(
                key: "target",
                sentence: "has \(value), but scores lie from \(metric.range.lowerBound) to \(metric.range.upperBound)")
        }
        return path
    }
}

/// `themes`: a mapping from a theme's name to the words that stand for it. Every metric of ratings gets a companion,
/// `NAME.themes`, that counts its answers by theme.
enum ThemesSetting {
    static func definitions(_ tree: ConfigurationTree, of metrics: [MetricDefinition]) -> [MetricDefinition] {
        guard let members = tree.members, !members.isEmpty else { return [] }
        return metrics.compactMap { try? companion(of: $0, themes: tree.json()) }
    }

    private static func companion(
        of definition: MetricDefinition, themes: JSONTree
    ) throws -> MetricDefinition? {
        guard let metric = try? definition.metric(), metric.watchedRating != nil else { return nil }
        let configuration = try PluginConfiguration(
            [
                "themes": themes,
                "of": [
                    "name": .string(definition.name), "kind": .string(definition.kind),
                    "configuration": definition.configuration,
                ],
            ], for: ThemeCounts.plugin)
        _ = try ThemeCounts(configuration: configuration)
        return MetricDefinition(
            name: "\(definition.name).themes", kind: ThemeCounts.plugin.name, configuration: configuration.effective)
    }

    static func problems(_ tree: ConfigurationTree, _ path: String) -> [ConfigurationProblem] {
        guard tree.members != nil else {
            return [tree.problem("must map themes to their words, such as {delivery: [deliver, courier]}", key: path)]
        }
        do throws(PluginConfigurationError) {
            try ThemeCounts.check(themes: tree.json())
            return []
        } catch { return [tree.problem(error.sentence, key: path)] }
    }
}
