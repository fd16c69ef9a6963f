import Testing

@testable import Runtime

/// Wrong names are programmer's errors: the process ends.
@Suite struct MetricNamingTests {
    @Test func aCounterMustEndInTotal() async {
        await #expect(processExitsWith: .failure) { _ = MetricsRegistry().counter("tideline_a", "A.") }
    }

    @Test func aGaugeMustNotEndInTotal() async {
        await #expect(processExitsWith: .failure) { _ = MetricsRegistry().gauge("tideline_a_total", "A.") }
    }

    @Test func thePrefixIsNeeded() async {
        await #expect(processExitsWith: .failure) { _ = MetricsRegistry().counter("a_total", "A.") }
    }

    @Test func unitsAreBaseUnits() async {
        await #expect(processExitsWith: .failure) { _ = MetricsRegistry().gauge("tideline_age_ms", "A.") }
    }

    @Test func oneNameIsOneKind() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry()
            _ = registry.gauge("tideline_a_bytes", "A.")
            _ = registry.histogram("tideline_a_bytes", "A.", buckets: .units([1]))
        }
    }
}
