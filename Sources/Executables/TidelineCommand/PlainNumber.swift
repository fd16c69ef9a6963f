import Foundation
import Satisfaction

/// Numbers as reports write them.
enum PlainNumber {
    /// The number with so many digits after the decimal point; no "-0.0".
    static func text(_ value: Double, digits: Int) -> String {
        let text = String(format: "%.\(digits)f", value)
        return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) } ? String(text.dropFirst()) : text
    }

    /// With its sign: "+1.2", "-0.4", "0.0".
    static func signed(_ value: Double, digits: Int) -> String {
        let text = text(value, digits: digits)
        let isZero = !text.contains { ("1"..."9").contains($0) }
        return value > 0 && !isZero ? "+" + text : text
    }

    /// "78.4 ± 4.0" where the interval lies evenly about the score in the digits shown, else "78.4 [74.2, 82.1]".
    static func text(_ value: Double, _ interval: Interval?, digits: Int) -> String {
        let score = text(value, digits: digits)
        guard let interval else { return score }
        let below = text(value - interval.low, digits: digits)
        let above = text(interval.high - value, digits: digits)
        if below == above { return "\(score) ± \(above)" }
        return "\(score) [\(text(interval.low, digits: digits)), \(text(interval.high, digits: digits))]"
    }
}
