import Glibc
import JournalTestKit
import Satisfaction
import Testing

/// Durations within 1 %, whatever their shape and however they were merged.
@Suite struct StatisticsDurationSketchTests {
    private typealias Columns = [(column: Int, amount: Int64)]

    enum Shape: CaseIterable { case lognormal, uniform, constant, bimodal, wide }

    private func durations(_ shape: Shape, _ count: Int, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        func unit() -> Double { Double.random(in: 0x1p-53..<1, using: &generator) }
        return (0..<count).map { _ in
            switch shape {
            case .lognormal: exp(6 + 1.5 * NormalDistribution.quantile(unit()))
            case .uniform: 3600 * unit() + 0.002
            case .constant: 180
            case .bimodal: unit() < 0.3 ? 20 + 5 * unit() : 86_400 * (1 + unit())
            case .wide: exp(log(1.001e-3) + unit() * log(0.99e12))
            }
        }
    }

    private func counted(_ values: [Double]) -> Columns {
        var counts: [Int: Int64] = [:]
        for value in values { counts[DurationSketch.column(of: value), default: 0] += 1 }
        return counts.map { (column: $0.key, amount: $0.value) }
    }

    @Test func columnsAreMonotoneAndTheirValuesWithinOnePercent() {
        #expect(DurationSketch.columnCount == 1398)
        var before = 0
        var value = 1e-3.nextUp
        while value < 1e9 {
            for candidate in [value, value.nextUp, value.nextDown] where candidate > 1e-3 {
                let column = DurationSketch.column(of: candidate)
                let share = (DurationSketch.value(of: column) - candidate).magnitude / candidate
                #expect(share <= DurationSketch.relativeErrorMax, "\(candidate)")
                #expect(DurationSketch.bounds(of: column).contains(candidate))
            }
            let column = DurationSketch.column(of: value)
            #expect(column >= before && column >= 1 && column < DurationSketch.columnCount - 1)
            before = column
            value *= 1.0007
        }
    }

    /// Every edge belongs to the column below it, and each column's value lies inside it.
    @Test func edgesMeet() {
        for column in 1..<DurationSketch.columnCount - 1 {
            let bounds = DurationSketch.bounds(of: column)
            #expect(DurationSketch.column(of: bounds.upperBound) == column)
            #expect(DurationSketch.column(of: bounds.upperBound.nextUp) == column + 1)
            #expect(DurationSketch.bounds(of: column + 1).lowerBound == bounds.upperBound)
            #expect(DurationSketch.column(of: DurationSketch.value(of: column)) == column)
            #expect((bounds.upperBound - DurationSketch.value(of: column)) / bounds.upperBound <= 0.01)
            #expect((DurationSketch.value(of: column) - bounds.lowerBound) / bounds.lowerBound <= 0.01)
        }
    }

    /// The columns are part of every tally written: should these move, old tallies would mean something else.
    @Test(
        arguments: [
            (0, 0), (1e-3, 0), (1e-3.nextUp, 1), (0.00102, 1), (1, 349), (60, 556), (180, 612), (3600, 763),
            (86_400, 923),
            (1e9, 1396), (1.1e9, 1397), (.infinity, 1397), (-1, 0), (-.infinity, 0), (.nan, 0),
            (.greatestFiniteMagnitude, 1397), (Double.leastNonzeroMagnitude, 0),
        ] as [(Double, Int)])
    func columnsStay(value: Double, column: Int) { #expect(DurationSketch.column(of: value) == column) }

    @Test(arguments: Shape.allCases)
    func quantilesAreWithinOnePercentOfTheExactOrderStatistic(shape: Shape) throws {
        for count in [1, 2, 3, 10, 101, 5000] {
            let values = durations(shape, count, seed: UInt64(count))
            let sorted = values.sorted()
            let sketch = DurationSketch(counted(values))
            #expect(sketch.count == Int64(count))
            for percent in 0...100 {
                // In whole numbers: the smallest value with at least `percent` of the values at or below it.
                let exact = sorted[max(1, (percent * count + 99) / 100) - 1]
                let estimate = try #require(sketch.quantile(Double(percent) / 100))
                #expect((estimate - exact).magnitude <= 0.01 * exact, "\(percent) of \(count)")
            }
        }
    }

    @Test(arguments: Shape.allCases)
    func intervalsHoldThoseOfTheExactValuesAndHardlyMore(shape: Shape) throws {
        let values = durations(shape, 500, seed: 9)
        let sorted = values.sorted()
        let sketch = DurationSketch(counted(values))
        for quantile in [0.1, 0.5, 0.9, 0.95] {
            let exact = try #require(Interval.quantile(quantile, ofSorted: sorted))
            let interval = try #require(sketch.interval(ofQuantile: quantile))
            #expect(interval.low <= exact.low && exact.high <= interval.high)
            #expect(interval.low * 1.0201 > exact.low && interval.high < exact.high * 1.0201)
            let estimate = try #require(sketch.quantile(quantile))
            #expect(interval.low < estimate && estimate < interval.high)
        }
    }

    @Test func openEndsTakeTheRangeOrLeaveNoInterval() {
        let few = DurationSketch([(column: 500, amount: 3)] as Columns)
        #expect(few.interval(ofQuantile: 0.9) == nil)
        #expect(few.interval(ofQuantile: 0.9, within: 0...1e6)?.high == 1e6)
        let long = DurationSketch([(column: DurationSketch.columnCount - 1, amount: 1000)] as Columns)
        #expect(long.interval(ofQuantile: 0.5) == nil)
        #expect(long.quantile(0.5) == DurationSketch.valueMax)
        let none = DurationSketch([(column: 0, amount: 1000)] as Columns)
        #expect(none.interval(ofQuantile: 0.5) == Interval(low: 0, high: 1e-3) && none.quantile(0.5) == 0)
    }

    @Test(arguments: Shape.allCases)
    func meanAndDeviationAreWithinTheirBounds(shape: Shape) throws {
        let values = durations(shape, 2000, seed: 4)
        let sketch = DurationSketch(counted(values))
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + $1 * $1 } / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        #expect((try #require(sketch.mean) - mean).magnitude <= 0.01 * mean)
        let deviation = try #require(sketch.variance).squareRoot()
        let bound = 0.01 * (squares * count / (count - 1)).squareRoot()
        #expect((deviation - variance.squareRoot()).magnitude <= bound)
    }

