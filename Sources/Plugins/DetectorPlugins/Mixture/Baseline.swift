import Foundation

/// What the share of dissatisfied answers usually is, by cell and weekday, on the logit scale.
///
/// A cell's level comes from its own answers, older ones weighing less, pulled by ``Method/cellShrinkage``
/// pseudo-answers toward what its dimensions' values have in common (additive margins). The weekday's effect is
/// common to all cells. Both are fitted only at a refresh: evidence gathered under one baseline must not be continued
/// under another.
struct Baseline: Sendable {
    static let weekdays = 7

    /// Decayed counts at cell × 7 + weekday.
    var responses: [Double] = []
    var dissatisfied: [Double] = []
    /// Day up to which the counts are decayed.
    var decayedTo: Int32 = 0

    private(set) var isFitted = false
    /// Logit of the whole, before the segments' effects.
    private(set) var centre = 0.0
    /// Additive effects of the one-dimensional segments, by segment.
    private(set) var effects: [Double] = []
    /// By cell.
    private(set) var levels: [Double] = []
    /// Precision of the weekdays' effects around zero.
    private(set) var weekdayPrecision = Method.weekdayPrecision
    /// Weekdays the fit has seen at least a quarter as often as an average one; bit 0 for Sunday.
    private(set) var seenWeekdays: UInt8 = 0
    private(set) var weekdayEffects = [Double](repeating: 0, count: Baseline.weekdays)

    init() {}

    init(
        responses: [Double], dissatisfied: [Double], decayedTo: Int32, isFitted: Bool, centre: Double,
        effects: [Double], levels: [Double], weekdayEffects: [Double], weekdayPrecision: Double, seenWeekdays: UInt8
    ) {
        self.responses = responses
        self.dissatisfied = dissatisfied
        self.decayedTo = decayedTo
        self.isFitted = isFitted
        self.centre = centre
        self.effects = effects
        self.levels = levels
        self.weekdayEffects = weekdayEffects
        self.weekdayPrecision = weekdayPrecision
        self.seenWeekdays = seenWeekdays
    }

    /// Logit of the expected share of dissatisfied answers.
    @inline(__always)
    func expectation(cell: Int, weekday: Int) -> Double { levels[cell] + weekdayEffects[weekday] }

    var total: Double { responses.reduce(0, +) }

    func responses(of cells: [Int]) -> Double { cells.reduce(0) { $0 + responses(ofCell: $1) } }

    func responses(ofCell cell: Int) -> Double {
        var sum = 0.0
        for weekday in 0..<Self.weekdays { sum += responses[cell * Self.weekdays + weekday] }
        return sum
    }

    private func dissatisfied(ofCell cell: Int) -> Double {
        var sum = 0.0
        for weekday in 0..<Self.weekdays { sum += dissatisfied[cell * Self.weekdays + weekday] }
        return sum
    }

    /// Makes room for the lattice's cells; a cell without history gets what its values' effects say.
    mutating func admitCells(of lattice: SegmentLattice) {
        let missing = lattice.cells.count * Self.weekdays - responses.count
        guard missing > 0 else { return }
        responses += [Double](repeating: 0, count: missing)
        dissatisfied += [Double](repeating: 0, count: missing)
        effects += [Double](repeating: 0, count: lattice.nodes.count - effects.count)
        while levels.count < lattice.cells.count { levels.append(parent(of: levels.count, in: lattice)) }
    }

    private func parent(of cell: Int, in lattice: SegmentLattice) -> Double {
        lattice.memberships[cell].reduce(centre) { $0 + effects[$1] }
    }

    mutating func add(cell: Int, weekday: Int, responses count: Double, dissatisfied bad: Double) {
        responses[cell * Self.weekdays + weekday] += count
        dissatisfied[cell * Self.weekdays + weekday] += bad
    }

    mutating func decay(to day: Int32, halfLifeDays: Double) {
        guard day > decayedTo else { return }
        let factor = exp(-log(2) / halfLifeDays * Double(day - decayedTo))
        decayedTo = day
        for index in responses.indices {
            responses[index] *= factor
            dissatisfied[index] *= factor
        }
    }

    mutating func scale(cells: [Int], by factor: Double) {
        for cell in cells {
            for index in cell * Self.weekdays..<(cell + 1) * Self.weekdays {
                responses[index] *= factor
                dissatisfied[index] *= factor
            }
        }
    }

    /// Information (sum of n·q·(1 − q)) the counts of `cells` carry about their common offset.
    func information(of cells: [Int]) -> Double {
        cells.reduce(0) {
            let share = logistic(levels[$1])
            return $0 + responses(ofCell: $1) * share * (1 - share)
        }
    }

