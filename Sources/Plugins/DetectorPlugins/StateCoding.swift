import PluginKit
import Satisfaction

/// The state as bytes, version 1: version, fingerprint of contract and dimensions, calendar, cells, baseline, ledger,
/// evidence, watches, incidents. Segments are not written: the cells determine them.
extension ShiryaevRobertsDetector {
    static let stateVersion: UInt8 = 1

    private var fingerprint: String {
        Digest(of: ([context.contract.hash.text] + context.dimensions).joined(separator: "\u{0}")).text
    }

    // MARK: Writing

    public func encodeState() -> [UInt8] {
        var writer = StateWriter()
        writer.byte(Self.stateVersion)
        writer.text(fingerprint)
        writer.flag(schedule != nil)
        guard let schedule else { return writer.bytes }
        writer.whole(today)
        writer.whole(schedule.firstDay)
        writer.whole(schedule.nextDay)
        writer.flag(schedule.isMature)
        writer.real(schedule.responses)
        writer.whole(lattice.cells.count)
        for cell in lattice.cells { for value in cell { writer.text(value) } }
        writer.reals(cellVolumes)
        writer.wholes(suspicionDays)
        writer.reals(lowered)
        writer.wholes(floors)
        write(baseline, to: &writer)
        write(dispersion, to: &writer)
        write(ledger, to: &writer)
        writer.reals(evidence.values)
        writer.reals(evidence.fall)
        writer.reals(evidence.rise)
        for watch in watches { write(watch, to: &writer) }
        writer.whole(incidents.count)
        for incident in incidents { write(incident, to: &writer) }
        return writer.bytes
    }

    private func write(_ baseline: Baseline, to writer: inout StateWriter) {
        writer.flag(baseline.isFitted)
        writer.whole(baseline.decayedTo)
        writer.reals(baseline.responses)
        writer.reals(baseline.dissatisfied)
        writer.real(baseline.centre)
        writer.reals(baseline.effects)
        writer.reals(baseline.levels)
        writer.reals(baseline.weekdayEffects)
        writer.real(baseline.weekdayPrecision)
        writer.byte(baseline.seenWeekdays)
    }

    private func write(_ dispersion: Dispersion, to writer: inout StateWriter) {
        writer.real(dispersion.sum)
        writer.real(dispersion.weight)
        writer.flag(dispersion.lastDay != nil)
        writer.whole(dispersion.lastDay ?? 0)
        writer.flag(dispersion.hasResidual)
        writer.whole(dispersion.residualDay)
        writer.real(dispersion.residual)
    }

    private func write(_ ledger: ResponseLedger, to writer: inout StateWriter) {
        writer.whole(ledger.days.count)
        for day in ledger.days {
            writer.whole(day.day)
            writer.flag(day.isHourly)
            writer.whole(day.standings.count)
            for standing in day.standings { writer.byte(standing) }
            writer.whole(day.records.count)
            var slot = Int64(day.day) * 24
            for record in day.records {
                writer.whole(Int64(record.slot) - slot)
                slot = Int64(record.slot)
                writer.whole(record.cell)
                writer.whole(record.responses)
                writer.whole(record.dissatisfied)
            }
        }
    }

    private func write(_ watch: Watch, to writer: inout StateWriter) {
        writer.real(watch.deviation)
        writer.real(watch.dispersion)
        writer.real(watch.volume)
        writer.real(watch.threshold)
        writer.real(watch.riseThreshold)
        writer.flag(watch.isSuspected)
        writer.whole(watch.heldHour)
    }

    private func write(_ incident: Incident, to writer: inout StateWriter) {
        writer.whole(incident.announced)
        writer.whole(incident.firing)
        writer.whole(incident.opened)
        writer.whole(incident.scanFrom)
        writer.real(incident.evidence)
        writer.real(incident.threshold)
        writer.whole(incident.cause)
        writer.whole(incident.onset)
        writer.whole(incident.onsetDay)
        writer.real(incident.shift)
        writer.real(incident.recoveryShift)
        writer.real(incident.recovery)
        writer.real(incident.recoveryThreshold)
        writer.whole(incident.recoveringSince)
        writer.real(incident.saidDrop)
        writer.whole(incident.saidDay)
    }

    // MARK: Reading

    public mutating func restore(_ state: [UInt8]) throws(DetectorStateError) {
        var reader = StateReader(state)
        let version = try reader.byte()
        guard version == Self.stateVersion else {
            throw DetectorStateError(
                "the state has version \(version), this release reads \(Self.stateVersion); "
                    + "start with an empty state and replay the message files")
        }
        guard try reader.text() == fingerprint else {
            throw DetectorStateError(
                "the state belongs to another score contract or other dimensions; start with an empty state and replay")
        }
        var restored = self
        restored.becomeEmpty()
        if try reader.flag() { try restored.read(&reader) }
        guard reader.isAtEnd else { throw reader.error("there is more than a state") }
        self = restored
    }

    private mutating func becomeEmpty() {
        lattice = SegmentLattice(dimensions: context.dimensions)
        baseline = Baseline()
        ledger = ResponseLedger()
        evidence = MixtureEvidence()
        dispersion = Dispersion()
        schedule = nil
        today = .min
        watches = []
        incidents = []
        cellVolumes = []
        suspicionDays = []
        lowered = []
        floors = []
        tables = LikelihoodTables()
        scratch = StepScratch()
        admitNewCells()
    }

