import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// csi.weighted: the formula by hand, the components' table, and what is refused.
@Suite struct IndicesWeightedTests {
    private func fixture(_ more: [(String, JSONTree)] = []) throws -> IndicesFixture {
        try IndicesFixture(
            WeightedSatisfactionIndex.self, .object([("components", ["speed", "price"])] + more))
    }

    /// Speed: ratings 4, 5, 3, mean 4; importances 5, 4, 3, mean 4.
    /// Price: ratings 2, 3, mean 2.5; importances 5, 4, mean 4.5; the third respondent left it out.
    private let answers = [
        #"{"components":{"speed":{"rating":4,"importance":5},"price":{"rating":2,"importance":5}}}"#,
        #"{"components":{"price":{"importance":4,"rating":3,"why":"dear"},"speed":{"rating":5,"importance":4}},"more":1}"#,
        #"{"components":{"speed":{"rating":3,"importance":3}}}"#,
    ]

    @Test func theIndexByRatio() throws {
        // Weights 4/8.5 and 4.5/8.5; indices 4/5 = 80 and 2.5/5 = 50: (4 × 80 + 4.5 × 50) / 8.5 = 64.1176…
        let score = try #require(try fixture().score(answers))
        #expect(isClose(score.value, 545 / 8.5) && printed(score.value, digits: 4) == "64.1176")
        #expect(score.responses == 3 && score.method == .conservative && score.deviation == nil)
        #expect(score.components.map(\.name) == ["price", "speed"])
        let price = score.components[0]
        #expect(price.answers == 2 && price.rating == 2.5 && price.importance == 4.5 && price.scale == Scale("1..5"))
        #expect(isClose(price.weight, 4.5 / 8.5) && isClose(price.index, 50))
        // 4.5/5 = 90 % of the importance scale, less 50.
        #expect(isClose(price.gap, 40) && isClose(price.deviation, 0.5.squareRoot()))
        let speed = score.components[1]
        #expect(speed.answers == 3 && isClose(speed.weight, 4 / 8.5) && isClose(speed.index, 80))
        #expect(isClose(speed.gap, 0) && isClose(speed.deviation, 1))
    }

    @Test func theIndexByRange() throws {
        // Indices (4 − 1)/4 = 75 and (2.5 − 1)/4 = 37.5: (4 × 75 + 4.5 × 37.5) / 8.5 = 55.1470…
        let score = try #require(try fixture([("normalisation", "range")]).score(answers))
        #expect(isClose(score.value, 468.75 / 8.5) && printed(score.value, digits: 4) == "55.1471")
        // (4.5 − 1)/4 = 87.5, less 37.5.
        #expect(isClose(score.components[0].gap, 50))
    }

