import PluginKit
import Satisfaction

/// How people write a metric: its name, and its scores with their unit.
package struct MetricWording: Sendable, Equatable {
    /// As the configuration names it, such as `csat.mean`.
    package let metric: String
    /// "%", "points", "s", a currency; "" for a plain number.
    package let unit: String
    /// Digits after the decimal point, 0...6.
    package let digits: Int
    package let isLowerBetter: Bool
    /// Answers below which a sentence says how few they are.
    package let fewAnswers: Int64

    /// Fewer answers than this are worth a word whatever the contract says.
    package static let fewAnswersUsual: Int64 = 100
    private static let digitsMax = 6

    package init(metric: String, unit: String, digits: Int, isLowerBetter: Bool, minimumSample: Int64 = 0) {
        self.metric = metric
        self.unit = unit
        self.digits = min(max(digits, 0), Self.digitsMax)
        self.isLowerBetter = isLowerBetter
        fewAnswers = max(Self.fewAnswersUsual, minimumSample)
    }

    init(_ metric: any Metric, named name: String) {
        self.init(
            metric: name, unit: metric.watched?.unit ?? metric.unit, digits: metric.contract.displayDigits,
            isLowerBetter: metric.contract.polarity == .lowerIsBetter, minimumSample: metric.contract.minimumSample)
    }

    // MARK: The name

    /// Names the field writes in capitals.
    private static let abbreviations: Set<String> = [
        "acsi", "aht", "ces", "clv", "csat", "csi", "fcr", "fcrt", "ltv", "mttr", "nps", "roi", "sla", "tnps", "ttr",
        "ukcsi",
    ]

    /// "CSAT mean" for `csat.mean`, "response time" for `response.time`.
    package var name: String {
        metric.split { $0 == "." || $0 == "_" || $0 == "-" }.map { word in
            Self.abbreviations.contains(word.lowercased()) ? word.uppercased() : String(word)
        }.joined(separator: " ")
    }

    /// The name as a sentence begins with it.
    package var nameAtStart: String {
        let name = name
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    // MARK: Scores

    package func score(_ value: Double) -> String { withUnit(number(value, digits)) }

    /// Two scores for "from … to …", with as many digits as it takes to tell them apart, and their unit once where it is
    /// a word.
    package func scores(_ first: Double, _ second: Double) -> (String, String) {
        var digits = digits
        while first != second, digits < Self.digitsMax, number(first, digits) == number(second, digits) { digits += 1 }
        let plain = (number(first, digits), number(second, digits))
        return (unit.count > 2 ? plain.0 : withUnit(plain.0), withUnit(plain.1))
    }

    /// A difference of scores, which is in points where the score is in per cent; nil where it rounds to nothing.
    package func difference(_ value: Double) -> String? {
        let text = number(abs(value), digits)
        guard text.contains(where: { ("1"..."9").contains($0) }) else { return nil }
        guard unit == "%" || unit == "points" else { return withUnit(text) }
        return "\(text) \(text == "1" ? "point" : "points")"
    }

    private func withUnit(_ number: String) -> String { unit.isEmpty ? number : "\(number) \(unit)" }

    /// Rounded half away from zero, with a minus sign of its own, and never "−0".
    private func number(_ value: Double, _ digits: Int) -> String {
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let scaled = (abs(value) * factor).rounded()
        guard scaled < 9_007_199_254_740_992 else { return value.isFinite ? "\(value)" : "an unknown number" }
        let whole = Int64(scaled)
        let text = String(whole)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = value < 0 && whole != 0 ? "−" : ""
        return digits == 0 ? sign + padded : "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }
}
