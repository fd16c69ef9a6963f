import Satisfaction
import Testing

/// Leaderboards, and changes of a score.
@Suite struct CutsLeaderboardTests {
    /// A CSAT row: percent satisfied, and the deviation of one answer that is worth 0 or 100.
    private func row(_ name: String, _ satisfied: Int64, of answers: Int64) -> Leaderboard.Entry {
        let share = Double(satisfied) / Double(answers)
        return Leaderboard.Entry(
            name: name, mean: 100 * share,
            deviation: answers > 1
                ? 100 * (share * (1 - share) * Double(answers) / Double(answers - 1)).squareRoot() : 0,
            answers: answers)
    }

    private func isClose(_ left: Double, _ right: Double, _ tolerance: Double = 1e-12) -> Bool {
        (left - right).magnitude <= tolerance * max(1, right.magnitude)
    }

    @Test func twoLuckyAnswersDoNotLead() {
        let board = Leaderboard(
            [
                row("lucky", 2, of: 2), row("ann", 170, of: 200), row("bob", 150, of: 200), row("cy", 130, of: 200),
                row("dee", 110, of: 200),
            ], polarity: .higherIsBetter)
        let lucky = board.rows.first { $0.name == "lucky" }!
        #expect(board.rows.first?.name == "ann")
        #expect(lucky.raw == 100)
        #expect(lucky.shrunk < 80)
        #expect(lucky.credibility < 0.2)
        #expect(lucky.surelyBelow == 0)
    }

    /// Answers 5 4 4 5 3 5 2, 1 2 2 3, 5 5, 4 3 3 4 5 2 1 4 4 3 and 2; figures by numpy from the formulas of the paper.
    @Test func agreesWithAnIndependentComputation() {
        let board = Leaderboard(
            [
                .init(name: "ann", mean: 4, deviation: 1.1547005383792515, answers: 7),
                .init(name: "bob", mean: 2, deviation: 0.816496580927726, answers: 4),
                .init(name: "cy", mean: 5, deviation: 0, answers: 2),
                .init(name: "dee", mean: 3.3, deviation: 1.1595018087284057, answers: 10),
                .init(name: "eve", mean: 2, deviation: .nan, answers: 1),
            ], polarity: .higherIsBetter)
        let expected = [
            ("cy", 0.566796380876971, 4.274263439361189, 3.0789087344105983, 5.469618144311779),
            ("ann", 0.8207673807259913, 3.878968127187059, 3.136175005270311, 4.621761249103807),
            ("dee", 0.8674077073352385, 3.303277925845741, 2.6686060273982384, 3.9379498242932436),
            ("eve", 0.3954751253166603, 2.800827306145691, 1.3573301310356711, 4.244324481255711),
            ("bob", 0.7235099439784541, 2.366272416591277, 1.4311618993236235, 3.3013829338589304),
        ]
        #expect(board.rows.map(\.name) == expected.map(\.0))
        for (row, (_, credibility, shrunk, low, high)) in zip(board.rows, expected) {
            #expect(isClose(row.credibility, credibility))
            #expect(isClose(row.shrunk, shrunk))
            #expect(isClose(row.interval.low, low))
            #expect(isClose(row.interval.high, high))
        }
        #expect(isClose(board.grandMean!, 3.3247218430261913))
    }

    @Test func overlappingRowsShareARankAndTheRestIsCounted() {
        // Three clear levels; the two in the middle cannot be told apart.
        let entries = [
            row("top", 4750, of: 5000), row("middle", 4000, of: 5000), row("centre", 3990, of: 5000),
            row("low", 2000, of: 5000),
        ]
        let board = Leaderboard(entries, polarity: .higherIsBetter)
        #expect(board.rows.map(\.name) == ["top", "middle", "centre", "low"])
        #expect(board.rows.map(\.rank) == [1, 2, 2, 4])
        #expect(board.rows.map(\.surelyAbove) == [0, 1, 1, 3])
        #expect(board.rows.map(\.surelyBelow) == [3, 1, 1, 0])
        let turned = Leaderboard(entries, polarity: .lowerIsBetter)
        #expect(turned.rows.map(\.name) == ["low", "centre", "middle", "top"])
        #expect(turned.rows.map(\.rank) == [1, 2, 2, 4])
        #expect(turned.rows.map(\.surelyAbove) == [0, 1, 1, 3])
    }

    /// Neighbours overlap all along the chain; its ends do not, and say so.
    @Test func aLongChainSharesARankButItsEndsStillDiffer() {
        let board = Leaderboard((0...20).map { row("r\($0)", 500 + 10 * $0, of: 1000) }, polarity: .higherIsBetter)
        #expect(board.rows.allSatisfy { $0.rank == 1 })
        #expect(board.rows.first!.surelyBelow > 10)
        #expect(board.rows.first!.surelyAbove == 0)
        #expect(board.rows.last!.surelyAbove > 10)
    }

    @Test func rowsAllAlikeGetTheGrandMean() {
        for answers: Int64 in [1, 2, 7] {
            let board = Leaderboard(
                ["b", "a", "c"].map { .init(name: $0, mean: 0.1 + 0.2, deviation: 0, answers: answers) },
                polarity: .higherIsBetter)
            #expect(board.rows.map(\.name) == ["a", "b", "c"])
            #expect(board.rows.allSatisfy { $0.shrunk == 0.1 + 0.2 && $0.rank == 1 && $0.credibility == 0 })
        }
    }

