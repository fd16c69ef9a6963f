import ICalendar
import Satisfaction
import Testing

/// Calendars as programs write them, read as notes: whole days in the configured zone, times on their own clocks.
@Suite struct ICalendarTests {
    static let berlin = TimeZoneTable(named: "Europe/Berlin")!

    /// Notes of 2026 and 2027 as `name kind begin/end`, times in UTC without seconds.
    static func notes(_ events: String, kind: CalendarNote.Kind? = nil, around: String = "") throws -> [String] {
        let text = "BEGIN:VCALENDAR\nVERSION:2.0\n\(around)\(events)\nEND:VCALENDAR\n"
        let reader = CalendarReader(
            zone: berlin, span: moment(2026, 1, 1)..<moment(2028, 1, 1), kind: kind)
        return try reader.notes(Array(text.replacing("\n", with: "\r\n").utf8)).map {
            "\($0.name) \($0.kind) \(minute($0.start))/\(minute($0.end))"
        }
    }

    /// The one event of a calendar.
    static func event(_ lines: String, kind: CalendarNote.Kind? = nil) throws -> [String] {
        try notes("BEGIN:VEVENT\nUID:1\n\(lines)\nEND:VEVENT", kind: kind)
    }

    /// Days on which an event of the rule begins.
    static func days(_ start: String, _ rule: String, _ more: String = "") throws -> [String] {
        try event("DTSTART;VALUE=DATE:\(start)\nSUMMARY:x\nRRULE:\(rule)\(more)").map { text in
            let moment = text.split(separator: " ")[2].prefix(16)
            let date = CivilDate(
                year: Int(moment.prefix(4))!, month: Int(moment.dropFirst(5).prefix(2))!,
                day: Int(moment.dropFirst(8).prefix(2))!)!
            // Days of Berlin begin in the UTC day before.
            return date.adding(days: 1)!.description
        }
    }

    static func moment(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        Int64(CivilDate.daysSince1970(year: year, month: month, day: day)) * 86_400_000
    }

    static func minute(_ moment: Int64) -> String {
        let day = moment.flooredQuotient(86_400_000)
        let minutes = Int((moment - day * 86_400_000) / 60_000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(CivilDate(daysSince1970: Int32(day)))T\(two(minutes / 60)):\(two(minutes % 60))"
    }

    static func refusal(_ text: String) -> CalendarError? {
        do {
            _ = try CalendarReader(zone: .utc, span: moment(2026, 1, 1)..<moment(2028, 1, 1)).notes(Array(text.utf8))
            return nil
        } catch { return error }
    }

    // MARK: Times

    @Test(arguments: [
        ("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227", "2026-12-24T23:00/2026-12-26T23:00"),
        ("DTSTART:20261225", "2026-12-24T23:00/2026-12-25T23:00"),
        ("DTSTART:20261225\nDTEND:20261225", "2026-12-24T23:00/2026-12-25T23:00"),
        ("DTSTART:20260329", "2026-03-28T23:00/2026-03-29T22:00"),
        ("DTSTART:20260601T120000Z", "2026-06-01T12:00/2026-06-01T12:01"),
        ("DTSTART:20260601T120000\nDURATION:PT90M", "2026-06-01T10:00/2026-06-01T11:30"),
        ("DTSTART;TZID=America/New_York:20260601T120000\nDTEND:20260601T170000Z", "2026-06-01T16:00/2026-06-01T17:00"),
        ("DTSTART;TZID=\"/x.org/1/Asia/Tokyo\":20260601T090000", "2026-06-01T00:00/2026-06-01T00:01"),
        // A day more on the clock's last day of winter time is 23 hours.
        ("DTSTART:20260328T120000\nDURATION:P1DT1H", "2026-03-28T11:00/2026-03-29T11:00"),
        ("DTSTART:20260328\nDURATION:P1W", "2026-03-27T23:00/2026-04-03T22:00"),
    ]) func timesOnTheirClocks(lines: String, expected: String) throws {
        #expect(try Self.event("SUMMARY:x\n\(lines)") == ["x note \(expected)"])
    }

    @Test func aZoneTheFileDefines() throws {
        let zone = """
            BEGIN:VTIMEZONE
            TZID:W. Europe Standard Time
            BEGIN:STANDARD
            DTSTART:16010101T030000
            TZOFFSETFROM:+0200
            TZOFFSETTO:+0100
            RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
            END:STANDARD
            BEGIN:DAYLIGHT
            DTSTART:16010101T020000
            TZOFFSETFROM:+0100
            TZOFFSETTO:+0200
            RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
            END:DAYLIGHT
            END:VTIMEZONE

            """
        for (day, hour) in [("20260115", "08"), ("20260715", "07"), ("20260328", "08"), ("20260330", "07")] {
            let found = try Self.notes(
                "BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=W. Europe Standard Time:\(day)T090000\nEND:VEVENT", around: zone)
            #expect(found.first?.contains("T\(hour):00/") == true, "\(day): \(found)")
        }
    }

    // MARK: Texts and kinds

    @Test func linesAreUnfoldedAndTextsUnescaped() throws {
        #expect(
            try Self.event(
                "DTSTART:20260601\nSUMMARY;LANGUAGE=de:Tag der\\, nun\\; Arb\n eit \\\\\\n  und mehr\nX-NOISE;A=\"b:c;d\":e"
            )
                == ["Tag der, nun; Arbeit \\ und mehr note 2026-05-31T22:00/2026-06-01T22:00"])
        #expect(try Self.event("DTSTART:20260601")[0].hasPrefix("unnamed event"))
        // A fold may lie within a character.
        var bytes = Array("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260601\nSUMMARY:f".utf8)
        bytes += [0xC3, 0x0A, 0x20, 0xBC] + Array("r\nEND:VEVENT\nEND:VCALENDAR".utf8)
        let reader = CalendarReader(zone: .utc, span: Self.moment(2026, 1, 1)..<Self.moment(2028, 1, 1))
        #expect(try reader.notes(bytes).map(\.name) == ["für"])
        #expect(try reader.notes([0xEF, 0xBB, 0xBF] + bytes).count == 1)
    }

