import Foundation
import JournalTestKit
import Messages
import Testing

/// RFC 3339 as this bus takes it.
@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-21T10:15:30.123Z", 1_795_256_130_123),
            ("2026-11-21T11:15:30.123+01:00", 1_795_256_130_123), ("2026-11-21t10:15:30.123z", 1_795_256_130_123),
            ("2026-11-21T10:15:30.123456789Z", 1_795_256_130_123), ("2026-11-21T10:15:30.1Z", 1_795_256_130_100),
            ("2026-11-21T04:45:30.12-05:30", 1_795_256_130_120), ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2024-02-29T23:59:60Z", 1_709_251_200_000), ("2000-01-01T00:00:00-00:00", Timestamp.earliest),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("9999-12-31T23:59:59.999999999-23:59", 253_402_387_139_999),
        ] as [(String, Int64)])
    func reads(text: String, expected: Int64) { #expect(Timestamp.read(text) == expected) }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T10:15Z", "2026-11-21T10:15:30", "2026-11-21 10:15:30Z", "2026-11-21T10:15:30.Z",
        "2026-11-21T10:15:30,5Z", "2026-11-21T10:15:30.1234567890Z", "2026-11-21T10:15:30+01",
        "2026-11-21T10:15:30+0100",
        "2026-11-21T10:15:30+24:00", "2026-11-21T10:15:30+01:60", "2026-11-21T10:15:30ZZ", "2026-11-21T10:15:30Z ",
        " 2026-11-21T10:15:30Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T10:60:00Z", "2026-11-21T10:15:61Z", "+026-11-21T10:15:30Z", "2026-1-021T10:15:30Z",
        "２０２６-11-21T10:15:30Z", "2026-11-21T10:15:30\u{0}Z", "2026-11-21T10:15:30.12a4Z", "-2026-11-21T10:15:30Z",
    ])
    func refuses(text: String) { #expect(Timestamp.read(text) == nil) }

    @Test func textReadsBackAndFoundationAgrees() throws {
        var generator = SeededGenerator(seed: 4)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<2000 {
            let moment = Int64.random(in: Timestamp.earliest...4_102_444_800_000, using: &generator)
            let text = Timestamp.text(moment)
            #expect(text.utf8.count == Timestamp.length)
            #expect(Timestamp.read(text) == moment)
            let date = try style.parse(text)
            #expect(abs(date.timeIntervalSince1970 * 1000 - Double(moment)) < 0.5)
        }
        for moment in [Int64(-62_167_219_200_000), -1, 0, 253_402_300_799_999] {
            #expect(Timestamp.read(Timestamp.text(moment)) == moment)
        }
    }

    @Test func damagedTextsNeverTrap() {
        var generator = SeededGenerator(seed: 9)
        let good = Array("2026-11-21T10:15:30.123+01:00".utf8)
        for _ in 0..<20_000 {
            var bytes = Array(good.prefix(Int.random(in: 0...good.count, using: &generator)))
            for _ in 0..<Int.random(in: 0...2, using: &generator) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = bytes.withUnsafeBufferPointer { Timestamp.read($0) }
        }
    }
}
