import Satisfaction

/// A `VEVENT`: what it is called, when it is, and when it comes again.
struct CalendarEvent {
    let identity: String?
    let name: String
    /// What its categories say; nil where they say nothing of holidays or releases.
    let kind: CalendarNote.Kind?
    let start: CalendarTime
    let extent: CalendarExtent
    let isCancelled: Bool
    /// The occurrence of the event of the same identity that this one stands for.
    let replaced: CalendarTime?
    private let rule: RecurrenceRule?
    private let until: CalendarTime?
    private let excluded: [CalendarTime]
    private let added: [CalendarTime]

    /// Characters of a name; what is longer is cut.
    static let nameCharactersMax = 120

    /// - Parameters:
    ///   - lines: between `BEGIN:VEVENT` and `END:VEVENT`, without those of components within.
    ///   - begin: line of `BEGIN:VEVENT`.
    ///   - zones: reads the times of a line.
    init(_ lines: [ContentLine], begin: Int, zones: inout CalendarZones) throws(CalendarError) {
        func single(_ name: String) throws(CalendarError) -> ContentLine? {
            let found = lines.filter { $0.name == name }
            guard found.count <= 1 else { throw CalendarError(line: found[1].number, "is the event's second \(name)") }
            return found.first
        }
        if let line = lines.first(where: { $0.name == "EXRULE" }) {
            throw CalendarError(line: line.number, "has EXRULE, which is not understood: write the dates as EXDATE")
        }
        guard let startLine = try single("DTSTART") else {
            throw CalendarError(line: begin, "begins an event without DTSTART: give it one, or remove the event")
        }
        let start = try zones.time(startLine)
        self.start = start
        identity = try single("UID")?.value
        let categories = lines.filter { $0.name == "CATEGORIES" }.flatMap(\.texts)
        kind = categories.compactMap(Self.kind(ofCategory:)).first
        let words = (try single("SUMMARY")?.text ?? "").split(whereSeparator: \.isWhitespace)
        name = words.isEmpty ? "unnamed event" : String(words.joined(separator: " ").prefix(Self.nameCharactersMax))
        extent = try Self.extent(start, end: try single("DTEND"), duration: try single("DURATION"), &zones)
        isCancelled = try single("STATUS")?.value.uppercased() == "CANCELLED"
        excluded = try zones.times(lines.filter { $0.name == "EXDATE" })
        added = try zones.times(lines.filter { $0.name == "RDATE" })
        if let line = added.isEmpty ? nil : lines.first(where: { $0.name == "RDATE" }),
            added.contains(where: { $0.isDay != start.isDay })
        {
            throw CalendarError(line: line.number, "has an RDATE that is not of DTSTART's kind, date or time")
        }
        let replacement = try single("RECURRENCE-ID")
        if let replacement, replacement.parameters["RANGE"] != nil {
            throw CalendarError(
                line: replacement.number,
                "has RANGE, which is not understood: end the first event with UNTIL and begin a second one")
        }
        replaced = try replacement.map { line throws(CalendarError) in try zones.time(line) }
        let ruleLine = try single("RRULE")
        let rule = try ruleLine.map { line throws(CalendarError) in
            try RecurrenceRule(line.value, line: line.number)
        }
        self.rule = rule
        guard let text = rule?.until else {
            until = nil
            return
        }
        guard let read = CalendarTime(text, zone: start.zone ?? .utc) else {
            throw CalendarError(
                line: ruleLine?.number ?? begin,
                "RRULE part UNTIL=\(text) is no time: write 20261231 or 20261231T230000Z")
        }
        until = read
    }

    /// By a category's last word, so that "Public holidays" are holidays.
    private static func kind(ofCategory category: String) -> CalendarNote.Kind? {
        switch category.lowercased().split(whereSeparator: \.isWhitespace).last {
        case "holiday", "holidays": .holiday
        case "release", "releases": .release
        default: nil
        }
    }

    /// A day lasts a day and a moment a minute, where nothing else is said.
    private static func extent(
        _ start: CalendarTime, end: ContentLine?, duration: ContentLine?, _ zones: inout CalendarZones
    ) throws(CalendarError) -> CalendarExtent {
        let least = start.isDay ? CalendarExtent(days: 1) : CalendarExtent(milliseconds: 60_000)
        if let duration {
            guard end == nil else {
                throw CalendarError(line: duration.number, "gives a DURATION beside DTEND: remove one of them")
            }
            guard let extent = CalendarExtent(duration.value), !start.isDay || extent.milliseconds == 0 else {
                throw CalendarError(
                    line: duration.number,
                    "has the DURATION \(duration.value), but it must be one such as P1D or PT2H30M"
                        + (start.isDay ? ", of whole days because DTSTART is a day" : ""))
            }
            return extent == CalendarExtent() ? least : extent
        }
        guard let end else { return least }
        let time = try zones.time(end)
        guard time.isDay == start.isDay else {
            throw CalendarError(line: end.number, "has a DTEND that is not of DTSTART's kind, date or time")
        }
        let length = time.isDay ? time.local - start.local : time.moment - start.moment
        guard (0...CalendarExtent.daysMax * CalendarTime.dayMilliseconds).contains(length) else {
            throw CalendarError(
                line: end.number, "ends the event before it begins, or more than ten years after: correct DTEND")
        }
        if length == 0 { return least }
        return time.isDay
            ? CalendarExtent(days: length / CalendarTime.dayMilliseconds) : CalendarExtent(milliseconds: length)
    }

    /// Beginnings within a span, in order.
    ///
    /// - Parameter replaced: occurrences that other events stand for.
    func starts(in span: Range<Int64>, except replaced: [CalendarTime]) -> [CalendarTime] {
        var starts: [CalendarTime] = []
        func take(_ time: CalendarTime) {
            guard time.moment < span.upperBound, extent.end(of: time) > span.lowerBound,
                !isAmong(excluded, time), !isAmong(replaced, time)
            else { return }
            starts.append(time)
        }
        if let rule {
            let reach = Int(extent.days + extent.milliseconds / CalendarTime.dayMilliseconds) + 2
            let first = Int(span.lowerBound.flooredQuotient(CalendarTime.dayMilliseconds)) - reach
            let last = Int(span.upperBound.flooredQuotient(CalendarTime.dayMilliseconds)) + 2
            var count = 0
            RecurrenceDays(rule, start: start.day).forEach(from: first, through: last) { day in
                let time = start.on(day: day)
                if let until, isAfter(time, until) { return false }
                take(time)
                count += 1
                return rule.count.map { count < $0 } ?? true
            }
        } else {
            take(start)
        }
        for time in added { take(time) }
        return starts.sorted { $0.moment < $1.moment }
    }

    private func isAfter(_ time: CalendarTime, _ until: CalendarTime) -> Bool {
        until.isDay || time.isDay ? time.day > until.day : time.moment > until.moment
    }

    /// A day among them stands for every occurrence of the day.
    private func isAmong(_ times: [CalendarTime], _ time: CalendarTime) -> Bool {
        times.contains { $0.isDay || time.isDay ? $0.day == time.day : $0.moment == time.moment }
    }
}
