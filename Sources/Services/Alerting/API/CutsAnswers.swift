import HTTP
import JSON
import Messages
import MetricPlugins
import PluginKit
import Satisfaction

extension TrendAPI {
    /// Values of a dimension in one leaderboard.
    static let rowsMax = 10_000

    /// `GET /api/v1/leaderboard`: the values of a dimension by their shrunk score; by default of the last 28 days.
    func leaderboard(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly(["metric", "contract", "dimension", "from", "to", "limit"])
        guard let set else { return .json(Array(#"{"rows":[]}"#.utf8)) }
        let query = try ScoreQuery(
            request, set, clock: try store.clock(), length: .all, spanDays: 28, isPrivate: minimumAnswers > 1)
        let dimension = try request.requiredText("dimension")
        guard set.set.dimensions.contains(dimension) else {
            throw QueryError(
                "dimension",
                "is \"\(dimension)\", but the dimensions are: \(set.set.dimensions.joined(separator: ", "))")
        }
        let limit = try request.integer("limit", in: 1...Self.rowsMax, default: 100)
        let windows = ScoreWindows(length: .all, zone: set.zone)
        var entries: [Leaderboard.Entry] = []
        var withheld = 0
        let lines = try lines(query.name, query.metric.contract.hash, dimension: dimension)
        let cover = try cover(query, set.zone)
        for line in lines {
            guard let tally = try windows.tallies(of: line, in: store, over: query.span).first,
                let score = query.metric.score(tally.tally)
            else { continue }
            guard !cover.withholds(line.segment, tally.window) else {
                withheld += 1
                continue
            }
            guard let deviation = score.deviation else {
                throw QueryError(
                    "metric", "is \(query.name), which is no mean of answers; a leaderboard needs one, such as csat")
            }
            entries.append(
                Leaderboard.Entry(
                    name: line.segment.parts[0].value, mean: score.value, deviation: deviation,
                    answers: score.responses))
        }
        let board = Leaderboard(entries, polarity: query.metric.contract.polarity)
        var members = spanMembers(query)
        members += [
            ("dimension", .string(dimension)), ("mean", board.grandMean.map { .number($0) } ?? .null),
            ("withheld", .integer(Int64(withheld))), ("total", .integer(Int64(board.rows.count))),
            ("rows", .array(board.rows.prefix(limit).map { Self.tree(of: $0, within: query.metric.range) })),
        ]
        return .json(Array(JSONTree.object(members).text.utf8))
    }

    /// The interval is cut to the scores there can be.
    private static func tree(of row: Leaderboard.Row, within range: ClosedRange<Double>) -> JSONTree {
        .object([
            ("rank", .integer(Int64(row.rank))), ("value", .string(row.name)), ("score", .number(row.shrunk)),
            (
                "interval",
                .array([
                    .number(max(row.interval.low, range.lowerBound)), .number(min(row.interval.high, range.upperBound)),
                ])
            ),
            ("unshrunk", .number(row.raw)), ("credibility", .number(row.credibility)),
            ("responses", .integer(row.answers)), ("surelyAbove", .integer(Int64(row.surelyAbove))),
            ("surelyBelow", .integer(Int64(row.surelyBelow))),
        ])
    }

    private func spanMembers(_ query: ScoreQuery) -> [(String, JSONTree)] {
        [
            ("metric", .string(query.name)), ("contract", .string(query.metric.contract.hash.text)),
            ("unit", .string(query.metric.unit)), ("start", .string(Timestamp.text(query.span.lowerBound))),
            ("end", .string(Timestamp.text(query.span.upperBound))),
        ]
    }

    // MARK: Profile

    /// `GET /api/v1/profile`: two groups side by side, component by component; by default of the last 28 days.
    func profile(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly(["metric", "contract", "a", "b", "from", "to"])
        guard let set else { return .json(Array(#"{"components":[]}"#.utf8)) }
        let query = try ScoreQuery(
            request, set, clock: try store.clock(), length: .all, spanDays: 28, isPrivate: minimumAnswers > 1)
        _ = try request.requiredText("a")
        _ = try request.requiredText("b")
        let first = try ScoreQuery.segment(request, "a")
        let second = try ScoreQuery.segment(request, "b")
        do { try GroupsOverlap.check(first, second) } catch { throw QueryError("b", "\(error)") }
        let windows = ScoreWindows(length: .all, zone: set.zone)
        let cover = try cover(query, set.zone)
        var groups: [[ProfileComponent]] = []
        for segment in [first, second] {
            guard let line = try line(query.name, query.metric.contract.hash, segment),
                let tally = try windows.tallies(of: line, in: store, over: query.span).first
            else {
                throw QueryError(
                    segment == first ? "a" : "b", "is \(segment), which has no answers of \(query.name) in this span")
            }
            guard !cover.withholds(segment, tally.window) else {
                throw QueryError(
                    segment == first ? "a" : "b", "is \(segment), which is withheld: too few answers to be shown")
            }
            groups.append(ProfileComponent.all(query.metric, tally.tally))
        }
        let components = groups[0].compactMap { left -> Profile.Component? in
            guard let right = groups[1].first(where: { $0.name == left.name }) else { return nil }
            return Profile.Component(name: left.name, scale: left.scale, first: left.group, second: right.group)
        }
        var members = spanMembers(query)
        members += [
            ("a", .string("\(first)")), ("b", .string("\(second)")),
            ("components", .array(Profile(components).lines.map(Self.tree(of:)))),
        ]
        return .json(Array(JSONTree.object(members).text.utf8))
    }

    private static func tree(of line: Profile.Line) -> JSONTree {
        func number(_ value: Double?) -> JSONTree { value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
        func tree(of group: Profile.Group) -> JSONTree {
            .object([
                ("mean", number(group.mean)), ("responses", .integer(group.answers)),
                ("shares", group.shares.map { .array($0.map { number($0) }) } ?? .null),
            ])
        }
        return .object([
            ("name", .string(line.component.name)), ("scale", .string("\(line.component.scale)")),
            ("a", tree(of: line.component.first)), ("b", tree(of: line.component.second)),
            ("difference", number(line.difference)), ("percent", number(line.percent)),
            ("interval", line.interval.map { .array([number($0.low), number($0.high)]) } ?? .null),
            ("verdict", .string(line.verdict.rawValue)),
        ])
    }

    // MARK: Themes

    /// `GET /api/v1/themes`: what comments speak of, dissatisfied ones first; by default of the last 28 days.
    func themes(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly(["metric", "segment", "from", "to"])
        let asked = try request.requiredText("metric")
        guard let set else { return .json(Array(#"{"themes":[]}"#.utf8)) }
        let name = asked.hasSuffix(".themes") ? asked : "\(asked).themes"
        guard let metric = set.metrics[name]?.metric as? ThemeCounts else {
            throw QueryError("metric", "is \(asked), for which no themes are configured; list them under themes")
        }
        let query = try ScoreQuery(
            request.replacing("metric", with: name), set, clock: try store.clock(), length: .all, spanDays: 28,
            isPrivate: minimumAnswers > 1)
        let segment = try ScoreQuery.segment(request)
        let windows = ScoreWindows(length: .all, zone: set.zone)
        var tally = Tally(width: metric.width)
        if let line = try line(name, metric.contract.hash, segment),
            let found = try windows.tallies(of: line, in: store, over: query.span).first
        {
            let cover = try cover(query, set.zone)
            guard !cover.withholds(segment, found.window) else {
                throw QueryError("segment", "is \(segment), which is withheld: too few comments to be shown")
            }
            tally = found.tally
        }
        let counts = metric.counts(tally).filter { minimumAnswers <= 1 || $0.answers >= minimumAnswers }
        let pareto = Pareto(
            counts.filter { minimumAnswers <= 1 || $0.dissatisfied >= minimumAnswers }
                .map { ($0.theme, $0.dissatisfied) })
        let lines = pareto.lines.map { line -> JSONTree in
            .object([
                ("theme", .string(line.name)), ("dissatisfied", .integer(line.count)),
                ("answers", .integer(counts.first { $0.theme == line.name }?.answers ?? 0)),
                ("share", .number(line.share.isFinite ? line.share : 0)),
                ("cumulativeShare", .number(line.cumulativeShare.isFinite ? line.cumulativeShare : 0)),
            ])
        }
        var members = spanMembers(query)
        members += [
            ("segment", .string("\(segment)")), ("comments", .integer(metric.comments(tally))),
            ("dissatisfiedComments", .integer(metric.dissatisfiedComments(tally))), ("themes", .array(lines)),
        ]
        return .json(Array(JSONTree.object(members).text.utf8))
    }
}

/// One component of a group: a metric's own ratings, or a component of an index.
private struct ProfileComponent {
    let name: String
    let scale: Scale
    let group: Profile.Group

    static func all(_ metric: any Metric, _ tally: Tally) -> [ProfileComponent] {
        guard let score = metric.score(tally) else { return [] }
        if let scale = metric.watchedRating?.scale {
            let counts = tally.answerCounts(on: scale)
            let mean = RatingMean(counts, on: scale)
            let shares = counts.steps.map { 100 * Double($0) / Double(mean.answers) }
            return [
                ProfileComponent(
                    name: metric.contract.kind, scale: scale,
                    group: Profile.Group(
                        mean: mean.mean, deviation: mean.deviation, answers: mean.answers, shares: shares))
            ]
        }
        return score.components.compactMap { component in
            guard let scale = component.scale, let deviation = component.deviation else { return nil }
            return ProfileComponent(
                name: component.name, scale: scale,
                group: Profile.Group(mean: component.rating, deviation: deviation, answers: component.answers))
        }
    }
}

extension HTTPRequest {
    fileprivate func replacing(_ name: String, with value: String) -> HTTPRequest {
        HTTPRequest(
            method: method, path: path, parameters: parameters,
            query: query.filter { $0.name != name } + [Item(name: name, value: value)], headers: headers, body: body)
    }
}
