import Synchronization

/// All series of one metric name that differ in the value of one label, made when first asked for.
///
/// A label never has more than ``MetricsRegistry/labelValuesMax`` values; those that come later share the series
/// `other`.
package final class MetricFamily<Series: Sendable>: Sendable {
    package let label: String
    private let make: @Sendable () -> Series
    private let members = Mutex(Members())

    private struct Members {
        var byValue: [String: Series] = [:]
        var values: [String] = []
    }

    init(label: String, make: @escaping @Sendable () -> Series) {
        self.label = label
        self.make = make
    }

    /// Takes a lock and looks the value up: keep the series where this is hot.
    package subscript(value: String) -> Series {
        members.withLock { members in
            if let known = members.byValue[value] { return known }
            let isFull = members.values.count >= MetricsRegistry.labelValuesMax
            let admitted = isFull ? MetricsRegistry.overflowLabelValue : value
            if let known = members.byValue[admitted] { return known }
            let series = make()
            members.byValue[admitted] = series
            members.values.append(admitted)
            return series
        }
    }

    /// In the order they were first asked for.
    func all() -> [(value: String, series: Series)] {
        members.withLock { members in members.values.compactMap { value in members.byValue[value].map { (value, $0) } }
        }
    }
}
