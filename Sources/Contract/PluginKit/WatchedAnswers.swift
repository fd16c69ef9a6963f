import Satisfaction

/// What detectors see of a metric: how many answers arrived and how bad they were, both exact sums over the tally's
/// columns.
///
/// A channel says how bad an answer is, from 0 (no harm) to ``Channel/unit`` (all of it): 0 or 1 for "not satisfied", 0
/// to 4 for the distance from the top of a 1–5 scale. The score is linear in the channels' mean harm:
/// `score = best − Σ points · harm / (unit · answers)`.
public struct WatchedAnswers: Sendable, Equatable {
    public struct Channel: Sendable, Equatable {
        /// A word for people, such as "dissatisfied", "detractors", "tilt".
        public let name: String
        /// Harm of an amount of one in each column. Summed over an event's columns it lies in `0 ... unit` times the
        /// event's answers, unless ``WatchedAnswers/comesApart``; of single columns it may be negative, as of the good
        /// ones where another column counts all.
        public let harms: [Int64]
        /// Harm of one answer that could not be worse; at least 1.
        public let unit: Int64
        /// Points of the score lost when every answer is as bad as can be; 0 for a channel the score does not know,
        /// negative where a higher score is worse.
        public let points: Double

        public init(name: String, harms: [Int64], unit: Int64, points: Double) {
            precondition(unit >= 1)
            self.name = name
            self.harms = harms
            self.unit = unit
            self.points = points
        }
    }

    /// Answers that an amount of one in each column stands for.
    public let answers: [Int64]
    /// One to ``channelsMax``; the first is the one people mean.
    public let channels: [Channel]
    /// The score when no answer does any harm.
    public let best: Double
    /// Whether the whole and its good part come in events of their own, as visits and sales do: what arrives within a
    /// minute is then no sample, its harm may even be negative, and only sums over a longer span, such as a day, mean
    /// something.
    public let comesApart: Bool
    /// Unit of the watched score where it is not the metric's own: what an alert then states is on this scale.
    public let unit: String?

    public static let channelsMax = 4

    public init(answers: [Int64], channels: [Channel], best: Double, comesApart: Bool = false, unit: String? = nil) {
        precondition((1...Self.channelsMax).contains(channels.count))
        precondition(channels.allSatisfy { $0.harms.count == answers.count })
        self.answers = answers
        self.channels = channels
        self.best = best
        self.comesApart = comesApart
        self.unit = unit
    }

    /// - Parameter harms: by channel, of `answers` answers in all.
    /// - Returns: nil without answers.
    public func score(answers: Double, harms: [Double]) -> Double? {
        guard answers > 0 else { return nil }
        return zip(channels, harms).reduce(best) { $0 - $1.0.points * $1.1 / (Double($1.0.unit) * answers) }
    }

    /// Points between the best and the worst score.
    public var span: Double { abs(channels.reduce(0) { $0 + $1.points }) }

    /// Whether a lower score is the better one.
    public var isLowerBetter: Bool { (channels.first { $0.points != 0 }?.points ?? 1) < 0 }
}

extension WatchedAnswers {
    /// A share of good answers in percent, and the distance of every answer from the best one where the scale has more
    /// than two steps.
    ///
    /// - Parameter worstFirst: whether the scale's lowest answer is its worst.
    public static func share(of good: ClosedRange<Int>, on scale: Scale) -> WatchedAnswers {
        let worstFirst = good.upperBound == scale.highest
        let answers = [Int64](repeating: 1, count: scale.steps)
        var channels = [
            Channel(
                name: "dissatisfied",
                harms: (0..<scale.steps).map { good.contains(scale.lowest + $0) ? 0 : 1 }, unit: 1, points: 100)
        ]
        if scale.steps > 2 {
            channels.append(tilt(scale, worstFirst: worstFirst, points: 0))
        }
        return WatchedAnswers(answers: answers, channels: channels, best: 100)
    }

    /// The mean of a scale's answers.
    /// - Parameters:
    ///   - best: the score of the best answer.
    ///   - points: from the best answer's score to the worst's; negative where higher is worse.
    public static func mean(on scale: Scale, worstFirst: Bool, best: Double, points: Double) -> WatchedAnswers {
        WatchedAnswers(
            answers: [Int64](repeating: 1, count: scale.steps),
            channels: [tilt(scale, worstFirst: worstFirst, points: points)], best: best)
    }

    private static func tilt(_ scale: Scale, worstFirst: Bool, points: Double) -> Channel {
        Channel(
            name: "tilt", harms: (0..<scale.steps).map { Int64(worstFirst ? scale.steps - 1 - $0 : $0) },
            unit: Int64(scale.steps - 1), points: points)
    }
}
