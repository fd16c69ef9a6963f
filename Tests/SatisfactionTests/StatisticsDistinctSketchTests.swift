import Glibc
import JournalTestKit
import Satisfaction
import Testing

/// Distinct counts: their error at every size, and merging that leaves no trace.
@Suite struct StatisticsDistinctSketchTests {
    private typealias Columns = [(column: Int, amount: Int64)]

    /// Made with Python's integers: FNV-1a of 64 bits, then fmix64.
    @Test(
        arguments: [
            ("", 0xEFD01F60BA992926), ("a", 0x82A2A958A9BECE5B), ("foobar", 0x2C22194922D1672B),
            ("c-5501", 0xD90FE19CDDE1022B), ("Größe", 0xE504EFB774D003A6),
        ] as [(String, UInt64)])
    func hashesStay(text: String, hash: UInt64) { #expect(DistinctSketch.hash(text.utf8) == hash) }

    @Test(
        arguments: [
            (0, 53), (1, 52), (2, 51), (1 << 51, 1), (1 << 52, 64 + 53), (.max, 4095 * 64 + 1),
            (1 << 63, 2048 * 64 + 53),
        ] as [(UInt64, Int)])
    func columnsStay(hash: UInt64, column: Int) { #expect(DistinctSketch.column(hash: hash) == column) }

    /// Errors of many sketches at growing sizes: none systematic, none wider than promised, and no bump where other
    /// estimators change their formula (about 10,000).
    @Test func errorsAreAsSmallAsPromisedAtEverySize() {
        let sizes = [10, 100, 500, 1000, 2000, 4096, 8000, 10_000, 11_000, 12_000, 16_000, 20_000, 30_000, 60_000]
        let sketches = 60
        var sums = [Double](repeating: 0, count: sizes.count)
        var squares = sums
        var covered = 0
        for sketch in 0..<sketches {
            var generator = SeededGenerator(seed: UInt64(1000 + sketch))
            var seen = Set<Int>()
            var added = 0
            for (index, size) in sizes.enumerated() {
                while added < size {
                    seen.insert(DistinctSketch.column(hash: generator.next()))
                    added += 1
                }
                let estimate = DistinctSketch(seen.map { (column: $0, amount: 1) } as Columns)
                let error = estimate.estimate / Double(size) - 1
                sums[index] += error
                squares[index] += error * error
                if let interval = estimate.interval(), interval.low <= Double(size), Double(size) <= interval.high {
                    covered += 1
                }
            }
        }
        for (index, size) in sizes.enumerated() {
            let bias = sums[index] / Double(sketches)
            let deviation = (squares[index] / Double(sketches)).squareRoot()
            // Four and three standard errors of what sixty sketches can tell.
            #expect(
                bias.magnitude < 4 * DistinctSketch.relativeError / Double(sketches).squareRoot(), "\(size): \(bias)")
            #expect(deviation < DistinctSketch.relativeError * (1 + 3 / Double(2 * sketches).squareRoot()), "\(size)")
        }
        let share = Double(covered) / Double(sketches * sizes.count)
        #expect(share > 0.93, "\(share)")
    }

    /// Registers laid out as so many values fill them on average, up to numbers no simulation reaches: a register has at
    /// most rank k with the chance exp(−n/(4096·2ᵏ)).
    @Test(arguments: 8...64)
    func averageRegistersGiveTheNumberBack(logarithm: Int) {
        let values = scalbn(1.0, logarithm)
        let columns: Columns = (0..<4096).map { register in
            let share = (Double(register) + 0.5) / 4096
            let rank = (0...52).first { exp(-values / scalbn(4096, $0)) >= share } ?? 53
            return (register * 64 + rank, 1)
        }
        let estimate = DistinctSketch(columns).estimate
        #expect((estimate / values - 1).magnitude < 0.003, "\(estimate)")
    }

    @Test func fewValuesAreAsGoodAsCounted() {
        var columns: Columns = []
        for count in 0...20 {
            let sketch = DistinctSketch(columns)
            #expect((sketch.estimate - Double(count)).magnitude < 0.1, "\(sketch.estimate)")
            #expect(sketch.interval().map { $0.low <= sketch.estimate && sketch.estimate <= $0.high } == true)
            columns.append((DistinctSketch.column(hash: DistinctSketch.hash("c-\(count)".utf8)), 1))
        }
    }

    /// Short names that differ in their last character spread like any other values.
    @Test(arguments: ["", "c-", "customer@example.com/"])
    func namesInARowSpread(prefix: String) {
        let columns: Columns = (0..<50_000).map {
            (DistinctSketch.column(hash: DistinctSketch.hash("\(prefix)\($0)".utf8)), 1)
        }
        let estimate = DistinctSketch(columns).estimate
        #expect((estimate / 50_000 - 1).magnitude < 4 * DistinctSketch.relativeError, "\(estimate)")
    }

    @Test func addingTwiceChangesNothingAndTakingAwayUndoes() throws {
        var generator = SeededGenerator(seed: 5)
        let ours = (0..<3000).map { _ in DistinctSketch.column(hash: generator.next()) }
        let theirs = (0..<3000).map { _ in DistinctSketch.column(hash: generator.next()) }
        var tally = Tally(width: DistinctSketch.columnCount + 3)
        for column in ours { tally.add(1, at: column + 3) }
        let before = DistinctSketch(tally.columns, from: 3)
        let beforeTally = tally
        for column in ours { tally.add(1, at: column + 3) }
        #expect(DistinctSketch(tally.columns, from: 3).estimate == before.estimate)
        var other = Tally(width: tally.width)
        for column in theirs { other.add(1, at: column + 3) }
        var forward = tally
        forward.add(other)
        var backward = other
        backward.add(tally)
        #expect(forward == backward)
        #expect((DistinctSketch(forward.columns, from: 3).estimate / 6000 - 1).magnitude < 0.065)
        for column in theirs + ours { forward.add(-1, at: column + 3) }
        #expect(forward == beforeTally)
        #expect(DistinctSketch(forward.columns, from: 3).estimate == before.estimate)
    }

    @Test func nothingTraps() {
        let empty = DistinctSketch(Columns())
        #expect(empty.estimate == 0 && empty.interval() == Interval(low: 0, high: 0))
        #expect(empty.interval(confidence: .nan) == nil && empty.interval(confidence: 1) == nil)
        let stray = DistinctSketch(
            [
                (column: Int.min, amount: 1), (column: Int.max, amount: 1),
                (column: DistinctSketch.columnCount, amount: 1),
                (column: 63, amount: 1), (column: 54, amount: 1), (column: 5, amount: .min), (column: 6, amount: 0),
            ] as Columns)
        #expect(stray.estimate == 0)
        let full = DistinctSketch((0..<4096).map { (column: $0 * 64 + 53, amount: .max) } as Columns)
        #expect(full.estimate.isFinite && full.estimate > 1e15)
    }
}
