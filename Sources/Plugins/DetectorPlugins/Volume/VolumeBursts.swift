import PluginKit
import Satisfaction

// Bursts, silence and changes of measurement.
extension VolumeWatch {
    /// The burst that goes on, of everybody, one cell or one source.
    var burst: VolumeIncident? { open.first { $0.kind == .burst } }

    // MARK: Bursts

    /// Finds a burst in the present hour, and marks the arrivals that belong to it.
    mutating func judgeBursts(
        _ arrivals: inout StepArrivals, _ places: [Int?], _ sourcesSeen: [(place: Int, answers: Int64)],
        _ moment: Int64,
        _ notes: inout [VolumeNote]
    ) {
        if burst == nil, let subject = burstingSubject(places, sourcesSeen) { begin(subject, moment, &notes) }
        guard let burst else { return }
        isDayExceptional = true
        let stepAnswers = arrivals.cells.reduce(0) { $0 + min(max($1.answers, 0), VolumeLimits.answersMax) }
        for index in arrivals.cells.indices {
            let isTouched: Bool
            switch burst.subject {
            case .everybody: isTouched = true
            case .cell(let cell): isTouched = places[index] == cell
            case .source(let source):
                let answers = sourcesSeen.first { $0.place == source }?.answers ?? 0
                // A tally does not say whose cells a source's answers are in: all of them where it sent most of the
                // step, else those with more in this hour than in any usual one.
                let isCrowded = places[index].map { cells[$0].answers > max(2, cells[$0].peak) } ?? true
                isTouched = answers > 0 && (2 * answers >= stepAnswers || isCrowded)
            }
            if isTouched { arrivals.cells[index].isSuspect = true }
        }
    }

    /// Who sends far more than in any usual hour; a source before a cell before everybody, the largest first.
    private func burstingSubject(
        _ places: [Int?], _ sourcesSeen: [(place: Int, answers: Int64)]
    ) -> VolumeIncident.Subject? {
        let source = sourcesSeen.map(\.place)
            .filter { sources[$0].answers >= sources[$0].bound && isBeyondUsual(sources[$0].answers) }
            .max { (sources[$0].answers, sources[$1].name[0]) < (sources[$1].answers, sources[$0].name[0]) }
        if let source { return .source(source) }
        let crowded = Set(places.compactMap(\.self)).sorted()
            .filter { cells[$0].answers >= cells[$0].bound && isBeyondUsual(cells[$0].answers) }
        // One cell's burst has most of the answers beyond the usual; where several do, it is everybody's.
        if let cell = crowded.max(by: { cells[$0].answers < cells[$1].answers }),
            everybody.answers < everybody.bound || 2 * cells[cell].answers >= everybody.answers
        {
            return .cell(cell)
        }
        return everybody.answers >= everybody.bound ? .everybody : nil
    }

    /// Whether at least half of `answers` come on top of what an hour usually has: a source or value with a new name, in
    /// the place of another, is no burst.
    private func isBeyondUsual(_ answers: Int64) -> Bool {
        let usual = (series[0].baseline?.volume ?? 0) * silence.share(ofHour: hourOfDay(clock! - 1))
        return Double(everybody.answers) - 1.5 * usual >= Double(answers) / 2
    }

    func volume(of subject: VolumeIncident.Subject) -> HourlyVolume {
        switch subject {
        case .everybody: everybody
        case .cell(let place): cells[place]
        case .source(let place): sources[place]
        }
    }

    private mutating func begin(_ subject: VolumeIncident.Subject, _ moment: Int64, _ notes: inout [VolumeNote]) {
        let before = past.last {
            $0.kind == .burst && moment - ($0.end ?? 0) < 24 * DetectionCalendar.hour
        }
        let start = hour * DetectionCalendar.hour
        if let before, start - before.origin >= VolumeMethod.burstHoursMax * DetectionCalendar.hour {
            eagerUntil = today + VolumeMethod.refitDays
            return
        }
        let present = volume(of: subject)
        var segment = Segment.total
        var words = ""
        switch subject {
        case .everybody: break
        case .cell:
            segment = Segment(
                zip(context.dimensions, present.name).compactMap {
                    $1.isEmpty ? nil : Segment.Part(dimension: $0, value: $1)
                })
        case .source: words = present.name[0]
        }
        // Of a segment's two stories the one that is told goes on; the answers are suspect all the same.
        let other = told(segment)
        if let other, open[other].kind == .measurement { end(other, at: moment, .newNormal, &notes) }
        guard open.count < VolumeLimits.incidentsMax else { return }
        var incident = VolumeIncident(
            kind: .burst, segment: segment, part: nil, subject: subject, start: start,
            detected: moment)
        incident.origin = before?.origin ?? start
        incident.isQuiet = told(segment) != nil
        incident.harms = [Int64](repeating: 0, count: present.harms.count)
        incident.usual = Double(present.peak)
        incident.words = words
        incident.told = Double(present.answers)
        open.append(incident)
        guard !incident.isQuiet else { return }
        // The hour is added when it closes; what has come of it is said now.
        incident.answers = present.answers
        incident.harms = present.harms
        notes.append(note(incident, .dip))
    }

