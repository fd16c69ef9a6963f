import Messages
import Satisfaction
import Testing

@testable import SourcePlugins

/// Every way a column writes moments.
@Suite struct TimeFormatTests {
    private func time(
        _ cell: String, _ format: String, _ zone: String = "UTC", minuteOfDay: Int = 720
    ) throws -> String? {
        let mapping = TimeMapping(
            column: .column("at"), formats: [try TimeFormat(format)], zone: TimeZoneTable(named: zone)!,
            minuteOfDay: minuteOfDay)
        return mapping.moment(cell).map(Timestamp.text)
    }

    @Test(arguments: [
        ("rfc3339", "2026-11-02T10:15:30Z", "2026-11-02T10:15:30.000Z"),
        ("rfc3339", "2016-01-01T21:56:31.182613+00:00", "2016-01-01T21:56:31.182Z"),
        ("rfc3339", "2026-11-02 10:15:30.5+02:00", "2026-11-02T08:15:30.500Z"),
        ("unix", "1690000000", "2023-07-22T04:26:40.000Z"),
        ("unix", "1690000000.25", "2023-07-22T04:26:40.250Z"),
        ("unixms", "1690000000123", "2023-07-22T04:26:40.123Z"),
        ("yyyy-MM-dd", "2023-08-01", "2023-08-01T12:00:00.000Z"),
        ("yyyy-MM-dd'T'HH:mm:ss", "2024-02-29T23:59:59", "2024-02-29T23:59:59.000Z"),
        ("yyyy-MM-dd HH:mm:ss", "2017-07-18 08:28:09", "2017-07-18T08:28:09.000Z"),
        ("yyyy-MM-dd HH:mm:ss.S", "2017-07-18 08:28:09.1234567", "2017-07-18T08:28:09.123Z"),
        ("M/d/yy H:mm", "4/10/13 12:10", "2013-04-10T12:10:00.000Z"),
        ("M/d/yy H:mm", "12/1/13 0:05", "2013-12-01T00:05:00.000Z"),
        ("yyyy/MM/dd h:mm:ss a", "2022/06/22 12:07:29 AM", "2022-06-22T00:07:29.000Z"),
        ("yyyy/MM/dd h:mm:ss a", "2022/06/22 12:07:29 pm", "2022-06-22T12:07:29.000Z"),
        ("yyyy/MM/dd h:mm:ss a", "2022/06/22 3:07:29\u{202F}PM", "2022-06-22T15:07:29.000Z"),
        ("yyyy/MM/dd h:mm:ss a z", "2022/06/22 11:07:29 AM UTC", "2022-06-22T11:07:29.000Z"),
        ("dd.MM.yyyy HH:mm 'Uhr'", "02.11.2026 09:30 Uhr", "2026-11-02T09:30:00.000Z"),
        ("yyyy-MM-dd HH:mm X", "2026-11-02 09:30 +0530", "2026-11-02T04:00:00.000Z"),
        ("yyyy-MM-dd HH:mmX", "2026-11-02 09:30-08:00", "2026-11-02T17:30:00.000Z"),
        ("yyyy-MM-dd HH:mmX", "2026-11-02 09:30Z", "2026-11-02T09:30:00.000Z"),
    ])
    func fits(_ format: String, _ cell: String, _ expected: String) throws {
        #expect(try time(cell, format) == expected)
    }

    @Test(arguments: [
        ("rfc3339", "2026-11-02T10:15:30"), ("rfc3339", "2026-11-02"), ("rfc3339", ""), ("rfc3339", "ééééééééééééé"),
        ("unix", "-5"), ("unix", "1.2.3"), ("unix", ""), ("unix", "99999999999999999999"), ("unix", "1690000000000"),
        ("unixms", "1690000000123.5x"), ("yyyy-MM-dd", "2023-02-29"), ("yyyy-MM-dd", "2023-13-01"),
        ("yyyy-MM-dd", "2023-8-01"), ("yyyy-MM-dd", "2023-08-01 "), ("yyyy-MM-dd", "2023-08-01T10"),
        ("yyyy-MM-dd", "２０２３-08-01"), ("M/d/yy H:mm", "4/10/2013 12:10"), ("M/d/yy H:mm", "4/10/13 24:00"),
        ("yyyy/MM/dd h:mm:ss a", "2022/06/22 13:07:29 PM"), ("yyyy/MM/dd h:mm:ss a", "2022/06/22 0:07:29 AM"),
        ("yyyy/MM/dd h:mm:ss a", "2022/06/22 1:07:29"), ("yyyy-MM-dd HH:mm:ss", "2022-06-22 10:07:60"),
        ("yyyy-MM-dd HH:mmX", "2026-11-02 09:30+25:00"),
    ])
    func doesNotFit(_ format: String, _ cell: String) throws {
        #expect(try time(cell, format) == nil)
    }

