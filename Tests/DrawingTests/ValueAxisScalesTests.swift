import Testing

@testable import Drawing

/// Metrics are not all percentages: ratios of 0 to 1, seconds, money.
@Suite struct ValueAxisScalesTests {
    private func labels(_ values: ClosedRange<Double>, limits: ClosedRange<Double>) -> [String] {
        let axis = ValueAxis(showing: values, rows: 10, limits: limits)
        return (0..<10).compactMap { axis.label(row: $0) }
    }

    @Test func labelsHaveTheDigitsTheyNeed() {
        #expect(labels(0.85...0.92, limits: 0...1) == ["0.92", "0.90", "0.88", "0.86", "0.84"])
        #expect(labels(0.2...0.9, limits: 0...1) == ["1.0", "0.8", "0.6", "0.4", "0.2"])
        #expect(labels(1_000_000...4_000_000, limits: 0...5_000_000).last == "1000000")
    }

    @Test(arguments: [
        (0.0, 1e300), (-1e300, 1e300), (-1.0, 1e18), (1e17, 1e17 + 1024), (0, 1e-300),
    ])
    func extremesDoNotTrap(low: Double, high: Double) {
        let axis = ValueAxis(showing: low...high, rows: 12, limits: low...high)
        for row in 0..<12 { _ = axis.label(row: row) }
        #expect(axis.rows == 12)
    }
}
