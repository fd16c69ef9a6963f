import Satisfaction

/// A component with its part in an index, from which the index and its interval are made.
struct IndexPart {
    let component: ScoreComponent
    /// Standard deviation of one answer, in points of the index.
    let deviation: Double
}

extension Score {
    /// The weighted mean of components, with the conservative interval.
    ///
    /// A tally of sums by component does not know how a respondent's answers hang together. Whatever they have to do with
    /// each other, the standard error of a sum is at most the sum of the standard errors: the index's interval reaches as
    /// far to each side as weight × the reach of each component's own interval (Student's t, cut to `range`) together,
    /// never narrower than the truth. Weights are taken as known: that importances are estimates as well is not in it.
    /// - Parameters:
    ///   - parts: in the order in which they are added; weights sum to 1.
    ///   - range: what every component's index can be.
    /// - Returns: components in falling order of weight, ties by name; no interval where a component that weighs anything
    ///   was answered only once. Nil without responses, and for sums that no answers make.
    static func index(_ parts: [IndexPart], responses: Int64, within range: ClosedRange<Double>) -> Score? {
        // Weights sum to 1 but for rounding, which must not take the index out of its range.
        func held(_ value: Double) -> Double { min(range.upperBound, max(range.lowerBound, value)) }
        var value = 0.0
        var below = 0.0
        var above = 0.0
        var hasInterval = true
        for part in parts where part.component.weight > 0 {
            let component = part.component
            value += component.weight * component.index
            guard component.answers > 1,
                let own = Interval.mean(
                    mean: component.index, standardDeviation: part.deviation, answers: component.answers, within: range)
            else {
                hasInterval = false
                continue
            }
            below += component.weight * (component.index - own.low)
            above += component.weight * (own.high - component.index)
        }
        guard responses > 0, value.isFinite else { return nil }
        value = held(value)
        let interval = hasInterval ? Interval(low: held(value - below), high: held(value + above)) : nil
        return Score(
            value: value, interval: interval, method: .conservative, responses: responses,
            components: parts.map(\.component).inFallingWeight)
    }
}

extension [ScoreComponent] {
    var inFallingWeight: [ScoreComponent] {
        sorted { left, right in
            left.weight != right.weight
                ? left.weight > right.weight : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }
}

extension Tally {
    /// The answers by step of a scale whose columns begin at `first`.
    func counts(_ first: Int, on scale: Scale) -> AnswerCounts {
        AnswerCounts((first..<first + scale.steps).map { self[$0] })
    }
}
