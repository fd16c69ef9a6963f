import PluginKit
import Satisfaction

/// The state as bytes, version 1: version, fingerprint of plugin, settings, contract and dimensions, calendar, cells,
/// their answers by day and hour, watches. Segments and their sums are not written: the cells determine them.
extension ChartDetector {
    // MARK: Writing

    func encodeState() -> [UInt8] {
        var writer = StateWriter()
        writer.byte(Self.stateVersion)
        writer.text(fingerprint)
        writer.flag(today != nil)
        guard let today else { return writer.bytes }
        writer.whole(today)
        writer.whole(firstDay)
        writer.whole(hour)
        writer.whole(lattice.cells.count)
        for cell in lattice.cells { for value in cell { writer.text(value) } }
        write(cellDays, to: &writer)
        if let cellHours { write(cellHours, to: &writer) }
        for watch in watches { write(watch, to: &writer) }
        return writer.bytes
    }

    /// Slots without answers are left out.
    private func write(_ slots: SlotSums, to writer: inout StateWriter) {
        for cell in lattice.cells.indices {
            let held = slots.slots.filter { slot in slots.values(row: cell, slot: slot).contains { $0 != 0 } }
            writer.whole(held.count)
            for slot in held {
                writer.whole(slots.newest - slot)
                for value in slots.values(row: cell, slot: slot) { writer.whole(value) }
            }
        }
    }

    private func write(_ watch: SegmentWatch, to writer: inout StateWriter) {
        writer.reals([
            watch.trace.level, watch.trace.mean, watch.trace.count, watch.trace.least, watch.volume, watch.log,
            watch.threshold,
        ])
        writer.whole(watch.trace.sinceHour)
        writer.whole(watch.learnFrom)
        writer.whole(watch.heldHour)
        writer.whole(watch.daysWatched)
        writer.flag(watch.isAccepted)
        writer.flag(watch.isArmed)
        writer.flag(watch.baseline != nil)
        if let baseline = watch.baseline {
            writer.real(baseline.dispersion)
            writer.wholes(baseline.cells)
        }
        writer.flag(watch.open != nil)
        if let open = watch.open { write(open, to: &writer) }
    }

    private func write(_ open: OpenAlert, to writer: inout StateWriter) {
        writer.whole(open.openedDay)
        writer.whole(open.onsetHour)
        writer.whole(open.onsetFrom)
        writer.whole(open.onsetThrough)
        writer.wholes(open.before)
        writer.reals([open.limit, open.log, open.threshold, open.expectedFalseAlarms, open.saidDrop])
        writer.whole(open.saidDay)
        writer.whole(open.goneSince)
    }

    // MARK: Reading

    mutating func restore(_ state: [UInt8]) throws(DetectorStateError) {
        var reader = StateReader(state)
        let version = try reader.byte()
        guard version == Self.stateVersion else {
            throw DetectorStateError(
                "the state has version \(version), this release reads \(Self.stateVersion); "
                    + "start with an empty state and replay the message files")
        }
        guard try reader.text() == fingerprint else {
            throw DetectorStateError(
                "the state belongs to other settings, another score contract or other dimensions; "
                    + "start with an empty state and replay the message files")
        }
        var restored = self
        restored.becomeEmpty()
        if try reader.flag() { try restored.read(&reader) }
        guard reader.isAtEnd else { throw reader.error("there is more than a state") }
        self = restored
    }

    private mutating func becomeEmpty() {
        lattice = SegmentLattice(dimensions: context.dimensions)
        cellDays = SlotSums(kept: Self.daysKept, channels: line.channels)
        segmentDays = cellDays
        if plan.keepsHours {
            cellHours = SlotSums(kept: Self.hoursKept, channels: line.channels)
            segmentHours = cellHours
        }
        watches = []
        forgetStep()
        today = nil
        firstDay = 0
        hour = .min
        admitNewCells()
    }

    private mutating func read(_ reader: inout StateReader) throws(DetectorStateError) {
        let day = try reader.day()
        today = day
        firstDay = try reader.day()
        guard firstDay <= day else { throw reader.error("the first day is after the last") }
        hour = try reader.hour()
        let cells = try reader.whole(Int.self, in: 0...DetectionLimits.cellsMax)
        for number in 0..<cells {
            var values: [String] = []
            for _ in context.dimensions { values.append(try reader.text()) }
            guard lattice.number(of: values) == number else { throw reader.error("a cell stands there twice") }
        }
        admitNewCells()
        try readSlots(&cellDays, newest: day, &reader)
        spread(cellDays, to: &segmentDays)
        if var hours = cellHours, var segments = segmentHours {
            try readSlots(&hours, newest: hour, &reader)
            spread(hours, to: &segments)
            cellHours = hours
            segmentHours = segments
        }
        for segment in watches.indices { watches[segment] = try readWatch(segment, &reader) }
    }

