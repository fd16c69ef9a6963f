import Foundation
import PluginKit
import Satisfaction

/// Watches how many answers come, beside the detectors that watch how good they are: breaks that last for days, bursts
/// within an hour, silence, and changes of what is measured.
///
/// A pure fold over the steps of the arrival clock, like a detector: the same steps give the same notes and the same
/// state, bit by bit. Unlike detectors it is also given steps without arrivals, and sees arrivals first: those of a
/// burst leave it marked as suspect. The method is in `docs/volume.md`.
package struct VolumeWatch: Sendable {
    package let context: VolumeContext

    /// Everybody first, then single values in the order in which they appeared.
    var series: [VolumeSeries] = [VolumeSeries(part: nil)]
    /// Everybody, cells and sources, by hour.
    var everybody: HourlyVolume
    var cells: [HourlyVolume] = []
    var sources: [HourlyVolume] = []
    var silence = SilenceClock()
    /// Open ones, never two of one segment; then those that are over but may still overlap a dip's onset.
    var open: [VolumeIncident] = []
    var past: [VolumeIncident] = []

    /// End of the last step, ms since 1970; nil before the first.
    var clock: Int64?
    var firstDay: Int32 = 0
    var today: Int32 = 0
    var hour: Int64 = 0
    /// Whether the present day had a silence or a burst that was told.
    var isDayExceptional = false
    /// Answers of the burst in the hour that closed last.
    var lastHourAnswers: Int64 = 0
    /// A burst has lasted so long that half the evidence makes it a break, until this day.
    var eagerUntil = Int32.min

    // By name; never part of the state.
    private var seriesPlaces: [VolumeSeries.Part: Int] = [:]
    private var cellPlaces: [[String]: Int] = [:]
    private var sourcePlaces: [String: Int] = [:]

    package init(context: VolumeContext) {
        self.context = context
        everybody = HourlyVolume(name: [], channels: context.watched.channels.count)
    }

    /// Civil day the clock has reached.
    package var day: Int32 { today }

    /// Days of history, the present one not counted.
    var age: Int32 { today - firstDay }
    var isLearned: Bool { clock != nil && age >= VolumeMethod.learningDays }

    /// Takes one step: lets time pass, counts its arrivals, and marks those of a burst as suspect.
    ///
    /// - Parameters:
    ///   - arrivals: of the step, empty where nothing came. A step not after the last one counts as part of it.
    ///   - sources: answers of the step by source.
    package mutating func step(_ arrivals: inout StepArrivals, sources: [SourceArrivals]) -> [VolumeNote] {
        var notes: [VolumeNote] = []
        let stepMax = VolumeLimits.momentMax / context.stepMilliseconds
        let start = min(max(arrivals.step, -stepMax), stepMax) * context.stepMilliseconds
        let end = start + context.stepMilliseconds
        let day = DetectionCalendar.day(arrivals.day)
        let count = arrivals.cells.reduce(0) { $0 + min(max($1.answers, 0), VolumeLimits.answersMax) }
        if clock == nil {
            guard count > 0 else { return [] }
            clock = start
            today = day
            firstDay = day + 1
            hour = start.flooredQuotient(DetectionCalendar.hour)
            silence.lastAnswer = end
        }
        pass(to: start, end: end, day: day, isSilent: count == 0, &notes)
        guard count > 0 else { return notes }
        endSilence(at: end, &notes)
        let places = add(arrivals.cells)
        let sourcesSeen = add(sources)
        silence.today[hourOfDay(start)] += count
        if isLearned { judgeBursts(&arrivals, places, sourcesSeen, end, &notes) }
        return notes
    }

    // MARK: Time

    /// Lets the clock pass to the end of a step: hours and days close, silence grows.
    private mutating func pass(
        to start: Int64, end: Int64, day: Int32, isSilent: Bool, _ notes: inout [VolumeNote]
    ) {
        guard let last = clock, end > last else { return }
        silence.expected += expected(from: last, to: end)
        let nextHour = start.flooredQuotient(DetectionCalendar.hour)
        // A second one closes an hour without answers, and all that follow it alike.
        for _ in 0..<2 where hour < nextHour {
            closeHour(&notes)
            hour += 1
        }
        hour = max(hour, nextHour)
        if day > today {
            let gap = min(day - today, VolumeLimits.gapDaysMax)
            if day - today > gap { today = day - gap }
            for _ in 0..<gap { closeDay(isSilent: isSilent, &notes) }
        }
        clock = end
        if isSilent, isLearned { judgeSilence(at: end, &notes) }
    }

    private mutating func closeHour(_ notes: inout [VolumeNote]) {
        let week = Self.week(of: today)
        let end = (hour + 1) * DetectionCalendar.hour
        let bursting = burst
        takeHour()
        everybody.closeHour(week: week, isUsual: bursting == nil)
        for place in cells.indices {
            // Only a single cell's burst leaves the others as they are.
            let isApart = if case .cell(let other)? = bursting?.subject { other != place } else { bursting == nil }
            cells[place].closeHour(week: week, isUsual: isApart)
        }
        for place in sources.indices {
            sources[place].closeHour(week: week, isUsual: bursting?.subject != .source(place))
        }
        closeBurstHour(at: end, &notes)
    }

    private mutating func closeDay(isSilent: Bool, _ notes: inout [VolumeNote]) {
        let isSilenced = open.contains { $0.kind == .silence }
        let isHoliday = context.holidays.contains(today)
        let isException = isDayExceptional || isSilenced || isHoliday
        silence.closeDay(isUsual: !isException)
        let closed = today
        for place in series.indices {
            // The first day of all has no beginning.
            if closed >= firstDay { series[place].closeDay(isException: isException) }
            series[place].today = 0
        }
        today += 1
        isDayExceptional = false
        if Self.week(of: today) != Self.week(of: closed) { forgetOldWeek() }
        let kept = pow(0.5, 1 / VolumeMethod.profileHalfLifeDays)
        everybody.decay(by: kept)
        for place in cells.indices { cells[place].decay(by: kept) }
        for place in sources.indices { sources[place].decay(by: kept) }
        past.removeAll { $0.end! < (Int64(today) - Int64(VolumeMethod.rememberedDays)) * 86_400_000 }
        judgeBreaks(closed, isException: isException, &notes)
        closeMeasurement(&notes)
    }

    private static func week(of day: Int32) -> Int {
        Int((day + 3).flooredQuotient(7)) & (VolumeMethod.weeksRemembered - 1)
    }

    private mutating func forgetOldWeek() {
        let week = Self.week(of: today)
        everybody.peaks[week] = 0
        for place in cells.indices { cells[place].peaks[week] = 0 }
        for place in sources.indices { sources[place].peaks[week] = 0 }
        silence.longest[week] = 0
        // A source not heard of for a month makes room for one that is.
        if sources.count >= VolumeLimits.sourcesMax {
            let bursting = burst.flatMap { if case .source(let place) = $0.subject { place } else { nil } }
            if bursting == nil {
                sources.removeAll { $0.peak == 0 && $0.answers == 0 }
                sourcePlaces = [:]
                for (place, source) in sources.enumerated() { sourcePlaces[source.name[0]] = place }
            }
        }
    }

    func hourOfDay(_ moment: Int64) -> Int {
        let local = moment + context.zone.offset(at: moment)
        return Int(local.flooredQuotient(DetectionCalendar.hour) - local.flooredQuotient(86_400_000) * 24)
    }

    /// Answers usual between two moments.
    private func expected(from first: Int64, to end: Int64) -> Double {
        guard let baseline = series[0].baseline, series[0].isArmed else { return 0 }
        // Where a break to fewer answers is known, fewer are missed.
        let rate = open.first { $0.kind == .fewer && $0.segment == .total }?.factor ?? 1
        var sum = 0.0
        // What is missing after a month is missing enough.
        var moment = max(first, end - 31 * 86_400_000)
        while moment < end {
            let next = min(end, (moment.flooredQuotient(DetectionCalendar.hour) + 1) * DetectionCalendar.hour)
            let day = context.zone.day(of: moment)
            if !context.holidays.contains(day) {
                sum +=
                    baseline.means[DetectionCalendar.weekday(of: day)] * silence.share(ofHour: hourOfDay(moment))
                    * Double(next - moment) / Double(DetectionCalendar.hour)
            }
            moment = next
        }
        return sum * min(rate, 1)
    }

    /// Forgets how bad answers usually are, and how bad the present hour's were.
    mutating func forgetHarms() {
        everybody.forgetHarms()
        for place in cells.indices { cells[place].forgetHarms() }
        for place in sources.indices { sources[place].forgetHarms() }
    }

    // MARK: Counting

    /// Counts the arrivals by segment and cell.
    /// - Returns: of each arrival, its cell's place; nil beyond the cap.
    private mutating func add(_ arrivals: [CellArrivals]) -> [Int?] {
        arrivals.map { arrival in
            let answers = min(max(arrival.answers, 0), VolumeLimits.answersMax)
            everybody.add(answers, arrival.harms)
            series[0].today += answers
            for (dimension, value) in arrival.cell.enumerated() {
                if let place = seriesPlace(.init(dimension: dimension, value: value)) { series[place].today += answers }
            }
            guard let place = cellPlace(arrival.cell) else { return nil }
            cells[place].add(answers, arrival.harms)
            return place
        }
    }

    private mutating func seriesPlace(_ part: VolumeSeries.Part) -> Int? {
        guard !part.value.isEmpty else { return nil }
        if let known = seriesPlaces[part] { return known }
        guard series.count < VolumeLimits.segmentsMax else { return nil }
        seriesPlaces[part] = series.count
        series.append(VolumeSeries(part: part))
        return series.count - 1
    }

    private mutating func cellPlace(_ cell: [String]) -> Int? {
        // Without dimensions the only cell is everybody.
        guard !cell.isEmpty else { return nil }
        if let known = cellPlaces[cell] { return known }
        guard cells.count < VolumeLimits.cellsMax else { return nil }
        cellPlaces[cell] = cells.count
        cells.append(HourlyVolume(name: cell, channels: context.watched.channels.count))
        return cells.count - 1
    }

    private mutating func add(_ arrivals: [SourceArrivals]) -> [(place: Int, answers: Int64)] {
        arrivals.compactMap { arrival in
            guard !arrival.source.isEmpty, arrival.answers > 0 else { return nil }
            var place = sourcePlaces[arrival.source]
            if place == nil, sources.count < VolumeLimits.sourcesMax {
                place = sources.count
                sourcePlaces[arrival.source] = place
                sources.append(HourlyVolume(name: [arrival.source], channels: 1))
            }
            guard let place else { return nil }
            sources[place].add(arrival.answers, [arrival.harm])
            return (place, min(arrival.answers, VolumeLimits.answersMax))
        }
    }

    /// Finds its names again after the state was replaced.
    mutating func indexNames() {
        seriesPlaces = [:]
        for (place, line) in series.enumerated() { if let part = line.part { seriesPlaces[part] = place } }
        cellPlaces = [:]
        for (place, cell) in cells.enumerated() { cellPlaces[cell.name] = place }
        sourcePlaces = [:]
        for (place, source) in sources.enumerated() { sourcePlaces[source.name[0]] = place }
    }
}