    /// Nothing tells the variance between from that within: nobody is told apart.
    @Test func rowsOfOneAnswerEachGetTheGrandMean() {
        let board = Leaderboard(
            [("a", 1.0), ("b", 5), ("c", 3), ("d", 5)].map {
                .init(name: $0.0, mean: $0.1, deviation: .nan, answers: 1)
            }, polarity: .higherIsBetter)
        #expect(board.rows.allSatisfy { $0.shrunk == 3.5 && $0.rank == 1 })
        #expect(board.rows[0].interval.low < 3 && board.rows[0].interval.high > 4)
    }

    /// Two answers alike in every row would make each row certain, were no allowance made for so few of them.
    @Test func fewAnswersAlikeAreNotCertainty() {
        let board = Leaderboard(
            [("a", 100.0), ("b", 0), ("c", 100)].map { .init(name: $0.0, mean: $0.1, deviation: 0, answers: 2) },
            polarity: .higherIsBetter)
        // v = 2666.7 / (3 + 1), a = (13333.3 - 2v) / 4 = 3000, Z = 2 / (2 + v/a).
        #expect(board.rows.allSatisfy { isClose($0.credibility, 0.9) })
        #expect(board.rows.allSatisfy { $0.interval.high - $0.interval.low > 20 })
    }

    @Test func entriesWithoutScoreAreNamedAndNothingTraps() {
        let board = Leaderboard(
            [
                .init(name: "none", mean: 3, deviation: 1, answers: 0),
                .init(name: "nan", mean: .nan, deviation: 1, answers: 5),
                .init(name: "infinite", mean: .infinity, deviation: 1, answers: 5),
                .init(name: "beyond", mean: 2e100, deviation: 1, answers: 5),
                .init(name: "negative", mean: 3, deviation: 1, answers: -1),
                .init(name: "largest", mean: 1e100, deviation: 1e100, answers: .max),
                .init(name: "wild", mean: -1e100, deviation: .infinity, answers: .max),
            ], polarity: .higherIsBetter)
        #expect(board.withoutScore == ["beyond", "infinite", "nan", "negative", "none"])
        #expect(board.rows.map(\.name) == ["largest", "wild"])
        #expect(board.rows.allSatisfy { $0.shrunk.isFinite && $0.interval.low.isFinite && $0.interval.high.isFinite })
        #expect(Leaderboard([], polarity: .higherIsBetter).rows.isEmpty)
        #expect(Leaderboard([], polarity: .higherIsBetter).grandMean == nil)
        let alone = Leaderboard([row("alone", 3, of: 4)], polarity: .higherIsBetter)
        #expect(alone.rows.map(\.shrunk) == [75])
        #expect(alone.rows[0].interval.high > 100)
    }

    @Test(arguments: 1...200) func ranksAreConsistentAndOrderOfInputDoesNotMatter(seed: UInt64) {
        var random = CutsRandom(seed: seed)
        let entries = (0..<Int.random(in: 1...12, using: &random)).map { index in
            let answers = Int64.random(in: 1...Int64([3, 50, 5000].randomElement(using: &random)!), using: &random)
            return row("r\(index)", .random(in: 0...answers, using: &random), of: answers)
        }
        let polarity = Polarity.allCases.randomElement(using: &random)!
        let board = Leaderboard(entries, polarity: polarity)
        #expect(Leaderboard(entries.shuffled(using: &random), polarity: polarity) == board)
        let means = entries.map(\.mean)
        for (index, row) in board.rows.enumerated() {
            #expect(row.shrunk >= means.min()! - 1e-9 && row.shrunk <= means.max()! + 1e-9)
            #expect((0...1).contains(row.credibility))
            let above = board.rows.filter { isBetter($0.interval, row.interval, polarity) }
            let below = board.rows.filter { isBetter(row.interval, $0.interval, polarity) }
            #expect(row.surelyAbove == above.count && row.surelyBelow == below.count)
            #expect(board.rows.allSatisfy { $0.rank == row.rank || !overlap($0.interval, row.interval) })
            // The rank counts exactly the rows of better groups, and a group's rows stand together.
            #expect(row.rank == 1 + board.rows.filter { $0.rank < row.rank }.count)
            if index > 0 {
                #expect(board.rows[index - 1].rank <= row.rank)
                if board.rows[index - 1].rank < row.rank {
                    #expect(board.rows[..<index].allSatisfy { isBetter($0.interval, row.interval, polarity) })
                }
            }
        }
    }

    private func overlap(_ left: Interval, _ right: Interval) -> Bool {
        left.low <= right.high && right.low <= left.high
    }

    private func isBetter(_ left: Interval, _ right: Interval, _ polarity: Polarity) -> Bool {
        polarity == .higherIsBetter ? left.low > right.high : left.high < right.low
    }

    /// 75 % → 60 % is a fall of 15 points, and of 20 percent.
    @Test func aFallInPointsAndPercent() {
        let fall = Change(from: 75, to: 60)
        #expect(fall.points == -15)
        #expect(fall.percent == -20)
        #expect(Change(from: -50, to: -25).percent == 50)
        #expect(Change(from: 0, to: 5).percent == nil)
        #expect(Change(from: 0, to: 5).points == 5)
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct CutsRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
