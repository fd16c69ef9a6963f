import JSON
import Satisfaction

/// Why an answer cannot count for a metric.
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

/// A way to turn answers into a score: an answer becomes a step of the contract's scale, steps are counted, counts
/// become a score.
///
/// A value without I/O or clock: the same answer always falls on the same step, the same counts always give the same
/// score, on every machine.
public protocol Metric: Sendable {
    static var plugin: PluginDescription { get }

    /// - Throws: when a key is unknown or a value makes no sense; nothing is opened here.
    init(configuration: PluginConfiguration) throws(PluginConfigurationError)

    var contract: ScoreContract { get }

    /// Unit of the score for people, such as "%".
    var unit: String { get }

    /// The range the score lies in, in its unit.
    var range: ClosedRange<Double> { get }

    /// Index of the answer on the contract's scale, `0 ..< contract.scale.steps`.
    ///
    /// Called for every response on the hot path: must not allocate unless it throws.
    func step(of answer: JSONValue) throws(AnswerRefusal) -> Int

    /// - Returns: nil when there are no answers: an empty window has no score.
    func score(_ counts: AnswerCounts) -> Score?

    /// The label of the score's band, such as "good"; each value is in exactly one.
    func band(of value: Double) -> String
}
