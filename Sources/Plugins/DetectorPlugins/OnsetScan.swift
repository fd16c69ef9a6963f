import Foundation

/// The segment, beginning and size of a change that make the recorded answers most likely.
struct Explanation: Sendable, Equatable {
    let segment: Int
    /// Hour and civil day at which the change most likely began.
    let slot: Int32
    let day: Int32
    /// Log-likelihood gain, less the price of choosing among the segments of its level.
    let gain: Double
}

/// Maximum likelihood over segments, beginnings and shifts, in one pass over the records from the newest to the oldest.
///
/// L(S) = max over onset τ and shift d of Σ [x·d − log(1 + e^(b+d)) + log(1 + eᵇ)] − ln(segments of S's level) − level.
/// A beginning lies at an hour's start, or a day's where the hours are merged.
struct OnsetScan {
    let lattice: SegmentLattice
    let shifts: [Double]
    /// Records before it are not read.
    let from: Int32
    /// By cell: hours before it belong to an earlier incident or to an old level.
    let floors: [Int32]
    /// By segment: whether it is asked about.
    let isCandidate: [Bool]
    /// Expected logit of a cell on a weekday.
    let expectation: (_ cell: Int, _ weekday: Int) -> Double

    private struct Track {
        var sums: [Double]
        var best = -Double.infinity
        var bestSlot: Int32 = 0
        var bestDay: Int32 = 0
        var responses = 0.0
        var slot: Int32 = 0
        var day: Int32 = 0

        /// Closes the current hour as a possible beginning.
        mutating func close() {
            for sum in sums where sum > best {
                best = sum
                bestSlot = slot
                bestDay = day
            }
        }
    }

    /// - Returns: nil when no candidate has ``Method/explainingResponses`` answers.
    func best(in ledger: ResponseLedger) -> Explanation? {
        let tracks = run(over: ledger)
        var winner: Explanation?
        for (segment, track) in tracks.enumerated() where track.responses >= Method.explainingResponses {
            let level = lattice.nodes[segment].level
            let price = log(Double(max(1, lattice.activeByLevel[level]))) + Double(level)
            let gain = track.best - price
            if winner == nil || gain > winner!.gain {
                winner = Explanation(segment: segment, slot: track.bestSlot, day: track.bestDay, gain: gain)
            }
        }
        return winner
    }

    private func run(over ledger: ResponseLedger) -> [Track] {
        var tracks = [Track](
            repeating: Track(sums: [Double](repeating: 0, count: shifts.count)), count: lattice.nodes.count)
        let tableStride = shifts.count
        var table = [Double](repeating: .nan, count: lattice.cells.count * Baseline.weekdays * tableStride)
        for day in ledger.days.reversed() {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records.reversed() {
                let cell = Int(record.cell)
                guard record.slot >= from, record.slot >= floors[cell], record.responses > 0 else { continue }
                let key = (cell * Baseline.weekdays + weekday) * tableStride
                if table[key].isNaN {
                    let level = expectation(cell, weekday)
                    for index in shifts.indices {
                        table[key + index] = softplus(level + shifts[index]) - softplus(level)
                    }
                }
                for segment in lattice.memberships[cell] where isCandidate[segment] {
                    if tracks[segment].responses > 0, tracks[segment].slot != record.slot { tracks[segment].close() }
                    tracks[segment].slot = record.slot
                    tracks[segment].day = day.day
                    tracks[segment].responses += Double(record.responses)
                    for index in shifts.indices {
                        tracks[segment].sums[index] +=
                            Double(record.dissatisfied) * shifts[index] - Double(record.responses) * table[key + index]
                    }
                }
            }
        }
        for segment in tracks.indices where tracks[segment].responses > 0 { tracks[segment].close() }
        return tracks
    }
}
