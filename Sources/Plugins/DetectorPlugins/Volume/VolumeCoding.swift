import PluginKit
import Satisfaction

// The state as bytes. Version 1:
//
//     version, metric, dimensions, channels
//     has begun, clock, first day, today, hour, flags, last hour's burst, eager day
//     segments: has part (dimension, value), days, today, has baseline (7 means, overdispersion), 2 × 3 statistics
//     everybody, cells, sources: name, answers, harms, usual answers, usual harms, peaks
//     silence: 24 hours, 24 of today, longest, expected, last answer
//     open and past incidents
extension VolumeWatch {
    private static let version: UInt8 = 1

    package func encodeState() -> [UInt8] {
        var writer = StateWriter()
        writer.byte(Self.version)
        writer.text(context.metric)
        writer.whole(context.dimensions.count)
        for dimension in context.dimensions { writer.text(dimension) }
        writer.whole(context.watched.channels.count)
        writer.flag(clock != nil)
        writer.whole(clock ?? 0)
        writer.whole(firstDay)
        writer.whole(today)
        writer.whole(hour)
        writer.flag(isDayExceptional)
        writer.whole(lastHourAnswers)
        writer.whole(eagerUntil)
        writer.whole(series.count)
        for line in series { line.encode(into: &writer) }
        for group in [[everybody], cells, sources] {
            writer.whole(group.count)
            for volume in group { volume.encode(into: &writer) }
        }
        writer.reals(silence.hours)
        writer.wholes(silence.today)
        writer.reals(silence.longest)
        writer.real(silence.expected)
        writer.whole(silence.lastAnswer)
        for incidents in [open, past] {
            writer.whole(incidents.count)
            for incident in incidents { incident.encode(into: &writer) }
        }
        return writer.bytes
    }

    /// - Throws: when the bytes are not a state of this version and context; the watch is then unchanged.
    package mutating func restore(_ state: [UInt8]) throws(DetectorStateError) {
        var reader = StateReader(state)
        guard try reader.byte() == Self.version else { throw reader.error("the volume state has another version") }
        guard try reader.text() == context.metric else { throw reader.error("the state is of another metric") }
        guard try reader.whole(Int.self) == context.dimensions.count else {
            throw reader.error("the state is of another model")
        }
        for dimension in context.dimensions where try reader.text() != dimension {
            throw reader.error("the state is of another model")
        }
        // Another definition of the score counts other harms; what it means for these is not known.
        let channels = try reader.whole(Int.self, in: 1...WatchedAnswers.channelsMax)
        guard channels == context.watched.channels.count else { throw reader.error("the state is of another score") }
        var next = VolumeWatch(context: context)
        try next.read(&reader)
        guard reader.isAtEnd else { throw reader.error("the state goes on") }
        next.indexNames()
        self = next
    }

    private mutating func read(_ reader: inout StateReader) throws(DetectorStateError) {
        let channels = context.watched.channels.count
        let hasBegun = try reader.flag()
        let moment = try reader.moment()
        clock = hasBegun ? moment : nil
        firstDay = try reader.day()
        today = try reader.day()
        hour = try reader.moment()
        isDayExceptional = try reader.flag()
        lastHourAnswers = try reader.amount()
        eagerUntil = try reader.whole()
        series = []
        for _ in 0..<(try reader.whole(in: 1...VolumeLimits.segmentsMax)) {
            series.append(try VolumeSeries(&reader, dimensions: context.dimensions.count))
        }
        guard series[0].part == nil, series.dropFirst().allSatisfy({ $0.part != nil }) else {
            throw reader.error("the total is not the first segment")
        }
        guard try reader.whole(Int.self) == 1 else { throw reader.error("there is one total") }
        everybody = try HourlyVolume(&reader, names: 0, channels: channels)
        cells = []
        for _ in 0..<(try reader.whole(in: 0...VolumeLimits.cellsMax)) {
            cells.append(try HourlyVolume(&reader, names: context.dimensions.count, channels: channels))
        }
        sources = []
        for _ in 0..<(try reader.whole(in: 0...VolumeLimits.sourcesMax)) {
            sources.append(try HourlyVolume(&reader, names: 1, channels: 1))
        }
        silence.hours = try reader.reals(24)
        silence.today = try reader.wholes(24, in: 0...Int64.max / 64)
        silence.longest = try reader.reals(VolumeMethod.weeksRemembered)
        silence.expected = try reader.finite()
        silence.lastAnswer = try reader.moment()
        open = try incidents(&reader, max: VolumeLimits.incidentsMax + 1)
        past = try incidents(&reader, max: VolumeLimits.rememberedMax)
        guard open.allSatisfy({ $0.end == nil }), past.allSatisfy({ $0.end != nil }) else {
            throw reader.error("an incident is open and over")
        }
    }

    private func incidents(_ reader: inout StateReader, max: Int) throws(DetectorStateError) -> [VolumeIncident] {
        var list: [VolumeIncident] = []
        for _ in 0..<(try reader.whole(in: 0...max)) {
            let incident = try VolumeIncident(&reader, dimensions: context.dimensions)
            switch incident.subject {
            case .cell(let place) where place >= cells.count: throw reader.error("a burst is of an unknown cell")
            case .source(let place) where place >= sources.count: throw reader.error("a burst is of an unknown source")
            default: list.append(incident)
            }
        }
        return list
    }
}

