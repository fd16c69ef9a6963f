import Foundation
import PluginKit
import Satisfaction

// Breaks: a volume far from what is usual, for days.
extension VolumeWatch {
    /// Weighs a day that has closed, moves the open breaks and finds new ones.
    mutating func judgeBreaks(_ closed: Int32, isException: Bool, _ notes: inout [VolumeNote]) {
        let weekday = DetectionCalendar.weekday(of: closed)
        let isRefitDay = isLearned && age % VolumeMethod.refitDays == 0
        for place in series.indices {
            let isMuted = isMuted(series[place].part)
            if isRefitDay && !isMuted {
                series[place].refit(lastDay: closed, profile: place == 0 ? nil : series[0].profile)
            }
            if !isMuted && isLearned && !isException { series[place].weigh(weekday: weekday) }
        }
        if !isException { advanceBreaks(closed, weekday, &notes) }
        guard isLearned, !open.contains(where: { $0.kind == .silence }) else { return }
        findBreaks(closed, &notes)
    }

    /// Whether an open break speaks for a segment: every other than its siblings.
    func isMuted(_ part: VolumeSeries.Part?) -> Bool {
        open.contains { incident in
            guard incident.isBreak else { return false }
            guard let own = incident.part, let part else { return true }
            return own.dimension != part.dimension || own == part
        }
    }

    // MARK: New breaks

    private struct Change {
        let place: Int
        let direction: VolumeSeries.Direction
        let evidence: Double
        var days: Int
        var factor: Double
    }

    private mutating func findBreaks(_ closed: Int32, _ notes: inout [VolumeNote]) {
        let threshold = closed < eagerUntil ? VolumeSeries.threshold / 2 : VolumeSeries.threshold
        // The widest first, so that what it explains is never told.
        let order = series.indices.filter { series[$0].isArmed }.sorted { left, right in
            let volumes = (series[left].baseline?.volume ?? 0, series[right].baseline?.volume ?? 0)
            return volumes.0 == volumes.1 ? left < right : volumes.0 > volumes.1
        }
        for place in order where open.count < VolumeLimits.incidentsMax {
            for direction in VolumeSeries.Direction.allCases {
                let evidence = series[place].evidence(direction)
                guard evidence >= threshold, !isMuted(series[place].part) else { continue }
                var change = Change(
                    place: place, direction: direction, evidence: evidence,
                    days: series[place].daysSinceOnset(direction, lastDay: closed), factor: 1)
                change.factor = factor(place, days: change.days, closed)
                guard isWorthAWord(change.factor, direction) else { continue }
                tell(explained(change, closed), closed, &notes)
            }
        }
    }

    private func isWorthAWord(_ factor: Double, _ direction: VolumeSeries.Direction) -> Bool {
        direction == .fall ? factor <= 1 / VolumeMethod.smallestFactor : factor >= VolumeMethod.smallestFactor
    }

    /// Rate against the usual over the newest days, of one segment or of everybody else.
    private func factor(_ place: Int, days: Int, _ closed: Int32, withoutIt: Bool = false) -> Double {
        var sums = series[place].sums(newest: days, lastDay: closed)
        if withoutIt {
            let all = series[0].sums(newest: days, lastDay: closed)
            sums = (all.answers - sums.answers, all.expected - sums.expected)
            // Next to nobody is left to compare with.
            guard sums.expected >= 0.05 * all.expected, sums.expected >= 5 else { return 1 }
        }
        // Half an answer each way keeps logarithms finite.
        return (max(0, sums.answers) + 0.5) / (max(0, sums.expected) + 0.5)
    }

