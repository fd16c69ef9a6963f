import PluginKit
import Satisfaction

/// The life of an alert: said, revised, over, or the new normal.
extension ChartDetector {
    /// Says a dip, unless the fall is too small to be said.
    mutating func open(_ segment: Int, _ reading: ChartReading, on day: Int32, _ said: inout [Assessment]) {
        guard watches[segment].heldHour != hour else { return }
        var before = before(segment, reading.reference)
        let current = sums(of: segment, over: reading.current)
        var comparison = compare(segment, before, current)
        if comparison?.drop ?? 0 < context.smallestDip, let limit = reading.limit {
            before = []
            comparison = ScoreComparison(line, limit: limit, after: current.reduce(WatchedSums(), +))
        }
        guard let comparison, comparison.drop >= context.smallestDip, comparison.drop > 0 else {
            watches[segment].heldHour = hour
            return
        }
        let onset = reading.onsetHour
        let alert = OpenAlert(
            openedDay: day, onsetHour: onset, onsetFrom: min(reading.onsetHours.lowerBound, onset),
            onsetThrough: max(reading.onsetHours.upperBound, onset), before: before, limit: reading.limit ?? 0,
            log: reading.log, threshold: reading.threshold, expectedFalseAlarms: reading.expectedFalseAlarms,
            saidDrop: comparison.drop, saidDay: day)
        watches[segment].open = alert
        said.append(assessment(of: segment, alert, .dip, comparison))
    }

    // MARK: Daily review

    /// - Parameters:
    ///   - closed: the last whole day.
    ///   - next: the day that begins.
    mutating func review(_ segment: Int, _ closed: Int32, _ next: Int32, _ said: inout [Assessment]) {
        guard let alert = watches[segment].open else { return }
        let since = ChartSpan.days(min(max(alert.onsetDay, closed - Self.daysKept + 1), closed)...closed)
        let sinceOnset = compare(segment, alert, sums(of: segment, over: since))
        if next - alert.openedDay >= plan.life.newNormalDays {
            end(segment, alert, .newNormal, sinceOnset, &said)
            watches[segment].isAccepted = plan.recovery == .condition
            guard plan.learns else { return }
            watches[segment].baseline = nil
            watches[segment].learnFrom = alert.onsetDay
            learn(segment, closed)
        } else if let recovered = recovery(segment, alert, closed) {
            end(segment, alert, .recovered, recovered, &said)
        } else if let sinceOnset, next > alert.saidDay, isMaterial(sinceOnset.drop, alert.saidDrop) {
            watches[segment].open?.saidDrop = sinceOnset.drop
            watches[segment].open?.saidDay = next
            said.append(assessment(of: segment, alert, .revised, sinceOnset))
        }
    }

    /// A drop is worth a revision when it has changed by a quarter, and by a fiftieth of what the score can lose.
    private func isMaterial(_ drop: Double, _ said: Double) -> Bool {
        abs(drop - said) >= max(0.02 * line.span, 0.25 * said)
    }

    /// The span over which the score is back, compared with the time before; nil while it is not back.
    private func recovery(_ segment: Int, _ alert: OpenAlert, _ closed: Int32) -> ScoreComparison? {
        let days = plan.life.recoveryDays
        guard closed - alert.openedDay >= days else { return nil }
        switch plan.recovery {
        case .condition:
            guard alert.goneSince != .min, closed - alert.goneSince + 1 >= days else { return nil }
            return compare(
                segment, alert, sums(of: segment, over: .days(max(alert.goneSince, closed - days + 1)...closed)))
                ?? compare(segment, alert, sums(of: segment, over: .days(max(alert.openedDay, closed - 27)...closed)))
        case .level:
            // Few answers a day need more days to say that the score is back.
            for first in stride(from: closed - days + 1, to: max(alert.openedDay, closed - 28), by: -1) {
                let sums = sums(of: segment, over: .days(first...closed))
                guard sums.reduce(0, { $0 + $1.answers }) >= Self.recoveryAnswers else { continue }
                guard let comparison = compare(segment, alert, sums) else { return nil }
                return comparison.drop <= alert.saidDrop / 2 ? comparison : nil
            }
            return nil
        }
    }

    /// Answers that say whether the score is back.
    private static var recoveryAnswers: Double { 30 }

    private mutating func end(
        _ segment: Int, _ alert: OpenAlert, _ verdict: Assessment.Verdict, _ comparison: ScoreComparison?,
        _ said: inout [Assessment]
    ) {
        watches[segment].open = nil
        watches[segment].trace = ChartTrace()
        // Where every answer since has been erased, the score is where it was.
        guard let comparison = comparison ?? compare(segment, alert, LearntBaseline.sums(alert.before, line)) else {
            return
        }
        said.append(assessment(of: segment, alert, verdict, comparison))
    }

    // MARK: Comparing

    private func before(_ segment: Int, _ reference: ChartReading.Reference) -> [Int64] {
        switch reference {
        case .learnt: watches[segment].baseline?.cells ?? []
        case .days(let span): numbers(of: segment, over: span)
        }
    }

    private func sums(of segment: Int, over span: ChartSpan) -> [WatchedSums] {
        lattice.nodes[segment].cells.map { cell in
            switch span {
            case .days(let range): line.bounded(cellDays.sum(row: cell, over: range))
            case .hours(let range): line.bounded(cellHours?.sum(row: cell, over: range) ?? WatchedSums())
            }
        }
    }

    private func compare(_ segment: Int, _ alert: OpenAlert, _ after: [WatchedSums]) -> ScoreComparison? {
        alert.before.isEmpty
            ? ScoreComparison(line, limit: alert.limit, after: after.reduce(WatchedSums(), +))
            : compare(segment, alert.before, after)
    }

    /// Cells that have come since are compared with nothing.
    private func compare(_ segment: Int, _ before: [Int64], _ after: [WatchedSums]) -> ScoreComparison? {
        let known = LearntBaseline.sums(before, line)
        return ScoreComparison(
            line,
            cells: after.indices.map { ($0 < known.count ? known[$0] : WatchedSums(), after[$0]) })
    }

    private func assessment(
        of segment: Int, _ alert: OpenAlert, _ verdict: Assessment.Verdict, _ comparison: ScoreComparison
    ) -> Assessment {
        let own = lattice.nodes[segment].segment
        return Assessment(
            segment: own, verdict: verdict,
            evidence: Evidence(
                log: alert.log, threshold: alert.threshold, expectedFalseAlarms: alert.expectedFalseAlarms),
            onset: DetectionCalendar.bucket(ofHour: alert.onsetHour),
            onsetRange: DetectionCalendar.bucket(
                ofHour: alert.onsetFrom)...DetectionCalendar.bucket(ofHour: alert.onsetThrough),
            baseline: comparison.baseline, current: comparison.current, drop: comparison.drop,
            causes: [Cause(segment: own, share: 1)], split: comparison.split, isSimpson: comparison.isSimpson)
    }
}
