import PluginKit
import Satisfaction

/// Reads a contract's scale and its satisfied answers.
enum SatisfiedSet {
    static func scale(_ configuration: PluginConfiguration) throws(PluginConfigurationError) -> Scale {
        let text = try configuration.string("scale")
        guard let scale = Scale(text) else {
            throw PluginConfigurationError(
                key: "scale",
                sentence: "is \"\(text)\", but must be LOWEST..HIGHEST of at most \(Scale.stepsMax) steps, as 1..5")
        }
        return scale
    }

    /// A range that ends at the scale's better end: the highest, or the lowest where low is good.
    static func satisfied(
        _ configuration: PluginConfiguration, on scale: Scale, polarity: Polarity = .higherIsBetter,
        usual: ClosedRange<Int>?
    ) throws(PluginConfigurationError) -> ClosedRange<Int> {
        if configuration.isNull("satisfied") {
            guard let usual else {
                throw PluginConfigurationError(
                    key: "satisfied", sentence: "must be given, since the scale \(scale) has no usual satisfied answers"
                )
            }
            return usual
        }
        let text = try configuration.string("satisfied")
        let range = Self.range(text)
        let end = polarity == .higherIsBetter ? scale.highest : scale.lowest
        guard let range, range.lowerBound >= scale.lowest, range.upperBound <= scale.highest,
            range != scale.lowest...scale.highest,
            polarity == .higherIsBetter ? range.upperBound == end : range.lowerBound == end
        else {
            throw PluginConfigurationError(
                key: "satisfied",
                sentence: polarity == .higherIsBetter
                    ? "is \"\(text)\", but must be a range that ends at \(end) and begins above \(scale.lowest)"
                    : "is \"\(text)\", but must be a range that begins at \(end) and ends below \(scale.highest)")
        }
        return range
    }

    /// Reads "4..5", "4-5", "5..5" and "5".
    private static func range(_ text: String) -> ClosedRange<Int>? {
        if let scale = Scale(text) { return scale.lowest...scale.highest }
        if let single = Int(text) { return single...single }
        let ends = text.split(separator: "..", omittingEmptySubsequences: false)
        guard ends.count == 2, ends[0] == ends[1], let single = Int(ends[0]) else { return nil }
        return single...single
    }

    /// The answers the field takes as satisfied, per scale.
    static func usual(on scale: Scale) -> ClosedRange<Int>? {
        switch (scale.lowest, scale.highest) {
        case (1, 2): 2...2
        case (1, 3): 3...3
        case (1, 4): 3...4
        case (1, 5): 4...5
        case (1, 6): 5...6
        case (1, 7): 6...7
        case (1, 10), (0, 10): 8...10
        case (0, 100): 80...100
        default: nil
        }
    }
}