    @Test(arguments: [
        ("CATEGORIES:HOLIDAY", CalendarNote.Kind.note, "holiday"), ("CATEGORIES:a,Public holidays", .note, "holiday"),
        ("CATEGORIES:work\nCATEGORIES:Release", .holiday, "release"), ("CATEGORIES:work", .release, "release"),
        ("", .holiday, "holiday"), ("CATEGORIES:", .note, "note"),
    ]) func kinds(line: String, usual: CalendarNote.Kind, expected: String) throws {
        #expect(try Self.event("DTSTART:20260601\nSUMMARY:x\n\(line)", kind: usual)[0].hasPrefix("x \(expected) "))
    }

    @Test func whatIsNoEventIsPassedOver() throws {
        #expect(
            try Self.notes(
                """
                BEGIN:VTODO
                DUE:nonsense
                END:VTODO
                BEGIN:VEVENT
                UID:a
                DTSTART:20260601
                SUMMARY:kept
                BEGIN:VALARM
                TRIGGER:-PT15M
                SUMMARY:alarm
                END:VALARM
                END:VEVENT
                BEGIN:VEVENT
                UID:b
                DTSTART:20260602
                STATUS:CANCELLED
                SUMMARY:dropped
                END:VEVENT
                """
            ) == ["kept note 2026-05-31T22:00/2026-06-01T22:00"])
        #expect(try Self.event("DTSTART:20240601\nSUMMARY:long ago") == [])
    }

    // MARK: Recurrence

    @Test(arguments: [
        ("20200229", "FREQ=YEARLY", []), ("20001225", "FREQ=YEARLY", ["2026-12-25", "2027-12-25"]),
        ("20211225", "FREQ=YEARLY;INTERVAL=3", ["2027-12-25"]),
        ("20200101", "FREQ=YEARLY;UNTIL=20261231", ["2026-01-01"]),
        ("20200101", "FREQ=YEARLY;COUNT=7", ["2026-01-01"]),
        // Thanksgiving, the late May bank holiday, and the last day of February.
        ("20201126", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["2026-11-26", "2027-11-25"]),
        ("20200525", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", ["2026-05-25", "2027-05-31"]),
        ("20200229", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", ["2026-02-28", "2027-02-28"]),
        // Election day: the Tuesday after the first Monday.
        (
            "20201103", "FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", ["2026-11-03", "2027-11-02"]
        ),
        ("20200106", "FREQ=YEARLY;BYDAY=20MO", ["2026-05-18", "2027-05-17"]),
        ("20251231", "FREQ=MONTHLY;COUNT=3", ["2026-01-31", "2026-03-31"]),
        ("20260130", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20260331", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        (
            "20260130", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
            ["2026-01-30", "2026-02-27", "2026-03-31"]
        ),
        ("20260113", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=2", ["2026-02-13", "2026-03-13"]),
        // Weeks from Monday or Sunday: RFC 5545's own example.
        (
            "20260804", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            ["2026-08-04", "2026-08-09", "2026-08-18", "2026-08-23"]
        ),
        (
            "20260804", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            ["2026-08-04", "2026-08-16", "2026-08-18", "2026-08-30"]
        ),
        ("20261228", "FREQ=WEEKLY;COUNT=2", ["2026-12-28", "2027-01-04"]),
        (
            "20260101", "FREQ=DAILY;INTERVAL=10;BYMONTH=1;COUNT=4",
            ["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-31"]
        ),
    ]) func comesAgain(start: String, rule: String, expected: [String]) throws {
        #expect(try Self.days(start, rule) == expected)
    }

    @Test func exceptionsAdditionsAndReplacements() throws {
        #expect(
            try Self.days(
                "20260105", "FREQ=WEEKLY;COUNT=4",
                "\nEXDATE;VALUE=DATE:20260112,20260119\nRDATE;VALUE=DATE:20260301")
                == ["2026-01-05", "2026-01-26", "2026-03-01"])
        // An exception by its time, and one that names the day of a timed event.
        let timed = "DTSTART;TZID=Europe/Berlin:20260323T090000\nSUMMARY:x\nRRULE:FREQ=WEEKLY;COUNT=4"
        #expect(
            try Self.event("\(timed)\nEXDATE:20260330T070000Z\nEXDATE;VALUE=DATE:20260406") == [
                "x note 2026-03-23T08:00/2026-03-23T08:01", "x note 2026-04-13T07:00/2026-04-13T07:01",
            ])
        let moved = """
            BEGIN:VEVENT
            UID:1
            DTSTART;VALUE=DATE:20260105
            RRULE:FREQ=WEEKLY;COUNT=3
            SUMMARY:x
            END:VEVENT
            BEGIN:VEVENT
            UID:1
            RECURRENCE-ID;VALUE=DATE:20260112
            DTSTART;VALUE=DATE:20260114
            SUMMARY:moved
            END:VEVENT
            BEGIN:VEVENT
            UID:1
            RECURRENCE-ID;VALUE=DATE:20260119
            DTSTART;VALUE=DATE:20260119
            STATUS:CANCELLED
            END:VEVENT
            """
        #expect(
            try Self.notes(moved) == [
                "x note 2026-01-04T23:00/2026-01-05T23:00", "moved note 2026-01-13T23:00/2026-01-14T23:00",
            ])
    }

    @Test func wallClocksStayThroughChangesOfTheClock() throws {
        let found = try Self.event(
            "DTSTART;TZID=Europe/Berlin:20260101T090000\nDTEND;TZID=Europe/Berlin:20260101T100000\nSUMMARY:x\nRRULE:FREQ=MONTHLY"
                + ";UNTIL=20260501T070000Z")
        #expect(found.map { $0.split(separator: "T")[1].prefix(5) } == ["08:00", "08:00", "08:00", "07:00", "07:00"])
    }

    // MARK: Refusals

    /// The line (of the whole file; the event begins on the second) and a word of the sentence.
    @Test(arguments: [
        ("SUMMARY:x", 2, "without DTSTART"), ("DTSTART:20260230", 3, "exist"), ("DTSTART:tomorrow", 3, "tomorrow"),
        ("DTSTART;TZID=Europe/Atlantis:20260601T090000", 3, "Europe/Berlin"),
        ("DTSTART:20260601\nDTEND:20260531", 4, "before it begins"),
        ("DTSTART:20260601\nDTEND:20260601T100000Z", 4, "kind"), ("DTSTART:20260601\nDURATION:1d", 4, "P1D"),
        ("DTSTART:20260601\nDURATION:PT1H", 4, "whole days"),
        ("DTSTART:20260601\nDURATION:P1D\nDTEND:20260602", 4, "remove one"),
        ("DTSTART:20260601\nDTSTART:20260602", 4, "second DTSTART"),
        ("DTSTART:20260601\nSUMMARY", 4, "NAME:value"), ("DTSTART:20260601\nRRULE:FREQ=HOURLY", 4, "FREQ=HOURLY"),
        ("DTSTART:20260601\nRRULE:FREQ=YEARLY;BYWEEKNO=20", 4, "BYWEEKNO=20"),
        ("DTSTART:20260601\nRRULE:FREQ=YEARLY;BYEASTER=-2", 4, "BYEASTER=-2"),
        ("DTSTART:20260601\nRRULE:INTERVAL=2", 4, "without FREQ"),
        ("DTSTART:20260601\nRRULE:FREQ=DAILY;COUNT=3;UNTIL=20270101", 4, "both COUNT and UNTIL"),
        ("DTSTART:20260601\nRRULE:FREQ=DAILY;UNTIL=soon", 4, "UNTIL=SOON"),
        ("DTSTART:20260601\nRRULE:FREQ=WEEKLY;BYDAY=2MO", 4, "only MONTHLY"),
        ("DTSTART:20260601\nRRULE:FREQ=WEEKLY;BYMONTHDAY=1", 4, "BYMONTHDAY"),
        ("DTSTART:20260601\nRRULE:FREQ=MONTHLY;BYSETPOS=1", 4, "BYSETPOS"),
        ("DTSTART:20260601\nRRULE:FREQ=MONTHLY;BYMONTHDAY=0", 4, "without 0"),
        ("DTSTART:20260601\nRRULE:FREQ=DAILY;INTERVAL=99999999999999999999", 4, "INTERVAL"),
        ("DTSTART:20260601\nRRULE:FREQ=DAILY;FREQ=DAILY", 4, "twice"),
        ("DTSTART:20260601\nEXRULE:FREQ=DAILY", 4, "EXRULE"),
        ("DTSTART:20260601\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260601", 4, "RANGE"),
        ("DTSTART:20260601\nEND:VTODO", 4, "pairs"), ("DTSTART:20260601\nBEGIN:VALARM", 5, "pairs"),
    ]) func whatIsNotUnderstoodIsSaid(lines: String, line: Int, word: String) {
        let error = Self.refusal("BEGIN:VCALENDAR\nBEGIN:VEVENT\n\(lines)\nEND:VEVENT\nEND:VCALENDAR\n")
        #expect(error?.line == line && error?.sentence.contains(word) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["", "\n\n", "hello", "<html>\n", "DTSTART:20260601", "BEGIN:VCARD\nEND:VCARD", "BEGIN:VCALENDAR"])
    func whatIsNoCalendarIsSaid(text: String) { #expect(Self.refusal(text)?.line == 1) }

    @Test func bytesThatAreNoText() {
        let reader = CalendarReader(zone: .utc, span: 0..<1)
        #expect(throws: CalendarError.self) { try reader.notes(Array("BEGIN:VCALENDAR\nX:".utf8) + [0xFF, 0xFE]) }
    }

    @Test func asManyNotesAsThereMayBe() throws {
        let span = Self.moment(1990, 1, 1)..<Self.moment(2030, 1, 1)
        func read(_ rule: String) throws -> Int {
            let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:19900101\nRRULE:\(rule)\nEND:VEVENT\nEND:VCALENDAR"
            return try CalendarReader(zone: .utc, span: span).notes(Array(text.utf8)).count
        }
        #expect(try read("FREQ=DAILY;COUNT=\(CalendarReader.notesMax)") == CalendarReader.notesMax)
        #expect(throws: CalendarError.self) { try read("FREQ=DAILY;COUNT=\(CalendarReader.notesMax + 1)") }
        #expect(throws: CalendarError.self) { try read("FREQ=DAILY") }
    }
}