extension StateReader {
    fileprivate mutating func moment() throws(DetectorStateError) -> Int64 {
        try whole(in: -300_000_000_000_000...300_000_000_000_000)
    }
    /// Answers or harm: far above what can arrive, far below where sums overflow.
    fileprivate mutating func amount() throws(DetectorStateError) -> Int64 { try whole(in: 0...Int64.max / 64) }
}

extension VolumeSeries {
    fileprivate func encode(into writer: inout StateWriter) {
        writer.flag(part != nil)
        if let part {
            writer.whole(part.dimension)
            writer.text(part.value)
        }
        writer.wholes(days)
        writer.whole(today)
        writer.flag(baseline != nil)
        if let baseline {
            writer.reals(baseline.means)
            writer.real(baseline.overdispersion)
        }
        for values in statistics { writer.reals(values) }
    }

    fileprivate init(_ reader: inout StateReader, dimensions: Int) throws(DetectorStateError) {
        part =
            try reader.flag()
            ? Part(dimension: try reader.whole(in: 0...max(0, dimensions - 1)), value: try reader.text()) : nil
        guard part == nil || dimensions > 0 else { throw reader.error("a segment of no dimension") }
        let count = try reader.whole(Int.self, in: 0...VolumeMethod.daysKeptMax)
        for _ in 0..<count { days.append(try reader.whole(in: -(Int64.max / 64)...Int64.max / 64)) }
        today = try reader.amount()
        if try reader.flag() {
            let means = try reader.reals(7)
            let overdispersion = try reader.finite()
            guard means.allSatisfy({ $0 >= 0 }), VolumeMethod.overdispersionRange.contains(overdispersion) else {
                throw reader.error("a baseline is impossible")
            }
            baseline = VolumeBaseline(means: means, overdispersion: overdispersion)
        }
        for place in statistics.indices {
            statistics[place] = try reader.reals(3)
            guard statistics[place].allSatisfy({ $0 >= 0 }) else { throw reader.error("evidence is negative") }
        }
    }
}

extension HourlyVolume {
    fileprivate func encode(into writer: inout StateWriter) {
        for name in name { writer.text(name) }
        writer.whole(answers)
        writer.wholes(harms)
        writer.real(usualAnswers)
        writer.reals(usualHarms)
        writer.wholes(peaks)
    }

    fileprivate init(_ reader: inout StateReader, names: Int, channels: Int) throws(DetectorStateError) {
        var name: [String] = []
        for _ in 0..<names { name.append(try reader.text()) }
        self.init(name: name, channels: channels)
        answers = try reader.amount()
        harms = try reader.wholes(channels, in: 0...Int64.max / 64)
        usualAnswers = try reader.finite()
        usualHarms = try reader.reals(channels)
        peaks = try reader.wholes(VolumeMethod.weeksRemembered, in: 0...Int64.max / 64)
    }
}

extension VolumeIncident {
    fileprivate func encode(into writer: inout StateWriter) {
        writer.byte(kind.rawValue)
        writer.text(segment.description)
        writer.flag(part != nil)
        if let part {
            writer.whole(part.dimension)
            writer.text(part.value)
        }
        switch subject {
        case .everybody: writer.whole(0)
        case .cell(let place): writer.whole(1 + place)
        case .source(let place): writer.whole(-1 - place)
        }
        writer.whole(start)
        writer.whole(origin)
        writer.whole(detected)
        writer.flag(end != nil)
        if let end { writer.whole(end) }
        writer.whole(answers)
        writer.wholes(harms)
        for value in [usual, factor, recovery, evidence, told] { writer.real(value) }
        writer.text(words)
        writer.flag(isQuiet)
    }

    fileprivate init(_ reader: inout StateReader, dimensions: [String]) throws(DetectorStateError) {
        guard let kind = Kind(rawValue: try reader.byte()), let segment = Segment(try reader.text()) else {
            throw reader.error("an incident is of no kind or segment")
        }
        self.kind = kind
        self.segment = segment
        part =
            try reader.flag()
            ? VolumeSeries.Part(
                dimension: try reader.whole(in: 0...max(0, dimensions.count - 1)), value: try reader.text())
            : nil
        let place = try reader.whole(Int.self, in: -VolumeLimits.sourcesMax...VolumeLimits.cellsMax)
        subject = place == 0 ? .everybody : place > 0 ? .cell(place - 1) : .source(-1 - place)
        start = try reader.moment()
        origin = try reader.moment()
        detected = try reader.moment()
        if try reader.flag() { end = try reader.moment() }
        answers = try reader.amount()
        let channels = try reader.whole(Int.self, in: 0...WatchedAnswers.channelsMax)
        for _ in 0..<channels { harms.append(try reader.amount()) }
        guard kind != .burst || channels > 0 else { throw reader.error("a burst has no harms") }
        usual = try reader.finite()
        factor = try reader.finite()
        recovery = try reader.finite()
        evidence = try reader.finite()
        told = try reader.finite()
        guard factor > 0 else { throw reader.error("a rate is not positive") }
        words = try reader.text()
        isQuiet = try reader.flag()
    }
}
