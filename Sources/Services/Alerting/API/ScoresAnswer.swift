import HTTP
import JSON
import Messages
import PluginKit
import Satisfaction

extension TrendAPI {
    /// `GET /api/v1/scores`: a line's windows, each with its score, interval and counts, and what it is compared with.
    func scores(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly(["metric", "contract", "segment", "from", "to", "step", "compare"])
        guard let set else { return .json(Array("{\"scores\":[]}".utf8)) }
        let clock = try store.clock()
        let query = try ScoreQuery(request, set, clock: clock, length: .day)
        let comparisons = try Comparison.wanted(request, query)
        let segment = try ScoreQuery.segment(request)
        var text = "{\"scores\":["
        if let line = try line(query.name, query.metric.contract.hash, segment) {
            let windows = ScoreWindows(length: query.length, zone: set.zone)
            let tallies = try windows.tallies(of: line, in: store, over: query.span)
            guard tallies.count <= Self.windowsMax else {
                throw QueryError(
                    "step", "gives more than \(Self.windowsMax) windows; ask for a shorter span or a longer step")
            }
            let cover = try cover(query, set.zone)
            let comparison = try Comparison(
                comparisons, of: line, query, windows, tallies, store, set.zone, cover, clock: clock)
            var isFirst = true
            for tally in tallies {
                let isProvisional = tally.window.upperBound + set.set.completenessDelayMilliseconds > clock
                guard
                    var data = ScoreData.tree(
                        of: line, metric: query.metric, tally: tally, step: query.length.description,
                        provisional: isProvisional)
                else { continue }
                if cover.withholds(segment, tally.window) {
                    data = ScoreData.withheld(data)
                } else {
                    data = comparison.added(to: data, tally)
                }
                if !isFirst { text += "," }
                isFirst = false
                text += data.text
            }
        }
        return .json(Array((text + "]}").utf8))
    }
}

/// What a window's score is set beside: the window before, the same window last year, the target.
struct Comparison {
    enum Kind: String, CaseIterable { case previous, lastYear, target }

    private let kinds: [Kind]
    private let metric: any Metric
    private let windows: ScoreWindows
    private let zone: TimeZoneTable
    private let target: TargetPath?
    private let segment: Segment
    private let cover: PrivacyCover
    /// Arrival clock, ms since 1970.
    private let clock: Int64
    private var past: [Range<Int64>: WindowTally] = [:]

    static func wanted(_ request: HTTPRequest, _ query: ScoreQuery) throws(QueryError) -> [Kind] {
        var kinds: [Kind] = []
        for word in (try request.text("compare") ?? "").split(separator: ",") {
            guard let kind = Kind(rawValue: String(word)) else {
                let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw QueryError("compare", "has \"\(word)\", but knows: \(known)")
            }
            guard kind != .target || query.target != nil else {
                throw QueryError("compare", "asks for the target, but \(query.name) has none; give it one in metrics")
            }
            kinds.append(kind)
        }
        return kinds
    }

    init(
        _ kinds: [Kind], of line: Series, _ query: ScoreQuery, _ windows: ScoreWindows, _ tallies: [WindowTally],
        _ store: TrendStore, _ zone: TimeZoneTable, _ cover: PrivacyCover, clock: Int64
    ) throws {
        self.kinds = kinds
        self.windows = windows
        self.zone = zone
        self.cover = cover
        self.clock = clock
        metric = query.metric
        target = query.target
        segment = line.segment
        guard let first = tallies.first?.window, let last = tallies.last?.window else { return }
        for tally in tallies { past[tally.window] = tally }
        for kind in kinds {
            guard let start = window(kind, of: first), let end = window(kind, of: last),
                start.lowerBound < end.upperBound
            else { continue }
            // A rolling window is known by its last day.
            let from = query.length.isRolling ? start.upperBound - 1 : start.lowerBound
            for tally in try windows.tallies(of: line, in: store, over: from..<end.upperBound) {
                past[tally.window] = tally
            }
        }
    }

    /// The year a window belongs to: that of its last day, of a week its ISO year, of everything the present one.
    private func targetYear(of window: Range<Int64>) -> Int {
        let last = zone.day(of: min(window.upperBound, max(clock, window.lowerBound + 1)) - 1)
        let date = CivilDate(daysSince1970: last)
        return windows.length == .week ? ISOWeek(containing: date).year : date.year
    }

    private func window(_ kind: Kind, of window: Range<Int64>) -> Range<Int64>? {
        switch kind {
        case .previous: windows.calendar.before(window, windows.length)
        case .lastYear: windows.calendar.yearBefore(window, windows.length)
        case .target: nil
        }
    }

    func added(to data: JSONTree, _ tally: WindowTally) -> JSONTree {
        guard !kinds.isEmpty, let score = data["score"]?.double, var members = data.object else { return data }
        var comparisons: [(String, JSONTree)] = []
        for kind in kinds {
            if kind == .target {
                guard let value = target?.value(in: targetYear(of: tally.window)) else { continue }
                comparisons.append(
                    (kind.rawValue, .object([("value", .number(value)), ("difference", .number(score - value))])))
            } else if let window = window(kind, of: tally.window), let other = past[window],
                !cover.withholds(segment, window), let before = metric.score(other.tally)
            {
                let change = Change(from: before.value, to: score)
                var said: [(String, JSONTree)] = [
                    ("start", .string(Timestamp.text(window.lowerBound))),
                    ("end", .string(Timestamp.text(window.upperBound))), ("score", .number(before.value)),
                    ("responses", .integer(before.responses)), ("difference", .number(change.points)),
                ]
                if let percent = change.percent { said.append(("percent", .number(percent))) }
                comparisons.append((kind.rawValue, .object(said)))
            }
        }
        if !comparisons.isEmpty { members.append(("comparison", .object(comparisons))) }
        return .object(members)
    }
}
