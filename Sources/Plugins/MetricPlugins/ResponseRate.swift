import JSON
import PluginKit
import Satisfaction

/// Response rate: people who answered in percent of those who were asked, with the time they took.
///
/// Invitations and responses count in the window in which the customer was asked, so that an answer of today is one to
/// the question of last week; or each in its own. Where more answered than were asked, because answers come without an
/// invitation, there is no interval and a figure says how many.
public struct ResponseRate: Metric {
    public static let plugin = PluginDescription(
        name: "response.rate",
        summary: "Response rate: answers in percent of invitations, with the time from one to the other.",
        defaults: [
            "survey": nil,  // counts this survey alone, the `survey` of invitations and responses; null: all of them
            "basis": "invited",  // invited: both count when the customer was asked | answered: each when it happened
            "bands": nil,  // a list, highest first, in percent; null: none
            "minimumSample": 0,  // invitations below which a score is marked small, 0...1000000000
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["survey": "post-ticket"])

    private enum Basis: String, CaseIterable { case invited, answered }

    private enum Column {
        static let invited = 0
        static let answered = 1
        static let durations = 2
    }

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0...Double.infinity
    public let method = IntervalMethod.wilson
    public let inputs: [MetricInput] = [.invitation, .response]
    public let width = Column.durations + DurationTally.width
    public let moment: MetricMoment
    private let survey: [UInt8]?

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        survey = try configuration.optionalString("survey").map { Array($0.utf8) }
        moment = try configuration.oneOf("basis", Basis.self) == .invited ? .invited : .time
        contract = try ScoreContract(Self.plugin, configuration, unit: unit, keys: ["survey", "basis"])
    }

    /// Nil where answers count when the customer was asked: they come days later, so that a young day always looks bad.
    public var watched: WatchedAnswers? {
        guard moment == .time else { return nil }
        var answers = [Int64](repeating: 0, count: width)
        answers[Column.invited] = 1
        var harms = answers
        harms[Column.answered] = -1
        return WatchedAnswers(
            answers: answers, channels: [.init(name: "unanswered", harms: harms, unit: 1, points: 100)], best: 100,
            comesApart: true)
    }

    public var answerSchema: JSONTree {
        ["type": "object", "description": "the data of invitations and responses; nothing of it is needed"]
    }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        if let survey {
            guard let given = event.survey, survey.withUnsafeBytes({ given.equals($0) }) else { return }
        }
        guard input == 1 else {
            sums.add(at: Column.invited)
            return
        }
        sums.add(at: Column.answered)
        if let duration = timeToAnswer(event) {
            DurationTally.add(duration, at: Column.durations, into: &sums)
        }
    }

    /// - Returns: nil where the response does not say when the customer was asked, or clocks put that after the answer
    ///   or farther back than a duration may reach.
    private func timeToAnswer(_ event: MetricEvent) -> MeasuredValue? {
        guard let text = event.data.member(named: "invited")?.string,
            let invited = MeasuredMoment.microseconds(text)
        else { return nil }
        let milliseconds = event.time.subtractingReportingOverflow(invited / 1000)
        guard !milliseconds.overflow, milliseconds.partialValue >= 0 else { return nil }
        let (seconds, rest) = milliseconds.partialValue.quotientAndRemainder(dividingBy: 1000)
        guard seconds < DurationTally.secondsMax else { return nil }
        return MeasuredValue(whole: seconds, millionths: rest * 1000)
    }

    /// People who were asked, and people who answered.
    package static func invited(in tally: Tally) -> Int64 { tally[Column.invited] }
    package static func answered(in tally: Tally) -> Int64 { tally[Column.answered] }

    public func score(_ tally: Tally) -> Score? {
        let invited = tally[Column.invited]
        let answered = tally[Column.answered]
        var figures: [Figure] = []
        if let durations = DurationTally(tally, at: Column.durations) {
            figures = [
                Figure("timeToAnswer.mean", durations.mean, unit: "s"),
                Figure("timeToAnswer.median", durations.quantile(0.5), unit: "s"),
                Figure("timeToAnswer.p90", durations.quantile(0.9), unit: "s"),
            ]
        }
        if answered > invited {
            figures.append(Figure("answersBeyondInvitations", Double(answered) - Double(invited), unit: ""))
        }
        return MeasuredShare(counted: answered, of: invited)?.score(times: 100, within: range, figures: figures)
    }
}
