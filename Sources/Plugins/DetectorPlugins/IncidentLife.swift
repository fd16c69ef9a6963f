import Foundation
import PluginKit
import Satisfaction

/// The life of a dip: opened, looked at again, over or the new normal; and rises, which have none.
extension ShiryaevRobertsDetector {
    // MARK: Opening

    /// Opens the incident that explains a segment's evidence.
    /// - Returns: false when the fall is too small to be said; the segment then stays suspected.
    mutating func fire(_ segment: Int, _ hour: Int32, _ said: inout [Assessment]) -> Bool {
        let from = scanStart(today)
        guard let explanation = explain(among: { lattice.overlap($0, segment) && !watches[$0].isMuted }, from: from)
        else {
            evidence.reset(segment)
            return true
        }
        if let place = incidents.firstIndex(where: { concerns($0, explanation.segment) }) {
            explainAgain(place, hour, &said, isWorse: true)
            return true
        }
        let standing = standing(of: explanation.segment, since: explanation.slot)
        guard min(standing.drop, standing.fallWithin) >= context.smallestDip else { return false }
        let shift = shift(of: explanation.segment, since: explanation.slot)
        let incident = Incident(
            announced: explanation.segment, firing: segment, opened: today, scanFrom: from,
            evidence: evidence.fall[segment], threshold: watches[segment].threshold, cause: explanation.segment,
            onset: explanation.slot, onsetDay: explanation.day,
            shift: shift.likeliest,
            recoveryShift: shift.least, recoveryThreshold: recoveryThreshold(of: explanation.segment),
            recoveringSince: hour,
            saidDrop: standing.drop, saidDay: today)
        incidents.append(incident)
        for other in watches.indices where lattice.overlap(other, incident.cause) && other != incident.announced {
            if watches[other].isSuspected { clear(other, &said) }
        }
        watches[incident.announced].isSuspected = false
        startAfresh(around: [incident.cause])
        said.append(assessment(of: incident, .dip, standing: standing))
        return true
    }

    /// Whether most of a segment's answers are already spoken for by an incident.
    private func concerns(_ incident: Incident, _ segment: Int) -> Bool {
        guard lattice.overlap(incident.cause, segment) else { return false }
        let cells = lattice.nodes[segment].cells
        let shared = cells.reduce(0) { $0 + (lattice.contains(incident.cause, cell: $1) ? cellVolumes[$1] : 0) }
        return shared >= 0.5 * cells.reduce(0) { $0 + cellVolumes[$1] }
    }

    private func recoveryThreshold(of segment: Int) -> Double {
        Self.threshold(Method.recoveryPatienceDays * max(0.5, watches[segment].volume) / watches[segment].dispersion)
    }

    /// Applies the open incidents to expectations and muting, and empties the evidence of all segments that share
    /// answers with `segments`: it was gathered under other expectations.
    mutating func startAfresh(around segments: [Int]) {
        for cell in lowered.indices {
            lowered[cell] = incidents.reduce(0) { $0 + (lattice.contains($1.cause, cell: cell) ? $1.shift : 0) }
        }
        tables.forget()
        for other in watches.indices where segments.contains(where: { lattice.overlap($0, other) }) {
            evidence.reset(other)
        }
        muteSegments()
    }

    /// An open incident speaks for all segments within its cause, and while its explanation may still change for all
    /// that share answers with it; after that the others are watched for further dips, on lowered expectations.
    mutating func muteSegments() {
        for segment in watches.indices {
            watches[segment].isMuted = incidents.contains { incident in
                let isRefined = today - incident.opened > Method.refinementDays
                return lattice.contains(incident.cause, segment)
                    || (!isRefined && lattice.overlap(incident.cause, segment))
                    || lattice.contains(incident.announced, segment)
            }
        }
    }

    // MARK: Daily review

    mutating func reviewIncidents(_ hour: Int32, _ said: inout [Assessment]) {
        var place = 0
        while place < incidents.count {
            let incident = incidents[place]
            if today - incident.opened >= settings.newNormalDays {
                adoptNewNormal(place, &said)
                continue
            }
            if today - incident.opened <= Method.refinementDays {
                explainAgain(place, hour, &said, isWorse: false)
            } else {
                incidents[place].recoveryShift =
                    shift(of: incident.cause, since: incident.onset, without: incident).least
                let standing = standing(of: incident.announced, since: incident.onset)
                if abs(standing.drop - incident.saidDrop) >= max(Method.materialPoints, 0.25 * incident.saidDrop) {
                    revise(place, standing, &said)
                }
            }
            place += 1
        }
        muteSegments()
    }

    private mutating func explainAgain(_ place: Int, _ hour: Int32, _ said: inout [Assessment], isWorse: Bool) {
        let incident = incidents[place]
        let others = incidents.indices.filter { $0 != place }.map { incidents[$0] }
        guard
            let explanation = explain(
                among: { segment in
                    lattice.overlap(segment, incident.firing) && lattice.overlap(segment, incident.announced)
                        && !others.contains { lattice.overlap($0.cause, segment) }
                },
                from: incident.scanFrom, without: incident)
        else { return }
        let shift = shift(of: explanation.segment, since: explanation.slot, without: incident)
        let isSame = explanation.segment == incident.cause && explanation.slot == incident.onset
        incidents[place].cause = explanation.segment
        incidents[place].onset = explanation.slot
        incidents[place].onsetDay = explanation.day
        incidents[place].shift = shift.likeliest
        incidents[place].recoveryShift = shift.least
        incidents[place].recoveryThreshold = recoveryThreshold(of: explanation.segment)
        if isWorse {
            incidents[place].recovery = 0
            incidents[place].recoveringSince = hour
        }
        startAfresh(around: [incident.cause, explanation.segment])
        let standing = standing(of: incident.announced, since: explanation.slot)
        if isWorse || !isSame || abs(standing.drop - incident.saidDrop) >= 0.5 { revise(place, standing, &said) }
    }

