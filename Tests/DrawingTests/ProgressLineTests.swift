import Testing

@testable import Drawing

@Suite struct ProgressLineTests {
    @Test func aTerminalsLineIsRewrittenInPlace() {
        var line = ProgressLine(
            verb: "published", noun: "responses", total: 40_000, style: .plain, isTerminal: true, width: 80, now: 1000)
        #expect(line.update(50, now: 1099) == nil)
        #expect(
            line.update(10_000, now: 2000)
                == "\r█████▌░░░░░░░░░░░░░░░░  25 % published 10,000 responses · 10,000/s · 3.0 s left\u{1B}[K")
        #expect(line.update(10_001, now: 2050) == nil)
        #expect(line.finish(40_000, now: 5000) == "\rpublished 40,000 responses in 4.0 s, 10,000/s\u{1B}[K\n")
    }

    @Test func noLineWrapsInANarrowTerminal() {
        for width in 30...100 {
            var line = ProgressLine(
                verb: "published", noun: "rows", total: 900, style: .plain, isTerminal: true, width: width, now: 0)
            let text = line.update(301, now: 1000)!.dropFirst().dropLast(3)
            if width >= 46 { #expect(String(text).columns < width) }
        }
    }

    @Test func aLogGetsALineEveryFewSeconds() {
        var line = ProgressLine(
            verb: "read", noun: "rows", total: 1000, style: .ascii, isTerminal: false, now: 0)
        #expect(line.update(10, now: 4999) == nil)
        #expect(line.update(100, now: 5000) == "10 % - read 100 rows - 20/s - 45 s left\n")
        #expect(line.update(100, now: 9999) == nil)
        #expect(line.update(1000, now: 605_000) == "100 % - read 1,000 rows - 1.5/s\n")
        #expect(line.finish(1000, now: 605_000) == "read 1,000 rows in 10 min 5 s, 1.7/s\n")
    }

    @Test func withoutATotalThereIsNoShare() {
        var line = ProgressLine(verb: "read", noun: "rows", style: .plain, isTerminal: false, now: 0)
        #expect(line.update(123_456, now: 10_000) == "read 123,456 rows · 12,346/s\n")
    }

    @Test func aStallShowsInTheRate() {
        var line = ProgressLine(verb: "read", noun: "rows", total: 10_000, style: .plain, isTerminal: false, now: 0)
        _ = line.update(5000, now: 5000)
        _ = line.update(5000, now: 10_000)
        _ = line.update(5000, now: 15_000)
        #expect(line.update(5000, now: 20_000) == "50 % · read 5,000 rows · 0.0/s\n")
    }

    @Test func moreThanTheTotalIsNotMoreThanAll() {
        var line = ProgressLine(
            verb: "read", noun: "rows", total: 10, style: .ascii, isTerminal: true, width: 60, now: 0)
        #expect(line.update(11, now: 1000) == "\r[######################] 100 % read 11 rows - 11/s\u{1B}[K")
    }
}
