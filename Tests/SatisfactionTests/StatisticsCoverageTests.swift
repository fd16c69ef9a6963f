import Glibc
import Satisfaction
import Testing

/// How often the 95 % intervals hold the truth: every sample is enumerated and weighed, so these are no simulations.
///
/// The percentages were made with numpy and scipy by other code (sums of `scipy.stats.binom.pmf` over statsmodels'
/// Wilson bounds, trinomial sums over Tango's test statistic, a recursion over sum and sum of squares for t).
@Suite struct StatisticsCoverageTests {
    /// Logarithms of 0!…n!.
    private func logFactorials(_ n: Int) -> [Double] {
        var sums = [0.0]
        for i in 1...n { sums.append(sums[i - 1] + log(Double(i))) }
        return sums
    }

    /// Chance, in percent, of the samples of a multinomial in which `holds` is true.
    private func percent(answers: Int, _ shares: [Double], _ holds: ([Int]) -> Bool) -> Double {
        let factorials = logFactorials(answers)
        let logShares = shares.map { log($0) }
        var counts = [Int](repeating: 0, count: shares.count)
        var sum = 0.0
        func place(_ left: Int, from cell: Int, _ weight: Double) {
            if cell == shares.count - 1 {
                counts[cell] = left
                guard left == 0 || shares[cell] > 0, holds(counts) else { return }
                sum += exp(weight - factorials[left] + (left == 0 ? 0 : Double(left) * logShares[cell]))
                return
            }
            for count in 0...(shares[cell] > 0 ? left : 0) {
                counts[cell] = count
                let own = count == 0 ? 0 : Double(count) * logShares[cell]
                place(left - count, from: cell + 1, weight - factorials[count] + own)
            }
        }
        place(answers, from: 0, factorials[answers])
        return 100 * sum
    }

    private func isPrinted(_ percent: Double, _ reference: Double) -> Bool { (percent - reference).magnitude < 0.0051 }

    @Test(arguments: [
        (20, 0.5, 95.86), (20, 0.8, 95.63), (20, 0.95, 92.45), (100, 0.5, 94.31), (100, 0.8, 94.05), (100, 0.95, 96.59),
        (1000, 0.5, 94.63), (1000, 0.8, 94.74), (1000, 0.95, 95.04),
    ])
    func wilson(answers: Int, share: Double, reference: Double) {
        let covered = percent(answers: answers, [share, 1 - share]) { counts in
            let interval = Interval.wilson(successes: Int64(counts[0]), answers: Int64(answers))
            return interval.low <= 100 * share && 100 * share <= interval.high
        }
        #expect((92...97).contains(covered))
        #expect(isPrinted(covered, reference), "\(covered)")
    }

    @Test(arguments: [
        (20, [0.5, 0.3, 0.2], 94.72), (20, [0.8, 0.15, 0.05], 96.22), (20, [0.35, 0.45, 0.2], 95.69),
        (100, [0.5, 0.3, 0.2], 95.02), (100, [0.8, 0.15, 0.05], 94.85), (100, [0.35, 0.45, 0.2], 94.93),
    ])
    func promotersLessDetractors(answers: Int, shares: [Double], reference: Double) {
        let covered = differenceCovered(answers, shares)
        #expect((92...97).contains(covered))
        #expect(isPrinted(covered, reference), "\(covered)")
    }

    private func differenceCovered(_ answers: Int, _ shares: [Double]) -> Double {
        let truth = 100 * (shares[0] - shares[2])
        return percent(answers: answers, shares) { counts in
            guard
                let interval = Interval.multinomialDifference(
                    positive: Int64(counts[0]), negative: Int64(counts[2]), answers: Int64(answers))
            else { return false }
            return interval.low <= truth + 1e-9 && truth <= interval.high + 1e-9
        }
    }

    /// Few answers and shares near the ends, where ± z standard errors holds the truth in as little as 26 of 100.
    @Test(arguments: [5, 10, 20])
    func differencesAtTheEnds(answers: Int) {
        for shares in [
            [0.97, 0.02, 0.01], [0.9, 0.1, 0], [0.02, 0.96, 0.02], [0.8, 0.15, 0.05], [0.05, 0.05, 0.9],
        ] {
            let covered = differenceCovered(answers, shares)
            #expect(covered > 91.5, "\(shares): \(covered)")
        }
    }

    /// Student's t is for numbers from a bell curve. Means of 20 ratings are near enough unless almost all answers are at
    /// one end: then the few others are often not in the sample yet, and the last two rows say what the interval is
    /// worth. With 50 answers these two are at 92.8 and 87.2, with 200 at 94.5 and 93.1.
    @Test(arguments: [
        (20, [0.2, 0.2, 0.2, 0.2, 0.2], 94.72), (20, [0.05, 0.1, 0.2, 0.4, 0.25], 94.26),
        (20, [0.1, 0.05, 0.1, 0.25, 0.5], 92.90), (20, [0.45, 0.05, 0, 0.05, 0.45], 94.54),
        (5, [0.2, 0.2, 0.2, 0.2, 0.2], 92.90), (10, [0.05, 0.1, 0.2, 0.4, 0.25], 93.36),
        (20, [0.02, 0.03, 0.05, 0.2, 0.7], 88.45), (20, [0.01, 0.01, 0.03, 0.05, 0.9], 86.41),
    ])
    func meanOfRatings(answers: Int, shares: [Double], reference: Double) {
        let truth = shares.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
        let covered = percent(answers: answers, shares) { counts in
            let sum = counts.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
            let squares = counts.enumerated().reduce(0) { $0 + ($1.offset + 1) * ($1.offset + 1) * $1.element }
            let variance = Double(answers * squares - sum * sum) / Double(answers * (answers - 1))
            let interval = Interval.mean(
                mean: Double(sum) / Double(answers), standardDeviation: variance.squareRoot(), answers: Int64(answers),
                within: 1...5)
            return interval.map { $0.low <= truth + 1e-9 && truth <= $0.high + 1e-9 } ?? false
        }
        #expect(isPrinted(covered, reference), "\(covered)")
    }

    @Test(arguments: [
        (0.5, 98.56), (1, 98.1), (2, 98.34), (5, 97.96), (10, 97.54), (30, 95.6), (100, 95.47),
    ])
    func eventsOfAPoissonProcess(expected: Double, reference: Double) {
        let factorials = logFactorials(400)
        var covered = 0.0
        for events in 0..<400 {
            guard let interval = Interval.poissonRatio(events: Int64(events), exposure: 1) else { continue }
            if interval.low <= expected && expected <= interval.high {
                covered += 100 * exp(Double(events) * log(expected) - expected - factorials[events])
            }
        }
        #expect(covered >= 95)
        #expect(isPrinted(covered, reference), "\(covered)")
    }

    /// The quantile lies between two order statistics when the number of answers at or below it, a binomial one, does.
    /// An open end is never missed, so only samples large enough to have both ends are held to 97.
    @Test(arguments: [5, 10, 20, 100, 200, 1000])
    func ranksOfAQuantile(answers: Int) throws {
        for quantile in [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] {
            let ranks = try #require(RankBounds(ofQuantile: quantile, answers: Int64(answers)))
            let covered = percent(answers: answers, [quantile, 1 - quantile]) { counts in
                Int64(counts[0]) >= ranks.low ?? 0 && Int64(counts[0]) < ranks.high ?? .max
            }
            #expect(covered >= 94.9, "\(quantile): \(covered)")
            if answers == 1000, (0.1...0.9).contains(quantile) {
                #expect(covered <= 97, "\(quantile): \(covered)")
            }
        }
    }
}
