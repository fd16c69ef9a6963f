import Satisfaction
import Testing

@Suite struct CutsParetoTests {
    @Test func sharesFallAndAddUp() {
        let pareto = Pareto([("price", 10), ("waiting", 50), ("tone", 10), ("delivery", 30), ("colour", 0)])
        #expect(pareto.total == 100)
        #expect(pareto.lines.map(\.name) == ["waiting", "delivery", "price", "tone", "colour"])
        #expect(pareto.lines.map(\.count) == [50, 30, 10, 10, 0])
        #expect(pareto.lines.map(\.share) == [50, 30, 10, 10, 0])
        #expect(pareto.lines.map(\.cumulativeShare) == [50, 80, 90, 100, 100])
    }

    @Test func thirdsEndAtExactlyOneHundred() {
        let pareto = Pareto([("a", 1), ("b", 1), ("c", 1)])
        #expect(pareto.lines.map(\.cumulativeShare) == [100.0 / 3, 200.0 / 3, 100])
    }

    @Test func namesAddUpAndNothingTraps() {
        let pareto = Pareto([("a", 2), ("b", 3), ("a", 2), ("c", -7)])
        #expect(pareto.lines.map(\.name) == ["a", "b", "c"])
        #expect(pareto.lines.map(\.count) == [4, 3, 0])
        #expect(Pareto([("a", .max), ("b", .max)]).total == .max)
        #expect(Pareto([]).lines.isEmpty)
        #expect(Pareto([("a", 0)]).lines.map(\.share) == [0])
    }

    @Test(arguments: 1...50) func orderOfInputDoesNotMatter(seed: UInt64) {
        var random = CutsRandom(seed: seed)
        let counts = (0..<10).map { _ in
            (name: String("abcdef".randomElement(using: &random)!), count: Int64.random(in: 0...5, using: &random))
        }
        let pareto = Pareto(counts)
        #expect(Pareto(counts.shuffled(using: &random)) == pareto)
        for (line, next) in zip(pareto.lines, pareto.lines.dropFirst()) {
            #expect(line.count > next.count || line.count == next.count && line.name < next.name)
            #expect(line.cumulativeShare <= next.cumulativeShare)
        }
    }
}
