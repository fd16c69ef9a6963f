import Foundation
import PluginKit

/// What happens once a day, when the first step of a new one arrives.
extension ShiryaevRobertsDetector {
    mutating func beginDay(_ hour: Int32, _ said: inout [Assessment]) {
        if baseline.isFitted { measureDispersion(before: today - 1) }
        refreshIfDue()
        if baseline.isFitted { setThresholds() }
        reviewIncidents(hour, &said)
        ledger.trim(today: today)
    }

    // MARK: Baseline

    private mutating func refreshIfDue() {
        guard var schedule else { return }
        let quarantine = schedule.quarantine(on: today, mature: settings.quarantineDays)
        let isMature = schedule.age(on: today) >= Method.matureDays
        guard !schedule.isMature || !isMature || today >= schedule.nextDay || !baseline.isFitted else { return }
        let frozen = frozenCells()
        let candidates = baseline.total + pending(before: today - quarantine, frozen: frozen)
        guard
            schedule.isDue(
                on: today, candidates: candidates, isFitted: baseline.isFitted,
                armedResponses: settings.armedResponses)
        else { return }
        refresh(quarantine, frozen)
        schedule.responses = baseline.total
        schedule.isMature = isMature
        if isMature { schedule.nextDay = today + settings.refreshDays }
        self.schedule = schedule
    }

    /// Cells under suspicion or in an open incident; what they say now must not become what is usual.
    private mutating func frozenCells() -> [Bool] {
        var frozen = [Bool](repeating: false, count: lattice.cells.count)
        guard baseline.isFitted else { return frozen }
        for (segment, watch) in watches.enumerated() where lattice.nodes[segment].isActive && isFrozen(segment, watch) {
            for cell in lattice.nodes[segment].cells { frozen[cell] = true }
        }
        for cell in frozen.indices where suspicionDays[cell] >= DetectionLimits.suspicionDaysMax {
            frozen[cell] = false
        }
        for incident in incidents { for cell in lattice.nodes[incident.cause].cells { frozen[cell] = true } }
        return frozen
    }

    private func isFrozen(_ segment: Int, _ watch: Watch) -> Bool {
        guard let schedule, watch.threshold.isFinite else { return false }
        // A young baseline is itself the likelier reason for a suspicion: it goes on learning.
        return schedule.isMature && evidence.fall[segment] > Method.freezeShare * watch.threshold
    }

    private func pending(before day: Int32, frozen: [Bool]) -> Double {
        var sum = 0.0
        for kept in ledger.days where kept.day < day {
            for record in kept.records
            where !frozen[Int(record.cell)] && kept.standing(of: Int(record.cell)) == .pending {
                sum += Double(record.responses)
            }
        }
        return sum
    }

    private mutating func refresh(_ quarantine: Int32, _ frozen: [Bool]) {
        let elapsed = today - baseline.decayedTo
        baseline.decay(to: today, halfLifeDays: settings.halfLifeDays)
        for cell in frozen.indices { suspicionDays[cell] = frozen[cell] ? suspicionDays[cell] + elapsed : 0 }
        absorb(before: today - quarantine, frozen: frozen)
        let isFirst = !baseline.isFitted
        fit()
        if isFirst { measureDispersion(before: today - 1) }
        setThresholds()
        measureDeviations()
        let again = lattice.nodes.map { node in isFirst || !node.cells.contains { frozen[$0] } }
        weighAgain(again, since: today - quarantine)
    }

    private mutating func absorb(before day: Int32, frozen: [Bool]) {
        for place in ledger.days.indices where ledger.days[place].day < day {
            let weekday = DetectionCalendar.weekday(of: ledger.days[place].day)
            let standings = ledger.days[place]
            for record in standings.records {
                let cell = Int(record.cell)
                guard !frozen[cell], standings.standing(of: cell) == .pending else { continue }
                baseline.add(
                    cell: cell, weekday: weekday, responses: Double(record.responses),
                    dissatisfied: Double(record.dissatisfied))
                ledger.days[place].set(.absorbed, of: cell)
            }
            // A cell silent on that day is settled too: what still comes for it comes late.
            for cell in frozen.indices where !frozen[cell] && ledger.days[place].standing(of: cell) == .pending {
                ledger.days[place].set(.absorbed, of: cell)
            }
        }
    }

