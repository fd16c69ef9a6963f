import HTTP
import JSON
import Messages
import PluginKit
import Runtime
import Satisfaction
import Synchronization

/// The questions people and programs ask over HTTP, answered from the store: what is committed, nothing else.
package final class TrendAPI: Sendable {
    /// Windows of one answer; a longer span needs a coarser step.
    static let windowsMax = 100_000

    private struct InForce: Sendable {
        let hash: Digest
        let metrics: [String: any Metric]
        let zone: TimeZoneTable
    }

    private let store: TrendStore
    private let inForce = Mutex<InForce?>(nil)

    package init(store: TrendStore) { self.store = store }

    /// Takes up the set that the last applied block names.
    package func use(_ set: DefinitionSet) {
        guard inForce.withLock({ $0?.hash }) != set.hash else { return }
        let metrics = set.metrics.compactMap { definition in (try? definition.metric()).map { (definition.name, $0) } }
        guard let zone = TimeZoneTable(named: set.timeZone) else { return }
        inForce.withLock { $0 = InForce(hash: set.hash, metrics: Dictionary(metrics) { $1 }, zone: zone) }
    }

    package var routes: [Route] {
        [
            Route(.get, "/api/v1/scores") { [self] in try scores($0) },
            Route(.get, "/api/v1/alerts") { [self] in try alerts($0) },
            Route(.get, "/api/v1/series") { [self] in try series($0) },
        ]
    }

    // MARK: Scores

    private func scores(_ request: HTTPRequest) throws -> HTTPResponse {
        let metricName = try request.requiredText("metric")
        guard let inForce = inForce.withLock({ $0 }) else { return .json(Array("{\"scores\":[]}".utf8)) }
        guard let metric = inForce.metrics[metricName] else {
            let known = inForce.metrics.keys.sorted().joined(separator: ", ")
            throw QueryError("metric", "is \"\(metricName)\", but the metrics are: \(known)")
        }
        guard let segment = Segment(try request.text("segment") ?? "") else {
            throw QueryError("segment", "must be dimension:value, such as region:eu")
        }
        let stepText = try request.text("step") ?? "1d"
        guard let step = WindowStep(rawValue: stepText) else {
            let known = WindowStep.allCases.map(\.rawValue).joined(separator: ", ")
            throw QueryError("step", "is \"\(stepText)\", but must be one of: \(known)")
        }
        let from = try moment(request, "from", zone: inForce.zone) ?? Timestamp.earliest - 86_400_000 * 2
        let to = try moment(request, "to", zone: inForce.zone) ?? Timestamp.latest
        guard from < to else { throw QueryError("from", "must be before to") }
        var text = "{\"scores\":["
        var windows = 0
        for line in try store.series(metric: metricName, segment: segment)
        where line.contract == metric.contract.hash.text {
            for (window, counts) in try Windows(step: step, zone: inForce.zone).counts(
                of: line, in: store, from: from, to: to)
            {
                guard
                    let data = ScoreData.tree(
                        of: line, metric: metric, counts: counts, window: window, step: step.rawValue,
                        provisional: false)
                else { continue }
                windows += 1
                guard windows <= Self.windowsMax else {
                    throw QueryError(
                        "step", "gives more than \(Self.windowsMax) windows; ask for a shorter span or a longer step")
                }
                if windows > 1 { text += "," }
                text += data.text
            }
        }
        return .json(Array((text + "]}").utf8))
    }

    /// An RFC 3339 time, or a civil day of the configured zone.
    private func moment(_ request: HTTPRequest, _ name: String, zone: TimeZoneTable) throws(QueryError) -> Int64? {
        guard let text = try request.text(name), !text.isEmpty else { return nil }
        if let moment = Timestamp.read(text) { return moment }
        if text.utf8.count == 10, let day = Timestamp.read("\(text)T00:00:00Z") {
            return zone.start(ofDay: Int32(day / 86_400_000))
        }
        throw QueryError(
            name, "is \"\(text)\", but must be a time such as 2026-11-21T10:00:00Z or a day such as 2026-11-21")
    }

    // MARK: Alerts and series

    private func alerts(_ request: HTTPRequest) throws -> HTTPResponse {
        var state: AlertState?
        if let text = try request.text("state"), !text.isEmpty {
            guard let known = AlertState(rawValue: text) else {
                throw QueryError("state", "is \"\(text)\", but must be pending, firing, resolved or withdrawn")
            }
            state = known
        }
        let limit = try request.integer("limit", in: 1...10_000, default: 1000)
        let alerts = try store.alerts(state: state, limit: limit)
        return .json(Array(JSONTree.object([("alerts", .array(alerts))]).text.utf8))
    }

    private func series(_ request: HTTPRequest) throws -> HTTPResponse {
        let metric = try request.requiredText("metric")
        let lines = try store.series(metric: metric, segment: nil)
        let tree = JSONTree.object([
            (
                "series",
                .array(
                    lines.map {
                        .object([
                            ("metric", .string($0.metric)), ("contract", .string($0.contract)),
                            ("segment", $0.segment.tree),
                            ("name", .string("\($0.segment)")),
                        ])
                    })
            )
        ])
        return .json(Array(tree.text.utf8))
    }
}
