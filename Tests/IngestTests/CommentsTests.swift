import HTTP
import Ingest
import JSON
import Journal
import JournalTestKit
import Messages
import Runtime
import Satisfaction
import Testing

/// Message files on a simulated disk, and the questions about their comments.
private final class CommentsBench {
    let disk = SimulatedFileSystem(seed: 3)
    let set: DefinitionSet
    private var journal: RecoveredJournal
    private var events = 0
    static let directory = "data/ingest/journal"
    /// 2026-11-20T12:00:00Z.
    static let noon: Int64 = 1_795_176_000_000

    init(metrics: [MetricDefinition] = CommentsBench.metrics, timeZone: String = "Europe/Berlin") throws {
        set = DefinitionSet(
            metrics: metrics, dimensions: ["region", "channel"], pairs: [], model: ["region"],
            valuesPerDimensionMax: 1000, timeZone: timeZone, rules: [], stepMilliseconds: 60_000,
            latenessLimitMilliseconds: 7 * 86_400_000)
        var generator = SeededGenerator(seed: 3)
        journal = try Recovery.open(
            fileSystem: disk, directory: Self.directory, options: JournalOptions(fileBytesMax: 4096),
            randomness: &generator)
        journal.writer.setInForce(JournalSet(json: String(decoding: set.text, as: UTF8.self), hash: set.hash.text))
    }

    static let csat = MetricDefinition(
        name: "csat", kind: "csat",
        configuration: ["scale": "1..5", "words": ["schlecht": 1, "хорошо": 5], "convert": ["1..10": "linear"]])
    static let themes: JSONTree = [
        "delivery": ["delivery", "courier", "Lieferung", "доставка", "курьер"],
        "price": ["price", "expensive", "teuer", "дорого"],
    ]
    static let metrics = [
        csat,
        MetricDefinition(
            name: "csat.themes", kind: "themes",
            configuration: [
                "themes": themes,
                "of": ["name": "csat", "kind": "csat", "configuration": csat.configuration],
            ]),
    ]

    /// Writes one block of these responses, recorded at `clock`.
    func write(_ responses: [String], clock: Int64 = noon) throws {
        let end = journal.writer.end
        let payload = responses.flatMap { Array(($0 + "\n").utf8) }
        let step = max(end.step, clock / 60_000)
        let block = SealedBlock(
            sealing: BlockHeader(
                node: end.node, number: end.next, mark: Mark(rawValue: end.next), previous: end.mark,
                synced: end.next - 1, step: step, through: step, clock: max(clock, end.clockReading),
                set: set.hash.text, count: responses.count, bytes: payload.count), payload: payload)
        _ = try journal.writer.write([block])
    }

    /// A response as ingest writes it.
    func response(
        _ csat: JSONTree, _ comment: String? = nil, time: Int64 = noon, region: String = "eu",
        others: [(String, JSONTree)] = []
    ) -> String {
        events += 1
        var data: [(String, JSONTree)] = [
            ("survey", "post-ticket"), ("answers", .object([("csat", csat)])),
            ("segments", ["region": .string(region), "channel": "email", "agent": "a-1"]),
            ("respondent", .string("c-\(events)")),
        ]
        if let comment { data.append(("comment", .string(comment))) }
        return JSONTree.object([
            ("recordedtime", .string(Timestamp.text(time))), ("specversion", "1.0"), ("id", .string("r\(events)")),
            ("source", "/desk"), ("type", "tideline.response.v1"), ("time", .string(Timestamp.text(time))),
            ("data", .object(data + others)),
        ]).text
    }

    func ask(
        _ path: String, _ query: [(String, String)] = [], minimumAnswers: Int64 = 1,
        limits: CommentLimits = CommentLimits(), clock: MonotonicClock = .system,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) async throws -> HTTPResponse {
        let api = try CommentsAPI(
            set: set, directory: Self.directory, minimumAnswers: minimumAnswers, limits: limits, fileSystem: disk,
            clock: clock, isStopping: isStopping)
        let route = try #require(api.routes.first { $0.pattern == path })
        return try await route.handler(
            HTTPRequest(path: path, query: query.map { HTTPRequest.Item(name: $0, value: $1) }))
    }

