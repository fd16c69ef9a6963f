import Alerting
import Foundation
import Messages
import PluginKit
import Satisfaction

/// A line's standing as its own days tell it, for detectors that do not say how they stand to it.
enum MeasuredStanding {
    /// Days over which volumes are averaged.
    private static let volumeDays: Int64 = 28
    /// Days before the end that say nothing of what is usual.
    private static let quarantineDays: Int64 = 14
    private static let halfLifeDays = 60.0
    /// Squared residuals above this are some accident's.
    private static let residualMax = 16.0

    /// - Parameters:
    ///   - days: windows of one day with their tallies, in order.
    ///   - end: of the history, ms since 1970.
    /// - Returns: nil without days.
    static func standing(
        of segment: Segment, _ days: [WindowTally], metric: any Metric, rule: RuleDefinition, end: Int64
    ) -> SeriesStanding? {
        guard let watched = metric.watched, let first = days.first else { return nil }
        let day: Int64 = 86_400_000
        let age = max(1, Double(end - first.window.lowerBound) / Double(day))
        let lately = days.filter { $0.window.lowerBound >= end - volumeDays * day }
        let quarantine = min(Double(quarantineDays), age / 4) * Double(day)
        let settled = days.filter { $0.window.upperBound <= end - Int64(quarantine) }
        var answers = 0.0
        var harms = [Double](repeating: 0, count: watched.channels.count)
        for window in settled {
            let weight = exp2(-Double(end - window.window.lowerBound) / Double(day) / halfLifeDays)
            let (count, harm) = sums(window, watched)
            answers += weight * count
            for channel in harms.indices { harms[channel] += weight * harm[channel] }
        }
        let volume = lately.reduce(0) { $0 + sums($1, watched).answers } / min(age, Double(volumeDays))
        let armed = rule.configuration["armedResponses"]?.double ?? 300
        return SeriesStanding(
            segment: segment, state: answers < armed ? .learning : .watching, volume: volume,
            baseline: watched.score(answers: answers, harms: harms), baselineAnswers: answers,
            dispersion: dispersion(settled, watched, answers, harms), daysWatched: 0)
    }

    private static func sums(_ window: WindowTally, _ watched: WatchedAnswers) -> (answers: Double, harms: [Double]) {
        var answers = 0.0
        var harms = [Double](repeating: 0, count: watched.channels.count)
        for column in watched.answers.indices {
            let amount = Double(window.tally[column])
            answers += amount * Double(watched.answers[column])
            for channel in harms.indices { harms[channel] += amount * Double(watched.channels[channel].harms[column]) }
        }
        return (answers, harms)
    }

    /// Mean squared Pearson residual of the days' first channel, at least 1.
    private static func dispersion(
        _ days: [WindowTally], _ watched: WatchedAnswers, _ answers: Double, _ harms: [Double]
    ) -> Double {
        guard answers > 0, days.count >= 10 else { return 1 }
        let unit = Double(watched.channels[0].unit)
        let share = harms[0] / unit / answers
        guard share > 0, share < 1 else { return 1 }
        let sum = days.reduce(0.0) { sum, window in
            let (count, harm) = sums(window, watched)
            guard count > 0 else { return sum }
            let residual = harm[0] / unit - count * share
            return sum + min(residualMax, residual * residual / (count * share * (1 - share)))
        }
        return max(1, sum / Double(days.count))
    }
}

extension Replay {
    /// How a rule stands to a segment at the end of the replay, its answers by column, and how many segments share the
    /// rule's budget.
    ///
    /// Where the detector says nothing of the segment, what the line itself shows.
    /// - Returns: nil for a segment that has had no answers.
    package func standing(
        of segment: Segment, rule: RuleDefinition
    ) throws -> (standing: SeriesStanding, watched: Int, counts: [Double]?)? {
        guard let definition = set.metrics.first(where: { $0.name == rule.metric }) else { return nil }
        let metric = try definition.metric()
        let known = standings[rule.name] ?? []
        let days = try days(of: metric, named: rule.metric, in: segment)
        var counts: [Double]?
        for day in days {
            let values = (0..<metric.width).map { Double(day.tally[$0]) }
            counts = counts.map { zip($0, values).map { $0 + $1 } } ?? values
        }
        let seen = known.isEmpty ? try segments(of: rule.metric).count : known.count { $0.state != .unwatched }
        if let standing = known.first(where: { $0.segment == segment }) { return (standing, max(1, seen), counts) }
        let end = try self.days(of: metric, named: rule.metric, in: .total).last?.window.upperBound
        let measured = MeasuredStanding.standing(
            of: segment, days, metric: metric, rule: rule, end: end ?? days.last?.window.upperBound ?? 0)
        return measured.map { ($0, max(1, seen), counts) }
    }
}
