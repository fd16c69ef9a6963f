import Foundation

/// The segment, beginning and size of a change that make the recorded answers most likely.
struct Explanation: Sendable, Equatable {
    let segment: Int
    /// Hour and civil day at which the change most likely began.
    let slot: Int32
    let day: Int32
    /// Hours between which it began, with 95 % confidence.
    let range: ClosedRange<Int32>
    /// Log-likelihood gain, less the price of choosing among the segments of its level.
    let gain: Double
}

/// Maximum likelihood over segments, beginnings and shifts, in one pass over the records from the newest to the oldest.
///
/// L(S) = max over onset τ and shift d of Σ [x·d − log(1 + e^(b+d)) + log(1 + eᵇ)] − ln(segments of S's level) − level.
/// A beginning lies at an hour's start, or a day's where the hours are merged. The onset's range holds the beginnings
/// that are within ``rangeGain`` nats of the best.
struct OnsetScan {
    /// Half the 95 % quantile of a χ² with two degrees of freedom, for onset and size.
    static let rangeGain = 3.0

    let lattice: SegmentLattice
    let channel: Int
    /// Log-likelihoods are divided by it, by candidate.
    let dispersions: [Double]
    let shifts: [Double]
    /// Records before it are not read.
    let from: Int32
    /// By cell: hours before it belong to an earlier incident or to an old level.
    let floors: [Int32]
    /// Segments asked about.
    let candidates: [Int]
    /// Harm of the worst answer.
    let unit: Double
    /// Expected logit of a cell on a weekday.
    let expectation: (_ cell: Int, _ weekday: Int) -> Double

    private struct Track {
        var best = -Double.infinity
        var bestSlot: Int32 = 0
        var bestDay: Int32 = 0
        var responses = 0.0
        var slot: Int32 = 0
        var day: Int32 = 0
        /// Beginnings near the best so far.
        var near: [(slot: Int32, gain: Double)] = []
    }

    /// - Returns: nil when no candidate has ``Method/explainingResponses`` answers.
    func best(in ledger: ResponseLedger) -> Explanation? {
        var winner: Explanation?
        for (place, track) in run(over: ledger).enumerated() where track.responses >= Method.explainingResponses {
            let segment = candidates[place]
            let level = lattice.nodes[segment].level
            let price = log(Double(max(1, lattice.activeByLevel[level]))) + Double(level)
            let gain = track.best - price
            guard winner == nil || gain > winner!.gain else { continue }
            let limit = track.best - Self.rangeGain * dispersions[place]
            let slots = track.near.filter { $0.gain >= limit }.map(\.slot) + [track.bestSlot]
            winner = Explanation(
                segment: segment, slot: track.bestSlot, day: track.bestDay, range: slots.min()!...slots.max()!,
                gain: gain)
        }
        return winner
    }

    /// Positions of a cell's candidates in ``candidates``, by cell.
    private func places() -> [[Int]] {
        var places = [[Int]](repeating: [], count: lattice.cells.count)
        for (place, segment) in candidates.enumerated() {
            for cell in lattice.nodes[segment].cells { places[cell].append(place) }
        }
        return places
    }

    private func run(over ledger: ResponseLedger) -> [Track] {
        var tracks = [Track](repeating: Track(), count: candidates.count)
        var sums = [Double](repeating: 0, count: candidates.count * shifts.count)
        /// Closes a candidate's current hour as a possible beginning.
        func close(_ place: Int) {
            guard let gain = sums[place * shifts.count..<(place + 1) * shifts.count].max() else { return }
            if gain > tracks[place].best {
                tracks[place].best = gain
                tracks[place].bestSlot = tracks[place].slot
                tracks[place].bestDay = tracks[place].day
            }
            if gain > tracks[place].best - Self.rangeGain * dispersions[place] {
                tracks[place].near.append((tracks[place].slot, gain))
            }
        }
        let places = places()
        var table = [Double](repeating: .nan, count: lattice.cells.count * Baseline.weekdays * shifts.count)
        for day in ledger.days.reversed() where (day.day + 2) * 24 >= from {
            let weekday = DetectionCalendar.weekday(of: day.day)
            for record in day.records.reversed() {
                let cell = Int(record.cell)
                guard !places[cell].isEmpty, record.slot >= from, record.slot >= floors[cell], record.responses > 0
                else { continue }
                let key = (cell * Baseline.weekdays + weekday) * shifts.count
                if table[key].isNaN {
                    let level = expectation(cell, weekday)
                    for index in shifts.indices {
                        table[key + index] = softplus(level + shifts[index]) - softplus(level)
                    }
                }
                let harm = Double(record.harms[channel]) / unit
                for place in places[cell] {
                    if tracks[place].responses > 0, tracks[place].slot != record.slot { close(place) }
                    tracks[place].slot = record.slot
                    tracks[place].day = day.day
                    tracks[place].responses += Double(record.responses)
                    for index in shifts.indices {
                        sums[place * shifts.count + index] +=
                            harm * shifts[index] - Double(record.responses) * table[key + index]
                    }
                }
            }
        }
        for place in tracks.indices where tracks[place].responses > 0 { close(place) }
        return tracks
    }
}
