import Satisfaction
import Testing

/// Scales, contracts, counts and intervals.
@Suite struct ScoreTests {
    @Test(arguments: [("1..5", 1, 5), ("1-5", 1, 5), (" 0 .. 10 ", 0, 10), ("-2..2", -2, 2), ("0..100", 0, 100)])
    func scalesRead(text: String, lowest: Int, highest: Int) {
        #expect(Scale(text) == Scale(lowest: lowest, highest: highest))
        #expect(Scale(text) != nil)
    }

    @Test(arguments: [
        "", "5", "5..1", "3..3", "1..102", "1..", "..5", "a..b", "1..5..7", "1...5", "1.5..3", "٠..٥",
        "-9223372036854775808..9", "0..9223372036854775807", "-9223372036854775808..9223372036854775807",
        "1..99999999999999999999",
    ])
    func scalesRefused(text: String) { #expect(Scale(text) == nil) }

    /// NIST's first examples of SHA-256, cut to 128 bits.
    @Test func digests() {
        #expect(Digest(of: "abc").text == "ba7816bf8f01cfea414140de5dae2223")
        #expect(Digest(of: "").text == "e3b0c44298fc1c149afbf4c8996fb924")
        #expect(Digest(ofBytes: Array("abc".utf8)) == Digest(of: "abc"))
    }

    @Test func countsAddInAnyOrder() {
        var left = AnswerCounts(steps: 3)
        left.add(2, at: 0)
        left.add(AnswerCounts([1, 2, 3]))
        var right = AnswerCounts([1, 2, 3])
        right.add(AnswerCounts([2, 0, 0]))
        #expect(left == right && left.total == 8 && left[2] == 3)
        #expect(left.count(of: 2...3, on: Scale("1..3")!) == 5)
        left.add(AnswerCounts([-3, -2, -3]))
        #expect(left.isEmpty)
    }

    /// Wilson's 62 of 100, and R's `prop.test(correct = FALSE)` for small numbers.
    @Test(arguments: [
        (62, 100, 52.2, 70.9), (0, 10, 0, 27.8), (10, 10, 72.2, 100), (1, 1, 20.7, 100), (8, 10, 49.0, 94.3),
    ])
    func wilson(successes: Int64, answers: Int64, low: Double, high: Double) {
        let interval = Interval.wilson(successes: successes, answers: answers)
        #expect(abs(interval.low - low) < 0.05 && abs(interval.high - high) < 0.05)
    }

    @Test func anIntervalHoldsItsShareAndStaysOnTheScale() {
        for answers in [Int64(1), 2, 7, 100, 12_345, 1_000_000_000] {
            for successes in [0, 1, answers / 3, answers - 1, answers] {
                let interval = Interval.wilson(successes: successes, answers: answers)
                let share = 100 * Double(successes) / Double(answers)
                #expect(0 <= interval.low && interval.low <= share && share <= interval.high && interval.high <= 100)
            }
        }
    }
}
