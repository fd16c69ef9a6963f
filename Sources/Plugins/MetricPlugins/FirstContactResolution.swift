import JSON
import PluginKit
import Satisfaction

/// First contact resolution: requests solved at the first contact in percent of all requests.
///
/// Either every request says whether it was (true or false), or both numbers are given. 70 to 75 % is what is usually
/// seen; the bands say so.
public struct FirstContactResolution: Metric {
    public static let plugin = PluginDescription(
        name: "fcr",
        summary: "First contact resolution: requests solved at the first contact, in percent of all requests.",
        defaults: [
            "count": "each",  // each: one true or false a request | given: sums of requests and solved ones
            "outcome": "solvedAtFirstContact",  // name of the measure with `each`: true or false
            "solved": "solved",  // name of the measure with `given`: solved at first contact, a count, 0 or more
            "requests": "requests",  // name of the measure with `given`: all requests, a count, 0 or more
            "bands": nil,  // null: reference (70-75 % is usual); or a list, highest first, in percent
            "minimumSample": 0,  // requests below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["count": "each", "outcome": "solvedAtFirstContact"])

    private static let reference = ReferenceBands.around(70...75, note: "70-75 % is usual")

    /// How the requests reach the bus.
    private enum Form {
        case each(MeasuredOutcomes)
        case given(MeasuredSums)
    }

    public let contract: ScoreContract
    public let unit = "%"
    public let range: ClosedRange<Double>
    public let method = IntervalMethod.wilson
    public let inputs: [MetricInput]
    public let width: Int
    private let form: Form

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let keys: [String]
        switch try configuration.oneOf("count", CountForm.self) {
        case .each:
            let outcomes = MeasuredOutcomes(try configuration.measureName("outcome"))
            form = .each(outcomes)
            range = 0...100
            inputs = outcomes.inputs
            width = MeasuredOutcomes.width
            keys = ["outcome"]
        case .given:
            let sums = try MeasuredSums(configuration, [.count("solved"), .count("requests")])
            form = .given(sums)
            // A request may be solved in another window than the one it came in.
            range = 0...Double.infinity
            inputs = sums.inputs
            width = sums.width
            keys = sums.keys
        }
        contract = try ScoreContract(
            Self.plugin, configuration, unit: unit, usual: ("reference", Self.reference), keys: ["count"] + keys)
    }

    private enum CountForm: String, CaseIterable { case each, given }

    public var watched: WatchedAnswers? {
        switch form {
        case .each: MeasuredOutcomes.watched(isHighGood: true)
        case .given(let sums):
            sums.watchedShare(0, of: 1, name: "not solved", good: true, best: 100, points: 100)
        }
    }

    public var answerSchema: JSONTree {
        switch form {
        case .each: MeasuredOutcomes.schema
        case .given(let sums): sums.schema
        }
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        switch form {
        case .each: try MeasuredOutcomes.count(value, into: &sums)
        case .given(let measured): try measured.count(value, input: input, into: &sums)
        }
    }

    public func score(_ tally: Tally) -> Score? {
        switch form {
        case .each: MeasuredOutcomes.score(tally)
        case .given(let sums):
            MeasuredShare(sums.sum(0, in: tally), of: sums.sum(1, in: tally))?.score(times: 100, within: range)
        }
    }
}
