import Foundation
import Testing

@testable import DetectorPlugins

@Suite("From a budget to a control limit")
struct ControlLimitsTests {
    /// J. M. Lucas and M. S. Saccucci, Technometrics 32 (1990), table 3: two-sided limits for a run length of 500; one
    /// side alone has twice that.
    @Test("EWMA limits are those of the tables", arguments: [(0.1, 2.814), (0.2, 2.962), (0.25, 2.998), (0.4, 3.054)])
    func ewmaTables(weight: Double, limit: Double) {
        let limits = EWMALimits(weight: weight)
        #expect(abs(limits.averageRunLength(limit: limit) / 1_000 - 1) < 0.05)
        #expect(abs(limits.limit(averageRunLength: 1_000) - limit) < 0.03)
    }

    @Test("a weight of one is Shewhart's chart") func shewhartIsItsEnd() {
        #expect(abs(EWMALimits(weight: 1).averageRunLength(limit: 3) / 740.8 - 1) < 0.02)
    }

    @Test("limits and run lengths are each other's inverse", arguments: [30.0, 500, 2_000, 100_000])
    func inverse(points: Double) {
        let limits = EWMALimits(weight: 0.2)
        #expect(abs(limits.averageRunLength(limit: limits.limit(averageRunLength: points)) / points - 1) < 1e-6)
        let sum = BernoulliCusum(share: 0.15, tuned: 0.25)
        #expect(abs(sum.averageRunLength(limit: sum.limit(averageRunLength: points)) / points - 1) < 1e-6)
    }

    @Test(
        "the run length of the CUSUM is what simulation gives, within a tenth",
        arguments: [(0.15, 0.25), (0.05, 0.15), (0.6, 0.7), (0.15, 0.2)])
    func cusumBySimulation(share: Double, tuned: Double) {
        let sum = BernoulliCusum(share: share, tuned: tuned)
        let limit = sum.limit(averageRunLength: 1_000)
        var generator = SeededGenerator(state: 5)
        var level = 0.0
        var alarms = 0
        let answers = 1_000_000
        for _ in 0..<answers {
            let isHarmed = Double.random(in: 0..<1, using: &generator) < share
            level = max(0, level + (isHarmed ? sum.up : -sum.down))
            if level >= limit {
                alarms += 1
                level = 0
            }
        }
        #expect(abs(Double(answers) / Double(alarms) / 1_000 - 1) < 0.1)
    }

    private func logProbability(of count: Int, among answers: Int, _ share: Double) -> Double {
        let (all, harmed) = (Double(answers), Double(count))
        let ways: Double = lgamma(all + 1) - lgamma(harmed + 1) - lgamma(all - harmed + 1)
        return ways + harmed * log(share) + (all - harmed) * log1p(-share)
    }

    @Test("binomial tails are the sums they are") func binomialTails() {
        for (answers, share) in [(20, 0.15), (100, 0.85), (7, 0.5), (400, 0.02)] {
            for harmed in 0...answers where Double(harmed) > Double(answers) * share {
                var sum = 0.0
                for count in harmed...answers { sum += exp(logProbability(of: count, among: answers, share)) }
                guard sum > 1e-250 else { continue }
                let tail = ControlLimits.logBinomialTail(harmed: Double(harmed), answers: Double(answers), share: share)
                #expect(abs(tail - log(sum)) < 1e-6)
            }
        }
        #expect(ControlLimits.logBinomialTail(harmed: 3, answers: 20, share: 0.15) == 0)
        #expect(ControlLimits.logBinomialTail(harmed: 1e9, answers: 1e9, share: 0.15).isFinite)
    }

    @Test("normal tails, near and far") func normalTails() {
        #expect(abs(ControlLimits.logTail(0) - log(0.5)) < 1e-12)
        #expect(abs(exp(ControlLimits.logTail(3)) - 0.0013498980316300933) < 1e-12)
        #expect(abs(ControlLimits.logTail(40) + 804.608442) < 0.01)
        #expect(abs(ControlLimits.sigmas(points: 740.8) - 3) < 1e-3)
    }

    @Test("Gauss-Legendre integrates polynomials exactly") func quadrature() {
        let rule = GaussLegendre(12)
        #expect(abs(rule.weights.reduce(0, +) - 2) < 1e-12)
        let sum = zip(rule.nodes, rule.weights).reduce(0) { $0 + $1.1 * pow($1.0, 22) }
        #expect(abs(sum - 2.0 / 23) < 1e-12)
    }
}

/// In control, with a baseline of 84 days: what is measured against what was asked for.
@Suite("False alarms of the charts")
struct ChartSpacingTests {
    @Test("Shewhart: between the asked spacing less a fifth and, counts being whole, twice it") func shewhart() throws {
        let measured = try ClassicBench.measuredSpacing(
            Shewhart.self, ["baselineDays": 84], budgetDays: 100, days: 1_500, streams: 12)
        #expect(measured.alarms > 60)
        #expect((80...200).contains(measured.days), "\(measured)")
    }

    @Test("EWMA: within two thirds and three halves") func ewma() throws {
        let measured = try ClassicBench.measuredSpacing(
            MovingAverage.self, ["baselineDays": 84], budgetDays: 100, days: 1_500, streams: 12)
        #expect(measured.alarms > 60)
        #expect((66...150).contains(measured.days), "\(measured)")
    }

    @Test("CUSUM in steps of five answers: within two thirds and three halves") func cusum() throws {
        let measured = try ClassicBench.measuredSpacing(
            CumulativeSum.self, ["baselineDays": 84], budgetDays: 30, days: 600, streams: 8, slices: 20)
        #expect(measured.alarms > 60)
        #expect((20...45).contains(measured.days), "\(measured)")
    }
}
