import Satisfaction
import Testing

/// Fisher's exact test against values of SciPy 1.17 (`fisher_exact`, alternative "greater").
@Suite struct StatisticsRiseOfShareTests {
    /// Part, whole, part and whole before, probability.
    static let golden: [[Double]] = [
        [30, 60, 50, 300, 1.3680464302148114e-07],
        [5, 5, 1, 10000, 7.189210072445e-18],
        [12, 41, 20, 400, 4.949560927743995e-06],
        [3, 10, 3, 10, 0.6857585139318885],
        [10, 10, 0, 10, 5.412544112234515e-06],
        [1, 1, 0, 1, 0.5],
        [700, 2000, 5000, 20000, 2.016807838285729e-21],
        [40, 1000, 30, 1000, 0.1367015964079668],
        [2, 50, 100, 500, 0.9997188624111155],
        [9, 9, 9, 9, 1.0],
        [60000, 200000, 250000, 1000000, 0.0],
        [10, 1500, 2000, 4000, 1.0],
    ]

    @Test(arguments: golden) func asElsewhere(_ row: [Double]) {
        let rise = RiseOfShare(
            part: Int64(row[0]), of: Int64(row[1]), before: Int64(row[2]), of: Int64(row[3]))
        #expect(abs(rise.probability - row[4]) <= 1e-9 * max(row[4], 1e-12), "\(row): \(rise.probability)")
    }

    @Test func endsAndNonsense() {
        for (part, whole, before, earlier) in [(0, 10, 5, 10), (5, 0, 5, 10), (5, 10, 5, 0), (-3, 10, 2, 10)] {
            #expect(
                RiseOfShare(part: Int64(part), of: Int64(whole), before: Int64(before), of: Int64(earlier)).probability
                    == 1)
        }
        for extreme in [Int64.min, .max] {
            let rise = RiseOfShare(part: extreme, of: .max, before: extreme, of: .max)
            #expect((0...1).contains(rise.probability))
        }
    }
}