    @Test func stampsWithoutAZoneTakeTheConfiguredOne() throws {
        let format = "yyyy-MM-dd HH:mm"
        #expect(try time("2026-07-01 12:00", format, "Europe/Berlin") == "2026-07-01T10:00:00.000Z")
        #expect(try time("2026-12-01 12:00", format, "Europe/Berlin") == "2026-12-01T11:00:00.000Z")
        #expect(try time("2026-12-01 12:00", format, "Asia/Kolkata") == "2026-12-01T06:30:00.000Z")
        // An abbreviation other than UTC and GMT has several meanings; the configured zone is the one meant.
        #expect(try time("2026-07-01 12:00 AST", format + " z", "America/Halifax") == "2026-07-01T15:00:00.000Z")
        #expect(try time("2026-07-01 12:00 GMT", format + " z", "America/Halifax") == "2026-07-01T12:00:00.000Z")
    }

    @Test func theHourThatComesTwiceIsTheFirstAndTheOneLeftOutIsMovedForward() throws {
        let format = "yyyy-MM-dd HH:mm"
        #expect(try time("2026-10-25 02:30", format, "Europe/Berlin") == "2026-10-25T00:30:00.000Z")
        #expect(try time("2026-11-01 01:30", format, "America/New_York") == "2026-11-01T05:30:00.000Z")
        #expect(try time("2026-03-29 02:30", format, "Europe/Berlin") == "2026-03-29T01:30:00.000Z")
        #expect(try time("2026-03-08 02:30", format, "America/New_York") == "2026-03-08T07:30:00.000Z")
        #expect(try time("2026-03-29 03:00", format, "Europe/Berlin") == "2026-03-29T01:00:00.000Z")
    }

    @Test func aDayAloneIsTheConfiguredTimeOfThatDay() throws {
        #expect(try time("2026-07-01", "yyyy-MM-dd", "Europe/Berlin") == "2026-07-01T10:00:00.000Z")
        #expect(
            try time("2026-07-01", "yyyy-MM-dd", "Europe/Berlin", minuteOfDay: 9 * 60) == "2026-07-01T07:00:00.000Z")
    }

    @Test func formatsAreTriedInTurn() throws {
        let mapping = TimeMapping(
            column: .column("at"), formats: try ["yyyy-MM-dd", "unix", "rfc3339"].map { try TimeFormat($0) },
            zone: .utc, minuteOfDay: 0)
        #expect(mapping.moment("2023-07-22").map(Timestamp.text) == "2023-07-22T00:00:00.000Z")
        #expect(mapping.moment("1690000000").map(Timestamp.text) == "2023-07-22T04:26:40.000Z")
        #expect(mapping.moment("2023-07-22T04:26:40Z").map(Timestamp.text) == "2023-07-22T04:26:40.000Z")
        #expect(mapping.moment("22 July") == nil)
    }

    @Test(arguments: [
        ("rfc", "has \"r\"; a format is"), ("yyyy-MM-dd 'T", "has a single quote that is not closed"),
        ("HH:mm", "must name year, month and day"), ("yyyy-MM-dd hh:mm", "needs hh or h together with a"),
        ("yyyy-MM-dd HH:mm a", "needs hh or h together with a"), ("yyyy-MM-dd mm", "names minutes or seconds without"),
        ("yyyy-MM-dd d", "names one part of the time twice"), ("yyy-MM-dd", "has \"yyy\"; a format is"),
        ("", "must name"),
    ])
    func wrongPatterns(_ pattern: String, _ complaint: String) {
        do throws(TimeFormat.Problem) {
            _ = try TimeFormat(pattern)
            Issue.record("\(pattern) was accepted")
        } catch {
            #expect(error.sentence.hasPrefix(complaint), "\(error.sentence)")
        }
    }
}
