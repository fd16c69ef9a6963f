import Foundation
import PluginKit
import Satisfaction

/// From evidence to verdicts.
extension ShiryaevRobertsDetector {
    /// Looks at the segments whose evidence a step has moved: rises first, then dips, then suspicions.
    mutating func judge(_ hour: Int32, _ said: inout [Assessment]) {
        let touched = scratch.touched
        var hasRisen = false
        for place in touched.indices where scratch.harm[place] < scratch.responses[place] {
            let segment = touched[place]
            guard watches[segment].rise >= watches[segment].riseLimit, mayRise(segment) else { continue }
            adoptRise(of: segment)
            hasRisen = true
        }
        if !hasRisen {
            var firing = touched.indices.filter { scratch.hasHarm[$0] && mayFire(touched[$0], hour) }
                .map { touched[$0] }
            while let segment = firing.max(by: { excess(of: $0) < excess(of: $1) }) {
                if !fire(segment, hour, &said) { watches[segment].heldHour = hour }
                firing = firing.filter { mayFire($0, hour) }
            }
        }
        endSuspicions(touched, &said)
        beginSuspicions(hour, &said)
    }

    private func excess(of segment: Int) -> Double { watches[segment].fall / watches[segment].limit }

    private func mayFire(_ segment: Int, _ hour: Int32) -> Bool {
        let watch = watches[segment]
        return !watch.isMuted && watch.fall >= watch.limit && watch.heldHour != hour
            && incidents.count < DetectionLimits.incidentsMax
    }

    private func mayRise(_ segment: Int) -> Bool {
        !watches[segment].isMuted && !incidents.contains { lattice.overlap($0.cause, segment) }
    }

    /// The channel whose evidence is the strongest.
    func loudestChannel(of segment: Int) -> Int {
        channels.indices.max {
            channels[$0].weight * channels[$0].evidence.fall[segment]
                < channels[$1].weight * channels[$1].evidence.fall[segment]
        } ?? 0
    }

    // MARK: Suspicions

    /// Ends the suspicions whose evidence has fallen back.
    mutating func endSuspicions(_ segments: [Int], _ said: inout [Assessment]) {
        for segment in segments where watches[segment].isSuspected {
            let watch = watches[segment]
            if watch.isMuted || watch.logFall < Method.clearanceShare * watch.threshold {
                clear(segment, &said)
            }
        }
    }

    /// Suspects the segments in which harm has just been done and whose evidence has come far enough.
    private mutating func beginSuspicions(_ hour: Int32, _ said: inout [Assessment]) {
        for place in scratch.touched.indices where scratch.hasHarm[place] {
            let segment = scratch.touched[place]
            let watch = watches[segment]
            guard watch.fall >= watch.suspicionLimit, !watch.isSuspected, !watch.isMuted, watch.heldHour != hour
            else { continue }
            suspect(segment, hour, &said)
        }
    }

    /// Says a suspicion if some beginning speaks for it; a statistic can also stand high because nothing speaks
    /// against a fall, as where nobody is ever dissatisfied.
    private mutating func suspect(_ segment: Int, _ hour: Int32, _ said: inout [Assessment]) {
        guard let explanation = explain(segment, loudestChannel(of: segment)),
            explanation.gain >= Method.suspicionGain
        else { return watches[segment].heldHour = hour }
        watches[segment].isSuspected = true
        said.append(suspicion(of: segment, .suspected, onset: explanation.slot))
    }

    mutating func clear(_ segment: Int, _ said: inout [Assessment]) {
        watches[segment].isSuspected = false
        said.append(suspicion(of: segment, .cleared, onset: today * 24))
    }

    private func suspicion(of segment: Int, _ verdict: Assessment.Verdict, onset: Int32) -> Assessment {
        let standing = standing(of: segment, since: onset)
        return Assessment(
            segment: lattice.nodes[segment].segment, verdict: verdict,
            evidence: evidence(watches[segment].logFall, threshold(of: segment)),
            onset: DetectionCalendar.bucket(ofHour: onset), baseline: standing.baseline, current: standing.current,
            drop: standing.drop, split: standing.split, isSimpson: standing.isSimpson)
    }