    @Test func importancesMayHaveAScaleOfTheirOwn() throws {
        let fixture = try fixture([("importanceScale", "1..10")])
        let score = try #require(
            try fixture.score([
                #"{"components":{"speed":{"rating":4,"importance":10},"price":{"rating":3,"importance":6}}}"#
            ]))
        // (10 × 80 + 6 × 60) / 16 = 72.5; gaps 100 − 80 and 60 − 60.
        #expect(isClose(score.value, 72.5))
        #expect(isClose(score.components[0].gap, 20) && isClose(score.components[1].gap, 0))
        #expect(score.interval == nil)
    }

    @Test func theIntervalAddsThePartsHalfWidths() throws {
        // Six respondents with 3 and 2, six with 5 and 4, equal importances: means 4 and 3, index (80 + 60) / 2 = 70.
        // Each component's deviation is √(12/11) steps of 20 points, its half width t × 20 × √(12/11) / √12
        // = 2.200985160 × 20 / √11 = 13.27243902; half of the one and half of the other is the same again.
        let rows = [(3, 2), (5, 4)].flatMap { speed, price in
            (0..<6).map { _ in
                "{\"components\":{\"speed\":{\"rating\":\(speed),\"importance\":4},"
                    + "\"price\":{\"rating\":\(price),\"importance\":4}}}"
            }
        }
        let score = try #require(try fixture().score(rows))
        let half = 2.200985160082949 * 20 / 11.0.squareRoot()
        #expect(isClose(score.value, 70))
        #expect(isClose(score.interval?.low, 70 - half, 1e-6) && isClose(score.interval?.high, 70 + half, 1e-6))
        #expect(printed(score.interval?.high, digits: 5) == "83.27244")
    }

    @Test func aComponentAnsweredOnceLeavesNoInterval() throws {
        let both = #"{"components":{"speed":{"rating":4,"importance":5},"price":{"rating":2,"importance":5}}}"#
        let one = #"{"components":{"speed":{"rating":5,"importance":5}}}"#
        #expect(try fixture().score([both, one])?.interval == nil)
        #expect(try fixture().score([both, both, one])?.interval != nil)
    }

    @Test func aComponentNobodyRatedLeavesNoScore() throws {
        #expect(try fixture().score([]) == nil)
        #expect(try fixture().score([#"{"components":{"speed":{"rating":4,"importance":5}}}"#]) == nil)
    }

    @Test func everybodyAtTheTopOrTheBottom() throws {
        func row(_ rating: Int, _ importance: Int) -> String {
            "{\"components\":{\"speed\":{\"rating\":\(rating),\"importance\":\(importance)},"
                + "\"price\":{\"rating\":\(rating),\"importance\":3}}}"
        }
        let top = try #require(try fixture().score([row(5, 5), row(5, 2), row(5, 1)]))
        #expect(isClose(top.value, 100) && top.value <= 100 && top.interval?.high == 100)
        let bottom = try #require(try fixture([("normalisation", "range")]).score([row(1, 5), row(1, 2)]))
        #expect(bottom.value == 0 && bottom.interval?.low == 0)
    }

    @Test(
        arguments: [
            ("4", .wrongType, nil), ("null", .wrongType, nil), ("{}", .wrongType, nil),
            (#"{"components":[]}"#, .wrongType, "components"), (#"{"components":{}}"#, .wrongType, "components"),
            (#"{"components":{"spede":{"rating":4,"importance":5}}}"#, .unknownWord, "components/spede"),
            (#"{"components":{"a/b":{"rating":4,"importance":5}}}"#, .unknownWord, "components"),
            (#"{"components":{"":{"rating":4,"importance":5}}}"#, .unknownWord, "components"),
            (#"{"components":{"speed":4}}"#, .wrongType, "components/speed"),
            (#"{"components":{"speed":{"rating":4}}}"#, .wrongType, "components/speed"),
            (#"{"components":{"speed":{"rating":6,"importance":5}}}"#, .outsideScale, "components/speed/rating"),
            (#"{"components":{"speed":{"rating":0,"importance":5}}}"#, .outsideScale, "components/speed/rating"),
            (#"{"components":{"speed":{"rating":4,"importance":9}}}"#, .outsideScale, "components/speed/importance"),
            (#"{"components":{"speed":{"rating":4.5,"importance":5}}}"#, .notWhole, "components/speed/rating"),
            (#"{"components":{"speed":{"rating":"4","importance":5}}}"#, .wrongType, "components/speed/rating"),
            (#"{"components":{"speed":{"rating":1e300,"importance":5}}}"#, .outsideScale, "components/speed/rating"),
            (
                #"{"components":{"speed":{"rating":4,"importance":5},"speed":{"rating":4,"importance":5}}}"#,
                .wrongType,
                "components/speed"
            ),
        ] as [(String, AnswerRefusal.Reason, String?)])
    func wrongAnswersAreRefusedWithTheirPlace(answer: String, reason: AnswerRefusal.Reason, member: String?) throws {
        let refusal = try #require(try fixture().refusal(answer))
        #expect(refusal.reason == reason && refusal.member == member)
        #expect(refusal.sentence.count > 10)
    }

    @Test func aRefusalSaysWhatIsRight() throws {
        let unknown = try fixture().refusal(#"{"components":{"spede":{"rating":4,"importance":5}}}"#)
        #expect(unknown?.sentence == #""spede" is no component; the components are: price, speed"#)
        let outside = try fixture().refusal(#"{"components":{"speed":{"rating":6,"importance":5}}}"#)
        #expect(outside?.sentence == "is 6, but the scale is 1..5")
    }

    @Test(
        arguments: [
            (nil, "components"), (["components": []], "components"), (["components": "speed"], "components"),
            (["components": [4]], "components"), (["components": ["a", "a"]], "components"),
            (["components": [""]], "components"), (["components": ["a/b"]], "components"),
            (["components": ["a"], "componentsMax": 0], "componentsMax"),
            (["components": ["a"], "componentsMax": 33], "componentsMax"),
            (["components": ["a", "b"], "componentsMax": 1], "components"),
            (["components": ["a"], "scale": "0..10"], "scale"), (["components": ["a"], "scale": "1..102"], "scale"),
            (["components": ["a"], "importanceScale": "2..5"], "importanceScale"),
            (["components": ["a"], "normalisation": "z"], "normalisation"),
            (["components": ["a"], "bands": "gold"], "bands"),
            (["components": ["a"], "minimumSample": -1], "minimumSample"),
            (["components": ["a"], "displayDigits": 9], "displayDigits"), (["component": ["a"]], "component"),
        ] as [(JSONTree, String)])
    func wrongConfigurationsNameTheirKey(configuration: JSONTree, key: String) {
        #expect(refusedKey(WeightedSatisfactionIndex.self, configuration) == key)
    }

    @Test func componentsUpToTheLimit() throws {
        func configuration(_ count: Int, most: Int64) -> JSONTree {
            [
                "components": .array((0..<count).map { .string("c\($0)") }), "componentsMax": .integer(most),
                "scale": "1..101",
            ]
        }
        #expect(refusedKey(WeightedSatisfactionIndex.self, configuration(15, most: 15)) == nil)
        #expect(refusedKey(WeightedSatisfactionIndex.self, configuration(16, most: 15)) == "components")
        #expect(refusedKey(WeightedSatisfactionIndex.self, configuration(33, most: 32)) == "components")
        let fixture = try IndicesFixture(WeightedSatisfactionIndex.self, configuration(32, most: 32))
        let all = (0..<32).map { "\"c\($0)\":{\"rating\":101,\"importance\":\($0 + 1)}" }.joined(separator: ",")
        let score = try #require(try fixture.score(["{\"components\":{\(all)}}"]))
        #expect(isClose(score.value, 100) && score.components.first?.name == "c31" && score.components.count == 32)
    }

    @Test func theOrderOfComponentsIsNotPartOfTheContract() throws {
        let one = try IndicesFixture(WeightedSatisfactionIndex.self, ["components": ["speed", "price"]])
        let other = try IndicesFixture(WeightedSatisfactionIndex.self, ["components": ["price", "speed"]])
        #expect(one.metric.contract == other.metric.contract)
        #expect(try one.tally(answers) == other.tally(answers))
        let hashes = try [
            [], [("normalisation", "range")], [("scale", "1..7")], [("importanceScale", "1..7")], [("bands", [])],
            [("minimumSample", 30)],
        ].map { try fixture($0).metric.contract.hash }
        #expect(Set(hashes).count == hashes.count)
    }
}
