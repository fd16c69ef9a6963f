import Foundation

/// Space a step is computed in; empty between steps.
struct StepScratch: Sendable {
    var entries: [ShiryaevRobertsDetector.Entry] = []
    /// Segments with answers in the step, ascending.
    var touched: [Int] = []
    /// By segment: where its sums stand, or −1.
    var places: [Int32] = []
    var sums: [Double] = []
    /// By place: answers and harm of the step, the latter of the first channel.
    var responses: [Double] = []
    var harm: [Double] = []
    /// Whether any harm was done at all, by place.
    var hasHarm: [Bool] = []

    mutating func admit(segments: Int) {
        if places.count < segments { places += [Int32](repeating: -1, count: segments - places.count) }
    }

    mutating func clear() {
        for segment in touched { places[segment] = -1 }
        touched.removeAll(keepingCapacity: true)
        responses.removeAll(keepingCapacity: true)
        harm.removeAll(keepingCapacity: true)
        hasHarm.removeAll(keepingCapacity: true)
    }

    /// A block of ``MixtureGrid/terms`` for every place.
    mutating func fillSums(with value: Double) {
        let wanted = touched.count * MixtureGrid.terms
        if sums.count < wanted { sums += repeatElement(0, count: wanted - sums.count) }
        sums.withUnsafeMutableBufferPointer { all in
            for index in 0..<wanted { all[index] = value }
        }
    }

    /// Where a segment's answers of this step stand.
    mutating func place(of segment: Int) -> Int {
        if places[segment] >= 0 { return Int(places[segment]) }
        let place = touched.count
        places[segment] = Int32(place)
        touched.append(segment)
        responses.append(0)
        harm.append(0)
        hasHarm.append(false)
        return place
    }
}

extension ChannelModel {
    /// Entries whose likelihoods are multiplied rather than added as logarithms.
    static let entriesMultipliedMax = 8

    /// Moves this channel's evidence of the segments touched.
    /// - Parameters:
    ///   - place: of the channel among the harms.
    ///   - areFew: whether likelihoods are multiplied.
    mutating func weigh(
        _ entries: [ShiryaevRobertsDetector.Entry], _ place: Int, areFew: Bool, lattice: borrowing SegmentLattice,
        watches: borrowing [ShiryaevRobertsDetector.Watch], chosen: [Bool]?, _ scratch: inout StepScratch
    ) {
        scratch.fillSums(with: areFew ? 1 : 0)
        for entry in entries {
            let first = lattice.membershipOffsets[entry.cell]
            let level = expectation(entry.cell, entry.weekday)
            let count = lattice.memberships[entry.cell].count
            for position in 0..<count {
                let segment = lattice.memberships[entry.cell][position]
                let own = scratch.places[segment]
                guard own >= 0 else { continue }
                let temper = 1 / dispersions[segment]
                let table = tables.table(
                    membership: first + position, weekday: entry.weekday, deviation: deviations[segment],
                    temper: temper, unit: unit, expectation: level)
                scratch.sums.withUnsafeMutableBufferPointer { sums in
                    let target = sums.baseAddress! + Int(own) * MixtureGrid.terms
                    if areFew {
                        tables.multiply(
                            table, answers: Int(entry.responses), harm: entry.harms[place] * unit, into: target)
                    } else {
                        tables.accumulate(table, answers: entry.responses, harm: entry.harms[place], into: target)
                    }
                }
            }
        }
        scratch.sums.withUnsafeBufferPointer { sums in
            for own in scratch.touched.indices {
                let segment = scratch.touched[own]
                let terms = sums.baseAddress! + own * MixtureGrid.terms
                // A burst of answers is no burst of chances to begin: a step counts for a day's beginnings at most.
                let volume = watches[segment].volume
                let answers = scratch.responses[own]
                let starts = volume > 0 ? min(answers, max(1, volume)) : answers
                if areFew {
                    evidence.advance(segment, factors: terms, starts: starts)
                } else {
                    evidence.advance(segment, sums: terms, starts: starts, temper: 1 / dispersions[segment])
                }
            }
        }
    }
}

extension ShiryaevRobertsDetector {
    /// Moves the evidence of every segment the step's entries lie in.
    mutating func weigh() { weigh(scratch.entries, only: nil) }

    /// - Parameter chosen: by segment, whether it takes part; nil for all active ones.
    mutating func weigh(_ entries: [Entry], only chosen: [Bool]?) {
        scratch.clear()
        let isMature = schedule.map { $0.age(on: today) >= Method.weekdayLearningDays } ?? false
        // What a young baseline has never seen on a Sunday is no evidence on a Sunday.
        let known = entries.filter { isMature || channels[0].baseline.hasSeen(weekday: $0.weekday) }
        guard !known.isEmpty else { return }
        let areFew =
            known.count <= ChannelModel.entriesMultipliedMax
            && known.allSatisfy { $0.responses <= Double(LikelihoodTables.answersMultipliedMax) }
        for entry in known {
            for segment in lattice.memberships[entry.cell] where isWeighed(segment, chosen) {
                let place = scratch.place(of: segment)
                scratch.responses[place] += entry.responses
                scratch.harm[place] += entry.harms[0]
                if entry.hasHarm { scratch.hasHarm[place] = true }
            }
        }
        for channel in channels.indices {
            channels[channel].weigh(
                known, channel, areFew: areFew, lattice: lattice, watches: watches, chosen: chosen, &scratch)
        }
        combine()
    }

    @inline(__always)
    private func isWeighed(_ segment: Int, _ chosen: [Bool]?) -> Bool {
        lattice.nodes[segment].isActive && (chosen?[segment] ?? true)
    }

    /// The weighted mean of the channels' statistics: an average of e-detectors is one.
    private mutating func combine() {
        for segment in scratch.touched {
            var fall = 0.0
            var rise = 0.0
            for channel in channels.indices {
                fall += channels[channel].weight * channels[channel].evidence.fall[segment]
                rise += channels[channel].weight * channels[channel].evidence.rise[segment]
            }
            watches[segment].fall = fall
            watches[segment].rise = rise
        }
    }

    mutating func resetEvidence(_ segment: Int) {
        for channel in channels.indices { channels[channel].evidence.reset(segment) }
        watches[segment].fall = MixtureEvidence.empty
        watches[segment].rise = MixtureEvidence.empty
    }

    mutating func forgetTables() {
        for channel in channels.indices { channels[channel].tables.forget() }
    }

    /// Starts `segments` afresh on the present baseline and weighs the quarantined days again, hour by hour.
    mutating func weighAgain(_ segments: [Bool], since first: Int32) {
        for segment in segments.indices where segments[segment] { resetEvidence(segment) }
        var entries: [Entry] = []
        for day in ledger.days where day.day >= first && !context.holidays.contains(day.day) {
            var slot = Int32.min
            for record in day.records {
                if record.slot != slot, !entries.isEmpty {
                    weigh(entries, only: segments)
                    entries.removeAll(keepingCapacity: true)
                }
                slot = record.slot
                guard record.responses > 0, record.slot >= floors[Int(record.cell)] else { continue }
                entries.append(entry(Int(record.cell), day.day, record.responses, record.harms))
            }
            if !entries.isEmpty { weigh(entries, only: segments) }
            entries.removeAll(keepingCapacity: true)
        }
        scratch.clear()
    }
}
