/// Where an alert is in its life.
public enum AlertState: String, Hashable, Sendable, Codable {
    /// Evidence gathers; nobody has been told.
    case pending
    case firing
    case resolved
    case withdrawn
}

/// What one revision of an alert says.
public enum AlertStatus: String, Hashable, Sendable, Codable {
    /// A suspicion, told to nobody.
    case pending
    case firing
    case updated
    case resolved
    case withdrawn
}

/// Why an alert was resolved.
public enum Resolution: String, Hashable, Sendable, Codable {
    /// The score is back where it was.
    case recovered
    /// The fall has lasted so long that it is the new baseline.
    case newNormal
}

public enum Severity: String, Hashable, Sendable, Codable {
    case info
    case warning
    case critical
}

/// What kind of change an alert reports.
public enum AlertKind: String, Hashable, Sendable, Codable {
    /// Customers of the same kind are less satisfied.
    case dip
    /// Other customers answer.
    case mix
    /// Fewer or more answers.
    case volume
}

/// A score over some span, as an alert states it; without responses there is no score, whatever the numbers say.
public struct Level: Hashable, Sendable, Codable {
    public let score: Double
    public let low: Double
    public let high: Double
    public let responses: Int64
    public init(score: Double, low: Double, high: Double, responses: Int64) {
        self.score = score
        self.low = low
        self.high = high
        self.responses = responses
    }

    /// What a span without answers has: no score, which is another thing than a score of nothing.
    public static let unanswered = Level(score: 0, low: 0, high: 0, responses: 0)
}

/// The evidence an alert stands on, against the budget of false alarms.
public struct Evidence: Hashable, Sendable, Codable {
    /// Natural logarithm of the detector's statistic.
    public let log: Double
    /// Natural logarithm at which the alert fires.
    public let threshold: Double
    /// False alarms expected from this rule in this segment over 1,000 days.
    public let expectedFalseAlarms: Double
    public init(log: Double, threshold: Double, expectedFalseAlarms: Double) {
        self.log = log
        self.threshold = threshold
        self.expectedFalseAlarms = expectedFalseAlarms
    }
}

/// The change of a score taken apart, in the score's unit; the parts sum to the whole.
///
/// E. M. Kitagawa, "Components of a difference between two rates", JASA 50 (1955).
public struct Split: Hashable, Sendable, Codable {
    /// Because segments score differently than before.
    public let within: Double
    /// Because segments answer in other proportions.
    public let mix: Double
    /// Because segments appeared or vanished.
    public let entry: Double
    public init(within: Double, mix: Double, entry: Double) {
        self.within = within
        self.mix = mix
        self.entry = entry
    }
    public var total: Double { within + mix + entry }
}

/// A segment that drives a change, and its share of it (1 is all of it).
public struct Cause: Hashable, Sendable {
    public let segment: Segment
    public let share: Double
    public init(segment: Segment, share: Double) {
        self.segment = segment
        self.share = share
    }
}
