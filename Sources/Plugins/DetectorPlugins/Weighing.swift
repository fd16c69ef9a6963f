import Foundation

/// Space a step is computed in; empty between steps.
struct StepScratch: Sendable {
    var entries: [ShiryaevRobertsDetector.Entry] = []
    /// Segments with answers in the step, ascending.
    var touched: [Int] = []
    /// By segment: where its sums stand, or −1.
    var places: [Int32] = []
    var sums: [Double] = []
    /// By place: answers and dissatisfied answers of the step.
    var responses: [Double] = []
    var dissatisfied: [Double] = []

    mutating func admit(segments: Int) {
        if places.count < segments { places += [Int32](repeating: -1, count: segments - places.count) }
    }

    mutating func clear() {
        for segment in touched { places[segment] = -1 }
        touched.removeAll(keepingCapacity: true)
        sums.removeAll(keepingCapacity: true)
        responses.removeAll(keepingCapacity: true)
        dissatisfied.removeAll(keepingCapacity: true)
    }

    /// Where a segment's sums of this step stand.
    mutating func place(of segment: Int) -> Int {
        if places[segment] >= 0 { return Int(places[segment]) }
        let place = touched.count
        places[segment] = Int32(place)
        touched.append(segment)
        for _ in 0..<MixtureGrid.terms { sums.append(0) }
        responses.append(0)
        dissatisfied.append(0)
        return place
    }
}

extension ShiryaevRobertsDetector {
    /// Logit expected of a cell on a weekday, open incidents lowering it.
    @inline(__always)
    func expectation(_ cell: Int, _ weekday: Int) -> Double {
        baseline.expectation(cell: cell, weekday: weekday) + lowered[cell]
    }

    /// Moves the evidence of every segment the step's entries lie in.
    mutating func weigh() {
        weigh(scratch.entries, only: nil)
    }

    /// - Parameter chosen: by segment, whether it takes part; nil for all active ones.
    mutating func weigh(_ entries: [Entry], only chosen: [Bool]?) {
        scratch.clear()
        let isMature = schedule.map { $0.age(on: today) >= Method.weekdayLearningDays } ?? false
        // What a young baseline has never seen on a Sunday is no evidence on a Sunday.
        for entry in entries where isMature || baseline.hasSeen(weekday: entry.weekday) {
            let first = lattice.membershipOffsets[entry.cell]
            let level = expectation(entry.cell, entry.weekday)
            let members = lattice.memberships[entry.cell]
            for position in members.indices {
                let segment = members[position]
                guard lattice.nodes[segment].isActive, chosen?[segment] ?? true else { continue }
                let place = scratch.place(of: segment)
                scratch.responses[place] += entry.responses
                scratch.dissatisfied[place] += entry.dissatisfied
                let deviation = watches[segment].deviation
                scratch.sums.withUnsafeMutableBufferPointer { sums in
                    tables.accumulate(
                        membership: first + position, weekday: entry.weekday, expectation: level, deviation: deviation,
                        responses: entry.responses, dissatisfied: entry.dissatisfied,
                        into: sums.baseAddress! + place * MixtureGrid.terms)
                }
            }
        }
        scratch.sums.withUnsafeBufferPointer { sums in
            for place in scratch.touched.indices {
                let segment = scratch.touched[place]
                let volume = watches[segment].volume
                // A burst of answers is no burst of chances to begin: a step counts for a day's beginnings at most.
                let starts = volume > 0 ? min(scratch.responses[place], max(1, volume)) : scratch.responses[place]
                evidence.advance(
                    segment, sums: sums.baseAddress! + place * MixtureGrid.terms, starts: starts,
                    temper: 1 / watches[segment].dispersion)
            }
        }
    }

    /// Starts `segments` afresh on the present baseline and weighs the quarantined days again, hour by hour.
    mutating func weighAgain(_ segments: [Bool], since first: Int32) {
        for segment in segments.indices where segments[segment] { evidence.reset(segment) }
        var entries: [Entry] = []
        for day in ledger.days where day.day >= first {
            let weekday = DetectionCalendar.weekday(of: day.day)
            var slot = Int32.min
            for record in day.records {
                if record.slot != slot, !entries.isEmpty {
                    weigh(entries, only: segments)
                    entries.removeAll(keepingCapacity: true)
                }
                slot = record.slot
                guard record.responses > 0, record.slot >= floors[Int(record.cell)] else { continue }
                entries.append(
                    Entry(
                        cell: Int(record.cell), weekday: weekday, responses: Double(record.responses),
                        dissatisfied: Double(record.dissatisfied)))
            }
            if !entries.isEmpty { weigh(entries, only: segments) }
            entries.removeAll(keepingCapacity: true)
        }
        scratch.clear()
    }
}
