import ArgumentParser
import Drawing
import JSON
import Messages
import Satisfaction

struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Lists what is understood of the configured calendars: holidays, releases, notes.",
        discussion: """
            Reads the files themselves; no service needs to run. A mistake in a file is said with its line.

              tideline calendar --config tideline.yaml
              tideline calendar --set calendar=holidays.ics --json
            """)

    @Flag(help: "Print each event as JSON, one a line.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let set = try settings.load(readsCalendars: true).set
        if json {
            for note in set.calendar { Console.say(Self.tree(of: note).text) }
            return
        }
        guard !set.calendar.isEmpty else {
            Console.say("no calendar events; name an iCalendar file: calendar: holidays.ics")
            return
        }
        let zone = TimeZoneTable(named: set.timeZone) ?? .utc
        var table = Table([.init("from"), .init("until"), .init("kind"), .init("name")])
        for note in set.calendar {
            table.append([
                Table.Cell(Self.local(note.start, zone)), Table.Cell(Self.local(note.end, zone)),
                Table.Cell(note.kind.rawValue), Table.Cell(note.name),
            ])
        }
        Console.say(table.lines(width: Console.output.width, style: Console.output.style))
    }

    private static func tree(of note: CalendarNote) -> JSONTree {
        [
            "name": .string(note.name), "kind": .string(note.kind.rawValue),
            "start": .string(Timestamp.text(note.start)), "end": .string(Timestamp.text(note.end)),
        ]
    }

    /// "2026-12-25 00:00" on the zone's clock.
    private static func local(_ moment: Int64, _ zone: TimeZoneTable) -> String {
        let text = Timestamp.text(moment + zone.offset(at: moment))
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }
}
