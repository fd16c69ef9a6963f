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
        let channel = loudestChannel(of: segment)
        guard
            let explanation = explain(
                channel, among: { lattice.overlap($0, segment) && !watches[$0].isMuted }, from: from)
        else {
            resetEvidence(segment)
            return true
        }
        if let place = incidents.firstIndex(where: { concerns($0, explanation.segment) }) {
            explainAgain(place, hour, &said, isWorse: true)
            // What the incident has no better explanation for is said with it; it must not be asked again and again.
            if watches[segment].fall >= watches[segment].limit { resetEvidence(segment) }
            return true
        }
        let standing = standing(of: explanation.segment, since: explanation.slot)
        // What open dips already account for is not counted again.
        let beyond =
            incidents.isEmpty
            ? standing : self.standing(of: explanation.segment, since: explanation.slot, beyondOpenDips: true)
        guard isWorthAWord(beyond, explanation, channel) else { return false }
        let shift = shifts(of: explanation.segment, since: explanation.slot, leading: channel)
        var incident = Incident(
            announced: explanation.segment, firing: segment, channel: channel, opened: today, scanFrom: from,
            evidence: watches[segment].logFall, threshold: watches[segment].threshold, cause: explanation.segment,
            onset: explanation.slot, onsetDay: explanation.day, onsetRange: explanation.range, shifts: shift.all,
            recoveryShift: shift.least, recoveryThreshold: recoveryThreshold(of: explanation.segment, channel),
            recoveringSince: hour, gain: 0, members: fellToo(with: explanation.segment), saidDrop: standing.drop,
            saidDay: today)
        incident.gain = gain(of: incident)
        for other in watches.indices where lattice.overlap(other, incident.cause) && other != incident.announced {
            if watches[other].isSuspected { clear(other, &said) }
        }
        incidents.append(incident)
        watches[incident.announced].isSuspected = false
        startAfresh(around: [incident.cause])
        said.append(assessment(of: incident, .dip, standing: standing))
        return true
    }

    /// Points of the score that are as much to it as 100 are to a share.
    private var scoreSpan: Double { min(100, context.watched.span > 0 ? context.watched.span : 100) }

    /// Change of the fall that is worth a revision, in points of the score.
    var material: Double { Method.materialPoints * scoreSpan / 100 }

    /// Whether the fall exceeds the smallest one worth a word with 95 % certainty, of the score or, for a channel the
    /// score does not know, as a part of its own scale.
    private func isWorthAWord(_ standing: SegmentStanding, _ explanation: Explanation, _ channel: Int) -> Bool {
        let margin = Method.smallestDipDeviations * standing.deviation
        if min(standing.drop, standing.fallWithin) - margin >= context.smallestDip { return true }
        guard channels[channel].points == 0 else { return false }
        var answers = 0.0
        var excess = 0.0
        for cell in cellSums(of: explanation.segment, since: explanation.slot) {
            answers += cell.responses
            excess += cell.harms[channel] - cell.expected[channel]
        }
        guard answers > 0 else { return false }
        let deviation = (channels[channel].dispersions[explanation.segment] * 0.25 / answers).squareRoot()
        return scoreSpan * (excess / answers - Method.smallestDipDeviations * deviation) >= context.smallestDip
    }

    /// Segments whose own evidence is far along when another one is announced for them.
    private func fellToo(with segment: Int) -> [Int] {
        lattice.nodes.indices.filter { other in
            other != segment && lattice.nodes[other].isActive && lattice.nodes[other].level == 1
                && lattice.overlap(other, segment) && watches[other].fall >= watches[other].suspicionLimit
        }
    }

    /// Whether most of a segment's answers are already spoken for by an incident, and, once that is explained, most of
    /// the incident's are the segment's: a part of it that falls further has a dip of its own.
    private func concerns(_ incident: Incident, _ segment: Int) -> Bool {
        guard lattice.overlap(incident.cause, segment) else { return false }
        func volume(_ cells: [Int]) -> Double { cells.reduce(0) { $0 + cellVolumes[$1] } }
        let cells = lattice.nodes[segment].cells
        let shared = volume(cells.filter { lattice.contains(incident.cause, cell: $0) })
        guard shared >= 0.5 * volume(cells) else { return false }
        return !isRefined(incident) || shared >= 0.5 * volume(lattice.nodes[incident.cause].cells)
    }

    private func isRefined(_ incident: Incident) -> Bool { today - incident.opened > Method.refinementDays }

    private func recoveryThreshold(of segment: Int, _ channel: Int) -> Double {
        Self.threshold(
            Method.recoveryPatienceDays * max(0.5, watches[segment].volume)
                / max(1, channels[channel].dispersions[segment]))
    }

    /// Applies the open incidents to expectations and muting, and empties the evidence of all segments that share
    /// answers with `segments`: it was gathered under other expectations.
    mutating func startAfresh(around segments: [Int]) {
        for channel in channels.indices {
            for cell in channels[channel].lowered.indices {
                channels[channel].lowered[cell] = lowering(of: cell, channel)
            }
        }
        forgetTables()
        for other in watches.indices where segments.contains(where: { lattice.overlap($0, other) }) {
            resetEvidence(other)
        }
        muteSegments()
    }

    /// An open incident speaks for its cause and the segment it was announced for, and while its explanation may still
    /// change for all that share answers with it; after that those are watched for further dips, on lowered
    /// expectations.
    mutating func muteSegments() {
        for segment in watches.indices {
            watches[segment].isMuted = incidents.contains { incident in
                segment == incident.cause || segment == incident.announced
                    || (!isRefined(incident)
                        && (lattice.overlap(incident.cause, segment) || lattice.contains(incident.announced, segment)))
            }
        }
    }

    // MARK: Evidence taken away

    /// Notes that answers from an incident's own time have come late, or were corrected.
    mutating func contest(_ cell: Int, _ slot: Int32, isEvidence: Bool, _ day: Int32) {
        guard !incidents.isEmpty, !isEvidence || day < today else { return }
        for place in incidents.indices
        where slot >= incidents[place].onset && day <= incidents[place].opened
            && lattice.contains(incidents[place].cause, cell: cell)
        {
            incidents[place].isContested = true
        }
    }

    /// Log-likelihood that the best fall gains on the answers of the incident's cause from its onset to the day it
    /// was opened, tempered.
    func gain(of incident: Incident) -> Double {
        let mask = lattice.mask(of: incident.cause)
        let channel = incident.channel
        var sums = [Double](repeating: 0, count: MixtureGrid.fallCount)
        for day in ledger.days where day.day <= incident.opened && (day.day + 2) * 24 >= incident.onset {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records where record.slot >= incident.onset && mask[Int(record.cell)] {
                // While an incident is open its own lowering is part of the expectation.
                let isOpen = incidents.contains { $0.announced == incident.announced && $0.opened == incident.opened }
                let level = expectation(Int(record.cell), weekday, channel, without: isOpen ? incident : nil)
                let harm = Double(record.harms[channel]) / units[channel]
                for (place, shift) in MixtureGrid.falls.enumerated() {
                    sums[place] += harm * shift - Double(record.responses) * (softplus(level + shift) - softplus(level))
                }
            }
        }
        return (sums.max() ?? 0) / channels[channel].dispersions[incident.cause]
    }

    /// - Returns: whether the incident was withdrawn.
    private mutating func reconsider(_ place: Int, _ said: inout [Assessment]) -> Bool {
        incidents[place].isContested = false
        let incident = incidents[place]
        let remaining = incident.evidence - (incident.gain - gain(of: incident))
        guard remaining < Method.suspicionShare * incident.threshold else { return false }
        let standing = standing(of: incident.announced, since: incident.onset)
        incidents.remove(at: place)
        startAfresh(around: [incident.cause, incident.announced])
        said.append(
            assessment(
                of: incident, .withdrawn, standing: standing, log: remaining,
                remarks: ["late, edited or erased answers have taken the evidence away"]))
        return true
    }

    // MARK: Daily review

    mutating func reviewIncidents(_ hour: Int32, _ said: inout [Assessment]) {
        var place = 0
        while place < incidents.count {
            if incidents[place].isContested, reconsider(place, &said) { continue }
            let incident = incidents[place]
            if today - incident.opened >= settings.newNormalDays {
                adoptNewNormal(place, &said)
                continue
            }
            if today - incident.opened <= Method.refinementDays {
                explainAgain(place, hour, &said, isWorse: false)
            } else {
                incidents[place].recoveryShift =
                    shift(of: incident.cause, since: incident.onset, incident.channel, without: incident).least
                let standing = standing(of: incident.announced, since: incident.onset)
                if abs(standing.drop - incident.saidDrop) >= max(material, 0.25 * incident.saidDrop) {
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
                incident.channel,
                among: { segment in
                    lattice.overlap(segment, incident.firing) && lattice.overlap(segment, incident.announced)
                        && !others.contains { lattice.overlap($0.cause, segment) }
                },
                from: incident.scanFrom, without: incident)
        else { return }
        let shift = shifts(
            of: explanation.segment, since: explanation.slot, leading: incident.channel, without: incident)
        let isSame = explanation.segment == incident.cause && explanation.slot == incident.onset
        incidents[place].cause = explanation.segment
        incidents[place].onset = explanation.slot
        incidents[place].onsetDay = explanation.day
        incidents[place].onsetRange = explanation.range
        incidents[place].shifts = shift.all
        incidents[place].recoveryShift = shift.least
        incidents[place].recoveryThreshold = recoveryThreshold(of: explanation.segment, incident.channel)
        if isWorse {
            incidents[place].recovery = 0
            incidents[place].recoveringSince = hour
        }
        startAfresh(around: [incident.cause, explanation.segment])
        incidents[place].gain = gain(of: incidents[place])
        let standing = standing(of: incident.announced, since: explanation.slot)
        if isWorse || !isSame || abs(standing.drop - incident.saidDrop) >= material / 4 {
            revise(place, standing, &said)
        }
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
            let channel = incident.channel
            var sum = 0.0
            var counts = false
            // What comes late from before the alert belongs to its evidence, not to its end.
            for entry in scratch.entries
            where entry.day >= incident.opened && lattice.contains(incident.cause, cell: entry.cell) {
                let level = channels[channel].expectation(entry.cell, entry.weekday) - incident.shifts[channel]
                sum +=
                    entry.harms[channel] * incident.recoveryShift
                    - entry.responses * (softplus(level + incident.recoveryShift) - softplus(level))
                counts = true
            }
            guard counts else { continue }
            if incident.recovery <= 0 { incidents[place].recoveringSince = hour }
            incidents[place].recovery = max(0, incident.recovery - sum / channels[channel].dispersions[incident.cause])
            if incidents[place].recovery >= incident.recoveryThreshold { recovered.append(place) }
        }
        for place in recovered.reversed() { recover(place, hour, &said) }
    }

    private mutating func recover(_ place: Int, _ hour: Int32, _ said: inout [Assessment]) {
        let incident = incidents.remove(at: place)
        let cells = lattice.nodes[incident.cause].cells
        // What came since the score was back is what is usual.
        let last = max(incident.onsetDay, incident.recoveringSince.flooredQuotient(24) - 1)
        ledger.mark(.excluded, cells: cells, from: incident.onsetDay, through: last)
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
        let channel =
            channels.indices.max { channels[$0].evidence.rise[segment] < channels[$1].evidence.rise[segment] } ?? 0
        guard let explanation = explain(segment, channel, shifts: MixtureGrid.rises) else {
            return resetEvidence(segment)
        }
        let cells = lattice.nodes[segment].cells
        for cell in cells { floors[cell] = max(floors[cell], explanation.slot) }
        relearn(cells, from: explanation.day, weightKept: Method.riseWeightKept)
        startAfresh(around: [segment])
    }

    /// Makes the days since `first` the baseline of `cells`.
    private mutating func relearn(_ cells: [Int], from first: Int32, weightKept: Double) {
        for channel in channels.indices { channels[channel].baseline.scale(cells: cells, by: weightKept) }
        var isWanted = [Bool](repeating: false, count: lattice.cells.count)
        for cell in cells {
            isWanted[cell] = true
            suspicionDays[cell] = 0
        }
        for day in ledger.days where day.day >= first {
            for record in day.records where isWanted[Int(record.cell)] {
                addToBaselines(
                    Int(record.cell), DetectionCalendar.weekday(of: day.day), record.responses, record.harms)
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
        of incident: Incident, _ verdict: Assessment.Verdict, standing: SegmentStanding, log: Double? = nil,
        remarks: [String] = []
    ) -> Assessment {
        let range =
            DetectionCalendar.bucket(
                ofHour: min(incident.onsetRange.lowerBound, incident.onset))...DetectionCalendar
            .bucket(ofHour: max(incident.onsetRange.upperBound, incident.onset))
        return Assessment(
            segment: lattice.nodes[incident.announced].segment, verdict: verdict,
            evidence: evidence(log ?? incident.evidence, incident.threshold),
            onset: DetectionCalendar.bucket(ofHour: incident.onset), onsetRange: range, baseline: standing.baseline,
            current: standing.current, drop: standing.drop,
            causes: [Cause(segment: lattice.nodes[incident.cause].segment, share: share(of: incident))],
            split: standing.split, isSimpson: standing.isSimpson,
            members: incident.members.filter { $0 != incident.announced && $0 != incident.cause }
                .map { lattice.nodes[$0].segment },
            remarks: remarks + (verdict == .dip || verdict == .revised ? remarksOnChannel(of: incident, standing) : []))
    }

    /// A fall the score does not know is said in words.
    private func remarksOnChannel(of incident: Incident, _ standing: SegmentStanding) -> [String] {
        guard channels[incident.channel].points == 0, standing.drop < context.smallestDip else { return [] }
        return ["the whole scale has moved toward its worse end, more than the score shows"]
    }

    /// Share of the announced segment's fall within cells that lies in the cause's cells.
    private func share(of incident: Incident) -> Double {
        guard incident.cause != incident.announced else { return 1 }
        var whole = 0.0
        var part = 0.0
        let cells = lattice.nodes[incident.announced].cells
        for (cell, sums) in zip(cells, cellSums(of: incident.announced, since: incident.onset)) {
            let excess = sums.harms[incident.channel] - sums.expected[incident.channel]
            whole += excess
            if lattice.contains(incident.cause, cell: cell) { part += excess }
        }
        guard whole > 0 else { return 1 }
        return min(max(part / whole, 0), 1)
    }
}
