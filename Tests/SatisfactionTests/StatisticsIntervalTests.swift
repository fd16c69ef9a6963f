import JournalTestKit
import Satisfaction
import Testing

/// Intervals of means, differences, rates and quantiles: golden values, ends, refusals.
@Suite struct StatisticsIntervalTests {
    private let odd: [Double] = [
        .nan, .infinity, -.infinity, 0, -0.0, -1, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 0.5,
    ]
    private let counts: [Int64] = [.min, -1, 0, 1, 2, 3, 1000, .max - 1, .max]

    private func isNear(_ value: Double?, _ reference: Double, within distance: Double = 1e-9) -> Bool {
        value.map { ($0 - reference).magnitude <= distance } ?? false
    }

    // MARK: Mean

    /// Made with scipy 1.17.1, `scipy.stats.t.interval(0.95, n - 1, mean, s / sqrt(n))`.
    @Test func meanIsStudents() {
        let interval = Interval.mean(mean: 3, standardDeviation: 1.4, answers: 20)
        #expect(isNear(interval?.low, 2.3447798310121124) && isNear(interval?.high, 3.6552201689878876))
        let few = Interval.mean(mean: 4.5, standardDeviation: 0.7071067811865476, answers: 2, within: 1...5)
        #expect(few == Interval(low: 1, high: 5))
        let sure = Interval.mean(mean: 3, standardDeviation: 1.4, answers: 20, confidence: 0.99)
        #expect(isNear(sure?.low, 2.1043858037067777) && isNear(sure?.high, 3.8956141962932223))
    }

