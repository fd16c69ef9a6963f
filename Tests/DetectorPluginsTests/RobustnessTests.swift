import JSON
import PluginKit
import Satisfaction
import Testing

@testable import DetectorPlugins

@Suite("State, extremes and the calendar")
struct RobustnessTests {
    private func isSound(_ assessment: Assessment) -> Bool {
        let numbers = [
            assessment.evidence.log, assessment.evidence.threshold, assessment.baseline.score, assessment.baseline.low,
            assessment.baseline.high, assessment.current.score, assessment.current.low, assessment.current.high,
            assessment.drop, assessment.split.within, assessment.split.mix, assessment.split.entry,
        ]
        return numbers.allSatisfy(\.isFinite)
    }

    private func expectRefusal<Refusal: Error>(as type: Refusal.Type, _ body: () throws -> Void) {
        do {
            try body()
            Issue.record("it was taken")
        } catch {
            #expect(error is Refusal)
        }
    }

    @Test("a restored detector goes on bit by bit", arguments: [1, 500, 3_000, 8_700, 9_200, 10_000])
    func restoreGoesOn(cut: Int) throws {
        let steps = Bench.steps(
            [
                ["chat", "eu"]: SeriesText("62x30@85 20x30@55 20x30@85"), ["mail", "us"]: SeriesText("102x40@80"),
                ["mail", "eu"]: SeriesText("62x20@80 40x50@82"),
            ], seed: 31)
        var whole = try Bench.detector(dimensions: ["channel", "region"])
        let before = whole.run(Array(steps.prefix(cut)))
        let state = whole.encodeState()
        var restored = try Bench.detector(dimensions: ["channel", "region"])
        try restored.restore(state)
        #expect(restored.encodeState() == state)
        let expected = whole.run(Array(steps.dropFirst(cut)))
        let continued = restored.run(Array(steps.dropFirst(cut)))
        #expect(continued.map { "\($0)" } == expected.map { "\($0)" })
        #expect(restored.encodeState() == whole.encodeState())
        #expect((before + expected).contains { $0.said.verdict == .dip })
    }

    @Test("a state of another kind is refused and leaves the detector as it was")
    func foreignState() throws {
        var detector = try Bench.detector()
        _ = detector.run(Bench.total("30x50@85", seed: 1))
        let state = detector.encodeState()
        var other = try Bench.detector(dimensions: ["channel"])
        expectRefusal(as: DetectorStateError.self) { try other.restore(state) }
        expectRefusal(as: DetectorStateError.self) { try detector.restore([]) }
        expectRefusal(as: DetectorStateError.self) { try detector.restore([9] + state.dropFirst()) }
        expectRefusal(as: DetectorStateError.self) { try detector.restore(state + [0]) }
        for length in stride(from: 0, to: state.count, by: 7) {
            expectRefusal(as: DetectorStateError.self) { try detector.restore(Array(state.prefix(length))) }
        }
        #expect(detector.encodeState() == state)
    }

    @Test("a damaged state never traps")
    func damagedState() throws {
        var source = try Bench.detector(dimensions: ["channel"])
        let series = [["chat"]: SeriesText("50x60@85 5x60@40"), ["mail"]: SeriesText("55x60@85")]
        _ = source.run(Bench.steps(series, seed: 3))
        let state = source.encodeState()
        var generator = SeededGenerator(state: 7)
        let next = Bench.step(
            day: Bench.firstDay + 56, minute: 0,
            [Bench.arrivals(["chat"], day: Bench.firstDay + 56, minute: 0, satisfied: 3, dissatisfied: 2)])
        for _ in 0..<300 {
            var damaged = state
            damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            var detector = try Bench.detector(dimensions: ["channel"])
            guard (try? detector.restore(damaged)) != nil else { continue }
            _ = detector.step(next)
        }
    }

    @Test("a billion answers in a step, all of one kind, then the other: no trap, no nonsense")
    func extremeCounts() throws {
        var detector = try Bench.detector()
        var said = detector.run(Bench.total("60x100@85", seed: 1)).map(\.said)
        let extremes: [(Int64, Int64)] = [
            (1_000_000_000, 0), (0, 1_000_000_000), (.max, 0), (0, .max), (.max, .max), (-5, 3), (.min, .min), (1, 0),
        ]
        for (offset, extreme) in extremes.enumerated() {
            let day = Bench.firstDay + 60 + Int32(offset)
            said += detector.step(
                Bench.step(
                    day: day, minute: 30,
                    [Bench.arrivals([], day: day, minute: 30, satisfied: extreme.0, dissatisfied: extreme.1)]))
        }
        #expect(!said.contains { !isSound($0) })
        #expect(!detector.channels.contains { $0.evidence.values.contains { !$0.isFinite } })
        #expect(!detector.channels.contains { $0.evidence.fall.contains { !$0.isFinite } })
    }

