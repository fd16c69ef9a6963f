import JSON
import Satisfaction

/// What a detector knows from the start: its rule, its metric's contract and the model's dimensions.
public struct DetectorContext: Sendable {
    /// Name of the rule, such as "csat-dip".
    public let rule: String
    public let contract: ScoreContract
    /// What the arrivals' harms mean.
    public let watched: WatchedAnswers
    /// Dimensions whose combinations are the model's cells, in order.
    public let dimensions: [String]
    /// Length of a step of the arrival clock in milliseconds.
    public let stepMilliseconds: Int64
    public let budget: FalseAlarmBudget
    /// Falls smaller than this are not worth an alert, in points of the score.
    public let smallestDip: Double
    /// Civil days on which people are known to answer differently.
    public let holidays: Set<Int32>

    public init(
        rule: String, contract: ScoreContract, watched: WatchedAnswers, dimensions: [String], stepMilliseconds: Int64,
        budget: FalseAlarmBudget, smallestDip: Double, holidays: Set<Int32> = []
    ) {
        self.rule = rule
        self.contract = contract
        self.watched = watched
        self.dimensions = dimensions
        self.stepMilliseconds = stepMilliseconds
        self.budget = budget
        self.smallestDip = smallestDip
        self.holidays = holidays
    }
}

/// What arrived in one cell for one civil day within a step.
public struct CellArrivals: Sendable, Equatable {
    /// Values of the model's dimensions, in their order; "" where a response has none, "other" beyond the cap.
    public let cell: [String]
    /// Civil day of the configured zone on which the customers answered, as days since 1970-01-01; its weekday is
    /// `(day + 4) mod 7` with 0 for Sunday.
    public let day: Int32
    /// Negative where earlier answers were erased or revised.
    public let answers: Int64
    /// Harm by channel of ``DetectorContext/watched``.
    public let harms: [Int64]
    /// Earliest and latest bucket of those answers, for the onset.
    public let firstBucket: Bucket
    public let lastBucket: Bucket
    /// Whether these answers came in a burst that is no customers' doing: they count, but say nothing of a dip.
    public var isSuspect: Bool

    public init(
        cell: [String], day: Int32, answers: Int64, harms: [Int64], firstBucket: Bucket, lastBucket: Bucket,
        isSuspect: Bool = false
    ) {
        self.cell = cell
        self.day = day
        self.answers = answers
        self.harms = harms
        self.firstBucket = firstBucket
        self.lastBucket = lastBucket
        self.isSuspect = isSuspect
    }
}

/// All that arrived between two edges of the arrival clock.
public struct StepArrivals: Sendable {
    /// Number of the step: arrival clock in milliseconds divided by the step's length.
    public let step: Int64
    /// Civil day of the step's end in the configured zone.
    public let day: Int32
    /// Never two entries of one (cell, day); sorted by cell, then day, so that folds are the same everywhere.
    public var cells: [CellArrivals]

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
        /// The threshold is passed: said once.
        case dip
        /// What is said of an open dip has changed: size, onset or causes.
        case revised
        /// The score is back.
        case recovered
        /// The fall is taken as the new baseline.
        case newNormal
        /// Late, edited or erased answers have taken the evidence away.
        case withdrawn
    }

    public let segment: Segment
    public let verdict: Verdict
    public let kind: AlertKind
    public let evidence: Evidence
    /// First bucket of the dip, best estimate.
    public let onset: Bucket
    /// Buckets between which the dip began, with 95 % confidence; holds ``onset``.
    public let onsetRange: ClosedRange<Bucket>
    public let baseline: Level
    public let current: Level
    /// How much worse the current score is, in points; positive for a dip whatever the metric's polarity.
    public let drop: Double
    /// Most important first; shares of the drop.
    public let causes: [Cause]
    /// Current less baseline score, taken apart.
    public let split: Split
    /// Whether the whole moved one way while the segments it is made of moved the other (E. H. Simpson, JRSS B 13, 1951).
    public let isSimpson: Bool
    /// Other segments this alert speaks for: they fell with it and get no alert of their own.
    public let members: [Segment]
    /// Sentences for people that belong beside the numbers, such as "few answers".
    public let remarks: [String]

    public init(
        segment: Segment, verdict: Verdict, kind: AlertKind = .dip, evidence: Evidence, onset: Bucket,
        onsetRange: ClosedRange<Bucket>? = nil, baseline: Level, current: Level, drop: Double, causes: [Cause] = [],
        split: Split, isSimpson: Bool = false, members: [Segment] = [], remarks: [String] = []
    ) {
        self.segment = segment
        self.verdict = verdict
        self.kind = kind
        self.evidence = evidence
        self.onset = onset
        self.onsetRange = onsetRange ?? onset...onset
        self.baseline = baseline
        self.current = current
        self.drop = drop
        self.causes = causes
        self.split = split
        self.isSimpson = isSimpson
        self.members = members
        self.remarks = remarks
    }

    /// The same with further sentences for people, each once.
    public func adding(remarks further: [String]) -> Assessment {
        guard !further.isEmpty else { return self }
        return Assessment(
            segment: segment, verdict: verdict, kind: kind, evidence: evidence, onset: onset, onsetRange: onsetRange,
            baseline: baseline, current: current, drop: drop, causes: causes, split: split, isSimpson: isSimpson,
            members: members, remarks: remarks + further.filter { !remarks.contains($0) })
    }
}

