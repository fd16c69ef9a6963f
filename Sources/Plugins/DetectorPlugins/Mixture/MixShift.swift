import Foundation
import PluginKit
import Satisfaction

/// A fall of the whole that only comes of other customers answering: an open notice of it.
struct MixShift: Sendable, Equatable {
    var opened: Int32
    var onset: Int32
    var saidDrop: Double

    /// Days looked at, and answers in them below which nothing is said.
    static let windowDays: Int32 = 14
    static let answersMin = 200.0
    /// Standard deviations of the mix term under an unchanged mix.
    static let deviations = 5.0
}

extension ShiryaevRobertsDetector {
    /// Looks once a day whether the total has fallen by its mix alone: information, no alarm.
    mutating func reviewMix(_ said: inout [Assessment]) {
        guard isFitted, lattice.cells.count > 1, schedule?.isMature == true else { return }
        let since = (today - MixShift.windowDays) * 24
        let cells = cellSums(of: 0, since: since)
        let answers = cells.reduce(0) { $0 + $1.responses }
        guard answers >= MixShift.answersMin else { return }
        let standing = standing(of: 0, since: since)
        let lost = -scoring.sign * (standing.split.mix + standing.split.entry)
        if let open = mixShift {
            closeMix(open, lost: lost, standing, &said)
        } else if lost >= context.smallestDip, standing.fallWithin < lost / 2,
            watches[0].fall < watches[0].suspicionLimit,
            incidents.isEmpty, lost >= MixShift.deviations * mixDeviation(cells, answers)
        {
            let shift = MixShift(opened: today, onset: mixOnset(lost), saidDrop: lost)
            mixShift = shift
            said.append(mixAssessment(shift, .dip, standing))
        }
    }

    private mutating func closeMix(
        _ open: MixShift, lost: Double, _ standing: SegmentStanding, _ said: inout [Assessment]
    ) {
        if today - open.opened >= settings.newNormalDays {
            mixShift = nil
            said.append(mixAssessment(open, .newNormal, standing))
        } else if lost < context.smallestDip / 2 {
            mixShift = nil
            said.append(mixAssessment(open, .recovered, standing))
        } else if abs(lost - open.saidDrop) >= material {
            mixShift?.saidDrop = lost
            said.append(mixAssessment(open, .revised, standing))
        }
    }

    /// Standard deviation of the mix term, had the baseline's mix gone on.
    private func mixDeviation(_ cells: [SegmentStanding.CellSums], _ answers: Double) -> Double {
        let history = cells.reduce(0) { $0 + $1.history }
        guard history > 0 else { return .infinity }
        let values = cells.map { (weight: $0.history / history, score: scoring.score($0.usual)) }
        let mean = values.reduce(0) { $0 + $1.weight * $1.score }
        let variance = values.reduce(0) { $0 + $1.weight * ($1.score - mean) * ($1.score - mean) }
        return (variance * (1 / answers + 1 / history) * max(1, channels[0].dispersion.total)).squareRoot()
    }

    /// The day since which the mix has cost at least half of what it costs now.
    private func mixOnset(_ lost: Double) -> Int32 {
        let history = channels[0].baseline.total
        guard history > 0 else { return today }
        let scoring = scoring
        var usual: [Double] = []
        for cell in lattice.cells.indices {
            var harm = SIMD4<Double>.zero
            for channel in channels.indices { harm[channel] = logistic(channels[channel].baseline.levels[cell]) }
            usual.append(scoring.score(harm))
        }
        let mean = lattice.cells.indices.reduce(0.0) {
            $0 + channels[0].baseline.responses(ofCell: $1) / history * usual[$1]
        }
        var best = (sum: 0.0, day: today - MixShift.windowDays)
        var sum = 0.0
        for day in ledger.days.reversed() where day.day > today - DetectionLimits.onsetDaysMax && day.day < today {
            for record in day.records {
                sum += Double(record.responses) * (scoring.sign * (mean - usual[Int(record.cell)]) - lost / 2)
            }
            if sum > best.sum { best = (sum, day.day) }
        }
        return best.day
    }

    private func mixAssessment(
        _ shift: MixShift, _ verdict: Assessment.Verdict, _ standing: SegmentStanding
    ) -> Assessment {
        let onset = DetectionCalendar.bucket(ofHour: shift.onset * 24)
        return Assessment(
            segment: .total, verdict: verdict, kind: .mix,
            evidence: evidence(watches[0].logFall, threshold(of: 0)), onset: onset,
            onsetRange: onset...max(onset, DetectionCalendar.bucket(ofHour: today * 24)), baseline: standing.baseline,
            current: standing.current, drop: standing.drop, causes: mixCauses(), split: standing.split,
            isSimpson: standing.isSimpson,
            remarks: ["other customers answer than before; those of each kind are about as satisfied as they were"])
    }

    /// The segments that answer more or less than they used to, by what that costs; shares of the mix term.
    private func mixCauses() -> [Cause] {
        let since = (today - MixShift.windowDays) * 24
        let all = cellSums(of: 0, since: since)
        let answers = max(1, all.reduce(0) { $0 + $1.responses })
        let history = max(1, all.reduce(0) { $0 + $1.history })
        let cells = lattice.nodes[0].cells
        let mean = all.reduce(0) { $0 + $1.history / history * scoring.score($1.usual) }
        var cost = [Double](repeating: 0, count: lattice.cells.count)
        for (cell, sums) in zip(cells, all) {
            let change = sums.responses / answers - sums.history / history
            cost[cell] = scoring.sign * change * (mean - scoring.score(sums.usual))
        }
        let whole = cost.reduce(0, +)
        guard whole > 0 else { return [] }
        var causes: [(segment: Int, share: Double)] = []
        for node in lattice.nodes.indices where lattice.nodes[node].level == 1 && lattice.nodes[node].isActive {
            let share = lattice.nodes[node].cells.reduce(0.0) { $0 + cost[$1] } / whole
            if share >= 0.2 { causes.append((node, min(share, 1))) }
        }
        causes.sort { $0.share == $1.share ? $0.segment < $1.segment : $0.share > $1.share }
        return causes.prefix(3).map { Cause(segment: lattice.nodes[$0.segment].segment, share: $0.share) }
    }
}