    // MARK: Looking back

    func scanStart(_ day: Int32) -> Int32 { (day - DetectionLimits.onsetDaysMax) * 24 }

    /// The most likely explanation among some segments.
    /// - Parameter incident: one whose lowering of the expectation is left out: it is what is being explained.
    func explain(
        _ channel: Int, among isWanted: (Int) -> Bool, from: Int32, without incident: Incident? = nil
    ) -> Explanation? {
        scan(
            channel, lattice.nodes.indices.filter { lattice.nodes[$0].isActive && isWanted($0) }, from,
            MixtureGrid.falls, without: incident)
    }

    /// The most likely beginning of one segment's change.
    func explain(_ segment: Int, _ channel: Int, shifts: [Double] = MixtureGrid.falls) -> Explanation? {
        scan(channel, [segment], scanStart(today), shifts, without: nil)
    }

    private func scan(
        _ channel: Int, _ candidates: [Int], _ from: Int32, _ shifts: [Double], without incident: Incident?
    ) -> Explanation? {
        OnsetScan(
            lattice: lattice, channel: channel, dispersions: candidates.map { channels[channel].dispersions[$0] },
            shifts: shifts, from: from, floors: floors, candidates: candidates, unit: units[channel],
            expectation: { cell, weekday in self.expectation(cell, weekday, channel, without: incident) }
        ).best(in: ledger)
    }

    func expectation(_ cell: Int, _ weekday: Int, _ channel: Int, without incident: Incident?) -> Double {
        let expected = channels[channel].expectation(cell, weekday)
        guard let incident, lattice.contains(incident.cause, cell: cell) else { return expected }
        return expected - incident.shifts[channel]
    }

    /// Shift of a segment's logit since `slot` that makes its answers most likely, at least ``Method/smallestShift``,
    /// and the least shift those answers still leave likely.
    ///
    /// An incident opens on its worst stretch, so its first estimate is too large; "still down" is tested with the
    /// least.
    func shift(
        of segment: Int, since slot: Int32, _ channel: Int, without incident: Incident? = nil,
        atLeast smallest: Double = Method.smallestShift
    ) -> (likeliest: Double, least: Double) {
        var levels: [(level: Double, responses: Double)] = []
        var harm = 0.0
        let mask = lattice.mask(of: segment)
        for day in ledger.days where (day.day + 2) * 24 >= slot {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records where record.slot >= slot && mask[Int(record.cell)] {
                levels.append(
                    (expectation(Int(record.cell), weekday, channel, without: incident), Double(record.responses)))
                harm += Double(record.harms[channel]) / units[channel]
            }
        }
        var low = smallest
        var high = 4.0
        for _ in 0..<30 {
            let middle = (low + high) / 2
            let expected = levels.reduce(0) { $0 + $1.responses * logistic($1.level + middle) }
            if expected < harm { low = middle } else { high = middle }
        }
        let information = levels.reduce(0) {
            let share = logistic($1.level + low)
            return $0 + $1.responses * share * (1 - share)
        }
        let deviation = (channels[channel].dispersions[segment] / max(information, 1e-9)).squareRoot()
        return (low, max(smallest, low - Method.leastShiftDeviations * deviation))
    }

    /// The shifts of all channels; the others' may be none.
    func shifts(
        of segment: Int, since slot: Int32, leading: Int, without incident: Incident? = nil
    ) -> (all: SIMD4<Double>, least: Double) {
        var all = SIMD4<Double>.zero
        var least = Method.smallestShift
        for channel in channels.indices {
            let own = shift(
                of: segment, since: slot, channel, without: incident,
                atLeast: channel == leading ? Method.smallestShift : 0)
            all[channel] = own.likeliest
            if channel == leading { least = own.least }
        }
        return (all, least)
    }

    /// Scores before and since `slot`; answers of the baseline's time are those the baseline holds.
    /// - Parameter beyondOpenDips: whether what open dips lead one to expect is the baseline.
    func standing(of segment: Int, since slot: Int32, beyondOpenDips: Bool = false) -> SegmentStanding {
        SegmentStanding(
            cells: cellSums(of: segment, since: slot, beyondOpenDips: beyondOpenDips), scoring: scoring,
            dispersion: dispersionOfScore(segment))
    }