    @Test("an eight-fold burst of ordinary answers is no dip")
    func burst() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("60x100@85 3x800@85 20x100@85", seed: 41))
        #expect(!said.contains { $0.said.verdict == .dip })
    }

    @Test("week-ends a young history has never seen are no dip, however bad they are")
    func firstWeekend() throws {
        var detector = try Bench.detector()
        let weeks = (0..<6).map { _ in "5x500@88 2x500@78" }.joined(separator: " ")
        let said = detector.run(Bench.total(weeks, seed: 4))
        #expect(!said.contains { $0.said.verdict == .dip })
    }

    @Test("a year without answers")
    func gap() throws {
        var detector = try Bench.detector()
        _ = detector.run(Bench.total("60x100@85", seed: 1))
        let later = Bench.total("40x100@85 10x100@60", seed: 2).map { step in
            StepArrivals(
                step: step.step + 425 * Bench.minutesPerDay, day: step.day + 425,
                cells: step.cells.map {
                    CellArrivals(
                        cell: $0.cell, day: $0.day + 425, answers: $0.answers, harms: $0.harms,
                        firstBucket: Bucket(index: $0.firstBucket.index + 425 * 96),
                        lastBucket: Bucket(index: $0.lastBucket.index + 425 * 96))
                })
        }
        let said = detector.run(later)
        #expect(said.allSatisfy { isSound($0.said) })
        let dips = said.filter { $0.said.verdict == .dip }
        #expect(dips.count == 1)
        #expect(dips.allSatisfy { $0.day >= 425 + 40 })
    }

    @Test("days and steps at the ends of their ranges, and a clock that goes back")
    func wildCalendar() throws {
        for day in [Int32.min, -1, 0, Int32.max - 1, Int32.max] {
            var detector = try Bench.detector()
            for step in [Int64.min, -1, 0, Int64.max] {
                let cell = CellArrivals(
                    cell: [], day: day, answers: 401, harms: [1, 4], firstBucket: Bucket(index: .max),
                    lastBucket: Bucket(index: .min))
                _ = detector.step(StepArrivals(step: step, day: day, cells: [cell]))
                _ = detector.step(StepArrivals(step: step, day: 19_723, cells: [cell]))
                _ = detector.step(StepArrivals(step: step, day: 19_730, cells: [cell]))
            }
        }
    }

    @Test("answers beyond the lateness limit are baseline and no evidence")
    func lateness() throws {
        func said(lateBy days: Int32) throws -> (Bool, Double) {
            var detector = try Bench.detector()
            _ = detector.run(Bench.total("60x100@85", seed: 1))
            let before = detector.channels[0].baseline.total
            let today = Bench.firstDay + 59
            for minute in 0..<30 {
                let late = Bench.arrivals([], day: today - days, minute: 600, satisfied: 0, dissatisfied: 10)
                let spoken = detector.step(Bench.step(day: today, minute: 1_400 + Int64(minute), [late]))
                if spoken.contains(where: { $0.verdict == .dip }) {
                    return (true, detector.channels[0].baseline.total - before)
                }
            }
            return (false, detector.channels[0].baseline.total - before)
        }
        #expect(try said(lateBy: 2).0)
        let late = try said(lateBy: 9)
        #expect(!late.0)
        #expect(abs(late.1 - 300) < 1e-6)
    }

    @Test("memory stays within its limits")
    func ledgerLimits() {
        var ledger = ResponseLedger(units: [1, 4, 0, 0])
        for day in 0..<Int32(200) {
            for hour in 0..<Int32(24) {
                for cell in 0..<20 {
                    ledger.add(day: day, slot: day * 24 + hour, cell: cell, responses: 2, harms: [1, 4, 0, 0])
                }
            }
            ledger.trim(today: day)
            #expect(ledger.days.count <= DetectionLimits.daysKeptMax)
        }
        #expect(ledger.days.allSatisfy { $0.isHourly || $0.records.count == 20 })
        let kept = ledger.days.flatMap(\.records).reduce(0) { $0 + $1.responses }
        #expect(kept == Int64(92 * 24 * 20 * 2))
        for cell in 0..<DetectionLimits.cellsMax {
            for hour in 0..<Int32(70) {
                ledger.add(day: 199, slot: 199 * 24 + hour, cell: cell, responses: 1, harms: .zero)
            }
        }
        ledger.trim(today: 200)
        #expect(ledger.recordCount <= DetectionLimits.recordsMax || ledger.days.count == 1)
        #expect(ledger.recordCount == ledger.days.reduce(0) { $0 + $1.records.count })
    }

    @Test("unknown keys and values out of range are refused by name")
    func configuration() throws {
        let plugin = ShiryaevRobertsDetector.plugin
        expectRefusal(as: PluginConfigurationError.self) {
            _ = try PluginConfiguration(.object([("patience", .integer(3))]), for: plugin)
        }
        do {
            _ = try Bench.detector(settings: .object([("latenessLimitDays", .integer(-1))]))
            Issue.record("a negative limit was taken")
        } catch let error as PluginConfigurationError {
            #expect(error.key == "latenessLimitDays")
        }
        _ = try Bench.detector(settings: plugin.example)
        let names = DetectorPlugins.all.map { $0.plugin.name }
        #expect(names.first == "sr-mixture")
    }
}

