import PluginKit
import Satisfaction

/// The state as bytes, version 2: version, fingerprint of contract and dimensions, calendar, cells, channels, ledger,
/// watches, incidents, mix. Segments are not written: the cells determine them.
extension ShiryaevRobertsDetector {
    static let stateVersion: UInt8 = 2

    private var fingerprint: String {
        let parts =
            [context.contract.hash.text] + context.dimensions + context.watched.channels.map { "\($0.name)/\($0.unit)" }
        return Digest(of: parts.joined(separator: "\u{0}")).text
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
        writer.wholes(floors)
        for channel in channels { channel.write(to: &writer) }
        write(ledger, to: &writer)
        for watch in watches { watch.write(to: &writer) }
        writer.whole(incidents.count)
        for incident in incidents { incident.write(to: &writer) }
        writer.flag(mixShift != nil)
        if let mixShift {
            writer.whole(mixShift.opened)
            writer.whole(mixShift.onset)
            writer.real(mixShift.saidDrop)
        }
        return writer.bytes
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
                for channel in channels.indices { writer.whole(record.harms[channel]) }
            }
        }
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
        channels = ChannelModel.all(context.watched)
        ledger = ResponseLedger(units: ledger.units)
        schedule = nil
        today = .min
        watches = []
        incidents = []
        mixShift = nil
        cellVolumes = []
        suspicionDays = []
        floors = []
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
        floors = try reader.wholes(cells)
        for channel in channels.indices { try channels[channel].read(&reader, lattice) }
        ledger = try readLedger(&reader)
        for segment in lattice.nodes.indices { watches[segment] = try Watch(&reader) }
        for _ in 0..<(try reader.whole(Int.self, in: 0...DetectionLimits.incidentsMax)) {
            incidents.append(
                try Incident(&reader, segments: 0...(lattice.nodes.count - 1), channels: 0...(channels.count - 1)))
        }
        if try reader.flag() {
            mixShift = MixShift(opened: try reader.day(), onset: try reader.day(), saidDrop: try reader.finite())
        }
        muteSegments()
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
                var harms = SIMD4<Int64>.zero
                for channel in channels.indices {
                    harms[channel] = try reader.whole(Int64.self, in: 0...responses * ledger.units[channel])
                }
                day.records.append(
                    ResponseLedger.Record(slot: Int32(slot), cell: cell, responses: responses, harms: harms))
            }
            days.append(day)
        }
        return ResponseLedger(days: days, units: ledger.units)
    }
}

// MARK: - Channels

extension ChannelModel {
    func write(to writer: inout StateWriter) {
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
        writer.real(dispersion.sum)
        writer.real(dispersion.weight)
        writer.flag(dispersion.lastDay != nil)
        writer.whole(dispersion.lastDay ?? 0)
        writer.flag(dispersion.hasResidual)
        writer.whole(dispersion.residualDay)
        writer.real(dispersion.residual)
        writer.real(scatter.sum)
        writer.real(scatter.weight)
        writer.reals(evidence.values)
        writer.reals(evidence.fall)
        writer.reals(evidence.rise)
        writer.reals(deviations)
        writer.reals(dispersions)
        writer.reals(lowered)
    }

    mutating func read(_ reader: inout StateReader, _ lattice: SegmentLattice) throws(DetectorStateError) {
        let cells = lattice.cells.count
        let segments = lattice.nodes.count
        let isFitted = try reader.flag()
        let decayedTo = try reader.day()
        baseline = Baseline(
            responses: try reader.reals(cells * Baseline.weekdays),
            dissatisfied: try reader.reals(cells * Baseline.weekdays), decayedTo: decayedTo, isFitted: isFitted,
            centre: try reader.finite(), effects: try reader.reals(segments),
            levels: try reader.reals(cells), weekdayEffects: try reader.reals(Baseline.weekdays),
            weekdayPrecision: try reader.finite(), seenWeekdays: try reader.byte())
        dispersion = Dispersion()
        dispersion.sum = try reader.finite()
        dispersion.weight = try reader.finite()
        let hasDay = try reader.flag()
        let day = try reader.day()
        dispersion.lastDay = hasDay ? day : nil
        dispersion.hasResidual = try reader.flag()
        dispersion.residualDay = try reader.day()
        dispersion.residual = try reader.finite()
        scatter.sum = try reader.finite()
        scatter.weight = try reader.finite()
        evidence.values = try reader.reals(segments * MixtureEvidence.stride)
        evidence.fall = try reader.reals(segments)
        evidence.rise = try reader.reals(segments)
        deviations = try reader.reals(segments)
        dispersions = try reader.reals(segments)
        lowered = try reader.reals(cells)
    }
}

