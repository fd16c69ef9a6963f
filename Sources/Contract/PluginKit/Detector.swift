import JSON
import Satisfaction

/// What a detector knows from the start: its rule, its metric's contract and the model's dimensions.
public struct DetectorContext: Sendable {
    /// Name of the rule, such as "csat-dip".
    public let rule: String
    public let contract: ScoreContract
    /// The scale whose steps the cells count, and its satisfied answers.
    public let rating: Rating
    /// Dimensions whose combinations are the model's cells, in order.
    public let dimensions: [String]
    /// Length of a step of the arrival clock in milliseconds.
    public let stepMilliseconds: Int64
    /// Days of one segment between two false alarms, on average: the budget.
    public let patienceDays: Double
    /// Falls smaller than this are not worth an alert, in points of the score.
    public let smallestDip: Double

    public init(
        rule: String, contract: ScoreContract, rating: Rating, dimensions: [String], stepMilliseconds: Int64,
        patienceDays: Double, smallestDip: Double
    ) {
        self.rule = rule
        self.contract = contract
        self.rating = rating
        self.dimensions = dimensions
        self.stepMilliseconds = stepMilliseconds
        self.patienceDays = patienceDays
        self.smallestDip = smallestDip
    }
}

/// What arrived in one cell for one civil day within a step.
public struct CellArrivals: Sendable, Equatable {
    /// Values of the model's dimensions, in their order; "" where a response has none, "other" beyond the cap.
    public let cell: [String]
    /// Civil day of the configured zone on which the customers answered, as days since 1970-01-01; its weekday is
    /// `(day + 4) mod 7` with 0 for Sunday.
    public let day: Int32
    public let counts: AnswerCounts
    /// Earliest and latest bucket of those answers, for the onset.
    public let firstBucket: Bucket
    public let lastBucket: Bucket

    public init(cell: [String], day: Int32, counts: AnswerCounts, firstBucket: Bucket, lastBucket: Bucket) {
        self.cell = cell
        self.day = day
        self.counts = counts
        self.firstBucket = firstBucket
        self.lastBucket = lastBucket
    }
}

/// All that arrived between two edges of the arrival clock.
public struct StepArrivals: Sendable {
    /// Number of the step: arrival clock in milliseconds divided by the step's length.
    public let step: Int64
    /// Civil day of the step's end in the configured zone.
    public let day: Int32
    /// Never two entries of one (cell, day); sorted by cell, then day, so that folds are the same everywhere.
    public let cells: [CellArrivals]

    public init(step: Int64, day: Int32, cells: [CellArrivals]) {
        self.step = step
        self.day = day
        self.cells = cells
    }
}

/// What a detector says of a segment after a step.
public struct Assessment: Sendable {
    public enum Verdict: String, Sendable {
        /// Evidence above half the threshold: worth watching, not worth a word.
        case suspected
        /// Evidence fell back before the threshold.
        case cleared
        /// The threshold is passed: a dip, said once.
        case dip
        /// What is said of an open dip has changed: size, onset or causes.
        case revised
        /// The score is back.
        case recovered
        /// The fall is taken as the new baseline.
        case newNormal
    }

    public let segment: Segment
    public let verdict: Verdict
    public let evidence: Evidence
    /// First bucket of the dip, best estimate.
    public let onset: Bucket
    public let baseline: Level
    public let current: Level
    /// Baseline less current score, in points; positive for a dip.
    public let drop: Double
    /// Most important first; shares of the drop.
    public let causes: [Cause]
    public let split: Split

    public init(
        segment: Segment, verdict: Verdict, evidence: Evidence, onset: Bucket, baseline: Level, current: Level,
        drop: Double, causes: [Cause], split: Split
    ) {
        self.segment = segment
        self.verdict = verdict
        self.evidence = evidence
        self.onset = onset
        self.baseline = baseline
        self.current = current
        self.drop = drop
        self.causes = causes
        self.split = split
    }
}

/// A way to find dips: a pure fold over the steps of the arrival clock.
///
/// No I/O, no clock, no randomness. The same steps in the same order always give the same assessments and the same state,
/// bit by bit; `restore` of an `encodeState` goes on as if nothing had happened. Steps in which nothing arrived are not
/// given, so a detector reads the passage of time off ``StepArrivals/step`` and ``StepArrivals/day``.
public protocol Detector: Sendable {
    static var plugin: PluginDescription { get }

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError)

    /// Takes one step's arrivals and says what changed; usually nothing.
    mutating func step(_ arrivals: StepArrivals) -> [Assessment]

    /// The whole state as bytes whose first names their version; deterministic, so that stores can be compared.
    func encodeState() -> [UInt8]

    /// - Throws: when the bytes are not a state of this version and context; the detector is then unchanged.
    mutating func restore(_ state: [UInt8]) throws(DetectorStateError)
}

public struct DetectorStateError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
