import JSON
import Messages
import PluginKit
import Satisfaction

/// A score as the feed and the API say it.
package enum ScoreData {
    /// - Returns: nil where there is nothing to make a score of: an empty window has no score.
    package static func tree(
        of series: Series, metric: any Metric, tally: WindowTally, step: String, provisional: Bool
    ) -> JSONTree? {
        guard let score = metric.score(tally.tally) else { return nil }
        var members: [(String, JSONTree)] = [
            ("metric", .string(series.metric)), ("contract", .string(series.contract)),
            ("segment", series.segment.tree), ("start", .string(Timestamp.text(tally.window.lowerBound))),
            ("end", .string(Timestamp.text(tally.window.upperBound))), ("step", .string(step)),
            ("score", .number(score.value)),
            (
                "interval",
                score.interval.map { .array([.number($0.low), .number($0.high)]) } ?? .null
            ),
            ("method", .string(score.method.rawValue)), ("unit", .string(metric.unit)),
            ("responses", .integer(score.responses)),
        ]
        if let scale = metric.watchedRating?.scale {
            let counts = (0..<scale.steps).map { (String($0 + scale.lowest), JSONTree.integer(tally.tally[$0])) }
            members.append(("counts", .object(counts)))
        }
        if let band = metric.contract.bands.band(of: score.value) {
            members.append(("band", .string(band.label)))
            if let note = band.note { members.append(("bandNote", .string(note))) }
        }
        if score.responses < metric.contract.minimumSample { members.append(("small", true)) }
        if !score.figures.isEmpty { members.append(("figures", .array(score.figures.compactMap(tree(of:))))) }
        if !score.components.isEmpty { members.append(("components", .array(score.components.map(tree(of:))))) }
        members += [("provisional", .bool(provisional)), ("revision", .integer(tally.revision))]
        return .object(members)
    }

    /// A score that must not be shown: of which window, and nothing more.
    static func withheld(_ data: JSONTree) -> JSONTree {
        let kept: Set<String> = ["metric", "contract", "segment", "start", "end", "step", "unit", "provisional"]
        return .object(
            (data.object ?? []).filter { kept.contains($0.0) } + [
                ("score", .null), ("interval", .null), ("withheld", true),
            ])
    }

    /// - Returns: nil for a value that is not a number: JSON has none, and it says nothing.
    private static func tree(of figure: Figure) -> JSONTree? {
        guard figure.value.isFinite else { return nil }
        return [
            "name": .string(figure.name), "value": .number(figure.value), "unit": .string(figure.unit),
        ]
    }

    package static func tree(of component: ScoreComponent) -> JSONTree {
        var members: [(String, JSONTree)] = [
            ("name", .string(component.name)), ("answers", .integer(component.answers)),
            ("rating", .number(component.rating)),
        ]
        if let importance = component.importance { members.append(("importance", .number(importance))) }
        members += [("weight", .number(component.weight)), ("index", .number(component.index))]
        if let gap = component.gap { members.append(("gap", .number(gap))) }
        return .object(members.filter { $0.1.double?.isFinite ?? true })
    }
}
