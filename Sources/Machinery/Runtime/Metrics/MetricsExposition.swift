extension MetricsRegistry {
    /// Everything in the Prometheus text format 0.0.4, families in the order they were made.
    package func exposition() -> [UInt8] {
        var text = ExpositionText()
        for family in families() {
            text.begin(family)
            for source in family.sources { text.append(source, of: family.name) }
        }
        return text.bytes
    }
}

private struct ExpositionText {
    var bytes: [UInt8] = []

    mutating func begin(_ family: MetricsRegistry.Family) {
        append("# HELP \(family.name) ")
        append(Self.escaped(family.help, quotes: false))
        append("\n# TYPE \(family.name) \(family.kind.rawValue)\n")
    }

    mutating func append(_ source: MetricsRegistry.Source, of name: String) {
        switch source {
        case .counter(let labels, let counter): sample(name, labels, String(counter.value))
        case .gauge(let labels, let gauge): sample(name, labels, Self.number(gauge.value))
        case .histogram(let labels, let histogram): self.histogram(name, labels, histogram)
        case .reading(let labels, let read):
            if let value = read() { sample(name, labels, Self.number(value)) }
        case .readings(let label, let read):
            var seen: Set<String> = []
            for (value, number) in read().prefix(MetricsRegistry.labelValuesMax) where seen.insert(value).inserted {
                sample(name, [(label, value)], Self.number(number))
            }
        case .counters(let family):
            for (value, counter) in family.all() { sample(name, [(family.label, value)], String(counter.value)) }
        case .gauges(let family):
            for (value, gauge) in family.all() { sample(name, [(family.label, value)], Self.number(gauge.value)) }
        case .histograms(let family):
            for (value, histogram) in family.all() { self.histogram(name, [(family.label, value)], histogram) }
        }
    }

    private mutating func histogram(_ name: String, _ labels: [MetricsRegistry.Label], _ histogram: Histogram) {
        let (counts, sum) = histogram.snapshot()
        var cumulative = 0
        for (index, count) in counts.enumerated() {
            cumulative += count
            let bounds = histogram.buckets.bounds
            let bound = index < bounds.count ? Self.number(histogram.buckets.exposed(bounds[index])) : "+Inf"
            sample("\(name)_bucket", labels + [("le", bound)], String(cumulative))
        }
        sample("\(name)_sum", labels, Self.number(sum))
        sample("\(name)_count", labels, String(cumulative))
    }

    private mutating func sample(_ name: String, _ labels: [MetricsRegistry.Label], _ value: String) {
        append(name)
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            append("{\(pairs.joined(separator: ","))}")
        }
        append(" \(value)\n")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\n": escaped += #"\n"#
            case "\"" where quotes: escaped += #"\""#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