    /// Mean variance of the weekdays' effects; that of a weekday never seen is the prior's.
    var weekdayVariance: Double {
        var sum = 0.0
        for weekday in 0..<Self.weekdays {
            var precision = weekdayPrecision
            for cell in levels.indices {
                let share = logistic(expectation(cell: cell, weekday: weekday))
                precision += responses[cell * Self.weekdays + weekday] * share * (1 - share)
            }
            sum += 1 / precision
        }
        return sum / Double(Self.weekdays)
    }

    mutating func fit(_ lattice: SegmentLattice) {
        let counts = lattice.cells.indices.map { responses(ofCell: $0) }
        let bad = lattice.cells.indices.map { dissatisfied(ofCell: $0) }
        fitMargins(lattice, counts, bad)
        for cell in lattice.cells.indices {
            let prior = logistic(parent(of: cell, in: lattice))
            let share = (bad[cell] + Method.cellShrinkage * prior) / (counts[cell] + Method.cellShrinkage)
            levels[cell] = logit(min(max(share, 0.003), 0.9999))
        }
        fitWeekdays()
        noteSeenWeekdays()
        isFitted = true
    }

    func hasSeen(weekday: Int) -> Bool { seenWeekdays & (1 << UInt8(weekday)) != 0 }

    private mutating func noteSeenWeekdays() {
        let least = 0.25 * total / Double(Self.weekdays)
        seenWeekdays = 0
        for weekday in 0..<Self.weekdays {
            var count = 0.0
            for cell in levels.indices { count += responses[cell * Self.weekdays + weekday] }
            if count > 0, count >= least { seenWeekdays |= 1 << UInt8(weekday) }
        }
    }

    private mutating func fitMargins(_ lattice: SegmentLattice, _ counts: [Double], _ bad: [Double]) {
        centre = logit((bad.reduce(0, +) + 0.5) / (counts.reduce(0, +) + 1))
        effects = [Double](repeating: 0, count: lattice.nodes.count)
        var margins = [Double](repeating: centre, count: counts.count)
        for _ in 0..<3 {
            for (number, node) in lattice.nodes.enumerated() where node.level == 1 && node.isActive {
                var excess = 0.0
                var information = 4.0
                for cell in node.cells {
                    let share = logistic(margins[cell])
                    excess += bad[cell] - counts[cell] * share
                    information += counts[cell] * share * (1 - share)
                }
                let step = min(max(excess / information, -2), 2)
                effects[number] += step
                for cell in node.cells { margins[cell] += step }
            }
        }
    }

    /// Three Newton steps toward the ridge estimate, whose precision the weekdays' own scatter decides.
    private mutating func fitWeekdays() {
        weekdayEffects = [Double](repeating: 0, count: Self.weekdays)
        weekdayPrecision = estimatedWeekdayPrecision()
        for _ in 0..<3 {
            for weekday in 0..<Self.weekdays {
                let (excess, information) = score(of: weekday)
                let gradient = excess - weekdayPrecision * weekdayEffects[weekday]
                weekdayEffects[weekday] += min(max(gradient / (information + weekdayPrecision), -2), 2)
            }
        }
    }

    /// Dissatisfied answers beyond those expected on a weekday, and their information.
    private func score(of weekday: Int) -> (excess: Double, information: Double) {
        var excess = 0.0
        var information = 0.0
        for cell in levels.indices {
            let count = responses[cell * Self.weekdays + weekday]
            guard count > 0 else { continue }
            let share = logistic(levels[cell] + weekdayEffects[weekday])
            excess += dissatisfied[cell * Self.weekdays + weekday] - count * share
            information += count * share * (1 - share)
        }
        return (excess, information)
    }

    /// One over the variance of the weekdays' effects: the moment estimate of R. DerSimonian and N. Laird (Controlled
    /// Clinical Trials 7, 1986), with the prior's variance counted as one more degree of freedom. Where weekdays do
    /// not differ, their scatter is noise and must not be expected back next week.
    private func estimatedWeekdayPrecision() -> Double {
        let seen = (0..<Self.weekdays).map { score(of: $0) }.filter { $0.information > 0 }
        let weight = seen.reduce(0) { $0 + $1.information }
        let squares = seen.reduce(0) { $0 + $1.information * $1.information }
        let freedom = Double(max(0, seen.count - 1))
        guard freedom > 0, weight * weight > squares else { return Method.weekdayPrecision }
        let mean = seen.reduce(0) { $0 + $1.excess } / weight
        let scatter = seen.reduce(0) {
            let deviation = $1.excess / $1.information - mean
            return $0 + $1.information * deviation * deviation
        }
        let variance = max(0, (scatter - freedom) / (weight - squares / weight))
        let blended = (variance * freedom + 1 / Method.weekdayPrecision) / (freedom + 1)
        return max(1 / blended, Method.weekdayPrecision)
    }
}