    private mutating func read(_ reader: inout StateReader) throws(DetectorStateError) {
        today = try reader.day()
        var schedule = RefreshSchedule(firstDay: try reader.day())
        schedule.nextDay = try reader.day()
        schedule.isMature = try reader.flag()
        schedule.responses = try reader.finite()
        self.schedule = schedule
        let cells = try reader.whole(Int.self, in: 0...DetectionLimits.cellsMax)
        for number in 0..<cells {
            var values: [String] = []
            for _ in context.dimensions { values.append(try reader.text()) }
            guard lattice.number(of: values) == number else { throw reader.error("a cell stands there twice") }
        }
        admitNewCells()
        cellVolumes = try reader.reals(cells)
        suspicionDays = try reader.wholes(cells, in: 0...2 * DetectionLimits.dayMax)
        lowered = try reader.reals(cells)
        floors = try reader.wholes(cells)
        baseline = try readBaseline(&reader)
        dispersion = try readDispersion(&reader)
        ledger = try readLedger(&reader)
        evidence.values = try reader.reals(lattice.nodes.count * MixtureEvidence.stride)
        evidence.fall = try reader.reals(lattice.nodes.count)
        evidence.rise = try reader.reals(lattice.nodes.count)
        for segment in lattice.nodes.indices { watches[segment] = try readWatch(&reader) }
        for _ in 0..<(try reader.whole(Int.self, in: 0...DetectionLimits.incidentsMax)) {
            incidents.append(try readIncident(&reader))
        }
        muteSegments()
    }

    private func readBaseline(_ reader: inout StateReader) throws(DetectorStateError) -> Baseline {
        let cells = lattice.cells.count
        let isFitted = try reader.flag()
        let decayedTo = try reader.day()
        return Baseline(
            responses: try reader.reals(cells * Baseline.weekdays),
            dissatisfied: try reader.reals(cells * Baseline.weekdays), decayedTo: decayedTo, isFitted: isFitted,
            centre: try reader.finite(), effects: try reader.reals(lattice.nodes.count),
            levels: try reader.reals(cells), weekdayEffects: try reader.reals(Baseline.weekdays),
            weekdayPrecision: try reader.finite(), seenWeekdays: try reader.byte())
    }

    private func readDispersion(_ reader: inout StateReader) throws(DetectorStateError) -> Dispersion {
        var dispersion = Dispersion()
        dispersion.sum = try reader.finite()
        dispersion.weight = try reader.finite()
        let hasDay = try reader.flag()
        let day = try reader.day()
        dispersion.lastDay = hasDay ? day : nil
        dispersion.hasResidual = try reader.flag()
        dispersion.residualDay = try reader.day()
        dispersion.residual = try reader.finite()
        return dispersion
    }

    private func readLedger(_ reader: inout StateReader) throws(DetectorStateError) -> ResponseLedger {
        let cells = lattice.cells.count
        let hourMax = Int64(DetectionLimits.dayMax) * 24 + 38
        var days: [ResponseLedger.Day] = []
        for _ in 0..<(try reader.whole(Int.self, in: 0...Int(UInt16.max))) {
            var day = ResponseLedger.Day(day: try reader.day())
            if let last = days.last, last.day >= day.day { throw reader.error("days are out of order") }
            day.isHourly = try reader.flag()
            for _ in 0..<(try reader.whole(Int.self, in: 0...cells)) {
                let standing = try reader.byte()
                guard ResponseLedger.Standing(rawValue: standing) != nil else { throw reader.error("unknown standing") }
                day.standings.append(standing)
            }
            var slot = Int64(day.day) * 24
            for _ in 0..<(try reader.whole(Int.self, in: 0...Int(Int32.max))) {
                slot += try reader.whole(Int64.self, in: -hourMax...hourMax)
                guard abs(slot) <= hourMax, cells > 0 else { throw reader.error("an hour is out of range") }
                let cell = try reader.whole(Int32.self, in: 0...Int32(cells - 1))
                let responses = try reader.whole(Int64.self, in: 0...ResponseLedger.recordResponsesMax)
                let dissatisfied = try reader.whole(Int64.self, in: 0...responses)
                day.records.append(
                    ResponseLedger.Record(
                        slot: Int32(slot), cell: cell, responses: responses, dissatisfied: dissatisfied))
            }
            days.append(day)
        }
        return ResponseLedger(days: days)
    }

    private func readWatch(_ reader: inout StateReader) throws(DetectorStateError) -> Watch {
        var watch = Watch(deviation: try reader.finite())
        watch.dispersion = try reader.finite()
        watch.volume = try reader.finite()
        watch.threshold = try reader.real()
        watch.riseThreshold = try reader.real()
        watch.isSuspected = try reader.flag()
        watch.heldHour = try reader.whole()
        return watch
    }

    private func readIncident(_ reader: inout StateReader) throws(DetectorStateError) -> Incident {
        let segments = 0...(lattice.nodes.count - 1)
        let announced = try reader.whole(Int.self, in: segments)
        let firing = try reader.whole(Int.self, in: segments)
        let opened = try reader.day()
        let scanFrom = try reader.hour()
        let evidence = try reader.finite()
        let threshold = try reader.finite()
        let cause = try reader.whole(Int.self, in: segments)
        let onset = try reader.hour()
        let onsetDay = try reader.day()
        let shift = try reader.finite()
        let recoveryShift = try reader.finite()
        let recovery = try reader.finite()
        let recoveryThreshold = try reader.finite()
        let recoveringSince = try reader.hour()
        let saidDrop = try reader.finite()
        return Incident(
            announced: announced, firing: firing, opened: opened, scanFrom: scanFrom, evidence: evidence,
            threshold: threshold, cause: cause, onset: onset, onsetDay: onsetDay, shift: shift,
            recoveryShift: recoveryShift, recovery: recovery,
            recoveryThreshold: recoveryThreshold, recoveringSince: recoveringSince, saidDrop: saidDrop,
            saidDay: try reader.day())
    }
}
