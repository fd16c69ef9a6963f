import Synchronization

/// A number that only grows. Adding is one relaxed atomic addition; safe from any thread.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    package func increment(by amount: Int = 1) {
        assert(amount >= 0, "a counter only grows")
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. Safe from any thread.
package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    package func set(_ value: Int) { set(Double(value)) }

    package func add(_ amount: Double) {
        var known = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: known) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: known, desired: sum, ordering: .relaxed)
            if exchanged { return }
            known = original
        }
    }

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// Upper bounds of a histogram's buckets. Counted in whole units, so that sums are exact.
package struct HistogramBuckets: Sendable, Equatable {
    enum Unit: Sendable, Equatable {
        case nanoseconds
        case one
    }

    /// Rising, at most ``boundsMax``.
    let bounds: [Int64]
    let unit: Unit

    package static let boundsMax = 40

    private init(_ bounds: [Int64], _ unit: Unit) {
        precondition((1...Self.boundsMax).contains(bounds.count), "1 to \(Self.boundsMax) bounds")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds rise")
        self.bounds = bounds
        self.unit = unit
    }

    /// For names ending in `_seconds`; observe with ``Histogram/observe(nanoseconds:)``.
    package static func durations(_ bounds: [Duration]) -> HistogramBuckets {
        HistogramBuckets(bounds.map(\.nanoseconds), .nanoseconds)
    }

    /// For bytes and counts; observe with ``Histogram/observe(_:)``.
    package static func units(_ bounds: [Int64]) -> HistogramBuckets { HistogramBuckets(bounds, .one) }

    /// 100 µs to 60 s, for stages and the way from end to end.
    package static let latencies = durations([
        .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2500),
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100),
        .milliseconds(250), .milliseconds(500), .seconds(1), .milliseconds(2500), .seconds(5), .seconds(10),
        .seconds(30), .seconds(60),
    ])

    /// A bound or sum in the unit of the metric's name.
    func exposed(_ value: Int64) -> Double {
        switch unit {
        case .nanoseconds: Double(value) / 1e9
        case .one: Double(value)
        }
    }
}

/// Counts of observations by size. Observing is two relaxed atomic additions; safe from any thread.
package final class Histogram: Sendable {
    let buckets: HistogramBuckets
    /// One for each bound, and the last for everything above; not cumulative.
    private let counts: [Counter]
    private let total = Atomic<Int64>(0)

    init(_ buckets: HistogramBuckets) {
        self.buckets = buckets
        counts = (0...buckets.bounds.count).map { _ in Counter() }
    }

    /// Negative durations, which a clock that is set can give, count as zero.
    package func observe(nanoseconds: Int64) {
        assert(buckets.unit == .nanoseconds, "this histogram does not measure durations")
        record(max(0, nanoseconds))
    }

    package func observe(_ duration: Duration) { observe(nanoseconds: duration.nanoseconds) }

    package func observe(_ value: Int) {
        assert(buckets.unit == .one, "this histogram measures durations")
        record(Int64(value))
    }

    private func record(_ value: Int64) {
        let bounds = buckets.bounds
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index].increment()
        total.wrappingAdd(value, ordering: .relaxed)
    }

    /// Counts by bucket and the sum; read one after the other, so a sum may be ahead of its counts by a moment.
    func snapshot() -> (counts: [Int], sum: Double) {
        (counts.map(\.value), buckets.exposed(total.load(ordering: .relaxed)))
    }
}
