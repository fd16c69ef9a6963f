/// What becomes of answers that are neither satisfied nor dissatisfied when a net or dissatisfied share is formed.
public enum NeutralRule: String, Hashable, Sendable, CaseIterable {
    /// Neutral answers count among the answers, and among neither side.
    case separate
    /// Neutral answers count as dissatisfied.
    case dissatisfied
}

/// Whether a higher score is good news.
public enum Polarity: String, Hashable, Sendable, CaseIterable {
    case higherIsBetter
    case lowerIsBetter
}

/// The exact, hashed definition of a metric.
///
/// Scores of different contracts are different things: tallies never merge across contracts. Everything that changes a
/// single printed digit of a score is part of ``canonicalText``.
public struct ScoreContract: Hashable, Sendable {
    /// Kind of formula, the plugin's name, such as "csat".
    public let kind: String
    /// Version of the kind's formula; raised when a release computes something else from the same counts.
    public let formulaVersion: Int
    public let scale: Scale
    /// Answers that count as satisfied; never empty, never the whole scale.
    public let satisfied: ClosedRange<Int>
    public let neutral: NeutralRule
    public let polarity: Polarity
    /// Digits after the decimal point shown to people; the score itself is not rounded.
    public let displayDigits: Int
    /// Name under which ``canonicalText`` is known everywhere.
    public let hash: Digest

    public init(
        kind: String, formulaVersion: Int, scale: Scale, satisfied: ClosedRange<Int>, neutral: NeutralRule,
        polarity: Polarity, displayDigits: Int
    ) {
        precondition(satisfied.lowerBound >= scale.lowest && satisfied.upperBound <= scale.highest)
        self.kind = kind
        self.formulaVersion = formulaVersion
        self.scale = scale
        self.satisfied = satisfied
        self.neutral = neutral
        self.polarity = polarity
        self.displayDigits = displayDigits
        hash = Digest(of: Self.text(kind, formulaVersion, scale, satisfied, neutral, polarity, displayDigits))
    }

    /// One line of JSON with its members in alphabetical order and no white space; the same contract always gives the same bytes.
    public var canonicalText: String {
        Self.text(kind, formulaVersion, scale, satisfied, neutral, polarity, displayDigits)
    }

    private static func text(
        _ kind: String, _ version: Int, _ scale: Scale, _ satisfied: ClosedRange<Int>, _ neutral: NeutralRule,
        _ polarity: Polarity, _ digits: Int
    ) -> String {
        "{\"displayDigits\":\(digits),\"formulaVersion\":\(version),\"kind\":\"\(kind)\",\"missing\":\"no-score\","
            + "\"neutral\":\"\(neutral.rawValue)\",\"polarity\":\"\(polarity.rawValue)\","
            + "\"satisfied\":\"\(satisfied.lowerBound)..\(satisfied.upperBound)\",\"scale\":\"\(scale)\"}"
    }
}