    private func readSlots(
        _ slots: inout SlotSums, newest: Int32, _ reader: inout StateReader
    ) throws(DetectorStateError) {
        slots.advance(to: newest)
        for cell in lattice.cells.indices {
            var age = slots.kept
            for _ in 0..<(try reader.whole(Int.self, in: 0...Int(slots.kept))) {
                guard age > 0 else { throw reader.error("slots are out of order") }
                age = try reader.whole(in: 0...age - 1)
                let answers = try reader.whole(Int64.self)
                var harms: [Int64] = []
                for _ in 0..<line.channels { harms.append(try reader.whole()) }
                slots.add(row: cell, slot: newest - age, answers: answers, harms: harms)
            }
        }
    }

    private func spread(_ cells: SlotSums, to segments: inout SlotSums) {
        segments.advance(to: cells.newest)
        for cell in lattice.cells.indices {
            for slot in cells.slots {
                let values = cells.values(row: cell, slot: slot)
                guard values.contains(where: { $0 != 0 }), let answers = values.first else { continue }
                for segment in lattice.memberships[cell] {
                    segments.add(row: segment, slot: slot, answers: answers, harms: Array(values.dropFirst()))
                }
            }
        }
    }

    private func readWatch(_ segment: Int, _ reader: inout StateReader) throws(DetectorStateError) -> SegmentWatch {
        var watch = SegmentWatch()
        let numbers = try reader.reals(7)
        watch.trace = ChartTrace(
            level: numbers[0], mean: numbers[1], count: numbers[2], least: numbers[3],
            sinceHour: try readHourOrNone(&reader))
        watch.volume = numbers[4]
        watch.log = numbers[5]
        watch.threshold = numbers[6]
        watch.learnFrom = try readDayOrNone(&reader)
        watch.heldHour = try readHourOrNone(&reader)
        watch.daysWatched = try reader.whole(in: 0...4 * Int64(DetectionLimits.dayMax))
        watch.isAccepted = try reader.flag()
        watch.isArmed = try reader.flag()
        if try reader.flag() {
            let dispersion = try reader.finite()
            guard dispersion > 0, dispersion <= 1 else { throw reader.error("a dispersion is out of range") }
            let cells = try readCells(segment, &reader)
            watch.baseline = LearntBaseline(cells: cells, dispersion: dispersion, line: line)
        }
        if try reader.flag() { watch.open = try readAlert(segment, &reader) }
        return watch
    }

    private func readAlert(_ segment: Int, _ reader: inout StateReader) throws(DetectorStateError) -> OpenAlert {
        let opened = try reader.day()
        let onset = try reader.hour()
        let from = try reader.hour()
        let through = try reader.hour()
        guard from <= onset, onset <= through else { throw reader.error("an onset is outside its range") }
        let before = try readCells(segment, &reader)
        let numbers = try reader.reals(5)
        let saidDay = try reader.day()
        return OpenAlert(
            openedDay: opened, onsetHour: onset, onsetFrom: from, onsetThrough: through, before: before,
            limit: numbers[0], log: numbers[1], threshold: numbers[2], expectedFalseAlarms: numbers[3],
            saidDrop: numbers[4], saidDay: saidDay, goneSince: try readDayOrNone(&reader))
    }

    /// Whole rows, of the segment's first cells.
    private func readCells(_ segment: Int, _ reader: inout StateReader) throws(DetectorStateError) -> [Int64] {
        let width = 1 + line.channels
        let most = lattice.nodes[segment].cells.count * width
        let count = try reader.whole(Int.self, in: 0...most)
        guard count % width == 0 else { throw reader.error("a cell's sums are cut short") }
        var values: [Int64] = []
        for _ in 0..<count { values.append(try reader.whole()) }
        return values
    }

    private func readDayOrNone(_ reader: inout StateReader) throws(DetectorStateError) -> Int32 {
        let day = try reader.whole(Int32.self)
        guard day == .min || abs(Int64(day)) <= Int64(DetectionLimits.dayMax) else {
            throw reader.error("a day is out of range")
        }
        return day
    }

    private func readHourOrNone(_ reader: inout StateReader) throws(DetectorStateError) -> Int32 {
        let hour = try reader.whole(Int32.self)
        guard hour == .min || abs(Int64(hour)) <= Int64(DetectionLimits.dayMax) * 24 + 2_000 else {
            throw reader.error("an hour is out of range")
        }
        return hour
    }
}
