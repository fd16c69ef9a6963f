import Satisfaction
import Testing

/// Run lengths of the all-knowing CUSUM against figures computed by another method (exact renewal cycles, each confirmed by
/// simulation) and against closed forms.
@Suite struct CumulativeSumTests {
    struct Figure: CustomTestStringConvertible, Sendable {
        let before: Double
        let after: Double
        let patience: Double
        let fromZero: Double
        let steadyState: Double
        var testDescription: String { "\(before) to \(after), \(patience) answers between false alarms" }
    }

    static let figures = [
        Figure(before: 0.15, after: 0.20, patience: 1_000, fromZero: 172.6, steadyState: 150.5),
        Figure(before: 0.15, after: 0.20, patience: 10_000, fromZero: 388.0, steadyState: 346.6),
        Figure(before: 0.15, after: 0.20, patience: 100_000, fromZero: 635.6, steadyState: 588.1),
        Figure(before: 0.15, after: 0.25, patience: 1_000, fromZero: 76.2, steadyState: 68.0),
        Figure(before: 0.15, after: 0.25, patience: 10_000, fromZero: 139.8, steadyState: 128.0),
        Figure(before: 0.15, after: 0.25, patience: 100_000, fromZero: 207.2, steadyState: 194.6),
        Figure(before: 0.15, after: 0.35, patience: 1_000, fromZero: 30.4, steadyState: 27.8),
        Figure(before: 0.15, after: 0.35, patience: 10_000, fromZero: 48.7, steadyState: 45.6),
        Figure(before: 0.15, after: 0.35, patience: 100_000, fromZero: 67.5, steadyState: 64.3),
        Figure(before: 0.30, after: 0.40, patience: 1_000, fromZero: 101.6, steadyState: 88.4),
        Figure(before: 0.30, after: 0.40, patience: 10_000, fromZero: 195.5, steadyState: 176.3),
        Figure(before: 0.30, after: 0.40, patience: 100_000, fromZero: 296.1, steadyState: 275.1),
        Figure(before: 0.05, after: 0.10, patience: 1_000, fromZero: 101.7, steadyState: 91.7),
        Figure(before: 0.05, after: 0.10, patience: 10_000, fromZero: 202.1, steadyState: 185.8),
        Figure(before: 0.05, after: 0.10, patience: 100_000, fromZero: 311.9, steadyState: 292.9),
    ]

    @Test(arguments: figures) func theTableOfLimits(_ figure: Figure) throws {
        let sum = try #require(CumulativeSum(before: figure.before, after: figure.after))
        let lengths = try #require(sum.runLengths(patience: figure.patience))
        #expect(abs(lengths.steadyState / figure.steadyState - 1) < 0.03, "\(lengths)")
        #expect(abs(lengths.fromZero / figure.fromZero - 1) < 0.03, "\(lengths)")
        #expect(lengths.inControl == figure.patience)
    }

    /// With the two steps equal the sum is a walk that stays at zero instead of going below, whose mean times are known.
    @Test func aWalkWithEqualSteps() throws {
        // before 0.4, after 0.6: both steps are ln 1.5.
        let sum = try #require(CumulativeSum(before: 0.4, after: 0.6))
        let lengths = try #require(sum.runLengths(patience: 400))
        var exact: [Double] = []
        for states in 1...40 { exact.append(Self.meanTime(states: states, up: 0.6)) }
        let inControl = (1...40).map { Self.meanTime(states: $0, up: 0.4) }
        let place = try #require(inControl.firstIndex { $0 >= 400 })
        #expect(lengths.fromZero <= exact[place] && lengths.fromZero >= exact[place - 1])
    }

    /// Mean steps from 0 to `states` of a walk that stays at 0 instead of going below: summing the mean time of each rise
    /// by one, `m₀ = 1/up`, `mᵢ = 1/up + (1−up)/up · mᵢ₋₁`.
    private static func meanTime(states: Int, up: Double) -> Double {
        var rise = 1 / up
        var sum = rise
        for _ in 1..<max(states, 1) {
            rise = 1 / up + (1 - up) / up * rise
            sum += rise
        }
        return sum
    }

    @Test func smallerDropsTakeLonger() throws {
        var last = Double.infinity
        for after in [0.17, 0.2, 0.25, 0.35, 0.6, 0.9] {
            let lengths = try #require(
                CumulativeSum(before: 0.15, after: after)?.runLengths(patience: 40_000))
            #expect(lengths.steadyState < last && lengths.steadyState >= 1)
            #expect(lengths.steadyState <= lengths.fromZero * 1.0001)
            last = lengths.steadyState
        }
    }

    @Test(arguments: [(0.0, 0.1), (0.2, 0.2), (0.3, 0.2), (0.5, 1.0), (-0.1, 0.5), (.nan, 0.5)])
    func whatIsNoChange(_ pair: (Double, Double)) {
        #expect(CumulativeSum(before: pair.0, after: pair.1) == nil)
    }

    @Test func extremesDoNotTrap() {
        for before in [1e-9, 1e-4, 0.999] {
            for after in [before + (1 - before) / 100, before + (1 - before) / 2, 1 - 1e-9] {
                let lengths = CumulativeSum(before: before, after: after)?.runLengths(patience: 10_000)
                #expect(lengths.map { $0.steadyState >= 1 && $0.steadyState.isFinite } ?? true)
            }
        }
        #expect(CumulativeSum(before: 0.1, after: 0.2)?.runLengths(patience: .infinity) == nil)
        #expect(CumulativeSum(before: 0.1, after: 0.2)?.runLengths(patience: .nan) == nil)
    }
}
