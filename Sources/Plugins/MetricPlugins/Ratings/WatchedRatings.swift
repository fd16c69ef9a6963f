import PluginKit
import Satisfaction

extension WatchedAnswers.Channel {
    /// Answers that are as bad as can be, the others doing no harm.
    /// - Parameter points: of the score lost when all answers are; negative where the score counts the bad ones.
    static func share(
        _ name: String, on scale: Scale, points: Double, isBad: (Int) -> Bool
    ) -> WatchedAnswers.Channel {
        WatchedAnswers.Channel(
            name: name, harms: (scale.lowest...scale.highest).map { isBad($0) ? 1 : 0 }, unit: 1, points: points)
    }
}

extension WatchedAnswers {
    /// Ratings whose score is made of shares; with the tilt of the whole scale beside them, which the score does not
    /// know.
    static func ratings(
        on scale: Scale, worstFirst: Bool, best: Double, _ shares: [Channel], tilt hasTilt: Bool = true
    ) -> WatchedAnswers {
        let tilt = mean(on: scale, worstFirst: worstFirst, best: 0, points: 0).channels
        return WatchedAnswers(
            answers: [Int64](repeating: 1, count: scale.steps),
            channels: shares + (hasTilt && scale.steps > 2 ? tilt : []), best: best)
    }

    /// The mean of a scale's answers as a score in their own unit.
    static func mean(on scale: Scale, worstFirst: Bool) -> WatchedAnswers {
        let span = Double(scale.steps - 1)
        return mean(
            on: scale, worstFirst: worstFirst, best: Double(worstFirst ? scale.highest : scale.lowest),
            points: worstFirst ? span : -span)
    }
}
