import Satisfaction

/// Reads calendars (iCalendar, RFC 5545): events become notes, repeated ones as many as begin in a span of time.
///
/// What decides when an event is, and is not understood, is an error; to-dos, journals, alarms and properties that only
/// tell people something are passed over.
package struct CalendarReader: Sendable {
    package static let bytesMax = 4 << 20
    /// Notes of one calendar.
    package static let notesMax = 10_000

    private let zone: TimeZoneTable
    private let span: Range<Int64>
    private let kind: CalendarNote.Kind?

    /// - Parameters:
    ///   - zone: of whole days and of times that name no zone.
    ///   - span: ms since 1970; events that lie wholly outside are left out.
    ///   - kind: of events whose categories name none; nil for plain notes.
    package init(zone: TimeZoneTable, span: Range<Int64>, kind: CalendarNote.Kind? = nil) {
        self.zone = zone
        self.span = span
        self.kind = kind
    }

    /// - Returns: notes in the order of their beginnings, no two alike.
    /// - Throws: ``CalendarError``, with the line that is wrong.
    package func notes(_ bytes: [UInt8]) throws(CalendarError) -> [CalendarNote] {
        let components = try CalendarComponent.events(in: try ContentLine.lines(of: bytes))
        var zones = CalendarZones(
            floating: zone, defined: try CalendarComponent.zones(components.zones, through: span.upperBound))
        var events: [(line: Int, event: CalendarEvent)] = []
        for component in components.events {
            let event = try CalendarEvent(component.lines, begin: component.begin, zones: &zones)
            events.append((component.begin, event))
        }
        var replaced: [String: [CalendarTime]] = [:]
        for (_, event) in events {
            if let identity = event.identity, let time = event.replaced { replaced[identity, default: []].append(time) }
        }
        var notes: Set<CalendarNote> = []
        for (line, event) in events where !event.isCancelled {
            let exceptions = event.replaced == nil ? event.identity.flatMap { replaced[$0] } ?? [] : []
            for start in event.starts(in: span, except: exceptions) {
                let begin = start.moment
                notes.insert(
                    CalendarNote(
                        name: event.name, kind: event.kind ?? kind ?? .note, start: begin,
                        end: max(begin + 1, event.extent.end(of: start))))
            }
            guard notes.count <= Self.notesMax else {
                throw CalendarError(
                    line: line,
                    "brings the calendar to more than \(Self.notesMax) events: end its RRULE with UNTIL, or leave events out"
                )
            }
        }
        return notes.sorted(by: CalendarNote.isBefore)
    }
}

extension CalendarNote {
    /// By beginning, end, name and kind: a total order.
    package static func isBefore(_ left: CalendarNote, _ right: CalendarNote) -> Bool {
        (left.start, left.end, left.name, left.kind.rawValue) < (
            right.start, right.end, right.name, right.kind.rawValue
        )
    }
}
