import HTTP
import JSON
import Logging
import Messages
import PluginKit
import Runtime
import Satisfaction
import Testing

@testable import Alerting

/// What the API says of alerts and rules.
@Suite struct AlertsAnswerTests {
    static func bench() throws -> MarkDeskTests.Bench {
        var bench = try MarkDeskTests.Bench()
        try bench.tell(AlertBookTests.assessment(.dip, members: [.total]))
        try bench.tell(AlertBookTests.assessment(.dip, .volume))
        try bench.tell(AlertBookTests.assessment(.dip, segment: .total, onset: 1100))
        try bench.tell(AlertBookTests.assessment(.recovered, segment: .total, onset: 1100), at: 3_000_000_000)
        try bench.tell(AlertBookTests.assessment(.suspected, .mix))
        return bench
    }

    static func answer(
        _ store: TrendStore, _ path: String, _ query: [(String, String)] = [], method: String = "GET",
        headers: [(String, String)] = [], body: String = ""
    ) async throws -> (status: Int, tree: JSONTree) {
        let responder = Responder(
            routes: TrendAPI(store: store).routes, health: Health(conditions: []), metrics: MetricsRegistry(),
            logger: Logger(label: "test"))
        let items = query.map { "\($0)=\(HTTPFetch.escaped($1))" }.joined(separator: "&")
        let response = await responder.respond(
            method: method, target: items.isEmpty ? path : "\(path)?\(items)",
            headers: headers.map { HTTPRequest.Item(name: $0.0, value: $0.1) }, body: Array(body.utf8))
        return (response.status, try JSONTree.parse(String(decoding: response.body, as: UTF8.self)))
    }

    @Test(
        arguments: [
            ([], 3), ([("state", "pending")], 1), ([("state", "firing")], 2), ([("state", "open")], 2),
            ([("state", "acknowledged,silenced")], 0), ([("state", "pending,resolved")], 2), ([("kind", "volume")], 1),
            ([("kind", "mix")], 0), ([("rule", "csat-dip")], 3), ([("rule", "other")], 0), ([("metric", "csat")], 3),
            ([("metric", "nps")], 0), ([("segment", "channel:chat")], 2), ([("segment", "total")], 1),
            ([("since", "1970-02-01T00:00:00Z")], 1), ([("limit", "1")], 1),
            ([("kind", "dip"), ("segment", "channel:chat"), ("state", "firing")], 1),
        ] as [([(String, String)], Int)])
    func filters(query: [(String, String)], count: Int) async throws {
        let (status, tree) = try await Self.answer(try Self.bench().store, "/api/v1/alerts", query)
        #expect(status == 200 && tree["alerts"]?.array?.count == count)
    }

    @Test(arguments: [
        ("state", "open,shut"), ("kind", "fall"), ("segment", "chat"), ("since", "yesterday"), ("limit", "0"),
        ("status", "firing"),
    ]) func wrongFiltersAreRefused(name: String, value: String) async throws {
        let answer = try await Self.answer(try Self.bench().store, "/api/v1/alerts", [(name, value)])
        #expect(answer.status == 400 && answer.tree["error"]?.string?.contains(name) == true)
    }

