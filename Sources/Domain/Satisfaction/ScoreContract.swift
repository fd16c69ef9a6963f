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

/// The scale on which people answer, and which of its answers count as satisfied.
public struct Rating: Hashable, Sendable {
    public let scale: Scale
    /// Answers that count as satisfied; never empty, never the whole scale. It touches one end of the scale: the
    /// highest where high is good, the lowest where high is bad.
    public let satisfied: ClosedRange<Int>
    public let neutral: NeutralRule

    public init(scale: Scale, satisfied: ClosedRange<Int>, neutral: NeutralRule = .separate) {
        precondition(satisfied.lowerBound >= scale.lowest && satisfied.upperBound <= scale.highest)
        self.scale = scale
        self.satisfied = satisfied
        self.neutral = neutral
    }
}

/// The exact, hashed definition of a metric.
///
/// Scores of different contracts are different things: tallies never merge across contracts. Everything that changes a
/// single printed digit of a score is part of ``canonicalText``, which PluginKit writes from what the plugin declares.
public struct ScoreContract: Hashable, Sendable {
    /// Kind of formula, the plugin's name, such as "csat".
    public let kind: String
    /// Version of the kind's formula; raised when a release computes something else from the same counts.
    public let formulaVersion: Int
    /// Nil for metrics whose answers are not ratings.
    public let rating: Rating?
    public let polarity: Polarity
    /// Digits after the decimal point shown to people; the score itself is not rounded.
    public let displayDigits: Int
    public let bands: Bands
    /// Answers below which a score is marked `small`.
    public let minimumSample: Int64
    /// One line of JSON with its members in alphabetical order and no white space; the same contract always gives the
    /// same bytes.
    public let canonicalText: String
    /// Name under which ``canonicalText`` is known everywhere.
    public let hash: Digest

    public init(
        kind: String, formulaVersion: Int, rating: Rating?, polarity: Polarity, displayDigits: Int, bands: Bands,
        minimumSample: Int64, canonicalText: String
    ) {
        self.kind = kind
        self.formulaVersion = formulaVersion
        self.rating = rating
        self.polarity = polarity
        self.displayDigits = displayDigits
        self.bands = bands
        self.minimumSample = minimumSample
        self.canonicalText = canonicalText
        hash = Digest(of: canonicalText)
    }

    public static func == (left: ScoreContract, right: ScoreContract) -> Bool { left.hash == right.hash }
    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
