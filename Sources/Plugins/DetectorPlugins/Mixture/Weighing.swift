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
        sums.removeAll(keepingCapacity: true)
        responses.removeAll(keepingCapacity: true)
        harm.removeAll(keepingCapacity: true)
        hasHarm.removeAll(keepingCapacity: true)
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

extension ShiryaevRobertsDetector {
    /// Moves the evidence of every segment the step's entries lie in.
    mutating func weigh() { weigh(scratch.entries, only: nil) }

    /// - Parameter chosen: by segment, whether it takes part; nil for all active ones.
    mutating func weigh(_ entries: [Entry], only chosen: [Bool]?) {
        scratch.clear()
        let isMature = schedule.map { $0.age(on: today) >= Method.weekdayLearningDays } ?? false
        // What a young baseline has never seen on a Sunday is no evidence on a Sunday.
        let known = entries.filter { isMature || channels[0].baseline.hasSeen(weekday: $0.weekday) }
        guard let first = known.first else { return }
        for entry in known {
            for segment in lattice.memberships[entry.cell] where isWeighed(segment, chosen) {
                let place = scratch.place(of: segment)
                scratch.responses[place] += entry.responses
                scratch.harm[place] += entry.harms[0]
                if entry.hasHarm { scratch.hasHarm[place] = true }
            }
        }
        for channel in channels.indices {
            if known.count == 1, first.responses == 1 {
                weighOne(first, channel, chosen)
            } else {
                weighMany(known, channel, chosen)
            }
        }
        combine()
    }

    @inline(__always)
    private func isWeighed(_ segment: Int, _ chosen: [Bool]?) -> Bool {
        lattice.nodes[segment].isActive && (chosen?[segment] ?? true)
    }

    /// A burst of answers is no burst of chances to begin: a step counts for a day's beginnings at most.
    @inline(__always)
    private func starts(_ segment: Int, _ responses: Double) -> Double {
        let volume = watches[segment].volume
        return volume > 0 ? min(responses, max(1, volume)) : responses
    }

    private mutating func weighOne(_ entry: Entry, _ channel: Int, _ chosen: [Bool]?) {
        let first = lattice.membershipOffsets[entry.cell]
        let members = lattice.memberships[entry.cell]
        let level = channels[channel].expectation(entry.cell, entry.weekday)
        for position in members.indices where isWeighed(members[position], chosen) {
            let segment = members[position]
            let temper = 1 / channels[channel].dispersions[segment]
            let table = channels[channel].tables.table(
                membership: first + position, weekday: entry.weekday,
                deviation: channels[channel].deviations[segment], temper: temper
            ) { level }
            channels[channel].tables.advance(
                &channels[channel].evidence, segment, table: table, harm: entry.harms[channel], temper: temper,
                starts: starts(segment, 1))
        }
    }

    private mutating func weighMany(_ entries: [Entry], _ channel: Int, _ chosen: [Bool]?) {
        scratch.sums.removeAll(keepingCapacity: true)
        scratch.sums += repeatElement(0, count: scratch.touched.count * MixtureGrid.terms)
        for entry in entries {
            let first = lattice.membershipOffsets[entry.cell]
            let level = channels[channel].expectation(entry.cell, entry.weekday)
            let members = lattice.memberships[entry.cell]
            for position in members.indices where isWeighed(members[position], chosen) {
                let segment = members[position]
                let table = channels[channel].tables.table(
                    membership: first + position, weekday: entry.weekday,
                    deviation: channels[channel].deviations[segment], temper: 1 / channels[channel].dispersions[segment]
                ) { level }
                let place = Int(scratch.places[segment])
                scratch.sums.withUnsafeMutableBufferPointer { sums in
                    channels[channel].tables.accumulate(
                        table, answers: entry.responses, harm: entry.harms[channel],
                        into: sums.baseAddress! + place * MixtureGrid.terms)
                }
            }
        }
        scratch.sums.withUnsafeBufferPointer { sums in
            for place in scratch.touched.indices {
                let segment = scratch.touched[place]
                channels[channel].evidence.advance(
                    segment, sums: sums.baseAddress! + place * MixtureGrid.terms,
                    starts: starts(segment, scratch.responses[place]),
                    temper: 1 / channels[channel].dispersions[segment])
            }
        }
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
            let weekday = DetectionCalendar.weekday(of: day.day)
            var slot = Int32.min
            for record in day.records {
                if record.slot != slot, !entries.isEmpty {
                    weigh(entries, only: segments)
                    entries.removeAll(keepingCapacity: true)
                }
                slot = record.slot
                guard record.responses > 0, record.slot >= floors[Int(record.cell)] else { continue }
                entries.append(entry(Int(record.cell), weekday, record.responses, record.harms))
            }
            if !entries.isEmpty { weigh(entries, only: segments) }
            entries.removeAll(keepingCapacity: true)
        }
        scratch.clear()
    }
}