/// Answers that come late or are taken back, and harms of any fineness.
@Suite struct CorrectionTests {
    private func fallen() throws -> (detector: ShiryaevRobertsDetector, steps: [StepArrivals]) {
        var detector = try Bench.detector()
        let steps = Bench.total("60x200@85 12x200@60", seed: 5)
        let said = detector.run(steps).map(\.said)
        #expect(said.contains { $0.verdict == .dip && $0.kind == .dip })
        #expect(!said.contains { $0.verdict == .recovered })
        return (detector, steps)
    }

    @Test("erased answers take their alert back, however old they are")
    func erased() throws {
        var (detector, steps) = try fallen()
        let last = Bench.firstDay + 72
        var said: [Assessment] = []
        var minute: Int64 = 0
        for old in steps where old.day >= Bench.firstDay + 60 && old.day <= Bench.firstDay + 66 {
            let gone = old.cells.map {
                CellArrivals(
                    cell: $0.cell, day: $0.day, answers: -$0.answers, harms: $0.harms.map { -$0 },
                    firstBucket: $0.firstBucket, lastBucket: $0.lastBucket)
            }
            said += detector.step(Bench.step(day: last, minute: minute, gone))
            minute += 1
        }
        said += detector.step(
            Bench.step(
                day: last + 1, minute: 0,
                [Bench.arrivals([], day: last + 1, minute: 0, satisfied: 1, dissatisfied: 0)]))
        #expect(said.contains { $0.verdict == .withdrawn })
        #expect(detector.incidents.isEmpty)
    }

    @Test("a day's worth of ordinary late answers does not")
    func late() throws {
        var (detector, _) = try fallen()
        let day = Bench.firstDay + 72
        let late = Bench.arrivals([], day: day - 9, minute: 600, satisfied: 24, dissatisfied: 16)
        var said = detector.step(Bench.step(day: day, minute: 0, [late]))
        said += detector.step(
            Bench.step(
                day: day + 1, minute: 0, [Bench.arrivals([], day: day + 1, minute: 0, satisfied: 1, dissatisfied: 0)]))
        #expect(!said.contains { $0.verdict == .withdrawn })
    }

    @Test(
        "the finest harms of the longest scales never trap, and are found when they grow",
        arguments: [
            1_000, 10_000_000, 1_000_000_000_000, Int64.max / 2,
        ] as [Int64])
    func fineHarms(unit: Int64) throws {
        let watched = WatchedAnswers(
            answers: [1], channels: [.init(name: "mean", harms: [0], unit: unit, points: 100)], best: 100)
        var detector = try ShiryaevRobertsDetector(
            configuration: PluginConfiguration(.null, for: ShiryaevRobertsDetector.plugin),
            context: DetectorContext(
                rule: "mean", contract: Bench.contract, watched: watched, dimensions: [], stepMilliseconds: 60_000,
                budget: .perSegmentDefault, smallestDip: 3))
        var generator = SeededGenerator(state: 3)
        var verdicts: [Assessment.Verdict] = []
        for day in 0..<Int32(80) {
            for minute in 0..<Int64(40) {
                let share = Double.random(in: 0..<(day < 65 ? 0.3 : 0.6), using: &generator)
                let bucket = Bucket(containing: (Int64(Bench.firstDay + day) * 1_440 + minute * 30) * 60_000)
                let arrival = CellArrivals(
                    cell: [], day: Bench.firstDay + day, answers: 1, harms: [Int64(Double(unit) * share)],
                    firstBucket: bucket, lastBucket: bucket)
                verdicts += detector.step(Bench.step(day: Bench.firstDay + day, minute: minute * 30, [arrival]))
                    .map(\.verdict)
            }
        }
        #expect(verdicts.contains(.dip))
    }
}