    @Test func aSingleAnswerLeavesTheWholeRange() {
        #expect(
            Interval.mean(mean: 4, standardDeviation: .nan, answers: 1, within: 1...5) == Interval(low: 1, high: 5))
        #expect(Interval.mean(mean: 4, standardDeviation: 0, answers: 1) == nil)
    }

    /// A population of which more than the share q answers otherwise gives n equal answers less than once in twenty.
    @Test(arguments: [2, 5, 20, 100] as [Int64])
    func answersAllAlikeLeaveSomeRoom(answers: Int64) throws {
        let top = try #require(Interval.mean(mean: 5, standardDeviation: 0, answers: answers, within: 1...5))
        #expect(top.high == 5)
        let elsewhere = (5 - top.low) / 4
        var chance = 1.0
        for _ in 0..<answers { chance *= 1 - elsewhere }
        #expect(isNear(chance, 0.05, within: 1e-12))
        let middle = try #require(Interval.mean(mean: 3, standardDeviation: 0, answers: answers, within: 1...5))
        #expect(isNear(middle.low, 3 - 2 * elsewhere) && isNear(middle.high, 3 + 2 * elsewhere))
        #expect(Interval.mean(mean: 3, standardDeviation: 0, answers: answers) == Interval(low: 3, high: 3))
    }

    @Test func aMeanRoundedOutOfItsRangeHasAnInterval() {
        let interval = Interval.mean(mean: 100.0.nextUp, standardDeviation: 0, answers: 9, within: 0...100)
        #expect(interval?.high == 100)
        let wide = Interval.mean(mean: 100.0.nextUp, standardDeviation: 1, answers: 9, within: 0...100)
        #expect(wide?.high == 100 && (wide?.low ?? 100) < 100)
    }

    @Test func meansRefuseAndNeverTrap() {
        for answers in counts {
            for mean in odd {
                for deviation in odd {
                    for range in [nil, 1.0...5, 0...Double.infinity, -Double.infinity...0, 0...0] {
                        for confidence in [0.95, 0, 1, .nan, .leastNonzeroMagnitude, 1.0.nextDown] {
                            let interval = Interval.mean(
                                mean: mean, standardDeviation: deviation, answers: answers, within: range,
                                confidence: confidence)
                            guard let interval else { continue }
                            #expect(answers > 0 && mean.isFinite && confidence > 0 && confidence < 1)
                            #expect(interval.low.isFinite && interval.high.isFinite && interval.low <= interval.high)
                            if let range { #expect(range.contains(interval.low) && range.contains(interval.high)) }
                        }
                    }
                }
            }
        }
    }

    // MARK: Difference of shares

    /// Without neutral answers a promoter's gain is a detractor's loss: Wilson's interval, stretched to −100…100.
    @Test func withoutNeutralAnswersItIsWilsons() throws {
        for answers in [1, 2, 7, 50, 1000, 3_000_000_000] as [Int64] {
            for positive in Set([0, 1, answers / 3, answers / 2, answers - 1, answers]) {
                let interval = try #require(
                    Interval.multinomialDifference(
                        positive: positive, negative: answers - positive, answers: answers))
                let wilson = Interval.wilson(successes: positive, answers: answers)
                #expect(isNear(interval.low, 2 * wilson.low - 100), "\(positive) of \(answers)")
                #expect(isNear(interval.high, 2 * wilson.high - 100), "\(positive) of \(answers)")
            }
        }
    }

    /// Made with a root finder at 30 digits (mpmath) over the score statistic, the constrained shares found by
    /// maximising the likelihood numerically, not by the formula for them.
    @Test(
        arguments: [
            (1, 0, 1, -58.69013712455252, 100.0),
            (0, 0, 1, -79.34506856227627, 79.34506856227627),
            (1, 1, 3, -69.24047419873769, 69.24047419873769),
            (5, 0, 5, 13.103507043365036, 100.0),
            (0, 0, 10, -27.753279986288927, 27.753279986288927),
            (8, 1, 20, 6.599010331775637, 58.45318873144012),
            (16, 1, 20, 39.61165758512505, 90.0886556865431),
            (3, 9, 20, -57.2655401675956, 4.156503075451665),
            (20, 0, 20, 67.77496838943613, 100.0),
            (19, 0, 20, 63.58059417970022, 99.11185511992046),
            (60, 20, 100, 23.196924636440745, 54.28017451026597),
            (566, 173, 1000, 34.447270468917026, 43.91867049089829),
            (1, 0, 1000, -0.2830585244040679, 0.5642558597957936),
            (123456, 654321, 1000000, -53.22437099085148, -52.948312524607196),
        ] as [(Int64, Int64, Int64, Double, Double)])
    func differenceIsTheScoreInterval(positive: Int64, negative: Int64, answers: Int64, low: Double, high: Double) {
        let interval = Interval.multinomialDifference(positive: positive, negative: negative, answers: answers)
        #expect(isNear(interval?.low, low, within: 1e-9), "\(interval?.low ?? .nan), \(low)")
        #expect(isNear(interval?.high, high, within: 1e-9), "\(interval?.high ?? .nan), \(high)")
    }

    @Test func differencesHoldTheObservedOneAndMirror() throws {
        for answers in 1...30 as ClosedRange<Int64> {
            for positive in 0...answers {
                for negative in 0...(answers - positive) {
                    let interval = try #require(
                        Interval.multinomialDifference(positive: positive, negative: negative, answers: answers))
                    let value = 100 * (Double(positive) - Double(negative)) / Double(answers)
                    #expect(interval.low <= value + 1e-12 && value <= interval.high + 1e-12)
                    #expect(interval.low >= -100 && interval.high <= 100 && interval.low < interval.high)
                    let mirrored = try #require(
                        Interval.multinomialDifference(positive: negative, negative: positive, answers: answers))
                    #expect(isNear(mirrored.low, -interval.high) && isNear(mirrored.high, -interval.low))
                }
            }
        }
    }

    @Test func differencesRefuseAndNeverTrap() {
        for positive in counts {
            for negative in counts {
                for answers in counts {
                    for confidence in [0.95, 0.5, 0, .nan, 1.0.nextDown] {
                        let interval = Interval.multinomialDifference(
                            positive: positive, negative: negative, answers: answers, confidence: confidence)
                        let isSound =
                            answers > 0 && positive >= 0 && negative >= 0 && positive <= answers
                            && negative <= answers - positive && confidence > 0
                        #expect((interval != nil) == isSound)
                        guard let interval else { continue }
                        #expect(interval.low >= -100 && interval.low <= interval.high && interval.high <= 100)
                    }
                }
            }
        }
        for scale in odd where !(scale > 0 && scale.isFinite) {
            #expect(Interval.multinomialDifference(positive: 1, negative: 1, answers: 3, scale: scale) == nil)
        }
    }

    // MARK: Rate

    /// Exact (Garwood) bounds, made with scipy 1.17.1: `chi2.ppf(.025, 2 * k) / 2`, `chi2.ppf(.975, 2 * k + 2) / 2`;
    /// how far Byar's may be from them, as shares, is what the approximation is known for.
    @Test(
        arguments: [
            (0, 0, 3.6888794541139354, 0, 0.006), (1, 0.025317807984289876, 5.571643390938898, 0.5, 0.0015),
            (5, 1.6234863901184207, 11.66833207932267, 0.008, 2e-5),
            (10, 4.7953886961324335, 18.39035604201778, 0.002, 1e-4),
            (100, 81.36399125092314, 121.62679379242638, 3e-5, 1e-5),
            (1_000_000, 998040.9833402939, 1001961.9119454322, 1e-9, 1e-9),
        ] as [(Int64, Double, Double, Double, Double)])
    func rateIsNearTheExactOne(events: Int64, low: Double, high: Double, lowShare: Double, highShare: Double) throws {
        let interval = try #require(Interval.poissonRatio(events: events, exposure: 50, scale: 100))
        #expect(isNear(interval.low, 2 * low, within: 2 * low * lowShare))
        #expect(isNear(interval.high, 2 * high, within: 2 * high * highShare))
        #expect(interval.low <= 2 * Double(events) && 2 * Double(events) < interval.high)
    }

    @Test func ratesRefuseAndNeverTrap() {
        for events in counts {
            for exposure in odd {
                for scale in odd {
                    let interval = Interval.poissonRatio(events: events, exposure: exposure, scale: scale)
                    guard let interval else { continue }
                    #expect(events >= 0 && exposure > 0 && scale > 0)
                    #expect(interval.low >= 0 && interval.low <= interval.high && interval.high.isFinite)
                }
            }
        }
        #expect(Interval.poissonRatio(events: .max, exposure: 1) != nil)
    }

    // MARK: Quantile

    @Test func quantilesOfASortedSample() {
        let values = (1...100).map(Double.init)
        // 40 and 61 are what textbooks print for the median of a hundred.
        #expect(Interval.quantile(0.5, ofSorted: values) == Interval(low: 40, high: 61))
        #expect(Interval.quantile(0.9, ofSorted: values) == Interval(low: 84, high: 97))
        #expect(Interval.quantile(0.5, ofSorted: Array(values.prefix(5))) == nil)
        #expect(Interval.quantile(0.5, ofSorted: [7, 8, 9], within: 0...60) == Interval(low: 0, high: 60))
        #expect(Interval.quantile(0.9, ofSorted: Array(values.prefix(20)), within: 0...60)?.high == 60)
        #expect(Interval.quantile(0.5, ofSorted: [], within: 0...60) == nil)
    }

    @Test func ranksNeverTrap() {
        for answers in counts {
            for quantile in odd + [1, 0.9, 0.5, 1e-300, 1.0.nextDown] {
                for confidence in [0.95, .leastNonzeroMagnitude, 0.1, 0.999999, 1.0.nextDown, 0, 1, .nan] {
                    let ranks = RankBounds(ofQuantile: quantile, answers: answers, confidence: confidence)
                    let isSound = answers > 0 && quantile >= 0 && quantile <= 1 && confidence > 0 && confidence < 1
                    #expect((ranks != nil) == isSound)
                    if let low = ranks?.low { #expect(low >= 1 && low <= answers) }
                    if let high = ranks?.high { #expect(high >= 1 && high <= answers) }
                    if let low = ranks?.low, let high = ranks?.high { #expect(low <= high) }
                }
            }
        }
    }
}
