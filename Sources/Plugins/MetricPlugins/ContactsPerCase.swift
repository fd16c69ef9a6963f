import JSON
import PluginKit
import Satisfaction

/// Contacts per case: the mean number of contacts a case took.
///
/// Detectors do not watch it: a case may have ten thousand contacts, and measured by such a worst case all others are
/// alike. A `mean` of the measure with a `highest` that cases really reach is watched.
public struct ContactsPerCase: Metric {
    public static let plugin = PluginDescription(
        name: "contacts",
        summary: "Contacts per case: mean number of contacts until a case was solved.",
        defaults: [
            "measure": "contacts",  // name of the measure: contacts of one case, a whole number 0...10000
            "bands": nil,  // a list, highest first, in contacts; null: none
            "minimumSample": 0,  // cases below which a score is marked small, 0...1000000000
            "displayDigits": 2,  // 0...6 digits shown to people
        ],
        example: ["measure": "contacts"])

    public static let contactsMax: Int64 = 10_000

    public let contract: ScoreContract
    public let unit = "contacts"
    public let range = 0...Double(contactsMax)
    public let method = IntervalMethod.t
    public let inputs: [MetricInput]
    public let width = MeasuredMean.width

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        inputs = [.measure(try configuration.measureName("measure"))]
        contract = try ScoreContract(
            Self.plugin, configuration, polarity: .lowerIsBetter, unit: unit, keys: ["measure"])
    }

    public var answerSchema: JSONTree { ["type": "integer", "minimum": 0, "maximum": .integer(Self.contactsMax)] }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        guard let contacts = value.int64 else {
            throw AnswerRefusal(
                reason: value.double == nil ? .wrongType : .notWhole,
                sentence: "must be a whole number of contacts, 0 to \(Self.contactsMax)")
        }
        guard contacts >= 0, contacts <= Self.contactsMax else {
            throw AnswerRefusal(
                reason: .outsideScale, sentence: "is \(contacts), but a case has 0 to \(Self.contactsMax) contacts")
        }
        MeasuredMean.add(MeasuredValue(whole: contacts), into: &sums)
    }

    public func score(_ tally: Tally) -> Score? { MeasuredMean(tally)?.score(within: range) }
}
