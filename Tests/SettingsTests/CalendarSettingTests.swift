import Foundation
import Messages
import Runtime
import Satisfaction
import Settings
import Testing

/// Calendars on their way from a file into the set.
@Suite struct CalendarSettingTests {
    /// A folder with calendars in it, removed at the end.
    private final class Folder {
        let path = NSTemporaryDirectory() + "tideline-calendars-\(UInt64.random(in: 0 ... .max))"

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func file(_ name: String, _ events: String) throws -> String {
            let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\n\(events)\nEND:VEVENT\nEND:VCALENDAR\n"
            try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
            return "\(path)/\(name)"
        }
    }

    /// 18 November 2026.
    private static let now: Int64 = 1_795_000_000_000

    private func set(_ calendar: String, now: Int64 = now, reads: Bool = true) throws -> DefinitionSet {
        let arguments = ServiceArguments(
            ["--calendar", calendar, "--timezone", "Europe/Berlin"], schema: TidelineSchema.schema)
        return try TidelineSettings(
            try Configuration.load(TidelineSchema.schema, arguments: arguments),
            calendars: reads ? .read(now: now) : .leave
        ).set
    }

    @Test func filesBecomeNotesOfTheSet() throws {
        let folder = try Folder()
        let holidays = try folder.file("holidays.ics", "DTSTART:20001225\nRRULE:FREQ=YEARLY\nSUMMARY:Christmas")
        let releases = try folder.file("releases.ics", "DTSTART:20261102T090000\nCATEGORIES:Release\nSUMMARY:4.2")
        let set = try set("[{file: \(holidays), kind: holiday}, \(releases)]")
        #expect(set.calendar.count == 17)
        #expect(set.calendar.filter { $0.kind == .holiday }.map(\.name) == [String](repeating: "Christmas", count: 16))
        let release = try #require(set.calendar.first { $0.kind == .release })
        #expect(Timestamp.text(release.start) == "2026-11-02T08:00:00.000Z")
        #expect(try DefinitionSet(text: set.text).calendar == set.calendar)
        #expect(try self.set("[\(releases), {file: \(holidays), kind: holiday}, \(releases)]").hash == set.hash)
        #expect(try self.set("\(releases)").calendar == [release])
        #expect(try self.set("{file: \(releases), kind: holiday}").calendar.map(\.kind) == [.release])
    }

    /// A service started on another day of the year makes the same set.
    @Test func theSetStaysThroughTheYear() throws {
        let folder = try Folder()
        let file = try folder.file("weekly.ics", "DTSTART:20001225T100000\nRRULE:FREQ=WEEKLY\nSUMMARY:x")
        let january: Int64 = 1_767_222_000_000
        #expect(try set(file, now: january).hash == set(file).hash)
        #expect(try set(file, now: january - 1).hash != set(file).hash)
        #expect(try set(file).calendar.allSatisfy { $0.start >= Timestamp.read("2015-12-31T23:00:00Z")! })
        #expect(try set(file).calendar.allSatisfy { $0.start < Timestamp.read("2031-12-31T23:00:00Z")! })
    }

    @Test func withoutACalendarTheSetIsWhatItWas() throws {
        #expect(try set("[]").hash == set("/nowhere.ics", reads: false).hash)
        #expect(String(decoding: try set("[]").text, as: UTF8.self).contains("calendar") == false)
    }

    @Test func whatIsWrongIsSaidWithFileAndLine() throws {
        let folder = try Folder()
        let good = try folder.file("good.ics", "DTSTART:20261102\nSUMMARY:x")
        let hourly = try folder.file("hourly.ics", "DTSTART:20261102\nRRULE:FREQ=HOURLY")
        do {
            _ = try set("[\(good), \(folder.path)/none.ics, {file: \(hourly), kind: note}]")
            Issue.record("taken")
        } catch let error as ConfigurationError {
            #expect(error.problems.map(\.key) == ["calendar[1]", "calendar[2]"])
            #expect(error.problems[0].sentence.contains("none.ics, which cannot be read: No such file"))
            #expect(
                error.problems[1].sentence.contains("hourly.ics, whose line 4 RRULE part FREQ=HOURLY is not understood")
            )
        }
    }

    @Test func tooManyEventsInAllFiles() throws {
        let folder = try Folder()
        let files = try (0..<2).map {
            try folder.file("\($0).ics", "DTSTART:20160101\nRRULE:FREQ=DAILY;COUNT=5800\nSUMMARY:\($0)")
        }
        #expect(throws: ConfigurationError.self) { try set("[\(files.joined(separator: ", "))]") }
        #expect(try set(files[0]).calendar.count == 5800)
    }
}