    @Test func oneAlertWithAllThatIsKnownOfIt() async throws {
        var bench = try Self.bench()
        let id = try #require(bench.book.openAlerts.first { $0.kind == .dip }).id
        bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id), by: "ana"))
        try bench.tell(AlertBookTests.assessment(.revised, drop: 20))
        let (status, tree) = try await Self.answer(bench.store, "/api/v1/alerts/\(id)")
        #expect(status == 200 && tree["alert"]?["state"] == "acknowledged")
        #expect(tree["revisions"]?.array?.map { $0["drop"] } == [12, 20])
        #expect(tree["marks"]?.array?.map { $0["change"] } == ["acknowledged"])
        #expect(try await Self.answer(bench.store, "/api/v1/alerts/unknown").status == 404)
        #expect(
            try await Self.answer(bench.store, "/api/v1/alerts", [("id", String(id.prefix(6)))]).tree["alerts"]?
                .array?.count == 1)
    }

    private static let json = [("Content-Type", "application/json")]

    @Test(
        arguments: [
            ([], "{}", 415), ([("Content-Type", "text/plain")], "{}", 415),
            ([("Content-Type", "application/x-www-form-urlencoded")], "by=ana", 415),
            (json + [("Origin", "http://evil.example"), ("Host", "127.0.0.1:8081")], "{}", 403),
            (json + [("Origin", "null")], "{}", 403), (json, "", 400),
            (json, "[]", 400), (json, #"{"alert":"x"}"#, 400), (json, #"{"by":7}"#, 400),
            (json, #"{"undo":"yes"}"#, 400),
            // Well-formed, but here is no loop to carry it out.
            ([("content-type", "application/json; charset=utf-8")], "{}", 503),
            (json + [("Origin", "http://127.0.0.1:8081"), ("Host", "127.0.0.1:8081")], "{}", 503),
        ] as [([(String, String)], String, Int)])
    func postsAreChecked(headers: [(String, String)], body: String, status: Int) async throws {
        let path = "/api/v1/alerts/\(String(repeating: "a", count: 32))/acknowledge"
        let answer = try await Self.answer(
            try Self.bench().store, path, method: "POST", headers: headers, body: body)
        #expect(answer.status == status)
        #expect((answer.tree["error"]?.string?.count ?? 0) > 20)
    }

    @Test func whatFewAnswersSayIsWithheldAndSoAreItsRemarks() throws {
        let book = AlertBookTests.taking([AlertBookTests.assessment(.dip, remarks: ["300 answers since"])])
        let alert = try #require(book.changes.first).data
        #expect(AlertPrivacy.covered(alert, minimumAnswers: 300)["remarks"] == ["300 answers since"])
        let covered = AlertPrivacy.covered(alert, minimumAnswers: 301)
        #expect(covered["remarks"] == [] && covered["current"]?["score"] == .null)
        #expect(covered["baseline"]?["score"] == 84)
    }

    // MARK: Rules

    private static func standing(
        _ states: [SeriesStanding.State], days: Int64, budget: FalseAlarmBudget = .perSegmentDefault, seriesMax: Int = 9
    ) -> RuleStanding {
        let rule = RuleDefinition(
            name: "csat-dip", metric: "csat", detector: "sr-mixture", configuration: [:], smallestDip: 3, budget: budget
        )
        return RuleStanding(
            rule, began: 0,
            standings: states.enumerated().map { number, state in
                SeriesStanding(
                    segment: Segment(dimension: "region", value: "r\(number)"), state: state, volume: 12,
                    baseline: state == .learning ? nil : 84, baselineAnswers: 900, evidence: 1, threshold: .infinity,
                    daysWatched: days)
            }, seriesMax: seriesMax)
    }

    @Test func theMeasuredRateStandsBesideThePromise() throws {
        let labels = TrendStore.LabelCounts(raised: 7, labelledTrue: 5, labelledFalse: 2)
        let answer = RuleAnswer(Self.standing([.watching, .open, .learning, .unwatched], days: 780), labels)
            .tree(withSeries: false, isPrivate: false)
        #expect(
            answer["falseAlarms"]?["sentence"]
                == "2 of 7 alerts were labelled false in 3,120 segment-days: 0.64 per 1,000 (0.08–2.32); promised 0.5")
        #expect(answer["segments"] == ["learning": 1, "watching": 1, "suspected": 0, "open": 1, "unwatched": 1])
        #expect(answer["alerts"]?["unlabelled"] == 0 && answer["segmentDays"] == 3120)
        #expect(answer["budget"] == "1 per segment per 2000 days" && answer["series"] == nil)
        let unlabelled = RuleAnswer(
            Self.standing([.watching], days: 1000), TrendStore.LabelCounts(raised: 1, labelledTrue: 0, labelledFalse: 0)
        )
        #expect(
            unlabelled.tree(withSeries: false, isPrivate: false)["falseAlarms"]?["sentence"]
                == "0 of 1 alert was labelled false in 1,000 segment-days: 0 per 1,000 (0–3.69); promised 0.5; 1 not labelled yet"
        )
    }

    @Test func aSharedBudgetIsSharedByThoseThatAreWatched() {
        let shared = FalseAlarmBudget(scope: .all, days: 30)
        #expect(
            Self.standing([.watching, .suspected, .open, .learning], days: 1, budget: shared).promised == 1000.0 / 90)
    }

    @Test func beforeTheFirstDayNothingIsMeasured() {
        let answer = RuleAnswer(Self.standing([.learning], days: 0), TrendStore.LabelCounts())
            .tree(withSeries: false, isPrivate: false)
        #expect(answer["falseAlarms"]?["measured"] == .null && answer["falseAlarms"]?["promised"] == 0.5)
    }

    @Test func theSegmentsOfARule() throws {
        let answer = RuleAnswer(Self.standing([.watching, .learning, .open], days: 4, seriesMax: 2), .init())
        let series = try #require(answer.tree(withSeries: true, isPrivate: false)["series"]?.array)
        #expect(series.count == 2 && series[0]["baseline"] == 84 && series[1]["baseline"] == .null)
        // What is no number says nothing, and must not spoil the answer.
        #expect(series[0]["threshold"] == .null)
        #expect(answer.tree(withSeries: true, isPrivate: false)["seriesLeftOut"] == 1)
        let hidden = try #require(answer.tree(withSeries: true, isPrivate: true)["series"]?.array)
        #expect(hidden[0].object?.map(\.0) == ["segment", "state", "daysWatched"])
    }

    @Test func labelsAreCountedByTheirLast() throws {
        var bench = try Self.bench()
        let dips = try bench.store.alerts(state: nil, limit: 10).filter {
            $0["kind"] == "dip" && $0["state"] != "pending"
        }.compactMap { $0["id"]?.string }
        #expect(dips.count == 2)
        for label in [true, false] {
            for id in dips { bench.take(MarkOrder(kind: .label, target: .alert(id), label: label)) }
        }
        bench.take(MarkOrder(kind: .label, target: .alert(dips[0]), isUndo: true))
        bench.take(MarkOrder(kind: .acknowledgement, target: .alert(dips[1])))
        let counts = try bench.store.labelCounts(rule: "csat-dip", since: 0)
        #expect(counts == TrendStore.LabelCounts(raised: 2, labelledTrue: 0, labelledFalse: 1))
        #expect(try bench.store.labelCounts(rule: "csat-dip", since: 2_000_000_001).raised == 0)
        #expect(try bench.store.labelCounts(rule: "other", since: 0) == TrendStore.LabelCounts())
    }
}
