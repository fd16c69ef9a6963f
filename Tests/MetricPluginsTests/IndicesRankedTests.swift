import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// csi.ranked: the formula by hand, the order of components, and what is refused.
@Suite struct IndicesRankedTests {
    private func fixture(_ more: [(String, JSONTree)] = [("mentions", 2)]) throws -> IndicesFixture {
        try IndicesFixture(
            RankedSatisfactionIndex.self, .object([("components", ["speed", "price", "reach", "clean"])] + more))
    }

    /// Mentions: speed 3, price 1, reach 1, clean 0; mean ratings 5.5, 3, 4, 6.
    private let answers = [
        #"{"mentions":["speed","price"],"ratings":{"speed":5,"price":4}}"#,
        #"{"mentions":["reach","speed"],"ratings":{"speed":6,"price":2,"reach":3}}"#,
        #"{"mentions":["speed"],"ratings":{"reach":5,"clean":6}}"#,
    ]

    @Test func theIndexByRatio() throws {
        // (3/5 × 5.5 + 1/5 × 3 + 1/5 × 4) / 6 = 4.7 / 6 = 78.333… %
        let score = try #require(try fixture().score(answers))
        #expect(isClose(score.value, 470.0 / 6) && printed(score.value, digits: 2) == "78.33")
        #expect(score.responses == 3)
        // Falling order of weight; price and reach weigh the same and are listed by name.
        #expect(score.components.map(\.name) == ["speed", "price", "reach", "clean"])
        #expect(score.components.map(\.weight) == [0.6, 0.2, 0.2, 0])
        #expect(score.components.map(\.rating) == [5.5, 3, 4, 6])
        #expect(score.components.map(\.answers) == [2, 2, 2, 1])
        // All three named speed: 100 %, less 5.5/6 = 91.67 %; a third named price: 33.33 %, less 50 %.
        #expect(isClose(score.components[0].importance, 100) && isClose(score.components[0].gap, 100 - 550.0 / 6))
        #expect(isClose(score.components[1].gap, 100.0 / 3 - 50))
    }

    @Test func theIndexByRange() throws {
        // (3/5 × 4.5 + 1/5 × 2 + 1/5 × 3) / 5 = 3.7 / 5 = 74 %
        let score = try fixture([("mentions", 2), ("normalisation", "range")]).score(answers)
        #expect(isClose(score?.value, 74))
    }

    @Test func theIntervalLeavesOutWhatWeighsNothing() throws {
        // Clean is rated once and weighs nothing; the others are rated twice.
        let score = try #require(try fixture().score(answers))
        let interval = try #require(score.interval)
        #expect(interval.low < score.value && interval.high > score.value && interval.high <= 100)
        #expect(interval.low >= 100.0 / 6)
    }

    @Test func whatNobodyNamedNorRatedIsNotListed() throws {
        let score = try fixture().score([answers[0]])
        #expect(score?.components.map(\.name) == ["price", "speed"])
        // Named and not rated: an index without it would be another index.
        #expect(try fixture().score([#"{"mentions":["reach"],"ratings":{"speed":5}}"#]) == nil)
        #expect(try fixture().score([]) == nil)
    }

    @Test func fewerMentionsMayBeRefused() throws {
        let strict = try fixture([("mentions", 2), ("fewerMentions", "refused")])
        #expect(try strict.refusal(answers[0]) == nil)
        let refusal = try #require(try strict.refusal(answers[2]))
        #expect(refusal.reason == .outsideScale && refusal.member == "mentions")
        #expect(refusal.sentence.contains("exactly 2"))
    }

    @Test func fourOfUpToFifteenByDefault() throws {
        let names = (1...15).map { "c\($0)" }
        let fixture = try IndicesFixture(
            RankedSatisfactionIndex.self, ["components": .array(names.map(JSONTree.string))])
        #expect(try fixture.refusal(#"{"mentions":["c1","c2","c3","c4"],"ratings":{"c1":1}}"#) == nil)
        let refusal = try fixture.refusal(#"{"mentions":["c1","c2","c3","c4","c5"],"ratings":{"c1":1}}"#)
        #expect(refusal?.reason == .outsideScale && refusal?.member == "mentions")
    }

    @Test func theSixLabelsStandInTheSchema() throws {
        let schema = try fixture().metric.answerSchema
        let choices = schema["properties"]?["ratings"]?["properties"]?["speed"]?["oneOf"]?.array ?? []
        #expect(choices.map { $0["const"]?.int64 } == [6, 5, 4, 3, 2, 1])
        #expect(choices.first?["title"] == "better than expected" && choices.last?["title"] == "awful")
    }

    @Test(
        arguments: [
            ("7", .wrongType, nil), (#"{"ratings":{"speed":5}}"#, .wrongType, nil),
            (#"{"mentions":"speed","ratings":{"speed":5}}"#, .wrongType, "mentions"),
            (#"{"mentions":[],"ratings":{"speed":5}}"#, .outsideScale, "mentions"),
            (#"{"mentions":["speed",4],"ratings":{"speed":5}}"#, .wrongType, "mentions/1"),
            (#"{"mentions":["speed","spede"],"ratings":{"speed":5}}"#, .unknownWord, "mentions/1"),
            (#"{"mentions":["speed","speed"],"ratings":{"speed":5}}"#, .wrongType, "mentions/1"),
            (#"{"mentions":["speed","price","reach"],"ratings":{"speed":5}}"#, .outsideScale, "mentions"),
            (#"{"mentions":["speed"]}"#, .wrongType, nil),
            (#"{"mentions":["speed"],"ratings":5}"#, .wrongType, "ratings"),
            (#"{"mentions":["speed"],"ratings":{}}"#, .wrongType, "ratings"),
            (#"{"mentions":["speed"],"ratings":{"speed":7}}"#, .outsideScale, "ratings/speed"),
            (#"{"mentions":["speed"],"ratings":{"speed":null}}"#, .wrongType, "ratings/speed"),
            (#"{"mentions":["speed"],"ratings":{"other":3}}"#, .unknownWord, "ratings/other"),
        ] as [(String, AnswerRefusal.Reason, String?)])
    func wrongAnswersAreRefusedWithTheirPlace(answer: String, reason: AnswerRefusal.Reason, member: String?) throws {
        let refusal = try #require(try fixture().refusal(answer))
        #expect(refusal.reason == reason && refusal.member == member)
    }

    @Test(
        arguments: [
            (nil, "components"), (["components": ["a", "b"]], "mentions"),
            (["components": ["a"], "mentions": 0], "mentions"), (["components": ["a"], "mentions": 1.5], "mentions"),
            (["components": ["a"], "mentions": 1, "fewerMentions": "no"], "fewerMentions"),
            (["components": ["a"], "mentions": 1, "normalisation": 6], "normalisation"),
            (["components": ["a"], "mentions": 1, "scale": "1..5"], "scale"),
        ] as [(JSONTree, String)])
    func wrongConfigurationsNameTheirKey(configuration: JSONTree, key: String) {
        #expect(refusedKey(RankedSatisfactionIndex.self, configuration) == key)
    }
}
