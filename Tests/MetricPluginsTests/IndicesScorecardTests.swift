import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// csi.scorecard: the formula by hand, exactness far out, and what is refused.
@Suite struct IndicesScorecardTests {
    private static let weights: JSONTree = ["quality": 40, "service": 35, "price": 25]

    private func fixture(_ weights: JSONTree = weights) throws -> IndicesFixture {
        try IndicesFixture(ScorecardIndex.self, ["weights": weights])
    }

    @Test func theIndex() throws {
        // 40 % of (70 + 80)/2 + 35 % of 71.5 + 25 % of (60.25 + 60.75)/2 = 30 + 25.025 + 15.125 = 70.15
        let score = try #require(
            try fixture().score([
                #"{"indicators":{"quality":70,"service":71.5,"price":60.25}}"#,
                #"{"indicators":{"price":60.75,"quality":80}}"#,
            ]))
        #expect(isClose(score.value, 70.15) && score.responses == 2)
        #expect(score.components.map(\.name) == ["quality", "service", "price"])
        #expect(
            score.components.map(\.rating) == [75, 71.5, 60.5] && score.components.map(\.index) == [75, 71.5, 60.5])
        #expect(score.components.map(\.answers) == [2, 1, 2] && isClose(score.components[1].weight, 0.35))
        // √(5² + 5²) and √(0.25² + 0.25²).
        #expect(isClose(score.components[0].deviation, 50.0.squareRoot()) && score.components[1].deviation == 0)
        #expect(isClose(score.components[2].deviation, 0.125.squareRoot()))
        #expect(score.interval == nil)
    }

    @Test func theIntervalAddsThePartsHalfWidths() throws {
        // Three values each. Quality 60, 70, 80: deviation 10, half width 4.302652730 × 10/√3 = 24.84137712.
        // Price 40, 42, 44: deviation 2, half width 4.968275424. Together 0.75 × 24.84… + 0.25 × 4.96… = 19.87310168.
        let score = try #require(
            try fixture(["quality": 75, "price": 25]).score([
                #"{"indicators":{"quality":60,"price":44}}"#, #"{"indicators":{"quality":70,"price":42}}"#,
                #"{"indicators":{"quality":80,"price":40}}"#,
            ]))
        let half = 4.302652729911275 / 3.0.squareRoot() * (0.75 * 10 + 0.25 * 2)
        #expect(isClose(score.value, 63) && isClose(score.interval?.low, 63 - half, 1e-6))
        #expect(isClose(score.interval?.high, 63 + half, 1e-6))
    }

    @Test func untilEveryIndicatorHasAValueThereIsNoScore() throws {
        #expect(try fixture().score([]) == nil)
        #expect(try fixture().score([#"{"indicators":{"quality":70,"price":60}}"#]) == nil)
    }

    /// A thousand million answers of each of two values: their sums still fit, and lose nothing.
    @Test func sumsAreExactForManyAnswers() throws {
        let fixture = try fixture(["quality": 100])
        let answers: Int64 = 1_000_000_000
        var tally = Tally(width: fixture.metric.width)
        for answer in [#"{"indicators":{"quality":100}}"#, #"{"indicators":{"quality":99.999998}}"#] {
            for entry in try fixture.tally([answer]).columns {
                let (amount, overflows) = entry.amount.multipliedReportingOverflow(by: answers)
                #expect(!overflows)
                #expect(!tally[entry.column].addingReportingOverflow(amount).overflow)
                tally.add(amount, at: entry.column)
            }
        }
        let score = try #require(fixture.metric.score(tally))
        #expect(score.value == 99.999999 && score.responses == 2 * answers)
        // Half lie a millionth above the mean, half as far below: √(n/(n − 1)) millionths.
        #expect(isClose(score.components[0].deviation.map { $0 * 1e6 }, 1, 1e-8))
    }

    @Test func valuesCountToTheMillionth() throws {
        let fixture = try fixture(["quality": 100])
        #expect(try fixture.score([#"{"indicators":{"quality":33.3333334}}"#])?.value == 33.333333)
        #expect(try fixture.score([#"{"indicators":{"quality":0.0000005}}"#])?.value == 0.000001)
        #expect(try fixture.score([#"{"indicators":{"quality":-0.0}}"#])?.value == 0)
    }

    @Test(
        arguments: [
            ("71", .wrongType, nil), (#"{"indicators":null}"#, .wrongType, "indicators"),
            (#"{"indicators":{}}"#, .wrongType, "indicators"),
            (#"{"indicators":{"quality":"71"}}"#, .wrongType, "indicators/quality"),
            (#"{"indicators":{"quality":100.0000001}}"#, .outsideScale, "indicators/quality"),
            (#"{"indicators":{"quality":-1e-9}}"#, .outsideScale, "indicators/quality"),
            (#"{"indicators":{"quality":1e308}}"#, .outsideScale, "indicators/quality"),
            (#"{"indicators":{"quality":18446744073709551615}}"#, .outsideScale, "indicators/quality"),
            (#"{"indicators":{"speed":7}}"#, .unknownWord, "indicators/speed"),
            (#"{"indicators":{"quality":7,"quality":7}}"#, .wrongType, "indicators/quality"),
        ] as [(String, AnswerRefusal.Reason, String?)])
    func wrongAnswersAreRefusedWithTheirPlace(answer: String, reason: AnswerRefusal.Reason, member: String?) throws {
        let refusal = try #require(try fixture().refusal(answer))
        #expect(refusal.reason == reason && refusal.member == member)
    }

    @Test(
        arguments: [
            [:], nil, ["a": 99.99], ["a": 60, "b": 40.00001], ["a": 0, "b": 100], ["a": -10, "b": 110],
            ["a": "60", "b": 40], ["": 100], ["a/b": 100], ["a": 50, "a": 50], [40, 60],
        ] as [JSONTree])
    func weightsMustSumToAHundred(weights: JSONTree) {
        #expect(refusedKey(ScorecardIndex.self, ["weights": weights]) == "weights")
    }

    @Test func weightsMustBeNumbers() {
        for number in [Double.nan, .infinity, -.infinity] {
            #expect(refusedKey(ScorecardIndex.self, ["weights": ["a": .number(number), "b": 100]]) == "weights")
        }
    }

    @Test func weightsOfDecimalFractions() throws {
        let tenths = JSONTree.object((0..<10).map { ("i\($0)", .number($0 == 0 ? 10.9 : 9.9)) })
        #expect(refusedKey(ScorecardIndex.self, ["weights": tenths]) == nil)
        #expect(
            refusedKey(ScorecardIndex.self, ["weights": .object((0..<33).map { ("i\($0)", .number(100.0 / 33)) })])
                == "weights")
    }

    @Test func theOrderOfWeightsIsNotPartOfTheContract() throws {
        let one = try fixture(["a": 60, "b": 40])
        let other = try fixture(["b": 40, "a": 60])
        let answers = [#"{"indicators":{"a":10,"b":90}}"#]
        #expect(one.metric.contract == other.metric.contract)
        #expect(try one.tally(answers) == other.tally(answers))
        #expect(try one.score(answers) == other.score(answers))
        #expect(try fixture(["a": 40, "b": 60]).metric.contract != one.metric.contract)
    }
}
