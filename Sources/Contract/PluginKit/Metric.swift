import JSON
import Satisfaction

/// Why an answer or a measured value cannot count for a metric.
public struct AnswerRefusal: Error, Sendable {
    /// A word for metrics and logs; a closed set, see ``Reason``.
    public let reason: Reason
    /// For the sender: what stands there and what would be right.
    public let sentence: String
    /// Path below the answer, such as "value"; nil when the answer itself is wrong.
    public let member: String?

    public enum Reason: String, Sendable, CaseIterable {
        case wrongType
        case notWhole
        case outsideScale
        case otherScale
        case unknownWord
    }

    public init(reason: Reason, sentence: String, member: String? = nil) {
        self.reason = reason
        self.sentence = sentence
        self.member = member
    }
}

/// What of the bus a metric is made from.
public enum MetricInput: Hashable, Sendable {
    /// An answer of a response, by name. Nil: the name the metric has in the configuration, up to its first dot, so that
    /// `csat` and `csat.mean` are fed by the same answer.
    case answer(String?)
    /// A measured value of a `tideline.measure.v1`, by name.
    case measure(String)
    /// Every `tideline.invitation.v1`; the value is its data.
    case invitation
    /// Every response, whatever it answers; the value is its data.
    case response
}

extension MetricInput {
    /// The answer that feeds a metric unless its configuration names another: its name up to the first dot.
    public static func answerName(ofMetric name: String) -> String { String(name.prefix { $0 != "." }) }

    /// The input with its answer named, for a metric of that name.
    public func named(forMetric name: String) -> MetricInput {
        self == .answer(nil) ? .answer(Self.answerName(ofMetric: name)) : self
    }
}

/// The moment at which an event counts for a metric.
public enum MetricMoment: Sendable {
    /// When it happened: the event's `time`.
    case time
    /// When the customer was asked: `data.invited` where given, else `time`.
    case invited
}

/// The event an answer or value came in, for the metrics that need more than the value; valid during the call.
public struct MetricEvent {
    /// The event's `time`, ms since 1970.
    public let time: Int64
    /// The event's `data`, an object.
    public let data: JSONValue

    public init(time: Int64, data: JSONValue) {
        self.time = time
        self.data = data
    }

    public func segment(_ dimension: StaticString) -> JSONString? {
        data.member(named: "segments")?.member(named: dimension)?.string
    }

    public func segment(_ dimension: String) -> JSONString? {
        data.member(named: "segments")?.object?.member(named: dimension)?.string
    }

    public var respondent: JSONString? { data.member(named: "respondent")?.string }
    public var comment: JSONString? { data.member(named: "comment")?.string }
    public var survey: JSONString? { data.member(named: "survey")?.string }
}

/// What one event adds to a metric's tally: amounts by column. Used again for the next event, so that counting a response
/// allocates nothing.
public struct Contributions {
    public private(set) var entries: [(column: Int32, amount: Int64)] = []

    public init() {}

    public mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// - Parameter column: `0 ..< width` of the metric.
    @inlinable
    public mutating func add(_ amount: Int64 = 1, at column: Int) {
        append(Int32(truncatingIfNeeded: column), amount)
    }

    @usableFromInline
    mutating func append(_ column: Int32, _ amount: Int64) { entries.append((column, amount)) }

    /// Moves what was added from an entry on behind the columns of others.
    public mutating func shift(from first: Int, by columns: Int) {
        for place in first..<entries.count { entries[place].column += Int32(truncatingIfNeeded: columns) }
    }
}

/// A way to make a score of events: an event adds amounts to columns, columns are summed, sums become a score.
///
/// A value without I/O or clock: the same event always adds the same, the same sums always give the same score, on every
/// machine. What a metric is made of is told by ``inputs``; how many columns it sums, by ``width``.
public protocol Metric: Sendable {
    static var plugin: PluginDescription { get }

    /// - Throws: when a key is unknown or a value makes no sense; nothing is opened here.
    init(configuration: PluginConfiguration) throws(PluginConfigurationError)

    var contract: ScoreContract { get }

    /// Unit of the score for people, such as "%", "points", "s"; "" for a plain number.
    var unit: String { get }

    /// The range the score lies in, in its unit; infinite ends where there is no limit.
    var range: ClosedRange<Double> { get }

    /// How the interval of this metric's scores is formed.
    var method: IntervalMethod { get }

    /// What feeds the metric; never empty.
    var inputs: [MetricInput] { get }

    /// What an answer or measured value looks like, as a JSON Schema (2020-12), for the documentation and for senders.
    var answerSchema: JSONTree { get }

    var moment: MetricMoment { get }

    /// Columns of the tally, `1 ... Tally.widthMax`. Where ``ScoreContract/rating`` is there and the width is its scale's
    /// steps, the columns are the counts per step.
    var width: Int { get }

    /// Adds what a value of an input counts for.
    ///
    /// Called for every event on the hot path, by ingest to see whether the value is in order and by workers to count
    /// it: must not allocate unless it throws. Having thrown, it may have added something: the caller drops it.
    /// - Parameters:
    ///   - value: the answer or measured value; the event's data for `invitation` and `response`.
    ///   - input: place in ``inputs``.
    func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal)

    /// - Returns: nil when there is nothing to make a score of: an empty window has no score.
    func score(_ tally: Tally) -> Score?

    /// What detectors see of the metric; nil where there is no telling good answers from bad ones. The default knows
    /// plain ratings: their share of satisfied answers, and the tilt of the whole scale.
    var watched: WatchedAnswers? { get }
}

extension Metric {
    public var moment: MetricMoment { .time }

    public var watched: WatchedAnswers? {
        watchedRating.map { WatchedAnswers.share(of: $0.satisfied, on: $0.scale) }
    }

    /// The scale and satisfied answers of a plain rating; nil for metrics whose columns are not plain answer counts.
    public var watchedRating: Rating? {
        contract.rating.flatMap { $0.scale.steps == width ? $0 : nil }
    }
}
