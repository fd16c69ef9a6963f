import Satisfaction
import Testing

/// The exact interval of a count, against chi-square quantiles (SciPy 1.x, `chi2.ppf(a, 2k) / 2`).
@Suite struct StatisticsCountTests {
    @Test(
        arguments: [
            (0, 0.95, 0, 3.6888794541139354), (1, 0.95, 0.025317807984289897, 5.571643390938898),
            (2, 0.95, 0.24220927854396507, 7.22468766772396), (5, 0.95, 1.623486390118421, 11.66833207932267),
            (10, 0.95, 4.7953886961324335, 18.39035604201778), (31, 0.95, 21.062995979141853, 44.00202550324875),
            (32, 0.95, 21.887976311284564, 45.17445207942047), (100, 0.95, 81.36399125092315, 121.62679379242638),
            (10_000, 0.95, 9804.952467260184, 10197.951624661473), (3, 0.9, 0.8176914471639533, 7.753656527932725),
            (7, 0.99, 2.0373374786996714, 17.133593268913344),
        ] as [(Int64, Double, Double, Double)])
    func itAgreesWithChiSquare(events: Int64, confidence: Double, low: Double, high: Double) throws {
        let interval = try #require(Interval.poissonExact(events: events, exposure: 1, confidence: confidence))
        #expect(abs(interval.low - low) <= 1e-9 * max(1, low))
        #expect(abs(interval.high - high) <= 1e-9 * high)
    }

    @Test func exposureAndScaleDivideAndMultiply() throws {
        let one = try #require(Interval.poissonExact(events: 2, exposure: 1))
        let rate = try #require(Interval.poissonExact(events: 2, exposure: 3120, scale: 1000))
        #expect(abs(rate.low - one.low / 3.12) < 1e-12 && abs(rate.high - one.high / 3.12) < 1e-12)
    }

    @Test func nonsenseHasNoInterval() {
        for (events, exposure, scale, confidence) in [
            (-1, 1, 1, 0.95), (1, 0, 1, 0.95), (1, -1, 1, 0.95), (1, .nan, 1, 0.95), (1, .infinity, 1, 0.95),
            (1, 1, 0, 0.95), (1, 1, 1, 0), (1, 1, 1, 1), (1, 1, 1, .nan), (Interval.countMax + 1, 1, 1, 0.95),
            (.max, 1, 1, 0.95),
        ] as [(Int64, Double, Double, Double)] {
            #expect(
                Interval.poissonExact(events: events, exposure: exposure, scale: scale, confidence: confidence) == nil)
        }
    }

    /// Exact means never too short: at every mean the interval covers at least as often as it says.
    @Test(arguments: [0.1, 0.7, 1.0, 2.5, 3.69, 8, 25])
    func itCoversAtLeastAsOftenAsItSays(mean: Double) throws {
        var covered = 0.0
        var probability = exponential(-mean)
        for events in 0..<200 as Range<Int64> {
            let interval = try #require(Interval.poissonExact(events: events, exposure: 1))
            if interval.low <= mean, mean <= interval.high { covered += probability }
            probability *= mean / Double(events + 1)
        }
        #expect(covered >= 0.95 - 1e-12)
    }

    /// e to a small negative power, by its series at a thousandth of it.
    private func exponential(_ x: Double) -> Double {
        let part = x / 1024
        let base = 1 + part * (1 + part / 2 * (1 + part / 3 * (1 + part / 4)))
        return (0..<10).reduce(base) { power, _ in power * power }
    }
}