// MARK: - Watches and incidents

extension ShiryaevRobertsDetector.Watch {
    func write(to writer: inout StateWriter) {
        writer.real(fall)
        writer.real(rise)
        writer.real(volume)
        writer.real(limit)
        writer.real(suspicionLimit)
        writer.real(riseLimit)
        writer.flag(isSuspected)
        writer.whole(heldHour)
        writer.whole(daysWatched)
    }

    init(_ reader: inout StateReader) throws(DetectorStateError) {
        self.init()
        fall = try reader.finite()
        rise = try reader.finite()
        volume = try reader.finite()
        limit = try reader.real()
        suspicionLimit = try reader.real()
        riseLimit = try reader.real()
        isSuspected = try reader.flag()
        heldHour = try reader.whole()
        daysWatched = try reader.whole(Int64.self, in: 0...Int64(DetectionLimits.dayMax) * 2)
    }
}

extension Incident {
    func write(to writer: inout StateWriter) {
        writer.whole(announced)
        writer.whole(firing)
        writer.whole(channel)
        writer.whole(opened)
        writer.whole(scanFrom)
        writer.real(evidence)
        writer.real(threshold)
        writer.whole(cause)
        writer.whole(onset)
        writer.whole(onsetDay)
        writer.whole(onsetRange.lowerBound)
        writer.whole(onsetRange.upperBound)
        for place in 0..<WatchedAnswers.channelsMax { writer.real(shifts[place]) }
        writer.real(recoveryShift)
        writer.real(recovery)
        writer.real(recoveryThreshold)
        writer.whole(recoveringSince)
        writer.real(gain)
        writer.flag(isContested)
        writer.whole(members.count)
        for member in members { writer.whole(member) }
        writer.real(saidDrop)
        writer.whole(saidDay)
    }

    init(
        _ reader: inout StateReader, segments: ClosedRange<Int>, channels: ClosedRange<Int>
    ) throws(DetectorStateError) {
        announced = try reader.whole(Int.self, in: segments)
        firing = try reader.whole(Int.self, in: segments)
        channel = try reader.whole(Int.self, in: channels)
        opened = try reader.day()
        scanFrom = try reader.hour()
        evidence = try reader.finite()
        threshold = try reader.finite()
        cause = try reader.whole(Int.self, in: segments)
        onset = try reader.hour()
        onsetDay = try reader.day()
        let first = try reader.hour()
        let last = try reader.hour()
        guard first <= last else { throw reader.error("an onset's range is upside down") }
        onsetRange = first...last
        shifts = .zero
        for place in 0..<WatchedAnswers.channelsMax { shifts[place] = try reader.finite() }
        recoveryShift = try reader.finite()
        recovery = try reader.finite()
        recoveryThreshold = try reader.finite()
        recoveringSince = try reader.hour()
        gain = try reader.finite()
        isContested = try reader.flag()
        members = try Self.members(&reader, segments)
        saidDrop = try reader.finite()
        saidDay = try reader.day()
    }

    private static func members(
        _ reader: inout StateReader, _ segments: ClosedRange<Int>
    ) throws(DetectorStateError) -> [Int] {
        var members: [Int] = []
        for _ in 0..<(try reader.whole(Int.self, in: 0...segments.upperBound + 1)) {
            members.append(try reader.whole(Int.self, in: segments))
        }
        return members
    }
}
