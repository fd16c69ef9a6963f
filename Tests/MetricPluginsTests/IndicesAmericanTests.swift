import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// acsi: the figures that prove it, the exact interval, and what is refused.
@Suite struct IndicesAmericanTests {
    private static let weights: JSONTree = ["overall": 0.3885, "expectations": 0.319, "ideal": 0.2925]

    private func fixture(_ weights: JSONTree = nil) throws -> IndicesFixture {
        try IndicesFixture(AmericanIndex.self, ["weights": weights])
    }

    private func answer(_ overall: Int, _ expectations: Int, _ ideal: Int) -> String {
        "{\"overall\":\(overall),\"expectations\":\(expectations),\"ideal\":\(ideal)}"
    }

    @Test func eightSevenSeven() throws {
        // (0.3885 × 7 + 0.3190 × 6 + 0.2925 × 6) / 9 = 6.3885 / 9
        let weighted = try #require(try fixture(Self.weights).score([answer(8, 7, 7)]))
        #expect(isClose(weighted.value, 638.85 / 9) && printed(weighted.value, digits: 2) == "70.98")
        // (7 + 6 + 6) / 27
        let equal = try #require(try fixture().score([answer(8, 7, 7)]))
        #expect(isClose(equal.value, 1900.0 / 27) && printed(equal.value, digits: 2) == "70.37")
        #expect(equal.responses == 1 && equal.method == .t)
    }

    @Test func theEndsOfTheScale() throws {
        for weights in [nil, Self.weights] {
            #expect(try fixture(weights).score([answer(1, 1, 1), answer(1, 1, 1)])?.value == 0)
            let top = try #require(try fixture(weights).score([answer(10, 10, 10), answer(10, 10, 10)]))
            #expect(isClose(top.value, 100) && top.value <= 100)
            #expect(top.components.allSatisfy { $0.index == 100 })
        }
    }

    @Test func componentsInFallingWeight() throws {
        let weights: JSONTree = ["overall": 0.2, "expectations": 0.4, "ideal": 0.4]
        let components = try #require(try fixture(weights).score([answer(8, 7, 7), answer(6, 9, 7)])).components
        #expect(components.map(\.name) == ["expectations", "ideal", "overall"])
        #expect(components.map(\.rating) == [8, 7, 7] && components.map(\.weight) == [0.4, 0.4, 0.2])
        #expect(isClose(components[0].deviation, 2.0.squareRoot()) && components[1].deviation == 0)
        #expect(components.allSatisfy { $0.scale == Scale("1..10") && $0.answers == 2 })
    }

    @Test func theIntervalOfTwoByHand() throws {
        // Equal weights, indices (7+6+6)/27 = 70.370… and (5+6+4)/27 = 55.555…: mean 62.962…, deviation 14.8148…/√2,
        // standard error 14.8148…/2, t for one degree of freedom 12.7062047364: 94.1… to each side, cut to the range.
        let score = try #require(try fixture().score([answer(8, 7, 7), answer(6, 7, 5)]))
        #expect(isClose(score.value, 1700.0 / 27) && isClose(score.deviation, 400.0 / 27 / 2.0.squareRoot()))
        #expect(score.interval == Interval(low: 0, high: 100))
    }

    /// The variance from sums by column is that of the respondents' own indices, whatever their answers have to do with
    /// each other.
    @Test(arguments: 1...8) func theIntervalIsThatOfTheRespondentsOwnIndices(seed: UInt64) throws {
        var generator = IndicesGenerator(state: seed)
        let weights = [0.3885, 0.319, 0.2925]
        let rows = (0..<200).map { _ in
            let first = Int.random(in: 1...10, using: &generator)
            // The second leans on the first, the third against it.
            let second = min(10, max(1, first + Int.random(in: -2...2, using: &generator)))
            return [first, second, min(10, max(1, 11 - first + Int.random(in: -1...1, using: &generator)))]
        }
        let own = rows.map { row in zip(row, weights).reduce(0) { $0 + $1.1 * Double($1.0 - 1) / 9 * 100 } }
        let mean = own.reduce(0, +) / 200
        let deviation = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 199).squareRoot()
        let score = try #require(try fixture(Self.weights).score(rows.map { answer($0[0], $0[1], $0[2]) }))
        #expect(isClose(score.value, mean) && isClose(score.deviation, deviation))
        // Student's t for 199 degrees of freedom.
        let half = 1.971956544249395 * deviation / 200.0.squareRoot()
        #expect(isClose(score.interval?.low, mean - half, 1e-6) && isClose(score.interval?.high, mean + half, 1e-6))
    }

    @Test func respondentsWhoAgreeDifferInNothing() throws {
        let score = try #require(try fixture(Self.weights).score(Array(repeating: answer(8, 3, 6), count: 50)))
        #expect(score.deviation == 0)
    }

    @Test(
        arguments: [
            ("8", .wrongType, nil), ("[8,7,7]", .wrongType, nil), ("{}", .wrongType, nil),
            (#"{"overall":8,"ideal":7}"#, .wrongType, nil), (#"{"overall":8,"expectations":7}"#, .wrongType, nil),
            (#"{"overall":8,"expectations":null,"ideal":7}"#, .wrongType, "expectations"),
            (#"{"overall":0,"expectations":7,"ideal":7}"#, .outsideScale, "overall"),
            (#"{"overall":8,"expectations":7,"ideal":11}"#, .outsideScale, "ideal"),
            (#"{"overall":8,"expectations":7,"ideal":6.5}"#, .notWhole, "ideal"),
        ] as [(String, AnswerRefusal.Reason, String?)])
    func allThreeMustBeAnswered(answer: String, reason: AnswerRefusal.Reason, member: String?) throws {
        let refusal = try #require(try fixture().refusal(answer))
        #expect(refusal.reason == reason && refusal.member == member)
    }

    @Test(
        arguments: [
            ["overall": 1], ["overall": 0.5, "expectations": 0.25, "ideal": 0.2],
            ["overall": 0.5, "expectations": 0.25, "idea": 0.25], ["overall": 0.5, "overall": 0.25, "ideal": 0.25],
            ["overall": 50, "expectations": 25, "ideal": 25], ["overall": 1, "expectations": 0, "ideal": 0], 1, [],
            ["overall": 0.25, "expectations": 0.25, "ideal": 0.25, "more": 0.25],
        ] as [JSONTree])
    func weightsMustBeThoseOfTheThree(weights: JSONTree) {
        #expect(refusedKey(AmericanIndex.self, ["weights": weights]) == "weights")
    }

    @Test func detectorsDoNotTakeItsColumnsForAnswers() throws {
        #expect(try fixture().metric.watchedRating == nil)
    }
}
