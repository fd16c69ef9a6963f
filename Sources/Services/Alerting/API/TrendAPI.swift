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

    let store: TrendStore
    /// Answers below which a segment is not published; 1 publishes everything.
    let minimumAnswers: Int64
    private let inForce = Mutex<SetInForce?>(nil)
    private let grids = PrivacyGrids()

    /// The thread that writes the store; nil where there is none, and nothing can be marked.
    let questions: LoopQuestions?
    /// By which silences end.
    let clock: WallClock

    package init(
        store: TrendStore, minimumAnswers: Int64 = 1, questions: LoopQuestions? = nil, clock: WallClock = .system
    ) {
        self.store = store
        self.minimumAnswers = minimumAnswers
        self.questions = questions
        self.clock = clock
    }

    /// Takes up the set that the last applied block names.
    package func use(_ set: DefinitionSet) {
        guard inForce.withLock({ $0?.set.hash }) != set.hash else { return }
        let former = (try? store.sets()) ?? []
        guard let next = SetInForce(set, former: former) else { return }
        inForce.withLock { $0 = next }
    }

    var set: SetInForce? { inForce.withLock { $0 } }

    package var routes: [Route] {
        [
            Route(.get, "/api/v1/metrics") { [self] in try metrics($0) },
            Route(.get, "/api/v1/scores") { [self] in try scores($0) },
            Route(.get, "/api/v1/leaderboard") { [self] in try leaderboard($0) },
            Route(.get, "/api/v1/profile") { [self] in try profile($0) },
            Route(.get, "/api/v1/themes") { [self] in try themes($0) },
            Route(.get, "/api/v1/series") { [self] in try series($0) },
            Route(.get, "/api/v1/rules") { [self] in try await rules($0) },
        ] + alertRoutes
    }

    /// The line of a segment under a contract; nil where it has had nothing.
    func line(_ metric: String, _ contract: Digest, _ segment: Segment) throws -> Series? {
        try store.series(metric: metric, segment: segment).first { $0.contract == contract.text }
    }

    /// The values of a dimension that have lines under a contract.
    func lines(_ metric: String, _ contract: Digest, dimension: String) throws -> [Series] {
        try store.series(metric: metric, segment: nil).filter {
            $0.contract == contract.text && $0.segment.parts.count == 1 && $0.segment.parts[0].dimension == dimension
        }
    }

    // MARK: Privacy

    /// What may be shown of a query's metric.
    /// - Throws: ``QueryError`` for windows and spans that are not decided: shorter than a day, rolling, or none of the
    ///   calendar's.
    func cover(_ query: ScoreQuery, _ zone: TimeZoneTable) throws -> PrivacyCover {
        guard minimumAnswers > 1 else { return .open }
        let contract = query.metric.contract.hash
        let grid = try grids.grid(contract, now: MonotonicClock.system.now()) {
            let lines = try store.series(metric: query.name, segment: nil).filter { $0.contract == contract.text }
            return try PrivacyGrid(
                query.metric, lines, store, zone, minimumAnswers: minimumAnswers, now: MonotonicClock.system.now())
        }
        let calendar = WindowCalendar(zone: zone)
        let shown = grid.lengths.map(\.description).joined(separator: ", ")
        if query.length == .all {
            guard grid.lengths.contains(where: { calendar.window($0, containing: query.span.lowerBound) == query.span })
            else {
                throw QueryError(
                    "from",
                    "and to must be one whole civil window (\(shown)) while privacy.minimumAnswers is set: a day, a week from "
                        + "Monday, a month, a quarter or a year")
            }
        } else if !grid.lengths.contains(query.length) {
            throw QueryError(
                "step",
                "is \(query.length), but while privacy.minimumAnswers is set windows of \(shown) are shown; no part of a day, "
                    + "and no rolling days")
        }
        return grid.cover
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
