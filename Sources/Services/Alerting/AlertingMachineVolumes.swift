import DetectorPlugins
import MetricPlugins
import PluginKit
import Satisfaction

// What the number of answers says: alerts of kind `volume`, suspect arrivals, remarks beside dips.
extension AlertingMachine {
    /// Days before a change that are shown as usual.
    private static let usualDays: Int64 = 28
    private static let day: Int64 = 86_400_000

    /// Gives a step to the metric's volume watch, which sees it before the detectors do.
    mutating func watchVolume(of place: Int, _ arrivals: inout StepArrivals, at end: Int64) {
        guard plan!.metrics[place].volume != nil else { return }
        let sources = plan!.metrics[place].open.takeSources()
        var notes = plan!.metrics[place].volume!.step(&arrivals, sources: sources)
        if plan!.metrics[place].volume!.hasNewDay, plan!.metrics[place].volume!.watch.isMeasureNew,
            isTotalWatched(metric: place)
        {
            notes += plan!.metrics[place].volume!.measureIsLearned(at: end)
        }
        for note in notes { take(note, metric: place, at: end) }
    }

    /// Whether the first rule's detector knows enough of the total to speak of it.
    private func isTotalWatched(metric place: Int) -> Bool {
        let watch = plan!.metrics[place].watches.first { $0.rule.name == plan!.metrics[place].volume!.rule.name }
        return watch?.detector.standings.first { $0.segment == .total }.map { $0.state != .learning } ?? false
    }

    /// Says where a set measures a metric in another way than the former one did.
    mutating func noteMeasureChanges(since former: ActiveSet, at moment: Int64) {
        for place in plan!.metrics.indices where plan!.metrics[place].volume != nil {
            let next = plan!.metrics[place]
            guard let old = former.metrics.first(where: { $0.name == next.name }), !old.watches.isEmpty,
                old.metric.contract != next.metric.contract
            else { continue }
            let sentence = MeasureChange.sentence(from: old.metric.contract, to: next.metric.contract)
            for note in plan!.metrics[place].volume!.measuredDifferently(sentence, at: moment) {
                take(note, metric: place, at: moment)
            }
        }
    }

    private mutating func take(_ note: VolumeNote, metric place: Int, at moment: Int64) {
        let metric = plan!.metrics[place].metric
        let rule = plan!.metrics[place].volume!.rule
        tell(levelled(note, metric: metric, at: moment), rule: rule, metric: metric, at: moment)
    }

    /// The note with the scores before and since, where the watch does not know them itself.
    private mutating func levelled(_ note: VolumeNote, metric: any Metric, at moment: Int64) -> Assessment {
        let said = note.assessment
        let onset = said.onset.start
        var baseline = said.baseline
        if baseline.responses == 0 {
            baseline = level(of: said.segment, metric, onset - Self.usualDays * Self.day..<onset)
        }
        var current = said.current
        var remarks = said.remarks
        if note.reason == .fewer || note.reason == .more {
            current = level(of: said.segment, metric, onset..<max(moment, onset))
        }
        if note.reason == .fewer, let sentence = responseRate(before: onset, until: moment) { remarks.append(sentence) }
        return Assessment(
            segment: said.segment, verdict: said.verdict, kind: said.kind, evidence: said.evidence, onset: said.onset,
            onsetRange: said.onsetRange, baseline: baseline, current: current, drop: said.drop, split: said.split,
            remarks: remarks)
    }

    private mutating func level(of segment: Segment, _ metric: any Metric, _ span: Range<Int64>) -> Level {
        guard let line = series.find(contract: metric.contract.hash.text, segment: segment),
            let score = metric.score(lines.tally(of: line, in: span).tally)
        else { return .unanswered }
        let interval = score.interval ?? Interval(low: score.value, high: score.value)
        return Level(score: score.value, low: interval.low, high: interval.high, responses: score.responses)
    }

    /// What invitations say of fewer answers; nil where no `response.rate` metric counts them.
    private mutating func responseRate(before onset: Int64, until moment: Int64) -> String? {
        guard moment > onset,
            let place = plan!.set.metrics.firstIndex(where: { $0.kind == ResponseRate.plugin.name }),
            let line = series.find(contract: plan!.metrics[place].metric.contract.hash.text, segment: .total)
        else { return nil }
        let before = lines.tally(of: line, in: onset - Self.usualDays * Self.day..<onset).tally
        let since = lines.tally(of: line, in: onset..<moment).tally
        let days = Double(moment - onset) / Double(Self.day)
        let usual = Double(Self.usualDays)
        return AskedAndAnswered(
            askedBefore: Double(ResponseRate.invited(in: before)) / usual,
            asked: Double(ResponseRate.invited(in: since)) / days,
            answeredBefore: Double(ResponseRate.answered(in: before)) / usual,
            answered: Double(ResponseRate.answered(in: since)) / days
        ).sentence
    }

    /// An assessment with what its reader should know of the volumes about its onset.
    func annotated(_ assessment: Assessment, metric place: Int, rule: String) -> Assessment {
        guard assessment.kind != .volume, let volume = plan!.metrics[place].volume,
            plan!.metrics[place].watches.first(where: { $0.rule.name == rule })?.rule.volume ?? false
        else { return assessment }
        return assessment.adding(
            remarks: volume.watch.remarks(on: assessment.segment, since: assessment.onset))
    }
}
