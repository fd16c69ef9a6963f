import Foundation
import Testing

@testable import Runtime

@Suite struct UnixTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_383_406_123, "2026-11-22T21:36:46.123Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func timesAreWrittenAndRead(milliseconds: Int64, text: String) {
        #expect(UnixTime.text(milliseconds) == text)
        #expect(UnixTime.milliseconds(text) == milliseconds)
        var bytes: [UInt8] = [1]
        UnixTime.append(milliseconds, to: &bytes)
        #expect(bytes == [1] + Array(text.utf8))
    }

    @Test func timesThatCannotBeWrittenBecomeTheNearest() {
        #expect(UnixTime.text(.max) == "9999-12-31T23:59:59.999Z")
        #expect(UnixTime.text(.min) == "0000-01-01T00:00:00.000Z")
    }

    @Test(arguments: [
        ("2026-11-22T22:36:46+01:00", "2026-11-22T21:36:46.000Z"),
        ("2026-11-22t21:36:46.1z", "2026-11-22T21:36:46.100Z"),
        ("2026-11-22 21:36:46.1239999Z", "2026-11-22T21:36:46.123Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2026-01-01T00:00:00-23:59", "2026-01-01T23:59:00.000Z"),
    ])
    func otherFormsAreRead(text: String, expected: String) throws {
        #expect(UnixTime.text(try #require(UnixTime.milliseconds(text))) == expected)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T21:36:46", "2026-11-22T21:36:46.Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T21:60:00Z",
        "2026-11-22T21:36:61Z", "2026-11-22T21:36:46Zx", "2026-11-22T21:36:46+1:00", "２026-11-22T21:36:46Z",
        "2026-11-22T21:36:46+24:00", "1900-02-29T00:00:00Z",
    ])
    func otherTextsAreNoTimes(text: String) { #expect(UnixTime.milliseconds(text) == nil) }

    /// Foundation is the second opinion, at random moments of 10,000 years from a fixed seed.
    @Test func theCalendarAgreesWithFoundation() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        var state: UInt64 = 42
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Before 1583 Foundation's formatter uses the Julian calendar.
            let milliseconds = Int64(state >> 16) % 265_000_000_000_000 - 12_000_000_000_000
            guard UnixTime.range.contains(milliseconds) else { continue }
            let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
            let text = UnixTime.text(milliseconds / 1000 * 1000)
            #expect(text == formatter.string(from: date))
            #expect(UnixTime.milliseconds(text) == milliseconds / 1000 * 1000)
        }
    }

    @Test(
        arguments: [
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1000, "Wed, 31 Dec 1969 23:59:59 GMT"), (-62_167_219_200_000, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] as [(Int64, String)])
    func theDateHeaderIsThatOfTheStandard(milliseconds: Int64, text: String) {
        #expect(UnixTime.httpDate(milliseconds) == text)
    }

    @Test func aManualClockMovesWhenTold() {
        let clock = ManualClock(wallMilliseconds: 1000)
        let (wall, monotonic) = (clock.wall, clock.monotonic)
        clock.advance(by: .milliseconds(5))
        #expect(wall.now() == 1005)
        #expect(monotonic.now() == 5_000_000)
        clock.setWall(milliseconds: 1)
        #expect(wall.now() == 1)
        #expect(monotonic.now() == 5_000_000)
    }

    @Test func theSystemClocksGo() {
        let before = MonotonicClock.system.now()
        #expect(MonotonicClock.system.now() >= before)
        #expect(abs(WallClock.system.now() - Int64(Date().timeIntervalSince1970 * 1000)) < 60_000)
    }
}