    private mutating func revise(_ place: Int, _ standing: SegmentStanding, _ said: inout [Assessment]) {
        incidents[place].saidDrop = standing.drop
        incidents[place].saidDay = today
        said.append(assessment(of: incidents[place], .revised, standing: standing))
    }

    // MARK: The end

    /// Moves every open incident's test of "back at the baseline" against "still down".
    mutating func advanceRecovery(_ hour: Int32, _ said: inout [Assessment]) {
        var recovered: [Int] = []
        for place in incidents.indices {
            let incident = incidents[place]
            let temper = 1 / watches[incident.cause].dispersion
            var sum = 0.0
            var counts = false
            for entry in scratch.entries where lattice.contains(incident.cause, cell: entry.cell) {
                let level = expectation(entry.cell, entry.weekday) - incident.shift
                sum +=
                    entry.dissatisfied * incident.recoveryShift
                    - entry.responses * (softplus(level + incident.recoveryShift) - softplus(level))
                counts = true
            }
            guard counts else { continue }
            if incident.recovery <= 0 { incidents[place].recoveringSince = hour }
            incidents[place].recovery = max(0, incident.recovery - sum * temper)
            if incidents[place].recovery >= incident.recoveryThreshold { recovered.append(place) }
        }
        for place in recovered.reversed() { recover(place, hour, &said) }
    }

    private mutating func recover(_ place: Int, _ hour: Int32, _ said: inout [Assessment]) {
        let incident = incidents.remove(at: place)
        let cells = lattice.nodes[incident.cause].cells
        ledger.mark(.excluded, cells: cells, from: incident.onsetDay, through: today)
        for cell in cells { floors[cell] = max(floors[cell], hour) }
        said.append(
            assessment(
                of: incident, .recovered, standing: standing(of: incident.announced, since: incident.recoveringSince)))
        startAfresh(around: [incident.cause, incident.announced])
    }

    private mutating func adoptNewNormal(_ place: Int, _ said: inout [Assessment]) {
        let incident = incidents[place]
        said.append(
            assessment(of: incident, .newNormal, standing: standing(of: incident.announced, since: incident.onset)))
        incidents.remove(at: place)
        let first = max(incident.onsetDay + 1, today - Method.matureDays)
        relearn(lattice.nodes[incident.cause].cells, from: first, weightKept: 0)
        startAfresh(around: [incident.cause, incident.announced])
    }

    /// Takes a better level as the usual one without a word; the old one keeps a small weight, should the rise be none.
    mutating func adoptRise(of segment: Int) {
        guard
            let explanation = explain(segment, shifts: MixtureGrid.rises)
        else { return evidence.reset(segment) }
        let cells = lattice.nodes[segment].cells
        for cell in cells { floors[cell] = max(floors[cell], explanation.slot) }
        relearn(cells, from: explanation.day, weightKept: Method.riseWeightKept)
        startAfresh(around: [segment])
    }

    /// Makes the days since `first` the baseline of `cells`.
    private mutating func relearn(_ cells: [Int], from first: Int32, weightKept: Double) {
        baseline.scale(cells: cells, by: weightKept)
        var isWanted = [Bool](repeating: false, count: lattice.cells.count)
        for cell in cells {
            isWanted[cell] = true
            suspicionDays[cell] = 0
        }
        for day in ledger.days where day.day >= first {
            for record in day.records where isWanted[Int(record.cell)] {
                baseline.add(
                    cell: Int(record.cell), weekday: DetectionCalendar.weekday(of: day.day),
                    responses: Double(record.responses), dissatisfied: Double(record.dissatisfied))
            }
        }
        ledger.mark(.absorbed, cells: cells, from: .min, through: today)
        for cell in cells { floors[cell] = max(floors[cell], first * 24) }
        fit()
        setThresholds()
        measureDeviations()
    }

    // MARK: Words

    private func assessment(
        of incident: Incident, _ verdict: Assessment.Verdict, standing: SegmentStanding
    ) -> Assessment {
        assessment(
            of: incident.announced, verdict, evidence: incident.evidence, threshold: incident.threshold,
            onset: incident.onset, standing: standing,
            causes: [Cause(segment: lattice.nodes[incident.cause].segment, share: share(of: incident))])
    }

    /// Share of the announced segment's fall within cells that lies in the cause's cells.
    private func share(of incident: Incident) -> Double {
        guard incident.cause != incident.announced else { return 1 }
        var whole = 0.0
        var part = 0.0
        let cells = lattice.nodes[incident.announced].cells
        for (cell, sums) in zip(cells, cellSums(of: incident.announced, since: incident.onset)) {
            let excess = sums.dissatisfied - sums.expected
            whole += excess
            if lattice.contains(incident.cause, cell: cell) { part += excess }
        }
        guard whole > 0 else { return 1 }
        return min(max(part / whole, 0), 1)
    }
}
