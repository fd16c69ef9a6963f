import Synchronization

/// All metrics of a process, shown as Prometheus text.
///
/// Names begin with `tideline_`, are in base units (seconds, bytes), and end in `_total` for counters and nowhere
/// else; breaking these rules or asking for one name as two kinds is a programmer's error and traps. Asking again for
/// the same name and labels gives the same series. Safe from any thread.
package final class MetricsRegistry: Sendable {
    /// Values a label may have; the rest share `other`.
    package static let labelValuesMax = 100
    package static let overflowLabelValue = "other"
    /// What a scrape must declare; Prometheus 3 refuses one that does not.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Label name and value of a series that is known from the start.
    package typealias Label = (name: String, value: String)

    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// One family of the exposition.
    struct Family: Sendable {
        let name: String
        let help: String
        let kind: Kind
        var sources: [Source]
    }

    enum Source: Sendable {
        case counter([Label], Counter)
        case gauge([Label], Gauge)
        case histogram([Label], Histogram)
        case reading([Label], @Sendable () -> Double?)
        case readings(label: String, @Sendable () -> [(value: String, number: Double)])
        case counters(MetricFamily<Counter>)
        case gauges(MetricFamily<Gauge>)
        case histograms(MetricFamily<Histogram>)
    }

    private struct State {
        var families: [Family] = []
        var indexByName: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func counter(_ name: String, _ help: String, labels: [Label] = []) -> Counter {
        series(name, help, .counter, labels, Counter()) { labels, counter in
            .counter(labels, counter)
        } existing: {
            if case .counter(let known, let counter) = $0, Self.same(known, labels) { counter } else { nil }
        }
    }

    package func gauge(_ name: String, _ help: String, labels: [Label] = []) -> Gauge {
        series(name, help, .gauge, labels, Gauge()) { labels, gauge in
            .gauge(labels, gauge)
        } existing: {
            if case .gauge(let known, let gauge) = $0, Self.same(known, labels) { gauge } else { nil }
        }
    }

    package func histogram(
        _ name: String, _ help: String, buckets: HistogramBuckets, labels: [Label] = []
    ) -> Histogram {
        series(name, help, .histogram, labels, Histogram(buckets)) { labels, histogram in
            .histogram(labels, histogram)
        } existing: {
            if case .histogram(let known, let histogram) = $0, Self.same(known, labels) { histogram } else { nil }
        }
    }

    /// Counters that differ in one label, such as rejections by reason.
    package func counters(_ name: String, _ help: String, label: String) -> MetricFamily<Counter> {
        let family = MetricFamily(label: label) { Counter() }
        return series(name, help, .counter, [(label, "")], family) { _, family in
            .counters(family)
        } existing: {
            if case .counters(let known) = $0, known.label == label { known } else { nil }
        }
    }

    package func gauges(_ name: String, _ help: String, label: String) -> MetricFamily<Gauge> {
        let family = MetricFamily(label: label) { Gauge() }
        return series(name, help, .gauge, [(label, "")], family) { _, family in
            .gauges(family)
        } existing: {
            if case .gauges(let known) = $0, known.label == label { known } else { nil }
        }
    }

    package func histograms(
        _ name: String, _ help: String, buckets: HistogramBuckets, label: String
    ) -> MetricFamily<Histogram> {
        let family = MetricFamily(label: label) { Histogram(buckets) }
        return series(name, help, .histogram, [(label, "")], family) { _, family in
            .histograms(family)
        } existing: {
            if case .histograms(let known) = $0, known.label == label { known } else { nil }
        }
    }

    /// A gauge that is read when asked for.
    /// - Parameter read: called at each scrape on the scraper's thread, without a lock held; nil shows nothing.
    package func gauge(
        _ name: String, _ help: String, labels: [Label] = [], read: @escaping @Sendable () -> Double?
    ) {
        add(name, help, .gauge, .reading(labels, read), labelNames: labels.map(\.name))
    }

    /// A counter kept elsewhere, such as by the kernel.
    package func counter(
        _ name: String, _ help: String, labels: [Label] = [], read: @escaping @Sendable () -> Double?
    ) {
        add(name, help, .counter, .reading(labels, read), labelNames: labels.map(\.name))
    }

    /// Gauges that differ in one label and are read when asked for, such as lag by node; of more than
    /// ``labelValuesMax`` the rest is left out.
    package func gauges(
        _ name: String, _ help: String, label: String,
        read: @escaping @Sendable () -> [(value: String, number: Double)]
    ) {
        add(name, help, .gauge, .readings(label: label, read), labelNames: [label])
    }

    private func add(_ name: String, _ help: String, _ kind: Kind, _ source: Source, labelNames: [String]) {
        MetricNaming.check(name, help: help, kind: kind, labels: labelNames)
        state.withLock { state in Self.add(source, name, help, kind, to: &state) }
    }

    private func series<Series: Sendable>(
        _ name: String, _ help: String, _ kind: Kind, _ labels: [Label], _ fresh: Series,
        source: ([Label], Series) -> Source, existing: (Source) -> Series?
    ) -> Series {
        MetricNaming.check(name, help: help, kind: kind, labels: labels.map(\.name))
        return state.withLock { state in
            if let index = state.indexByName[name] {
                for source in state.families[index].sources {
                    if let known = existing(source) { return known }
                }
            }
            Self.add(source(labels, fresh), name, help, kind, to: &state)
            return fresh
        }
    }

    private static func add(_ source: Source, _ name: String, _ help: String, _ kind: Kind, to state: inout State) {
        guard let index = state.indexByName[name] else {
            state.indexByName[name] = state.families.count
            state.families.append(Family(name: name, help: help, kind: kind, sources: [source]))
            return
        }
        precondition(state.families[index].kind == kind, "\(name) is a \(state.families[index].kind.rawValue)")
        precondition(
            state.families[index].sources.count < labelValuesMax, "\(name) has too many fixed series; use a family")
        state.families[index].sources.append(source)
    }

    private static func same(_ left: [Label], _ right: [Label]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0 == $1 }
    }

    func families() -> [Family] { state.withLock { $0.families } }
}
