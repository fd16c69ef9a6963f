/// Durations as configuration writes them: a whole number and a unit, "10ms", "60s", "7d".
package enum DurationText {
    /// Largest first, so that the first unit that divides a duration writes it shortest.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1000),
    ]

    package static let unitNames = "us, ms, s, m, h, d"

    /// - Returns: nil unless the text is digits followed by one of the units and fits in 292 years.
    package static func nanoseconds(_ text: String) -> Int64? {
        guard let (number, unit) = numberAndUnit(text), let size = units.first(where: { $0.name == unit }) else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: size.nanoseconds)
        return overflow ? nil : product
    }

    /// The shortest form that ``nanoseconds(_:)`` reads back; zero is "0s".
    /// - Precondition: a whole number of microseconds, not negative.
    package static func text(nanoseconds: Int64) -> String {
        assert(nanoseconds >= 0 && nanoseconds % 1000 == 0, "configured durations are whole microseconds")
        guard nanoseconds > 0, let unit = units.first(where: { nanoseconds % $0.nanoseconds == 0 }) else { return "0s" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }
}

/// Sizes as configuration writes them: a whole number and a binary unit, "256KiB", "1GiB", "100B".
package enum BytesText {
    private static let units: [(name: String, bytes: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    package static let unitNames = "B, KiB, MiB, GiB, TiB"

    /// - Returns: nil unless the text is digits followed by one of the units and fits in an Int64.
    package static func bytes(_ text: String) -> Int64? {
        guard let (number, unit) = numberAndUnit(text), let size = units.first(where: { $0.name == unit }) else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: size.bytes)
        return overflow ? nil : product
    }

    /// The shortest form that ``bytes(_:)`` reads back.
    package static func text(bytes: Int64) -> String {
        assert(bytes >= 0, "a size is not negative")
        guard bytes > 0, let unit = units.first(where: { bytes % $0.bytes == 0 }) else { return "0B" }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}

private func numberAndUnit(_ text: String) -> (Int64, Substring)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits) else { return nil }
    return (number, text[digits.endIndex...].drop { $0 == " " })
}

extension Duration {
    /// Nanoseconds, cut off at the ends of Int64 (292 years).
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }

    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