    func comments(_ query: [(String, String)] = []) async throws -> [String] {
        try await page(query).texts
    }

    struct Page {
        let tree: JSONTree
        var comments: [JSONTree] { tree["comments"]?.array ?? [] }
        var texts: [String] { comments.compactMap { $0["comment"]?.string } }
        var isTruncated: Bool? { tree["truncated"]?.bool }
    }

    func page(
        _ query: [(String, String)] = [], minimumAnswers: Int64 = 1, limits: CommentLimits = CommentLimits()
    ) async throws -> Page {
        let answer = try await ask("/api/v1/comments", query, minimumAnswers: minimumAnswers, limits: limits)
        #expect(answer.status == 200)
        return Page(tree: try JSONTree.parse(String(decoding: answer.body, as: UTF8.self)))
    }

    func words(_ query: [(String, String)] = [], minimumAnswers: Int64 = 1) async throws -> JSONTree {
        let answer = try await ask("/api/v1/words", query, minimumAnswers: minimumAnswers)
        #expect(answer.status == 200)
        return try JSONTree.parse(String(decoding: answer.body, as: UTF8.self))
    }
}

@Suite struct CommentsTests {
    private let bench: CommentsBench

    init() throws { bench = try CommentsBench() }

    @Test func whatACommentComesWith() async throws {
        try bench.write([bench.response(2, "The courier was late,\n\"again\"")])
        #expect(
            try await bench.page().tree == [
                "comments": [
                    [
                        "time": "2026-11-20T12:00:00.000Z", "source": "/desk", "id": "r1", "survey": "post-ticket",
                        "answers": ["csat": 2], "segments": ["region": "eu", "channel": "email", "agent": "a-1"],
                        "comment": "The courier was late,\n\"again\"", "themes": ["delivery"],
                    ]
                ], "truncated": false,
            ])
    }

    @Test func beforeAnythingWasWrittenThereIsNothing() async throws {
        #expect(try await bench.page().tree == ["comments": [], "truncated": false])
        #expect(try await bench.words() == ["comments": 0, "words": [], "truncated": false])
    }

    @Test func theNewestComeFirstOverManyFiles() async throws {
        for block in 0..<20 {
            try bench.write((0..<5).map { bench.response(3, $0 == 2 ? nil : "\(block)-\($0)") })
        }
        #expect(try bench.disk.list(CommentsBench.directory).count > 5)
        let all = (0..<20).flatMap { block in [0, 1, 3, 4].map { "\(block)-\($0)" } }
        #expect(try await bench.comments([("limit", "1000")]) == all.reversed())
        let page = try await bench.page([("limit", "7")])
        #expect(page.texts == Array(all.reversed().prefix(7)) && page.isTruncated == true)
        #expect(try await bench.page([("limit", "80")]).isTruncated == false)
        #expect(try await bench.page([("limit", "79")]).isTruncated == true)
    }

    // MARK: Filters

    @Test(arguments: [
        ("min=4", ["5", "5 of 1..10", "хорошо", "4"]), ("max=1", ["schlecht", "1"]), ("min=3&max=3", ["3"]),
        ("min=1.5&max=4.5", ["5 of 1..10", "4", "3"]), ("", ["5", "5 of 1..10", "хорошо", "schlecht", "4", "3", "1"]),
    ])
    func answersAreReadAsTheMetricReadsThem(query: String, expected: [String]) async throws {
        let answers: [(String, JSONTree)] = [
            ("1", 1), ("3", 3), ("4", 4), ("schlecht", "schlecht"), ("хорошо", "хорошо"),
            // Eight of ten becomes four of five.
            ("5 of 1..10", ["value": 8, "scale": "1..10"]), ("5", ["value": 5]),
        ]
        try bench.write(answers.map { bench.response($0.1, $0.0) })
        let items = query.split(separator: "&").map { item -> (String, String) in
            let parts = item.split(separator: "=")
            return (String(parts[0]), String(parts[1]))
        }
        let found = try await bench.comments([("metric", "csat")] + items)
        #expect(Set(found) == Set(expected) && found.count == expected.count)
    }

    /// An answer that the metric of today does not understand came under an earlier set.
    @Test func anAnswerOfAnotherScaleIsOutsideEveryRange() async throws {
        try bench.write([bench.response(9, "nine"), bench.response("unheard of", "word"), bench.response(5, "five")])
        #expect(try await bench.comments([("metric", "csat"), ("min", "0"), ("max", "10")]) == ["five"])
        #expect(try await bench.comments([("metric", "csat")]).count == 3)
    }

    @Test func themesAreFoundInThreeLanguages() async throws {
        try bench.write([
            bench.response(1, "Die Lieferungen kamen zu spät"), bench.response(5, "Alles bestens"),
            bench.response(2, "Курьера ждали три дня"), bench.response(3, "Deliveries are too expensive"),
            bench.response(1), bench.response(4, "Viel zu teuer"),
        ])
        #expect(
            try await bench.comments([("theme", "delivery")]) == [
                "Deliveries are too expensive", "Курьера ждали три дня", "Die Lieferungen kamen zu spät",
            ])
        #expect(try await bench.comments([("theme", "price"), ("metric", "csat"), ("min", "4")]) == ["Viel zu teuer"])
        #expect(
            try await bench.page([("contains", "expensive")]).comments[0]["themes"] == ["delivery", "price"])
    }

    @Test func segmentsAreAnyAttribute() async throws {
        try bench.write([
            bench.response(1, "a", region: "eu"), bench.response(1, "b", region: "us"),
            bench.response(1, "c", region: "eu,west"),
        ])
        #expect(try await bench.comments([("segment", "region:eu")]) == ["a"])
        #expect(try await bench.comments([("segment", "region:us,agent:a-1")]) == ["b"])
        #expect(try await bench.comments([("segment", "region:us,agent:a-2")]).isEmpty)
        #expect(try await bench.comments([("segment", #"region:eu\,west"#)]) == ["c"])
        #expect(try await bench.comments([("segment", "tier:gold")]).isEmpty)
    }

    @Test func textIsFoundWhateverItsCase() async throws {
        try bench.write([
            bench.response(1, "Größe passt"), bench.response(1, "ДОСТАВКА ужасная"), bench.response(1, "aab"),
            bench.response(1, ""),
        ])
        #expect(try await bench.comments([("contains", "GRÖSSE")]).isEmpty)
        #expect(try await bench.comments([("contains", "GRÖß")]) == ["Größe passt"])
        #expect(try await bench.comments([("contains", "доставка Уж")]) == ["ДОСТАВКА ужасная"])
        #expect(try await bench.comments([("contains", "ab")]) == ["aab"])
        #expect(try await bench.comments([("contains", "abb")]).isEmpty)
        #expect(try await bench.comments([("contains", "passt ")]).isEmpty)
    }

    @Test func spansAreOfTheResponsesOwnTime() async throws {
        let hour: Int64 = 3_600_000
        let noon = CommentsBench.noon
        // 2026-11-20 begins at 23:00 UTC of the day before in Berlin.
        try bench.write([
            bench.response(1, "late", time: noon - 30 * hour), bench.response(1, "first", time: noon - 13 * hour),
            bench.response(1, "before", time: noon - 13 * hour - 1),
            bench.response(1, "ahead", time: noon + 23 * hour),
        ])
        try bench.write([bench.response(1, "next", time: noon + 48 * hour)], clock: noon + 48 * hour)
        #expect(try await bench.comments([("from", "2026-11-20"), ("to", "2026-11-21")]) == ["first"])
        #expect(try await bench.comments([("to", "2026-11-20")]) == ["before", "late"])
        #expect(try await bench.comments([("from", "2026-11-21T11:00:00Z")]) == ["next", "ahead"])
        #expect(try await bench.comments([("from", "2026-11-21T12:00:00+01:00")]) == ["next", "ahead"])
    }

    @Test func onlyResponsesAreRead() async throws {
        let invitation =
            #"{"specversion":"1.0","id":"i","source":"/desk","type":"tideline.invitation.v1","#
            + #""time":"2026-11-20T12:00:00Z","data":{"comment":"no response"}}"#
        try bench.write([invitation, "{}", "not even JSON", bench.response(1, "one")])
        #expect(try await bench.comments() == ["one"])
    }

    // MARK: Words

    @Test func wordsOfThreeLanguages() async throws {
        try bench.write([
            bench.response(1, "Die Lieferung war zu spät"), bench.response(2, "Lieferungen dauern und dauern"),
            bench.response(5, "Доставка быстрая"), bench.response(1, "Где моя доставка?"),
            bench.response(1, "доставки нет"), bench.response(1), bench.response(4, "Fast delivery"),
        ])
        let words = try await bench.words()
        #expect(words["comments"] == 6)
        #expect(words["words"]?[0] == ["word": "доставка", "comments": 3])
        #expect(words["words"]?[1] == ["word": "lieferung", "comments": 2])
        let angry = try await bench.words([("metric", "csat"), ("max", "2"), ("limit", "1")])
        #expect(angry == ["comments": 4, "words": [["word": "lieferung", "comments": 2]], "truncated": false])
        await #expect(throws: QueryError.self) { try await bench.words([("theme", "delivery")]) }
    }

    // MARK: Limits

    @Test func anAnswerSaysThatItIsCutShort() async throws {
        try bench.write((0..<10).map { bench.response(1, "comment \($0)") })
        var limits = CommentLimits()
        limits.eventsReadMax = 4
        var page = try await bench.page(limits: limits)
        #expect(page.texts.count == 4 && page.isTruncated == true)
        limits.eventsReadMax = 10
        page = try await bench.page(limits: limits)
        #expect(page.texts.count == 10 && page.isTruncated == false)
        limits.answerBytesMax = 300
        page = try await bench.page(limits: limits)
        #expect((1...3).contains(page.texts.count) && page.isTruncated == true)
        limits = CommentLimits()
        limits.readingTimeMax = .seconds(-1)
        page = try await bench.page(limits: limits)
        #expect(page.texts.isEmpty && page.isTruncated == true)
    }

    @Test func aServiceThatEndsReadsNoFurther() async throws {
        try bench.write([bench.response(1, "one")])
        #expect(try await bench.ask("/api/v1/comments", isStopping: { true }).status == 503)
    }

    @Test func fewQuestionsAreAnsweredAtATime() async throws {
        var limits = CommentLimits()
        limits.readingsMax = 0
        let busy = try await bench.ask("/api/v1/comments", limits: limits)
        #expect(busy.status == 503 && busy.headers == [HTTPRequest.Item(name: "Retry-After", value: "1")])
    }

    @Test func damageIsAnError() async throws {
        try bench.write([bench.response(1, "one")])
        try bench.write([bench.response(1, "two")])
        let name = try #require(bench.disk.list(CommentsBench.directory).first { $0.hasSuffix(".jsonl") })
        let path = CommentsBench.directory + "/" + name
        let content = try #require(bench.disk.content(path))
        let place = try #require(String(decoding: content, as: UTF8.self).range(of: "\"one\""))
        let text = String(decoding: content, as: UTF8.self)
        bench.disk.damage(path, at: text.utf8.distance(from: text.startIndex, to: place.lowerBound) + 2, xor: 1)
        await #expect(throws: JournalError.self) { try await bench.comments() }
    }

    // MARK: Privacy

    @Test func tooFewAnswersShowNothing() async throws {
        try bench.write((0..<4).map { bench.response(1, $0 < 2 ? "says \($0)" : nil) })
        let refused = try await bench.ask("/api/v1/comments", [("segment", "region:eu")], minimumAnswers: 5)
        #expect(refused.status == 403)
        #expect(!String(decoding: refused.body, as: UTF8.self).contains("says"))
        #expect(try await bench.ask("/api/v1/words", minimumAnswers: 5).status == 403)
        try bench.write([bench.response(2)])
        #expect(try await bench.page(minimumAnswers: 5).texts == ["says 1", "says 0"])
        #expect(try await bench.ask("/api/v1/comments", [("segment", "region:eu")], minimumAnswers: 5).status == 403)
        #expect(try await bench.ask("/api/v1/words", [("segment", "region:eu")], minimumAnswers: 5).status == 403)
        let narrower = [("metric", "csat"), ("max", "1")]
        #expect(try await bench.ask("/api/v1/comments", narrower, minimumAnswers: 5).status == 403)
        // Only two responses say anything.
        #expect(try await bench.ask("/api/v1/comments", [("contains", "says")], minimumAnswers: 5).status == 403)
    }

    /// Answers may stand far behind the comments that fill the page.
    @Test func answersAreCountedBeyondTheLimit() async throws {
        try bench.write((0..<6).map { bench.response(1, "says \($0)") })
        let page = try await bench.page([("limit", "1")], minimumAnswers: 5)
        #expect(page.texts == ["says 5"] && page.isTruncated == true)
    }

    @Test func nothingTellsOfSmallerGroups() async throws {
        try bench.write(
            (0..<5).map { bench.response(1, "courier \(["Anna", "Boris", "Clara", "Denis", "Erika"][$0])") })
        let page = try await bench.page(minimumAnswers: 5)
        #expect(page.comments.count == 5)
        for comment in page.comments {
            #expect(comment.object?.map(\.0) == ["time", "survey", "segments", "comment", "themes"])
            #expect(comment["segments"] == [:] && comment["time"]?.string?.hasSuffix("T00:00:00.000Z") == true)
        }
        // The courier stands in five comments, each name in one.
        #expect(try await bench.words(minimumAnswers: 5)["words"] == [["word": "courier", "comments": 5]])
    }

    // MARK: Wrong questions

    @Test(arguments: [
        ("metric", "nps", "the metrics made of answers are: csat"), ("metric", "csat.themes", "csat"),
        ("min", "2", "metric is missing"), ("theme", "colour", "the themes are: delivery, price"),
        ("segment", "region", "dimension:value"), ("segment", "region:eu,region:us", "twice"),
        ("from", "yesterday", "2026-11-21"), ("limit", "0", "from 1 to 1000"), ("limit", "1001", "from 1 to 1000"),
        ("respondent", "c-1", "unknown"), ("contains", String(repeating: "x", count: 257), "256"),
    ])
    func wrongItemsAreRefused(name: String, value: String, sentence: String) async throws {
        let error = await #expect(throws: QueryError.self) { try await bench.comments([(name, value)]) }
        #expect(try #require(error).description.contains(sentence))
    }

    @Test(arguments: [
        [("min", "4"), ("max", "2")], [("min", "nan")], [("max", "inf")], [("min", "low")],
    ])
    func wrongRangesAreRefused(range: [(String, String)]) async throws {
        await #expect(throws: QueryError.self) { try await bench.comments([("metric", "csat")] + range) }
    }

    @Test func aSpanThatEndsBeforeItBegins() async throws {
        await #expect(throws: QueryError.self) {
            try await bench.comments([("from", "2026-11-21"), ("to", "2026-11-20")])
        }
    }

    @Test func aMetricWithoutSingleNumbersHasNoRange() async throws {
        let bench = try CommentsBench(
            metrics: [CommentsBench.csat, MetricDefinition(name: "acsi", kind: "acsi", configuration: .object([]))])
        let error = await #expect(throws: QueryError.self) {
            try await bench.comments([("metric", "acsi"), ("max", "3")])
        }
        #expect(try #require(error).description.contains("single numbers"))
        let none = await #expect(throws: QueryError.self) { try await bench.comments([("theme", "price")]) }
        #expect(try #require(none).description.contains("no themes are configured"))
    }
}