    /// The widest segment whose change it is: the total where everybody else changed too, a value where nobody else did.
    private func explained(_ change: Change, _ closed: Int32) -> Change {
        let size = log(change.factor)
        if change.place > 0 {
            guard series[0].isArmed,
                log(factor(change.place, days: change.days, closed, withoutIt: true)) / size
                    >= VolumeMethod.sharedChange
            else { return change }
            var shared = Change(
                place: 0, direction: change.direction, evidence: change.evidence, days: change.days, factor: 1)
            shared.factor = factor(0, days: change.days, closed)
            // Everybody's values change with one of them: it may be another one's alone.
            return explained(shared, closed)
        }
        var best = change
        var bestSize = 0.0
        for place in series.indices.dropFirst() where series[place].isArmed {
            let own = factor(place, days: change.days, closed)
            let all = series[0].sums(newest: change.days, lastDay: closed).expected
            let rest = all - series[place].sums(newest: change.days, lastDay: closed).expected
            guard isWorthAWord(own, change.direction), rest > 0.05 * all, abs(log(own)) > bestSize,
                abs(log(factor(place, days: change.days, closed, withoutIt: true)))
                    <= VolumeMethod.leftChange * abs(size) + VolumeMethod.leftDeviations / max(rest, 1).squareRoot()
            else { continue }
            bestSize = abs(log(own))
            best = Change(
                place: place, direction: change.direction, evidence: change.evidence, days: change.days, factor: own)
        }
        return best
    }

    private mutating func tell(_ change: Change, _ closed: Int32, _ notes: inout [VolumeNote]) {
        let line = series[change.place]
        let segment = line.part.map { Segment(dimension: context.dimensions[$0.dimension], value: $0.value) } ?? .total
        let now = clock ?? 0
        if change.place == 0 {
            // The total speaks for the values told before.
            for place in open.indices.reversed() where open[place].isBreak {
                end(place, at: now, .withdrawn, &notes)
            }
        }
        if let place = told(segment) { end(place, at: now, .newNormal, &notes) }
        var incident = VolumeIncident(
            kind: change.direction == .fall ? .fewer : .more, segment: segment, part: line.part, subject: .everybody,
            start: context.zone.start(ofDay: closed - Int32(change.days - 1)), detected: now)
        incident.factor = change.factor
        incident.evidence = change.evidence
        incident.usual = line.baseline?.volume ?? 0
        open.append(incident)
        for place in series.indices where isMuted(series[place].part) { series[place].forgetEvidence() }
        notes.append(note(incident, .dip))
    }

    // MARK: Open breaks

    /// Weighs the day for "back to usual" against "still as it was when told", and closes what is over.
    private mutating func advanceBreaks(_ closed: Int32, _ weekday: Int, _ notes: inout [VolumeNote]) {
        for place in open.indices.reversed() where open[place].isBreak {
            guard let line = series.firstIndex(where: { $0.part == open[place].part }),
                let baseline = series[line].baseline, let answers = series[line].days.last
            else { continue }
            // A step farther than the smallest change, lest a small one be over the day it is told.
            let rate =
                open[place].kind == .fewer
                ? min(open[place].factor, 1 / VolumeMethod.smallestFactor)
                : max(open[place].factor, VolumeMethod.smallestFactor)
            let most = log(VolumeMethod.recoveryPatienceDays) / 2
            let evidence = -baseline.evidence(
                Double(answers < 0 ? -1 - answers : answers), weekday: weekday, rate: max(rate, 0.01))
            open[place].recovery = max(0, open[place].recovery + min(max(evidence, -most), most))
            let days = Int(closed - context.zone.day(of: open[place].start)) + 1
            if open[place].recovery >= log(VolumeMethod.recoveryPatienceDays) {
                for other in series.indices where isMuted(series[other].part) { series[other].excludeNewest(days) }
                end(place, at: clock ?? 0, .recovered, &notes)
            } else if days > VolumeMethod.newNormalDays {
                for other in series.indices where isMuted(series[other].part) {
                    series[other].keepNewest(days)
                    series[other].refit(lastDay: closed, profile: other == 0 ? nil : series[0].profile)
                    series[other].forgetEvidence()
                }
                end(place, at: clock ?? 0, .newNormal, &notes)
            }
        }
    }

    // MARK: Ends

    /// The incident of a segment people were told of.
    func told(_ segment: Segment) -> Int? { open.firstIndex { $0.segment == segment && !$0.isQuiet } }

    /// Moves an open incident to the past and says so.
    mutating func end(_ place: Int, at moment: Int64, _ verdict: Assessment.Verdict, _ notes: inout [VolumeNote]) {
        var incident = open.remove(at: place)
        incident.end = max(moment, incident.start + 1)
        past.append(incident)
        if past.count > VolumeLimits.rememberedMax { past.removeFirst() }
        if !incident.isQuiet { notes.append(note(incident, verdict)) }
    }
}
