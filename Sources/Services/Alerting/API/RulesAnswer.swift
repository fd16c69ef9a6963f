import Foundation
import HTTP
import JSON
import Messages
import PluginKit
import Satisfaction

extension TrendAPI {
    /// `GET /api/v1/rules`: what each rule watches, and how often it was wrong; with `rule=NAME` also its segments.
    func rules(_ request: HTTPRequest) async throws -> HTTPResponse {
        try request.allowOnly(["rule"])
        let name = try request.text("rule")
        guard case .standings(let all) = await questions?.ask(.standings) ?? .unavailable else {
            return .error("the detectors cannot be asked now: alerting stops or is too busy; ask again", status: 503)
        }
        let known = all.map(\.rule.name).joined(separator: ", ")
        if let name, !all.contains(where: { $0.rule.name == name }) {
            throw QueryError("rule", "is \"\(name)\", but the rules are: \(known.isEmpty ? "none yet" : known)")
        }
        let rules = try all.filter { name == nil || $0.rule.name == name }.map { standing in
            RuleAnswer(standing, try store.labelCounts(rule: standing.rule.name, since: standing.began))
                .tree(withSeries: name != nil, isPrivate: minimumAnswers > 1)
        }
        return .json(Array(JSONTree.object([("rules", .array(rules))]).text.utf8))
    }
}

/// One rule as the API tells it.
struct RuleAnswer {
    private let standing: RuleStanding
    private let labels: TrendStore.LabelCounts

    /// - Parameter labels: of the dips raised since the detector began.
    init(_ standing: RuleStanding, _ labels: TrendStore.LabelCounts) {
        self.standing = standing
        self.labels = labels
    }

    /// - Parameter isPrivate: whether nothing may be told that shows how many answers a segment has.
    func tree(withSeries: Bool, isPrivate: Bool) -> JSONTree {
        let rule = standing.rule
        let states: [SeriesStanding.State] = [.learning, .watching, .suspected, .open, .unwatched]
        var members: [(String, JSONTree)] = [
            ("name", .string(rule.name)), ("metric", .string(rule.metric)), ("detector", .string(rule.detector)),
            ("budget", .string(rule.budget.description)), ("smallestDip", .number(rule.smallestDip)),
            (
                "segments",
                .object(states.map { ($0.rawValue, .integer(Int64(standing.states[$0] ?? 0))) })
            ),
            ("segmentDays", .integer(standing.segmentDays)),
            (
                "alerts",
                [
                    "raised": .integer(labels.raised), "labelledTrue": .integer(labels.labelledTrue),
                    "labelledFalse": .integer(labels.labelledFalse), "unlabelled": .integer(labels.unlabelled),
                ]
            ),
            ("falseAlarms", falseAlarms),
        ]
        if withSeries {
            members.append(("series", .array(standing.series.map { Self.tree(of: $0, isPrivate: isPrivate) })))
            members.append(("seriesLeftOut", .integer(Int64(standing.leftOut))))
        }
        return .object(members)
    }

    /// Per 1,000 days of a segment: what the budget allows and what the labels say.
    private var falseAlarms: JSONTree {
        let promised = standing.promised
        let days = Double(standing.segmentDays)
        guard standing.segmentDays > 0,
            let interval = Interval.poissonExact(events: labels.labelledFalse, exposure: days, scale: 1000)
        else {
            return [
                "promised": .number(promised), "measured": nil, "interval": nil,
                "sentence": .string(
                    "no segment has been watched for a day yet; promised \(Self.text(promised)) per 1,000"),
            ]
        }
        let measured = Double(labels.labelledFalse) / days * 1000
        return [
            "promised": .number(promised), "measured": .number(measured),
            "interval": [.number(interval.low), .number(interval.high)],
            "sentence": .string(sentence(measured, interval, promised)),
        ]
    }

    /// "2 of 7 alerts were labelled false in 3,120 segment-days: 0.64 per 1,000 (0.08–2.32); promised 0.5".
    private func sentence(_ measured: Double, _ interval: Interval, _ promised: Double) -> String {
        let alerts = labels.raised == 1 ? "1 alert was" : "\(Self.grouped(labels.raised)) alerts were"
        let days = standing.segmentDays == 1 ? "1 segment-day" : "\(Self.grouped(standing.segmentDays)) segment-days"
        let measure =
            "\(Self.text(measured)) per 1,000 (\(Self.text(interval.low))–\(Self.text(interval.high)))"
        let open = labels.unlabelled == 0 ? "" : "; \(Self.grouped(labels.unlabelled)) not labelled yet"
        return "\(Self.grouped(labels.labelledFalse)) of \(alerts) labelled false in \(days): \(measure); promised "
            + Self.text(promised) + open
    }

    private static func grouped(_ number: Int64) -> String {
        var digits = Array(String(number))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }

    /// Two decimals, without zeros at the end.
    static func text(_ number: Double) -> String {
        var text = String(format: "%.2f", number)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    private static func tree(of series: SeriesStanding, isPrivate: Bool) -> JSONTree {
        var members: [(String, JSONTree)] = [
            ("segment", series.segment.tree), ("state", .string(series.state.rawValue)),
            ("daysWatched", .integer(series.daysWatched)),
        ]
        guard !isPrivate else { return .object(members) }
        func number(_ value: Double?) -> JSONTree { value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
        members += [
            ("volume", number(series.volume)), ("baseline", number(series.baseline)),
            ("baselineAnswers", number(series.baselineAnswers)), ("dispersion", number(series.dispersion)),
            ("evidence", number(series.evidence)), ("threshold", number(series.threshold)),
        ]
        return .object(members)
    }
}
