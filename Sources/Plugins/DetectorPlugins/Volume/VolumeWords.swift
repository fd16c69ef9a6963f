import Foundation
import PluginKit
import Satisfaction

// What people read of a volume.
extension VolumeWatch {
    /// Expected false alarms of one segment over 1,000 days at the patience of both directions together.
    private static let falseAlarms = 2_000 / VolumeMethod.patienceDays

    func note(_ incident: VolumeIncident, _ verdict: Assessment.Verdict) -> VolumeNote {
        let onset = Bucket(containing: incident.start)
        let (baseline, current) = levels(of: incident)
        let assessment = Assessment(
            segment: incident.segment, verdict: verdict, kind: .volume,
            evidence: Evidence(
                log: incident.isBreak ? incident.evidence : 0,
                threshold: incident.isBreak ? VolumeSeries.threshold : 0, expectedFalseAlarms: Self.falseAlarms),
            onset: onset, baseline: baseline, current: current,
            drop: 0, split: Split(within: 0, mix: 0, entry: 0),
            remarks: [sentence(of: incident)])
        let reason: VolumeNote.Reason =
            switch incident.kind {
            case .fewer: .fewer
            case .more: .more
            case .burst: .burst
            case .silence: .silence
            case .measurement: .measurement
            }
        return VolumeNote(reason: reason, assessment: assessment)
    }

    /// What a dip's reader should know of the volumes about its onset; empty when there is nothing to know.
    package func remarks(on segment: Segment, since onset: Bucket) -> [String] {
        (past + open).filter { incident in
            // An onset is an estimate: a day to either side of the incident overlaps it.
            incident.concerns(segment) && incident.start - 86_400_000 < onset.end
                && incident.end.map { onset.start < $0 + 86_400_000 } ?? true
        }.map(sentence(of:))
    }

    private func sentence(of incident: VolumeIncident) -> String {
        let until = incident.end.map { " until \(time($0))" } ?? ""
        switch incident.kind {
        case .fewer, .more:
            let whose = incident.segment == .total ? "" : " of \(incident.segment)"
            return "\(Self.times(incident.factor)) answers\(whose) as usual since \(date(incident.start))"
                + (incident.end.map { ", until \(date($0))" } ?? "")
                + " (usually \(Self.amount(incident.usual)) a day)"
        case .burst:
            let usual = incident.usual < 1 ? "none" : "at most \(Self.amount(incident.usual)) an hour"
            let whose = incident.segment == .total ? "" : " of \(incident.segment)"
            let source = incident.words.isEmpty ? "" : " from \(incident.words)"
            return
                "\(incident.answers) answers\(whose)\(source) in a burst since \(time(incident.start))\(until), where "
                + "\(usual) is usual; \(harm(of: incident))"
        case .silence:
            return "no answers since \(time(incident.start))\(until) (usually about \(Self.amount(incident.usual)) "
                + "\(incident.end == nil ? "by now" : "in that time"))"
        case .measurement:
            return "\(context.metric) is measured differently since \(time(incident.start)): \(incident.words); falls "
                + "across the change are not dips"
        }
    }

    /// How bad a burst's answers were, beside the usual ones.
    private func harm(of incident: VolumeIncident) -> String {
        guard let channel = context.watched.channels.first, incident.answers > 0 else {
            return "nothing of them is known"
        }
        let usual = volume(of: incident.subject).usualAnswers > 0 ? volume(of: incident.subject) : everybody
        let share = Self.percent(Double(incident.harms[0]) / (Double(incident.answers) * Double(channel.unit)))
        let usually =
            usual.usualAnswers > 0
            ? " (usually \(Self.percent(usual.usualHarms[0] / (usual.usualAnswers * Double(channel.unit)))))" : ""
        return channel.unit == 1
            ? "\(share) of them \(channel.name)\(usually)"
            : "on average \(share) of the way from the best answer to the worst\(usually)"
    }

    // MARK: Levels

    private func levels(of incident: VolumeIncident) -> (baseline: Level, current: Level) {
        guard incident.kind == .burst else { return (.unanswered, .unanswered) }
        let usual = volume(of: incident.subject)
        return (
            level(usual.usualAnswers, usual.usualHarms),
            level(Double(incident.answers), incident.harms.map(Double.init))
        )
    }

    /// The score of given sums with Hoeffding's interval, which asks nothing of the answers but that they are bounded
    /// (W. Hoeffding, JASA 58, 1963); unanswered where the sums are not enough to form it.
    private func level(_ answers: Double, _ harms: [Double]) -> Level {
        let channels = context.watched.channels
        let isWhole = harms.count == channels.count || channels.dropFirst().allSatisfy { $0.points == 0 }
        guard isWhole, answers >= 0.5 else { return .unanswered }
        let padded = harms + [Double](repeating: 0, count: channels.count - min(harms.count, channels.count))
        guard let score = context.watched.score(answers: answers, harms: padded) else { return .unanswered }
        let reach = channels.reduce(0) { $0 + abs($1.points) }
        let half = reach * (log(40.0) / (2 * answers)).squareRoot()
        let worst = channels.reduce(context.watched.best) { $0 - $1.points }
        let ends = (min(worst, context.watched.best), max(worst, context.watched.best))
        return Level(
            score: score, low: max(ends.0, score - half), high: min(ends.1, score + half),
            responses: Int64(answers.rounded()))
    }

    // MARK: Words

    private func date(_ moment: Int64) -> String {
        "\(CivilDate(daysSince1970: context.zone.day(of: moment)))"
    }

    private func time(_ moment: Int64) -> String {
        let local = moment + context.zone.offset(at: moment)
        let minutes = Int(local.flooredQuotient(60_000) - local.flooredQuotient(86_400_000) * 1_440)
        let digits = { (number: Int) in (number < 10 ? "0" : "") + String(number) }
        return "\(date(moment)) \(digits(minutes / 60)):\(digits(minutes % 60))"
    }

    private static func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }

    private static func amount(_ value: Double) -> String {
        value < 10 ? String((value * 10).rounded() / 10) : String(Int(value.rounded()))
    }

    private static func times(_ factor: Double) -> String {
        switch factor {
        case ..<0.05: return "next to none of as many"
        case 0.45...0.55: return "half as many"
        case ..<1: return "\(Int((100 * factor).rounded())) % as many"
        case 1.85...2.15: return "twice as many"
        case 2.7...3.3: return "three times as many"
        default: return "\((factor * 10).rounded() / 10) times as many"
        }
    }
}
