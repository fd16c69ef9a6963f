import Messages
import PluginKit
import Satisfaction
import Settings

/// How bad each answer of a metric on a scale is: what planting a drop needs to know of it.
struct AnswerHarms: Sendable {
    /// Name of the answer that feeds the metric.
    let answer: String
    let scale: Scale
    /// Points of the score lost by one answer of each step, 0 for the best.
    let lost: [Double]
    /// Which steps count as bad: more than half of all that can be lost.
    let isBad: [Bool]

    /// - Throws: ``MessageError`` for a metric that is no share or mean of answers on a scale.
    init(metric name: String, in set: DefinitionSet) throws(MessageError) {
        guard let definition = set.metrics.first(where: { $0.name == name }) else {
            let known = set.metrics.map(\.name).joined(separator: ", ")
            throw MessageError("there is no metric \"\(name)\"; the metrics are: \(known)")
        }
        let metric = try definition.metric()
        guard let watched = metric.watched, let scale = metric.contract.rating?.scale, metric.width == scale.steps,
            metric.inputs.count == 1, case .answer(let answer?) = metric.inputs[0].named(forMetric: name),
            watched.answers.allSatisfy({ $0 == 1 }), watched.channels.contains(where: { $0.points != 0 })
        else {
            throw MessageError("a drop cannot be planted into \(name): it is not made of single answers on a scale")
        }
        self.answer = answer
        self.scale = scale
        lost = watched.lost
        let most = lost.max() ?? 0
        isBad = lost.map { 2 * $0 > most }
    }

    /// Points lost by an average answer among these.
    func meanLost(_ counts: [Int]) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0 else { return 0 }
        return zip(counts, lost).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(total)
    }

    /// The bad answers among these, from which replacements are drawn: the worst answer there is where there are none.
    func bad(among counts: [Int]) -> [Int] {
        let bad = zip(counts, isBad).map { $1 ? $0 : 0 }
        guard bad.allSatisfy({ $0 == 0 }) else { return bad }
        let worst = lost.max() ?? 0
        return lost.map { $0 == worst ? 1 : 0 }
    }
}

extension WatchedAnswers {
    /// Points of the score that an amount of one in each column loses, 0 for the best.
    var lost: [Double] {
        answers.indices.map { column in
            abs(channels.reduce(0) { $0 + $1.points * Double($1.harms[column]) / Double($1.unit) })
        }
    }
}
