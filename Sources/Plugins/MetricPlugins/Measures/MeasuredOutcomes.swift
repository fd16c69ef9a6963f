import JSON
import PluginKit
import Satisfaction

/// A measure that says of each thing whether something is so: counted, and how many are.
struct MeasuredOutcomes: Sendable {
    let name: String

    private enum Column {
        static let all = 0
        static let affirmed = 1
    }
    static let width = 2

    init(_ name: String) { self.name = name }

    var inputs: [MetricInput] { [.measure(name)] }

    static let schema: JSONTree = ["anyOf": [["type": "boolean"], ["enum": [0, 1]]]]

    /// True or false, or 1 or 0 for them.
    static func truth(_ value: JSONValue) throws(AnswerRefusal) -> Bool {
        if let truth = value.bool { return truth }
        guard let number = value.double else {
            throw AnswerRefusal(reason: .wrongType, sentence: "must be true or false, not \(value.kind)")
        }
        guard number == 0 || number == 1 else {
            throw AnswerRefusal(reason: .outsideScale, sentence: "is \(number), but must be true or false, or 1 or 0")
        }
        return number == 1
    }

    static func count(_ value: JSONValue, into sums: inout Contributions) throws(AnswerRefusal) {
        let truth = try truth(value)
        sums.add(at: Column.all)
        if truth { sums.add(at: Column.affirmed) }
    }

    /// - Parameter isHighGood: whether it is good news that something is so.
    static func watched(isHighGood: Bool) -> WatchedAnswers {
        WatchedAnswers(
            answers: [1, 0],
            channels: [
                WatchedAnswers.Channel(
                    name: isHighGood ? "not so" : "so", harms: isHighGood ? [1, -1] : [0, 1], unit: 1,
                    points: isHighGood ? 100 : -100)
            ], best: isHighGood ? 100 : 0)
    }

    /// The share of those that are so, in percent with Wilson's interval.
    static func score(_ tally: Tally) -> Score? {
        MeasuredShare(counted: tally[Column.affirmed], of: tally[Column.all])?.score(times: 100, within: 0...100)
    }
}
