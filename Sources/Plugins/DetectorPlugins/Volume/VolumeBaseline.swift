import Foundation

/// What a segment's day usually brings: an expectation by weekday and how far days scatter around it.
///
/// Fitted robustly: days are drawn in to three standard deviations of a first fit by medians, so a holiday or a burst
/// among them moves little.
struct VolumeBaseline: Sendable, Equatable {
    /// Answers of a day, by weekday, 0 for Sunday.
    var means: [Double]
    /// Variance of a day beyond its mean, relative to the mean's square: 1/k of a negative binomial.
    var overdispersion: Double

    /// Answers a day, the week's mean.
    var volume: Double { means.reduce(0, +) / 7 }

    /// - Parameters:
    ///   - days: weekday and answers, oldest first; nil for a day that was an exception.
    ///   - profile: the weekdays of everybody, relative to their mean; nil where there is none.
    /// - Returns: nil with fewer than ``VolumeMethod/baselineDaysMin`` usual days.
    init?(days: [(weekday: Int, answers: Double?)], profile: [Double]?) {
        guard days.count(where: { $0.answers != nil }) >= VolumeMethod.baselineDaysMin else { return nil }
        means = (0..<7).map { weekday in
            Self.median(days.compactMap { $0.weekday == weekday ? $0.answers : nil }) ?? 0
        }
        let everybody = Self.median(days.compactMap(\.answers)) ?? 0
        for weekday in means.indices where !days.contains(where: { $0.weekday == weekday && $0.answers != nil }) {
            means[weekday] = everybody * (profile?[weekday] ?? 1)
        }
        overdispersion = 0.1
        for _ in 0..<4 {
            let drawnIn = days.map { day in day.answers.map { (day.weekday, clamped($0, weekday: day.weekday)) } }
            means = Self.means(of: drawnIn.compactMap(\.self), profile: profile)
            let range = VolumeMethod.overdispersionRange
            overdispersion = min(max(scatter(of: drawnIn), range.lowerBound), range.upperBound)
        }
    }

    init(means: [Double], overdispersion: Double) {
        self.means = means
        self.overdispersion = overdispersion
    }

    private func clamped(_ answers: Double, weekday: Int) -> Double {
        let mean = means[weekday]
        let reach = VolumeMethod.clampDeviations * (max(mean, 1) + overdispersion * mean * mean).squareRoot()
        return min(max(answers, mean - reach), mean + reach)
    }

    /// Means by weekday, each drawn toward what everybody's profile leads one to expect.
    private static func means(of days: [(Int, Double)], profile: [Double]?) -> [Double] {
        let shape = profile ?? [Double](repeating: 1, count: 7)
        let weight = days.reduce(0) { $0 + shape[$1.0] }
        let level = weight > 0 ? days.reduce(0) { $0 + $1.1 } / weight : 0
        let prior = VolumeMethod.weekdayPrior / max(level, 0.5)
        return (0..<7).map { weekday in
            let own = days.filter { $0.0 == weekday }
            return (own.reduce(0) { $0 + $1.1 } + prior * level * shape[weekday]) / (Double(own.count) + prior)
        }
    }

    /// The greater of the relative variances of days and of weeks: where days hang together, weeks scatter more than
    /// their days would.
    private func scatter(of days: [(Int, Double)?]) -> Double {
        var excess = 0.0
        var squares = 0.0
        for case let (weekday, answers)? in days {
            let mean = means[weekday]
            excess += (answers - mean) * (answers - mean) - mean
            squares += mean * mean
        }
        var weeksExcess = 0.0
        var weeksSquares = 0.0
        var end = days.count
        while end >= 7 {
            let week = days[(end - 7)..<end].compactMap(\.self)
            end -= 7
            let mean = week.reduce(0) { $0 + means[$1.0] }
            let answers = week.reduce(0) { $0 + $1.1 }
            weeksExcess += (answers - mean) * (answers - mean) - mean
            weeksSquares += week.reduce(0) { $0 + means[$1.0] * means[$1.0] }
        }
        return max(
            squares > 0 ? excess / squares : 0, weeksSquares > 0 ? weeksExcess / weeksSquares : 0)
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// Log-likelihood ratio of a day's answers for `rate` times the usual volume against the usual one, under the
    /// negative binomial of this baseline.
    func evidence(_ answers: Double, weekday: Int, rate: Double) -> Double {
        let mean = means[weekday]
        guard mean > 0 else { return 0 }
        let size = 1 / overdispersion
        return answers * log(rate) - (answers + size) * log((size + rate * mean) / (size + mean))
    }
}
