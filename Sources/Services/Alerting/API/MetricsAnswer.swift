import HTTP
import JSON
import Messages
import PluginKit
import Satisfaction

extension TrendAPI {
    /// `GET /api/v1/metrics`: the metrics in force, each with its contract word for word.
    func metrics(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly([])
        guard let set else { return .json(Array(#"{"metrics":[]}"#.utf8)) }
        let metrics = set.set.metrics.compactMap { definition -> JSONTree? in
            guard let known = set.metrics[definition.name] else { return nil }
            return Self.tree(
                of: known, versions: set.versions.filter { $0.value.name == definition.name }.sorted { $0.key < $1.key }
            )
        }
        let tree = JSONTree.object([("timezone", .string(set.set.timeZone)), ("metrics", .array(metrics))])
        return .json(Array(tree.text.utf8))
    }

    private static func tree(
        of known: SetInForce.Known, versions: [(key: String, value: SetInForce.Version)]
    ) -> JSONTree {
        let metric = known.metric
        let contract = metric.contract
        let range: JSONTree = .array(
            [metric.range.lowerBound, metric.range.upperBound].map { $0.isFinite ? .number($0) : .null })
        var members: [(String, JSONTree)] = [
            ("name", .string(known.definition.name)), ("kind", .string(contract.kind)),
            ("summary", .string(type(of: metric).plugin.summary)), ("contract", .string(contract.hash.text)),
            ("definition", (try? JSONTree.parse(contract.canonicalText)) ?? .null), ("unit", .string(metric.unit)),
            ("range", range), ("polarity", .string(contract.polarity.rawValue)),
            ("method", .string(metric.method.rawValue)),
            ("inputs", .array(metric.inputs.map { .string(name(of: $0, metric: known.definition.name)) })),
            ("answer", metric.answerSchema), ("versions", .array(versions.map { .string($0.key) })),
            (
                "definitions",
                .object(
                    versions.map { hash, version in
                        (hash, (try? JSONTree.parse(version.metric.contract.canonicalText)) ?? .null)
                    })
            ),
        ]
        if let target = known.target { members.append(("target", target.tree)) }
        if let followUp = known.definition.followUp { members.append(("followUp", .number(followUp))) }
        if let advocate = known.definition.advocate { members.append(("advocate", .number(advocate))) }
        return .object(members)
    }

    private static func name(of input: MetricInput, metric: String) -> String {
        switch input {
        case .answer(let name): "answer \(name ?? MetricInput.answerName(ofMetric: metric))"
        case .measure(let name): "measure \(name)"
        case .invitation: "invitation"
        case .response: "response"
        }
    }
}
