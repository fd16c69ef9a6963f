import PluginKit
import Satisfaction

/// From evidence to verdicts.
extension ShiryaevRobertsDetector {
    /// Looks at the segments whose evidence a step has moved: rises first, then dips, then suspicions.
    mutating func judge(_ touched: [Int], _ hour: Int32, _ said: inout [Assessment]) {
        var hasRisen = false
        for place in touched.indices where scratch.dissatisfied[place] < scratch.responses[place] {
            let segment = touched[place]
            guard evidence.rise[segment] >= watches[segment].riseThreshold, mayRise(segment) else { continue }
            adoptRise(of: segment)
            hasRisen = true
        }
        if !hasRisen {
            var firing = touched.indices.filter { scratch.dissatisfied[$0] > 0 && mayFire(touched[$0], hour) }
                .map { touched[$0] }
            while let segment = firing.max(by: { excess(of: $0) < excess(of: $1) }) {
                if !fire(segment, hour, &said) { watches[segment].heldHour = hour }
                firing = firing.filter { mayFire($0, hour) }
            }
        }
        endSuspicions(touched, &said)
        beginSuspicions(touched, hour, &said)
    }

    private func excess(of segment: Int) -> Double { evidence.fall[segment] - watches[segment].threshold }

    private func mayFire(_ segment: Int, _ hour: Int32) -> Bool {
        let watch = watches[segment]
        return !watch.isMuted && evidence.fall[segment] >= watch.threshold && watch.heldHour != hour
            && incidents.count < DetectionLimits.incidentsMax
    }

    private func mayRise(_ segment: Int) -> Bool {
        !watches[segment].isMuted && !incidents.contains { lattice.overlap($0.cause, segment) }
    }

    // MARK: Suspicions

    /// Ends the suspicions whose evidence has fallen back.
    mutating func endSuspicions(_ segments: some Sequence<Int>, _ said: inout [Assessment]) {
        for segment in segments where watches[segment].isSuspected {
            let watch = watches[segment]
            if watch.isMuted || evidence.fall[segment] < Method.clearanceShare * watch.threshold {
                clear(segment, &said)
            }
        }
    }

    /// Suspects the segments in which someone has just been dissatisfied and whose evidence has come far enough.
    private mutating func beginSuspicions(_ touched: [Int], _ hour: Int32, _ said: inout [Assessment]) {
        for place in touched.indices where scratch.dissatisfied[place] > 0 {
            let segment = touched[place]
            let watch = watches[segment]
            guard !watch.isSuspected, !watch.isMuted, watch.heldHour != hour,
                evidence.fall[segment] >= Method.suspicionShare * watch.threshold
            else { continue }
            suspect(segment, hour, &said)
        }
    }

    /// Says a suspicion if some beginning speaks for it; a statistic can also stand high because nothing speaks
    /// against a fall, as where nobody is ever dissatisfied.
    private mutating func suspect(_ segment: Int, _ hour: Int32, _ said: inout [Assessment]) {
        guard let explanation = explain(segment),
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
        assessment(
            of: segment, verdict, evidence: evidence.fall[segment], threshold: watches[segment].threshold, onset: onset,
            standing: standing(of: segment, since: onset), causes: [])
    }

    // MARK: Looking back

    func scanStart(_ day: Int32) -> Int32 { (day - DetectionLimits.onsetDaysMax) * 24 }

    /// The most likely explanation among some segments.
    /// - Parameter incident: one whose lowering of the expectation is left out: it is what is being explained.
    func explain(
        among isWanted: (Int) -> Bool, from: Int32, without incident: Incident? = nil
    ) -> Explanation? {
        scan(
            lattice.nodes.indices.filter { lattice.nodes[$0].isActive && isWanted($0) }, from, MixtureGrid.falls,
            without: incident)
    }

    /// The most likely beginning of one segment's change.
    func explain(_ segment: Int, shifts: [Double] = MixtureGrid.falls) -> Explanation? {
        scan([segment], scanStart(today), shifts, without: nil)
    }

