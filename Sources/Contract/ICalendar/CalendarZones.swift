import Satisfaction

/// The clocks a calendar's times are written by.
struct CalendarZones {
    /// Of days and of times that name no zone.
    let floating: TimeZoneTable
    private var known: [String: TimeZoneTable]

    /// - Parameter defined: the calendar's own zones (`VTIMEZONE`), for names the time zone database does not have.
    init(floating: TimeZoneTable, defined: [String: TimeZoneTable] = [:]) {
        self.floating = floating
        known = defined
    }

    /// The time of a line with one value.
    mutating func time(_ line: ContentLine) throws(CalendarError) -> CalendarTime {
        let times = try times(line)
        guard times.count == 1 else { throw CalendarError(line: line.number, "must have one time in \(line.name)") }
        return times[0]
    }

    mutating func times(_ lines: [ContentLine]) throws(CalendarError) -> [CalendarTime] {
        var all: [CalendarTime] = []
        for line in lines { all += try times(line) }
        return all
    }

    private mutating func times(_ line: ContentLine) throws(CalendarError) -> [CalendarTime] {
        let zone = try zone(line)
        var times: [CalendarTime] = []
        for text in line.value.split(separator: ",", omittingEmptySubsequences: false) {
            guard let time = CalendarTime(text, zone: zone) else {
                throw CalendarError(
                    line: line.number,
                    "has \(line.name) \"\(text.prefix(40))\", but it must be 20261224, 20261224T093000 or 20261224T093000Z, a "
                        + "day and time that exist")
            }
            // A day belongs to the configured zone whatever zone its writer lived in.
            times.append(time.isDay ? CalendarTime(isDay: true, local: time.local, zone: floating) : time)
        }
        return times
    }

    private mutating func zone(_ line: ContentLine) throws(CalendarError) -> TimeZoneTable {
        guard let name = line.parameters["TZID"]?.first else { return floating }
        if let zone = known[name] { return zone }
        // Some writers put a path before the name: /freeassociation.sourceforge.net/Europe/Berlin.
        var rest = name[...]
        while true {
            if !rest.isEmpty, let zone = TimeZoneTable(named: String(rest)) {
                known[name] = zone
                return zone
            }
            guard let slash = rest.firstIndex(of: "/") else { break }
            rest = rest[rest.index(after: slash)...]
        }
        throw CalendarError(
            line: line.number,
            "has TZID=\(name), which is neither in the time zone database nor a VTIMEZONE of the file: write a name such as "
                + "Europe/Berlin")
    }
}