    mutating func fit() {
        baseline.fit(lattice)
        tables.forget()
    }

    /// Uncertainty of every segment's baseline: its counts', and the drift that its age allows.
    mutating func measureDeviations() {
        let age = Double(schedule?.age(on: today) ?? 0)
        let drift = Method.driftDeviation * Method.driftDeviation * min(1, age / Double(Method.matureDays))
        // Errors of single weekdays average out over the days a small dip takes to be found.
        let weekdays =
            baseline.weekdayVariance / Method.weekdaysAveraged * max(0, 1 - age / Double(Method.weekdayLearningDays))
        for segment in watches.indices {
            let information = baseline.information(of: lattice.nodes[segment].cells)
            watches[segment].deviation = (watches[segment].dispersion / (information + 4) + drift + weekdays)
                .squareRoot()
        }
        tables.forget()
    }

    // MARK: Scatter and thresholds

    /// Takes the residuals of the days before `day` not looked at yet; days inside an incident are left out.
    private mutating func measureDispersion(before day: Int32) {
        for kept in ledger.days where kept.day < day && kept.day > dispersion.lastDay ?? .min {
            dispersion.lastDay = kept.day
            guard incidents.isEmpty else {
                dispersion.interrupt()
                continue
            }
            let weekday = DetectionCalendar.weekday(of: kept.day)
            var excess = 0.0
            var variance = 0.0
            for record in kept.records {
                let share = logistic(baseline.expectation(cell: Int(record.cell), weekday: weekday))
                excess += Double(record.dissatisfied) - Double(record.responses) * share
                variance += Double(record.responses) * share * (1 - share)
            }
            if variance > 0.5 { dispersion.add(day: kept.day, residual: excess / variance.squareRoot()) }
        }
    }

    /// Volumes of the last four weeks, and what follows from them: dispersion and threshold of every segment.
    mutating func setThresholds() {
        measureVolumes()
        let correlation = dispersion.correlation(volume: cellVolumes.reduce(0, +))
        let isMature = schedule.map { $0.age(on: today) >= Method.matureDays } ?? false
        let learning = isMature ? Method.learningResponses : settings.armedResponses
        let isArmed = baseline.total >= learning
        for segment in watches.indices {
            let cells = lattice.nodes[segment].cells
            let volume = cells.reduce(0) { $0 + cellVolumes[$1] }
            watches[segment].volume = volume
            watches[segment].dispersion = 1 + correlation * max(0, volume - 1)
            let knows = isArmed && volume > 0 && baseline.responses(of: cells) >= Method.learningResponses
            // All pairs together have the budget of one segment: they serve to explain, and are rarely watched by
            // people.
            let looks = lattice.nodes[segment].level == 2 ? Double(lattice.activeByLevel[2]) : 1
            let perDay = looks * volume / watches[segment].dispersion
            watches[segment].threshold = knows ? Self.threshold(patienceDays * perDay) : .infinity
            watches[segment].riseThreshold = knows ? Self.threshold(Method.risePatienceDays * perDay) : .infinity
        }
    }

    /// Evidence at which one false alarm comes in `responses` answers on average.
    static func threshold(_ responses: Double) -> Double { log(max(Method.patienceResponsesMin, responses)) }

    /// Answers a day by cell since the last silence of more than a week; after such a silence the old volumes hold
    /// for a day.
    private mutating func measureVolumes() {
        var first = today
        for kept in ledger.days.reversed() where kept.day < today {
            guard kept.day >= today - Method.volumeDays, first - kept.day <= 7 else { break }
            first = kept.day
        }
        guard first < today else { return }
        for cell in cellVolumes.indices { cellVolumes[cell] = 0 }
        for kept in ledger.days where kept.day >= first && kept.day < today {
            for record in kept.records { cellVolumes[Int(record.cell)] += Double(record.responses) }
        }
        for cell in cellVolumes.indices { cellVolumes[cell] /= Double(today - first) }
    }
}