    private func scan(
        _ candidates: [Int], _ from: Int32, _ shifts: [Double], without incident: Incident?
    ) -> Explanation? {
        let scan = OnsetScan(
            lattice: lattice, shifts: shifts, from: from, floors: floors, candidates: candidates,
            expectation: { cell, weekday in self.expectation(cell, weekday, without: incident) })
        return scan.best(in: ledger)
    }

    func expectation(_ cell: Int, _ weekday: Int, without incident: Incident?) -> Double {
        guard let incident, lattice.contains(incident.cause, cell: cell) else { return expectation(cell, weekday) }
        return expectation(cell, weekday) - incident.shift
    }

    /// Shift of a segment's logit since `slot` that makes its answers most likely, at least ``Method/smallestShift``,
    /// and the least shift those answers still leave likely.
    ///
    /// An incident opens on its worst stretch, so its first estimate is too large; "still down" is tested with the
    /// least.
    func shift(
        of segment: Int, since slot: Int32, without incident: Incident? = nil
    ) -> (likeliest: Double, least: Double) {
        var levels: [(level: Double, responses: Double)] = []
        var dissatisfied = 0.0
        let mask = lattice.mask(of: segment)
        for day in ledger.days where (day.day + 2) * 24 >= slot {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records where record.slot >= slot && mask[Int(record.cell)] {
                levels.append((expectation(Int(record.cell), weekday, without: incident), Double(record.responses)))
                dissatisfied += Double(record.dissatisfied)
            }
        }
        var low = Method.smallestShift
        var high = 4.0
        for _ in 0..<30 {
            let middle = (low + high) / 2
            let expected = levels.reduce(0) { $0 + $1.responses * logistic($1.level + middle) }
            if expected < dissatisfied { low = middle } else { high = middle }
        }
        let information = levels.reduce(0) {
            let share = logistic($1.level + low)
            return $0 + $1.responses * share * (1 - share)
        }
        let deviation = (watches[segment].dispersion / max(information, 1e-9)).squareRoot()
        return (low, max(Method.smallestShift, low - Method.leastShiftDeviations * deviation))
    }

    /// Scores before and since `slot`; answers of the baseline's time are those the baseline holds.
    func standing(of segment: Int, since slot: Int32) -> SegmentStanding {
        SegmentStanding(cells: cellSums(of: segment, since: slot))
    }

    func cellSums(of segment: Int, since slot: Int32) -> [SegmentStanding.CellSums] {
        let cells = lattice.nodes[segment].cells
        let mask = lattice.mask(of: segment)
        var sums = [SegmentStanding.CellSums](repeating: .init(), count: lattice.cells.count)
        for day in ledger.days where (day.day + 2) * 24 >= slot {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records where record.slot >= slot && record.responses > 0 && mask[Int(record.cell)] {
                let cell = Int(record.cell)
                let share = logistic(baseline.expectation(cell: cell, weekday: weekday))
                sums[cell].responses += Double(record.responses)
                sums[cell].dissatisfied += Double(record.dissatisfied)
                sums[cell].expected += Double(record.responses) * share
            }
        }
        return cells.map { cell in
            var own = sums[cell]
            own.history = baseline.responses(ofCell: cell)
            own.usual = logistic(baseline.levels[cell])
            return own
        }
    }

    var patienceDays: Double {
        context.budget.patienceDays(watched: lattice.activeByLevel.reduce(0, +))
    }

    func assessment(
        of segment: Int, _ verdict: Assessment.Verdict, evidence: Double, threshold: Double, onset: Int32,
        standing: SegmentStanding, causes: [Cause]
    ) -> Assessment {
        let finite = threshold.isFinite ? threshold : Self.threshold(patienceDays * watches[segment].volume)
        return Assessment(
            segment: lattice.nodes[segment].segment, verdict: verdict,
            evidence: Evidence(
                log: evidence, threshold: finite, expectedFalseAlarms: 1_000 / max(1e-9, patienceDays)),
            onset: DetectionCalendar.bucket(ofHour: onset), baseline: standing.baseline, current: standing.current,
            drop: standing.drop, causes: causes, split: standing.split)
    }
}
