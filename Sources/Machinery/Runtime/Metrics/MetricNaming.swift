/// The rules for metric names, checked when a metric is made. Those of Prometheus ("Metric and label naming") and one
/// of our own, the prefix.
enum MetricNaming {
    static let prefix = "tideline_"
    /// The names that every Prometheus client library uses for the process itself.
    static let processPrefix = "process_"

    private static let wrongUnits: Set<Substring> = [
        "ms", "milliseconds", "microseconds", "us", "nanoseconds", "ns", "minutes", "hours", "days", "kilobytes", "kib",
        "megabytes", "mib", "percent",
    ]

    static func check(_ name: String, help: String, kind: MetricsRegistry.Kind, labels: [String]) {
        precondition(name.hasPrefix(prefix) || name.hasPrefix(processPrefix), "\(name) must begin with \(prefix)")
        precondition(isWord(name), "\(name) may have a-z, 0-9 and _ only")
        precondition((kind == .counter) == name.hasSuffix("_total"), "\(name): counters, and only they, end in _total")
        let words = name.split(separator: "_")
        precondition(!words.contains(where: wrongUnits.contains), "\(name): use seconds, bytes, ratios")
        let last = words.last ?? ""
        precondition(last != "count" && last != "sum" && last != "bucket", "\(name) ends like a histogram's part")
        precondition(!help.isEmpty, "\(name) needs a help sentence")
        for label in labels {
            precondition(isWord(label) && label != "le", "\(name): wrong label name \(label)")
        }
        precondition(Set(labels).count == labels.count, "\(name): a label twice")
    }

    private static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z") else { return false }
        return text.utf8.allSatisfy {
            ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "_")
        }
    }
}