/// How a detector stands to one segment: what it would say, were it asked today.
public struct SeriesStanding: Sendable, Equatable {
    public enum State: String, Sendable {
        /// Too little is known to say anything.
        case learning
        case watching
        case suspected
        /// An alert is open, of this segment or of one that speaks for it.
        case open
        /// Has the same answers as a wider segment, or is one too many to be watched.
        case unwatched
    }

    public let segment: Segment
    public let state: State
    /// Answers a day, lately.
    public let volume: Double
    /// Score expected of this segment; nil before there is a baseline.
    public let baseline: Double?
    /// Answers the baseline stands on.
    public let baselineAnswers: Double
    /// How much more days scatter than independent answers would, at least 1.
    public let dispersion: Double
    /// Natural logarithms of the evidence now and of the evidence an alert needs; the latter is nil while learning.
    public let evidence: Double?
    public let threshold: Double?
    /// Days on which this segment could have raised an alarm: what the false-alarm rate is measured over.
    public let daysWatched: Int64

    public init(
        segment: Segment, state: State, volume: Double, baseline: Double?, baselineAnswers: Double,
        dispersion: Double = 1, evidence: Double? = nil, threshold: Double? = nil, daysWatched: Int64
    ) {
        self.segment = segment
        self.state = state
        self.volume = volume
        self.baseline = baseline
        self.baselineAnswers = baselineAnswers
        self.dispersion = dispersion
        self.evidence = evidence
        self.threshold = threshold
        self.daysWatched = daysWatched
    }
}

/// A way to find dips: a pure fold over the steps of the arrival clock.
///
/// No I/O, no clock, no randomness. The same steps in the same order always give the same assessments and the same state,
/// bit by bit; `restore` of an `encodeState` goes on as if nothing had happened. Steps in which nothing arrived are not
/// given, so a detector reads the passage of time off ``StepArrivals/step`` and ``StepArrivals/day``.
public protocol Detector: Sendable {
    static var plugin: PluginDescription { get }

    /// - Throws: when a setting makes no sense, or the detector does not understand what the metric counts; the sentence
    ///   says which metrics it understands.
    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError)

    /// Takes one step's arrivals and says what changed; usually nothing.
    mutating func step(_ arrivals: StepArrivals) -> [Assessment]

    /// How it stands to every segment it has seen, in the order in which they appeared.
    var standings: [SeriesStanding] { get }

    /// The whole state as bytes whose first names their version; deterministic, so that stores can be compared.
    func encodeState() -> [UInt8]

    /// - Throws: when the bytes are not a state of this version and context; the detector is then unchanged.
    mutating func restore(_ state: [UInt8]) throws(DetectorStateError)
}

public struct DetectorStateError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
