import Satisfaction
import Testing

@Suite struct CutsSuppressionTests {
    private func cell(_ segment: String, _ answers: Int64, _ window: Range<Int64> = 0..<30) -> Suppression.Cell {
        Suppression.Cell(segment: Segment(segment)!, window: window, answers: answers)
    }

    /// Withheld cells as text, such as "us!" (too few) and "jp" (complementary), in the order given.
    private func withheld(_ cells: [Suppression.Cell], minimum: Int64 = 5) -> [String] {
        zip(cells, Suppression(minimumAnswers: minimum).decide(cells)).compactMap { cell, decision in
            switch decision {
            case .published: nil
            case .tooFew: "\(cell.segment) \(cell.answers)!"
            case .complementary: "\(cell.segment) \(cell.answers)"
            }
        }
    }

    @Test func theSmallestSiblingGoesToo() {
        let cells = [cell("", 73), cell("region:eu", 50), cell("region:us", 3), cell("region:jp", 20)]
        #expect(withheld(cells) == ["region:us 3!", "region:jp 20"])
        #expect(withheld(cells, minimum: 3) == [])
        #expect(withheld(cells, minimum: 1) == [])
        #expect(withheld(cells, minimum: 0) == [])
    }

    @Test func aCellWithoutAnswersHidesNothing() {
        let cells = [cell("", 53), cell("region:eu", 50), cell("region:us", 3), cell("region:jp", 0)]
        #expect(withheld(cells) == ["region:eu 50", "region:us 3!"])
    }

    @Test func twoSmallCellsThatAreEnoughTogetherNeedNoThird() {
        let cells = [cell("", 57), cell("region:eu", 49), cell("region:us", 4), cell("region:jp", 4)]
        #expect(withheld(cells) == ["region:us 4!", "region:jp 4!"])
    }

    /// The two together are the total less eu: 4 answers.
    @Test func twoSmallCellsThatAreTooFewTogetherNeedAThird() {
        let cells = [cell("", 54), cell("region:eu", 50), cell("region:us", 2), cell("region:jp", 2)]
        #expect(withheld(cells) == ["region:eu 50", "region:us 2!", "region:jp 2!"])
    }

    @Test func answersWithoutAValueHideASmallCellIfTheyAreEnough() {
        #expect(withheld([cell("", 100), cell("region:eu", 50), cell("region:us", 3)]) == ["region:us 3!"])
        // Or a region nobody asked for: its 3 answers are the total less eu.
        #expect(withheld([cell("", 53), cell("region:eu", 50)]) == ["region:eu 50"])
        #expect(withheld([cell("", 54), cell("region:eu", 50), cell("region:us", 3)]).count == 2)
    }

