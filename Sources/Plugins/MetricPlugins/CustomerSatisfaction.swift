import JSON
import PluginKit
import Satisfaction

/// CSAT, the share of satisfied answers among those who answered, in percent.
///
/// The satisfied set per scale and the bands are those of the field: the two highest of five steps by default, above
/// 80 % excellent. People who were asked and did not answer are not answers; without answers there is no score.
public struct CustomerSatisfaction: Metric {
    public static let plugin = PluginDescription(
        name: "csat",
        summary: "Customer satisfaction: satisfied answers in percent of all answers.",
        defaults: .object([
            ("scale", .string("1..5")),  // lowest..highest answer
            ("satisfied", .null),  // answers that count as satisfied; null: the usual ones of the scale
            ("neutral", .string("separate")),  // separate | dissatisfied
            ("displayDigits", .integer(1)),  // 0...6 digits shown to people
        ]),
        example: .object([("scale", .string("1..5")), ("satisfied", .string("4..5"))]))

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0.0...100.0

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let scaleText = try configuration.string("scale")
        guard let scale = Scale(scaleText) else {
            throw PluginConfigurationError(
                key: "scale",
                sentence: "is \"\(scaleText)\", but must be LOWEST..HIGHEST of at most \(Scale.stepsMax) steps, as 1..5"
            )
        }
        contract = ScoreContract(
            kind: Self.plugin.name, formulaVersion: 1, scale: scale,
            satisfied: try Self.satisfied(configuration, on: scale),
            neutral: try configuration.oneOf("neutral", NeutralRule.self), polarity: .higherIsBetter,
            displayDigits: try configuration.integer("displayDigits", in: 0...6))
    }

    private static func satisfied(
        _ configuration: PluginConfiguration, on scale: Scale
    ) throws(PluginConfigurationError) -> ClosedRange<Int> {
        if configuration.isNull("satisfied") {
            guard let usual = usualSatisfied(on: scale) else {
                throw PluginConfigurationError(
                    key: "satisfied", sentence: "must be given, since the scale \(scale) has no usual satisfied answers"
                )
            }
            return usual
        }
        let text = try configuration.string("satisfied")
        let range = Scale(text).map { $0.lowest...$0.highest } ?? Int(text).map { $0...$0 }
        guard let range, range.lowerBound > scale.lowest, range.upperBound == scale.highest else {
            throw PluginConfigurationError(
                key: "satisfied",
                sentence:
                    "is \"\(text)\", but must be a range that ends at \(scale.highest) and begins above \(scale.lowest)"
            )
        }
        return range
    }

    /// The answers the field takes as satisfied, per scale.
    private static func usualSatisfied(on scale: Scale) -> ClosedRange<Int>? {
        switch (scale.lowest, scale.highest) {
        case (1, 2): 2...2
        case (1, 3): 3...3
        case (1, 4): 3...4
        case (1, 5): 4...5
        case (1, 6): 5...6
        case (1, 7): 6...7
        case (1, 10), (0, 10): 8...10
        case (0, 100): 80...100
        default: nil
        }
    }

    public func step(of answer: JSONValue) throws(AnswerRefusal) -> Int {
        if answer.object != nil { return try step(ofDescribed: answer) }
        return try step(ofNumber: answer, member: nil)
    }

    /// `{"value":4,"scale":"1..5"}`: an answer that says its scale, so that a feed on another one is noticed.
    private func step(ofDescribed answer: JSONValue) throws(AnswerRefusal) -> Int {
        if let scale = answer.member(named: "scale") {
            guard let text = scale.string, let given = Scale(text.text) else {
                throw AnswerRefusal(
                    reason: .wrongType, sentence: "must be a scale such as \"\(contract.scale)\"", member: "scale")
            }
            guard given == contract.scale else {
                throw AnswerRefusal(
                    reason: .otherScale, sentence: "is \(given), but this metric's contract is on \(contract.scale)",
                    member: "scale")
            }
        }
        guard let value = answer.member(named: "value") else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "must have a member \"value\" on \(contract.scale)", member: nil)
        }
        return try step(ofNumber: value, member: "value")
    }

    private func step(ofNumber answer: JSONValue, member: String?) throws(AnswerRefusal) -> Int {
        guard let whole = answer.int64 else {
            guard let number = answer.double else {
                throw AnswerRefusal(
                    reason: .wrongType, sentence: "must be a whole number on \(contract.scale), not \(answer.kind)",
                    member: member)
            }
            throw AnswerRefusal(
                reason: .notWhole, sentence: "is \(number), but must be a whole number on \(contract.scale)",
                member: member)
        }
        let step = whole.subtractingReportingOverflow(Int64(contract.scale.lowest))
        guard !step.overflow, step.partialValue >= 0, step.partialValue < contract.scale.steps else {
            throw AnswerRefusal(
                reason: .outsideScale, sentence: "is \(whole), but the scale is \(contract.scale)", member: member)
        }
        return Int(step.partialValue)
    }

    public func score(_ counts: AnswerCounts) -> Score? {
        let answers = counts.total
        guard answers > 0 else { return nil }
        let satisfied = counts.count(of: contract.satisfied, on: contract.scale)
        return Score(
            value: 100 * Double(satisfied) / Double(answers),
            interval: .wilson(successes: satisfied, answers: answers), responses: answers)
    }

    public func band(of value: Double) -> String {
        switch value {
        case ..<60: "critical"
        case ..<70: "average"
        case ...80: "good"
        default: "excellent"
        }
    }
}