    var scoring: ScoreOfHarm {
        var scatter = SIMD4<Double>.one
        for channel in channels.indices { scatter[channel] = channels[channel].scatter.ratio }
        return ScoreOfHarm(context.watched, scatter: scatter)
    }

    /// How much more days scatter than independent answers, apart from how single answers do.
    private func dispersionOfScore(_ segment: Int) -> Double {
        max(1, channels[0].dispersions[segment] / channels[0].scatter.ratio)
    }

    func cellSums(
        of segment: Int, since slot: Int32, beyondOpenDips: Bool = false
    ) -> [SegmentStanding.CellSums] {
        let cells = lattice.nodes[segment].cells
        let mask = lattice.mask(of: segment)
        var sums = [SegmentStanding.CellSums](repeating: .init(), count: lattice.cells.count)
        for day in ledger.days where (day.day + 2) * 24 >= slot {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records where record.slot >= slot && record.responses > 0 && mask[Int(record.cell)] {
                let cell = Int(record.cell)
                let responses = Double(record.responses)
                sums[cell].responses += responses
                sums[cell].harms += SIMD4<Double>(record.harms) / units
                for channel in channels.indices {
                    let level =
                        channels[channel].baseline.expectation(cell: cell, weekday: weekday)
                        + (beyondOpenDips ? channels[channel].lowered[cell] : 0)
                    sums[cell].expected[channel] += responses * logistic(level)
                }
            }
        }
        return cells.map { cell in
            var own = sums[cell]
            own.history = channels[0].baseline.responses(ofCell: cell)
            for channel in channels.indices { own.usual[channel] = logistic(channels[channel].baseline.levels[cell]) }
            return own
        }
    }

    // MARK: Words

    /// Days of one segment between two false alarms.
    var patienceDays: Double { context.budget.patienceDays(watched: lattice.watchedCount) }

    func threshold(of segment: Int) -> Double {
        let own = watches[segment].threshold
        return own.isFinite ? own : Self.threshold(patienceDays * watches[segment].volume)
    }

    func evidence(_ log: Double, _ threshold: Double) -> Evidence {
        Evidence(log: log, threshold: threshold, expectedFalseAlarms: 1_000 / max(1e-9, patienceDays))
    }

    public var standings: [SeriesStanding] {
        let scoring = scoring
        return lattice.nodes.indices.map { segment in
            let watch = watches[segment]
            let cells = lattice.nodes[segment].cells
            let answers = channels[0].baseline.responses(of: cells)
            let pending = isFitted ? 0 : pendingAnswers(of: cells)
            // The days so far, today's part of one included.
            let days = Double((schedule?.age(on: today) ?? 0) + 1)
            var usual = SIMD4<Double>.zero
            for cell in cells {
                let weight = answers > 0 ? channels[0].baseline.responses(ofCell: cell) / answers : 0
                for channel in channels.indices where isFitted {
                    usual[channel] += weight * logistic(channels[channel].baseline.levels[cell])
                }
            }
            let state: SeriesStanding.State =
                !lattice.nodes[segment].isActive
                ? .unwatched
                : watch.isMuted ? .open : !watch.limit.isFinite ? .learning : watch.isSuspected ? .suspected : .watching
            return SeriesStanding(
                segment: lattice.nodes[segment].segment, state: state, volume: isFitted ? watch.volume : pending / days,
                baseline: isFitted && answers > 0 ? scoring.score(usual) : nil,
                baselineAnswers: isFitted ? answers : pending,
                dispersion: dispersionOfScore(segment), evidence: isFitted ? watch.logFall : nil,
                threshold: watch.limit.isFinite ? watch.threshold : nil, daysWatched: watch.daysWatched)
        }
    }

    private func pendingAnswers(of cells: [Int]) -> Double {
        let wanted = Set(cells.map(Int32.init))
        return ledger.days.reduce(0) { sum, day in
            sum + day.records.reduce(0) { $0 + (wanted.contains($1.cell) ? Double($1.responses) : 0) }
        }
    }
}