    @Test func aSquareOfATableIsWithheld() {
        var cells = [cell("", 143), cell("channel:chat", 63), cell("channel:mail", 80)]
        cells += [cell("region:eu", 43), cell("region:us", 50), cell("region:jp", 50)]
        for (region, chat) in [("eu", 3), ("us", 20), ("jp", 40)] as [(String, Int64)] {
            let whole: Int64 = region == "eu" ? 43 : 50
            cells.append(cell("region:\(region),channel:chat", chat))
            cells.append(cell("region:\(region),channel:mail", whole - chat))
        }
        #expect(
            withheld(cells) == [
                "region:eu,channel:chat 3!", "region:eu,channel:mail 40", "region:us,channel:chat 20",
                "region:us,channel:mail 30",
            ])
    }

    @Test func aMonthLessItsWeeksGivesNoDayAway() {
        let weeks = [cell("", 40, 0..<7), cell("", 40, 7..<14), cell("", 40, 14..<21), cell("", 40, 21..<28)]
        // The two days after the fourth week have 3 answers.
        #expect(withheld([cell("", 163, 0..<30)] + weeks).count == 1)
        #expect(withheld([cell("", 165, 0..<30)] + weeks) == [])
    }

    @Test func overlappingWindowsGiveNoDayAway() {
        // The second week less the day it has more is the first less the day it has more.
        let weeks = [cell("", 50, 0..<7), cell("", 60, 1..<8)]
        #expect(withheld(weeks + [cell("", 3, 0..<1)]) == ["total 3!"])
        #expect(withheld(weeks + [cell("", 3, 0..<1), cell("", 13, 7..<8)]) == ["total 3!", "total 13"])
        // 47 answers lie in both; with a cell of them all is known.
        #expect(withheld(weeks + [cell("", 47, 1..<7)]).count == 1)
    }

    /// Two windows added and the longer one subtracted leave what lies in both.
    @Test func whatLiesInTwoWindowsIsNotGivenAway() {
        let cells = [cell("", 50, 0..<7), cell("", 60, 6..<12), cell("", 107, 0..<12)]
        #expect(withheld(cells) == ["total 50"])
    }

    @Test func segmentsAndWindowsTogetherGiveNothingAway() {
        // us has 3 answers in the second week; eu and the total of both weeks and of the month give it away.
        var cells = [cell("", 100, 0..<14), cell("", 50, 0..<7), cell("region:eu", 77, 0..<14)]
        cells += [cell("region:eu", 30, 0..<7), cell("region:us", 23, 0..<14), cell("region:us", 20, 0..<7)]
        let decisions = Suppression(minimumAnswers: 5).decide(cells)
        #expect(decisions.contains(.complementary))
    }

    /// Pairs whose single values are not published are added up all the same.
    @Test func pairsAddUpToTheTotal() {
        let cells = [
            cell("", 63), cell("region:eu,channel:chat", 20), cell("region:eu,channel:mail", 3),
            cell("region:us,channel:chat", 40),
        ]
        #expect(withheld(cells) == ["region:eu,channel:mail 3!", "region:us,channel:chat 40"])
    }

    @Test func wrongAndExtremeCellsDoNotTrap() {
        #expect(withheld([]) == [])
        #expect(withheld([cell("", 3, 5..<5), cell("", 0, 5..<5), cell("", -7)]) == ["total 3!"])
        #expect(withheld([cell("", 3), cell("", 3)]) == ["total 3!", "total 3!"])
        let huge = [cell("", .max, .min ..< .max), cell("region:eu", .max, .min ..< .max), cell("region:us", 1, 0..<1)]
        _ = Suppression(minimumAnswers: .max).decide(huge)
        _ = Suppression(minimumAnswers: 5).decide(huge)
        let wide = Segment((0..<40).map { .init(dimension: "d\($0)", value: "v") })
        #expect(withheld([cell("", 50), .init(segment: wide, window: 0..<30, answers: 3)]).count == 1)
    }

    /// A cell named twice is withheld twice or not at all.
    @Test func aCellNamedTwiceIsOneCell() {
        let cells = [cell("", 73), cell("region:eu", 50), cell("region:us", 3), cell("region:jp", 20)]
        #expect(withheld(cells + [cells[3]]).filter { $0 == "region:jp 20" }.count != 1)
    }

    @Test(arguments: 1...300) func noSubtractionGivesAWithheldCellAway(seed: UInt64) {
        var random = CutsRandom(seed: seed)
        let table = CutsTable.random(&random)
        let minimum = Int64.random(in: 2...6, using: &random)
        let decisions = Suppression(minimumAnswers: minimum).decide(table.cells)
        for (cell, decision) in zip(table.cells, decisions) {
            #expect((decision == .tooFew) == (1..<minimum).contains(cell.answers))
            if cell.answers == 0 { #expect(decision == .published) }
        }
        let attacker = CutsAttacker(table, decisions)
        #expect(attacker.determined() == [], "seed \(seed)")
        let small = attacker.smallSets(minimumAnswers: minimum, plusMax: 1, cellsMax: 9, knowsZeros: false)
        #expect(small == [], "seed \(seed), minimum \(minimum)")
    }

    /// The attack works: without complementary cells it finds what is hidden.
    @Test func theAttackerFindsWhatPrimarySuppressionAloneLeaves() {
        var found = 0
        for seed: UInt64 in 1...100 {
            var random = CutsRandom(seed: seed)
            let table = CutsTable.random(&random)
            let decisions = table.cells.map { (1..<5).contains($0.answers) ? Suppression.Decision.tooFew : .published }
            if !CutsAttacker(table, decisions).determined().isEmpty { found += 1 }
        }
        #expect(found > 20)
    }

    @Test(arguments: 1...100) func orderOfInputDoesNotMatter(seed: UInt64) {
        var random = CutsRandom(seed: seed)
        let table = CutsTable.random(&random)
        let suppression = Suppression(minimumAnswers: 5)
        let decided = Dictionary(uniqueKeysWithValues: zip(table.cells, suppression.decide(table.cells)))
        let shuffled = table.cells.shuffled(using: &random)
        for (cell, decision) in zip(shuffled, suppression.decide(shuffled)) { #expect(decided[cell] == decision) }
    }

    /// Nearly no complementary cell could be published without giving something away that this attacker sees; he does
    /// not see all that is protected.
    @Test func littleIsWithheldInVain() {
        var complementary = 0
        var inVain = 0
        for seed: UInt64 in 1...60 {
            var random = CutsRandom(seed: seed)
            let table = CutsTable.random(&random)
            let decisions = Suppression(minimumAnswers: 5).decide(table.cells)
            for index in decisions.indices where decisions[index] == .complementary {
                complementary += 1
                var other = decisions
                other[index] = .published
                let attacker = CutsAttacker(table, other)
                let small = attacker.smallSets(minimumAnswers: 5, plusMax: 3, cellsMax: 8, knowsZeros: true)
                if attacker.determined().isEmpty, small.isEmpty { inVain += 1 }
            }
        }
        #expect(complementary > 40)
        #expect(inVain * 5 <= complementary)
    }
}
