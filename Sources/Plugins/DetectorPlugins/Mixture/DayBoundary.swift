import Foundation
import PluginKit

/// What happens once a day, when the first step of a new one arrives.
extension ShiryaevRobertsDetector {
    mutating func beginDay(_ hour: Int32, _ said: inout [Assessment]) {
        if isFitted { measureDispersion(before: today - 1) }
        refreshIfDue()
        if isFitted { setThresholds() }
        reviewIncidents(hour, &said)
        reviewMix(&said)
        ledger.trim(today: today)
    }

    // MARK: Baseline

    private mutating func refreshIfDue() {
        guard var schedule else { return }
        let quarantine = schedule.quarantine(on: today, mature: settings.quarantineDays)
        let isMature = schedule.age(on: today) >= Method.matureDays
        guard !schedule.isMature || !isMature || today >= schedule.nextDay || !isFitted else { return }
        let frozen = frozenCells()
        let candidates = channels[0].baseline.total + pending(before: today - quarantine, frozen: frozen)
        guard
            schedule.isDue(
                on: today, candidates: candidates, isFitted: isFitted, armedResponses: settings.armedResponses)
        else { return }
        refresh(quarantine, frozen)
        schedule.responses = channels[0].baseline.total
        schedule.isMature = isMature
        if isMature { schedule.nextDay = today + settings.refreshDays }
        self.schedule = schedule
    }

    /// Cells under suspicion or in an open incident; what they say now must not become what is usual.
    private mutating func frozenCells() -> [Bool] {
        var frozen = [Bool](repeating: false, count: lattice.cells.count)
        guard isFitted else { return frozen }
        for (segment, watch) in watches.enumerated() where lattice.nodes[segment].isActive && isFrozen(watch) {
            for cell in lattice.nodes[segment].cells { frozen[cell] = true }
        }
        for cell in frozen.indices where suspicionDays[cell] >= DetectionLimits.suspicionDaysMax {
            frozen[cell] = false
        }
        for incident in incidents { for cell in lattice.nodes[incident.cause].cells { frozen[cell] = true } }
        return frozen
    }

    private func isFrozen(_ watch: Watch) -> Bool {
        guard let schedule, watch.limit.isFinite else { return false }
        // A young baseline is itself the likelier reason for a suspicion: it goes on learning.
        return schedule.isMature && watch.logFall > Method.freezeShare * watch.threshold
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
        let elapsed = today - channels[0].baseline.decayedTo
        for channel in channels.indices {
            channels[channel].baseline.decay(to: today, halfLifeDays: settings.halfLifeDays)
        }
        for cell in frozen.indices { suspicionDays[cell] = frozen[cell] ? suspicionDays[cell] + elapsed : 0 }
        absorb(before: today - quarantine, frozen: frozen)
        let isFirst = !isFitted
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
                addToBaselines(cell, weekday, record.responses, record.harms)
                ledger.days[place].set(.absorbed, of: cell)
            }
            // A cell silent on that day is settled too: what still comes for it comes late.
            for cell in frozen.indices where !frozen[cell] && ledger.days[place].standing(of: cell) == .pending {
                ledger.days[place].set(.absorbed, of: cell)
            }
        }
    }

    mutating func fit() {
        for channel in channels.indices { channels[channel].baseline.fit(lattice) }
        forgetTables()
    }

    mutating func measureDeviations() {
        let age = Double(schedule?.age(on: today) ?? 0)
        for channel in channels.indices { channels[channel].measureDeviations(lattice, age: age) }
    }

    // MARK: Scatter and thresholds

    /// Takes the residuals of the days before `day` not looked at yet; days inside an incident are left out.
    private mutating func measureDispersion(before day: Int32) {
        for channel in channels.indices {
            for kept in ledger.days where kept.day < day && kept.day > channels[channel].dispersion.lastDay ?? .min {
                channels[channel].dispersion.lastDay = kept.day
                guard incidents.isEmpty else {
                    channels[channel].dispersion.interrupt()
                    continue
                }
                measure(kept, channel)
            }
        }
    }

    private mutating func measure(_ kept: ResponseLedger.Day, _ channel: Int) {
        let weekday = DetectionCalendar.weekday(of: kept.day)
        var excess = 0.0
        var variance = 0.0
        for record in kept.records where record.responses > 0 {
            let share = logistic(channels[channel].baseline.expectation(cell: Int(record.cell), weekday: weekday))
            let responses = Double(record.responses)
            let harm = Double(record.harms[channel]) / units[channel]
            excess += harm - responses * share
            variance += responses * share * (1 - share)
            channels[channel].scatter.add(answers: responses, harm: harm, expected: share)
        }
        if variance > 0.5 {
            channels[channel].dispersion.add(day: kept.day, residual: excess / variance.squareRoot())
        }
    }

    /// Volumes of the last four weeks, and what follows from them: dispersion and threshold of every segment.
    mutating func setThresholds() {
        measureVolumes()
        let isMature = schedule.map { $0.age(on: today) >= Method.matureDays } ?? false
        let learning = isMature ? Method.learningResponses : settings.armedResponses
        let isArmed = channels[0].baseline.total >= learning
        for segment in watches.indices {
            watches[segment].volume = lattice.nodes[segment].cells.reduce(0) { $0 + cellVolumes[$1] }
        }
        let volumes = watches.map(\.volume)
        for channel in channels.indices {
            channels[channel].disperse(volumes: volumes, total: cellVolumes.reduce(0, +))
        }
        let caution = lattice.watchedCount > 1 ? Method.caution : 1
        let patience = caution * patienceDays
        for segment in watches.indices {
            let cells = lattice.nodes[segment].cells
            let volume = volumes[segment]
            let knows =
                isArmed && volume > 0 && channels[0].baseline.responses(of: cells) >= Method.learningResponses
            // All pairs together have the budget of one segment: they serve to explain, and are rarely watched by
            // people.
            let looks = lattice.nodes[segment].level == 2 ? Double(lattice.activeByLevel[2]) : 1
            let perDay = looks * volume / max(1, channels[0].dispersions[segment])
            let threshold = Self.threshold(patience * perDay)
            watches[segment].limit = knows ? exp(threshold) : .infinity
            watches[segment].suspicionLimit = knows ? exp(Method.suspicionShare * threshold) : .infinity
            watches[segment].riseLimit = knows ? exp(Self.threshold(Method.risePatienceDays * perDay)) : .infinity
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

extension SegmentLattice {
    /// Segments a budget is shared by: all pairs count as one.
    var watchedCount: Int { activeByLevel[0] + activeByLevel[1] + (activeByLevel[2] > 0 ? 1 : 0) }
}