    @Test func sharesAreExactAtALimitAtMostTwoPercentLonger() throws {
        let values = durations(.lognormal, 3000, seed: 2)
        let sketch = DurationSketch(counted(values))
        for limit in [0.01, 5, 60, 180, 400, 3600, 86_400, 1e9] {
            let counted = Int(sketch.count(atOrBelow: limit))
            #expect(counted >= values.count { $0 <= limit } && counted <= values.count { $0 <= limit * 1.02 })
        }
        let constant = DurationSketch(self.counted(durations(.constant, 10, seed: 1)))
        #expect(constant.share(atOrBelow: 180) == 100 && constant.share(atOrBelow: 170) == 0)
        #expect(constant.share(atOrBelow: .infinity) == 100 && constant.share(atOrBelow: -1) == 0)
        #expect(constant.share(atOrBelow: .nan) == nil)
    }

    /// Any split over workers, in any order, and with one worker's part taken away again.
    @Test func mergingIsExactInItsCounts() {
        let values = durations(.lognormal, 4000, seed: 3)
        var whole = Tally(width: DurationSketch.columnCount + 7)
        var parts = [Tally](repeating: whole, count: 5)
        var generator = SeededGenerator(seed: 8)
        for value in values {
            whole.add(1, at: DurationSketch.column(of: value) + 7)
            parts[Int.random(in: 0..<5, using: &generator)].add(1, at: DurationSketch.column(of: value) + 7)
        }
        var forward = Tally(width: whole.width)
        var backward = Tally(width: whole.width)
        for part in parts { forward.add(part) }
        for part in parts.reversed() { backward.add(part) }
        #expect(forward == whole && backward == whole)
        let sketch = DurationSketch(whole.columns, from: 7)
        let direct = DurationSketch(counted(values))
        #expect(sketch.count == 4000 && sketch.quantile(0.9) == direct.quantile(0.9))
        #expect(sketch.variance == direct.variance && sketch.mean == direct.mean)
    }

    @Test func nothingTraps() {
        let huge = DurationSketch(
            (0..<DurationSketch.columnCount).map { (column: $0, amount: $0 % 2 == 0 ? .max : .min) } as Columns)
        #expect(huge.count == .max)
        let stray = DurationSketch(
            [(column: .min, amount: 5), (column: .max, amount: 5), (column: 1398, amount: 5)] as Columns)
        #expect(stray.count == 0)
        for sketch in [huge, stray, DurationSketch([(column: 5, amount: -3), (column: 9, amount: 0)] as Columns)] {
            for quantile in [0, 0.5, 1, -1, 2, .nan, .infinity, .leastNonzeroMagnitude] {
                let value = sketch.quantile(quantile)
                #expect((value != nil) == (sketch.count > 0 && quantile >= 0 && quantile <= 1))
                _ = sketch.interval(ofQuantile: quantile, within: 0...1, confidence: quantile)
                _ = sketch.count(atOrBelow: quantile)
            }
            #expect((sketch.mean == nil) == (sketch.count == 0) && (sketch.variance?.isFinite ?? true))
        }
    }
}
