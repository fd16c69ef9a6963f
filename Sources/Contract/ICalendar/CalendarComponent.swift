import Satisfaction

/// A component of a calendar between its `BEGIN` and its `END`, without those within it.
struct CalendarComponent {
    let name: String
    let begin: Int
    var lines: [ContentLine] = []
    var parts: [CalendarComponent] = []

    /// Components within components; a calendar needs three.
    private static let depthMax = 8

    /// The events and time zones of every `VCALENDAR` among the lines.
    static func events(
        in lines: [ContentLine]
    ) throws(CalendarError) -> (events: [CalendarComponent], zones: [CalendarComponent]) {
        var open: [CalendarComponent] = []
        var calendars: [CalendarComponent] = []
        for line in lines {
            switch line.name {
            case "BEGIN":
                let name = line.value.uppercased()
                guard !open.isEmpty || name == "VCALENDAR" else { throw notACalendar(line) }
                guard open.count < depthMax else { throw CalendarError(line: line.number, "is nested too deeply") }
                open.append(CalendarComponent(name: name, begin: line.number))
            case "END":
                guard let last = open.popLast(), last.name == line.value.uppercased() else {
                    throw CalendarError(
                        line: line.number,
                        "ends \(line.value.prefix(40)), which is not what was begun last: put BEGIN and END in pairs")
                }
                if open.isEmpty { calendars.append(last) } else { open[open.count - 1].parts.append(last) }
            default:
                guard !open.isEmpty else { throw notACalendar(line) }
                open[open.count - 1].lines.append(line)
            }
        }
        if let last = open.last {
            throw CalendarError(line: last.begin, "begins \(last.name), which never ends: the file is cut short")
        }
        guard !calendars.isEmpty else {
            throw CalendarError(line: 1, "is missing: an iCalendar file begins with BEGIN:VCALENDAR")
        }
        let parts = calendars.flatMap(\.parts)
        return (parts.filter { $0.name == "VEVENT" }, parts.filter { $0.name == "VTIMEZONE" })
    }

    private static func notACalendar(_ line: ContentLine) -> CalendarError {
        CalendarError(line: line.number, "stands outside a calendar: an iCalendar file begins with BEGIN:VCALENDAR")
    }

    // MARK: Time zones

    /// The zones a calendar defines itself, for names like "W. Europe Standard Time".
    ///
    /// - Parameter end: until when changes of the clock are computed, ms since 1970.
    static func zones(
        _ components: [CalendarComponent], through end: Int64
    ) throws(CalendarError) -> [String: TimeZoneTable] {
        var zones: [String: TimeZoneTable] = [:]
        for component in components {
            guard let name = component.lines.first(where: { $0.name == "TZID" })?.value else { continue }
            // The database knows more of its zones than any file.
            guard TimeZoneTable(named: name) == nil else { continue }
            zones[name] = try component.zone(named: name, through: end)
        }
        return zones
    }

    private func zone(named name: String, through end: Int64) throws(CalendarError) -> TimeZoneTable {
        var changes: [(moment: Int64, offset: Int64)] = []
        for part in parts where part.name == "STANDARD" || part.name == "DAYLIGHT" {
            let before = try part.offset("TZOFFSETFROM")
            let after = try part.offset("TZOFFSETTO")
            var clock = CalendarZones(floating: .utc)
            let event = try CalendarEvent(part.lines, begin: part.begin, zones: &clock)
            // The beginnings stand in the time that holds until then; those before 1970 decide nothing.
            for start in event.starts(in: Int64.min / 4..<end, except: []) {
                changes.append((start.local - before, after))
            }
        }
        guard let zone = TimeZoneTable(name: name, changes: changes.sorted { $0 < $1 }) else {
            throw CalendarError(line: begin, "defines the time zone \(name) without STANDARD or DAYLIGHT")
        }
        return zone
    }

    /// `+0100` or `-033000`, in milliseconds.
    private func offset(_ name: String) throws(CalendarError) -> Int64 {
        guard let line = lines.first(where: { $0.name == name }) else {
            throw CalendarError(line: begin, "begins a part of a time zone without \(name)")
        }
        let digits = line.value.dropFirst().utf8.map { Int64($0) - 48 }
        guard let sign = line.value.first, sign == "+" || sign == "-", digits.count == 4 || digits.count == 6,
            digits.allSatisfy({ (0...9).contains($0) })
        else { throw CalendarError(line: line.number, "has \(name) \(line.value.prefix(40)), not one such as +0100") }
        let seconds =
            (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60
            + (digits.count == 6 ? digits[4] * 10 + digits[5] : 0)
        return (sign == "-" ? -seconds : seconds) * 1000
    }
}