    /// Adds the hour that closes to the burst, and ends it when the hour was quiet or it has lasted too long to be one.
    ///
    /// Called with the hour's counts already gone: ``takeHour()`` has taken them before.
    mutating func closeBurstHour(at end: Int64, _ notes: inout [VolumeNote]) {
        guard let place = open.firstIndex(where: { $0.kind == .burst }) else { return }
        let hours = (end - open[place].origin) / DetectionCalendar.hour
        if hours >= VolumeMethod.burstHoursMax {
            eagerUntil = today + VolumeMethod.refitDays
            isDayExceptional = false
            self.end(place, at: end, .newNormal, &notes)
        } else if Double(lastHourAnswers) < max(Double(VolumeMethod.burstAnswersMin) / 2, open[place].usual) {
            // The quiet hour was no part of it.
            self.end(place, at: end - DetectionCalendar.hour, .recovered, &notes)
        } else if Double(open[place].answers) >= 2 * open[place].told {
            open[place].told = Double(open[place].answers)
            if !open[place].isQuiet { notes.append(note(open[place], .revised)) }
        }
    }

    /// Adds the present hour's answers to the burst before the hour is closed.
    mutating func takeHour() {
        lastHourAnswers = 0
        guard let place = open.firstIndex(where: { $0.kind == .burst }) else { return }
        let present = volume(of: open[place].subject)
        lastHourAnswers = present.answers
        open[place].answers += present.answers
        for channel in present.harms.indices { open[place].harms[channel] += present.harms[channel] }
    }

    // MARK: Silence

    mutating func judgeSilence(at moment: Int64, _ notes: inout [VolumeNote]) {
        if let place = open.firstIndex(where: { $0.kind == .silence }) {
            isDayExceptional = true
            open[place].usual = silence.expected
            guard silence.expected >= 2 * open[place].told else { return }
            open[place].told = silence.expected
            notes.append(note(open[place], .revised))
            return
        }
        guard silence.expected >= silence.bound,
            moment - silence.lastAnswer >= VolumeMethod.silentStepsMin * context.stepMilliseconds
        else { return }
        if let place = told(.total) { end(place, at: moment, .newNormal, &notes) }
        guard open.count < VolumeLimits.incidentsMax else { return }
        var incident = VolumeIncident(
            kind: .silence, segment: .total, part: nil, subject: .everybody, start: silence.lastAnswer,
            detected: moment)
        incident.usual = silence.expected
        incident.told = silence.expected
        isDayExceptional = true
        open.append(incident)
        notes.append(note(incident, .dip))
    }

    mutating func endSilence(at moment: Int64, _ notes: inout [VolumeNote]) {
        let place = open.firstIndex { $0.kind == .silence }
        // A silence as long as one that is told was an outage, told or not; two within days are how answers now come.
        let isRepeated = past.contains { $0.kind == .silence && moment - ($0.end ?? 0) < 2 * 86_400_000 }
        let isUsual = !isLearned || silence.expected < silence.bound || isRepeated
        silence.end(at: moment, week: Int((today + 3).flooredQuotient(7)) & 3, isUsual: isUsual)
        if let place { end(place, at: moment, .recovered, &notes) }
    }

    // MARK: Changes of measurement

    /// Whether a change of measurement is being told.
    package var isMeasureNew: Bool { open.contains { $0.kind == .measurement } }

    /// Notes that the metric is measured in another way from `moment` on.
    /// - Parameter sentence: what has changed.
    package mutating func measuredDifferently(_ sentence: String, at moment: Int64) -> [VolumeNote] {
        var notes: [VolumeNote] = []
        var incident = VolumeIncident(
            kind: .measurement, segment: .total, part: nil, subject: .everybody, start: moment, detected: moment)
        incident.words = sentence
        // What harm was usual is said of another measure.
        forgetHarms()
        if let place = told(.total) { end(place, at: moment, .newNormal, &notes) }
        open.append(incident)
        notes.append(note(incident, .dip))
        return notes
    }

    /// The detectors have learnt the new measure: nothing more needs to be said of the change.
    package mutating func measureIsLearned(at moment: Int64) -> [VolumeNote] {
        var notes: [VolumeNote] = []
        if let place = open.firstIndex(where: { $0.kind == .measurement }) {
            end(place, at: moment, .recovered, &notes)
        }
        return notes
    }

    mutating func closeMeasurement(_ notes: inout [VolumeNote]) {
        guard let place = open.firstIndex(where: { $0.kind == .measurement }),
            today - context.zone.day(of: open[place].start) > VolumeMethod.newNormalDays
        else { return }
        end(place, at: clock ?? 0, .newNormal, &notes)
    }
}
