import JSON
import PluginKit
import Satisfaction
import Testing

@testable import DetectorPlugins

private typealias Said = (day: Int, said: Assessment)

private func words(_ said: [Said]) -> [Assessment.Verdict] {
    said.map(\.said.verdict).filter { $0 != .revised }
}

@Suite("fixed-threshold, band-crossing, week-over-week")
struct WindowRulesTests {
    @Test("below the limit: said once, with the level before it; over when the score has been back for three days")
    func threshold() throws {
        var detector = try ClassicBench.detector(FixedThreshold.self, ["limit": 79.5, "window": "3 days"])
        let said = detector.run(Bench.total("40x100@85 20x100@70 20x100@85"))
        #expect(words(said) == [.dip, .recovered])
        #expect(said[0].day == 41)
        #expect(abs(said[0].said.baseline.score - 85) < 0.5)
        #expect(said[0].said.current.score < 79.5)
        #expect((63...67).contains(said.last!.day))
        #expect((38.0...41).contains(Bench.day(of: said[0].said.onset)))
    }

    @Test("a window of hours sees an evening") func thresholdOfHours() throws {
        var detector = try ClassicBench.detector(
            FixedThreshold.self, ["limit": 70, "window": "12 hours", "minimumAnswers": 40])
        let said = detector.run(Bench.total("40x200@85 1x200@40 5x200@85"))
        let dip = try #require(said.first)
        #expect(dip.said.verdict == .dip && dip.day == 40)
        #expect(Bench.day(of: dip.said.onset) > 39.4)
        #expect(said.last?.said.verdict == .recovered)
    }

    @Test("too few answers say nothing") func thresholdOfFew() throws {
        var detector = try ClassicBench.detector(FixedThreshold.self, ["limit": 80])
        #expect(detector.run(Bench.total("60x3@85 20x3@30")).isEmpty)
        #expect(detector.standings[0].state == .learning)
    }

    @Test("after 45 days a score below the limit is the new normal, and no news") func thresholdForGood() throws {
        var detector = try ClassicBench.detector(FixedThreshold.self, ["limit": 80])
        let said = detector.run(Bench.total("40x100@85 150x100@70 20x100@85 20x100@70"))
        #expect(words(said) == [.dip, .newNormal, .dip])
        #expect(said.filter { $0.said.verdict == .newNormal }.map(\.day) == [said[0].day + 45])
        #expect(said.last!.day > 210)
    }

    @Test("a score below the limit from the start is compared with the limit") func thresholdWithoutHistory() throws {
        var detector = try ClassicBench.detector(FixedThreshold.self, ["limit": 80])
        let said = detector.run(Bench.total("20x100@70"))
        #expect(words(said) == [.dip])
        #expect(said[0].said.baseline == Level(score: 80, low: 80, high: 80, responses: 0))
        #expect(abs(said[0].said.split.within + said[0].said.drop) < 1e-9)
    }

    @Test("a limit must be given, and a window must be one") func thresholdSettings() throws {
        for (settings, key) in [
            (JSONTree.null, "limit"), (["limit": 80, "window": "7 weeks"], "window"),
            (["limit": 80, "window": "200 hours"], "window"), (["limit": 80, "window": "-1 days"], "window"),
        ] as [(JSONTree, String)] {
            do {
                _ = try ClassicBench.detector(FixedThreshold.self, settings)
                Issue.record("\(settings) was taken")
            } catch let error as PluginConfigurationError { #expect(error.key == key) }
        }
    }

    @Test("a band is left a point below its edge, and regained a point above it") func bands() throws {
        func words(_ text: String) throws -> [Assessment.Verdict] {
            var detector = try ClassicBench.detector(BandCrossing.self)
            return detector.run(Bench.total(text)).map(\.said.verdict).filter { $0 != .revised }
        }
        #expect(try words("40x200@85 40x200@79.5") == [])
        #expect(try words("40x200@85 25x200@72 25x200@82") == [.dip, .recovered])
        #expect(try words("40x200@85 25x200@72 30x200@80.5") == [.dip, .newNormal])
        #expect(try words("40x200@72 30x200@90 20x200@72") == [.dip])
        #expect(try words("40x200@72 80x200@75") == [])
    }

    @Test("without bands there is nothing to cross, and the sentence says what to do") func noBands() throws {
        do {
            _ = try ClassicBench.detector(BandCrossing.self, .null, ClassicBench.context(bands: .none))
            Issue.record("a metric without bands was taken")
        } catch let error as PluginConfigurationError {
            #expect(error.sentence.contains("bands") && error.sentence.contains("fixed-threshold"))
        }
    }

    @Test("five points in a week are seen, a point a week never") func weekOverWeek() throws {
        var detector = try ClassicBench.detector(WeekOverWeek.self)
        let said = detector.run(Bench.total("40x100@85 20x100@78 20x100@85"))
        #expect(words(said) == [.dip, .recovered])
        #expect((45...46).contains(said[0].day))
        #expect(abs(said[0].said.baseline.score - 85) < 0.5)
        var slow = try ClassicBench.detector(WeekOverWeek.self)
        let slide = (0..<15).map { "7x100@\(90 - $0)" }.joined(separator: " ")
        #expect(slow.run(Bench.total(slide)).isEmpty)
    }
}

@Suite("shewhart, ewma, cusum, page-hinkley")
struct ControlChartsTests {
    @Test("a day beyond three sigmas") func shewhart() throws {
        var detector = try ClassicBench.detector(Shewhart.self, ["sigmas": 3])
        let said = detector.run(Bench.total("60x100@85 5x100@70 20x100@85"))
        #expect(words(said) == [.dip, .recovered])
        #expect(said[0].day == 61)
        #expect(Bench.day(of: said[0].said.onset) == 60)
        #expect(abs(said[0].said.baseline.score - 85) < 0.5)
        #expect(abs(said[0].said.current.score - 70) < 0.5)
        #expect(said[0].said.evidence.log > said[0].said.evidence.threshold)
    }

    @Test("a day just within the limit is nothing") func shewhartWithin() throws {
        // 15 + 3 · √(100 · 0.15 · 0.85) = 25.7.
        var within = try ClassicBench.detector(Shewhart.self, ["sigmas": 3])
        #expect(within.run(Bench.total("60x100@85 1x100@75 9x100@85")).isEmpty)
        var beyond = try ClassicBench.detector(Shewhart.self, ["sigmas": 3])
        #expect(beyond.run(Bench.total("60x100@85 1x100@73 9x100@85")).first?.said.verdict == .dip)
    }

    @Test("the average finds what no single day shows, from where it began") func ewma() throws {
        var detector = try ClassicBench.detector(MovingAverage.self)
        let said = detector.run(Bench.total("60x100@85 20x100@79 20x100@85"))
        #expect(words(said) == [.dip, .recovered])
        #expect((62...72).contains(said[0].day))
        #expect(abs(Bench.day(of: said[0].said.onset) - 60) <= 1)
        var days = try ClassicBench.detector(Shewhart.self)
        #expect(days.run(Bench.total("60x100@85 20x100@79 20x100@85")).isEmpty)
    }

    @Test("the sum finds ten points in days, from where it left zero") func cusum() throws {
        var detector = try ClassicBench.detector(CumulativeSum.self)
        let said = detector.run(Bench.total("60x100@85 20x100@75 20x100@85"))
        #expect(words(said) == [.dip, .recovered])
        #expect((61...66).contains(said[0].day))
        #expect(abs(Bench.day(of: said[0].said.onset) - 60) < 1)
        let standing = detector.standings[0]
        #expect(standing.state == .watching && abs(standing.baseline! - 85) < 0.5 && standing.daysWatched > 50)
        let limit = try #require(standing.threshold)
        let promised = BernoulliCusum(share: 0.15, tuned: 0.25).averageRunLength(limit: limit)
        #expect(abs(promised / (2_000 * standing.volume) - 1) < 0.2)
    }

    @Test("more patience needs more evidence") func budget() throws {
        func threshold(_ days: Double) throws -> Double {
            var detector = try ClassicBench.detector(
                CumulativeSum.self, .null, ClassicBench.context(budget: FalseAlarmBudget(scope: .segment, days: days)))
            _ = detector.run(Bench.total("40x100@85"))
            return try #require(detector.standings[0].threshold)
        }
        #expect(try threshold(100) < threshold(1_000) - 1)
    }

    @Test("Page-Hinkley with River's defaults, from its minimum") func pageHinkley() throws {
        var detector = try ClassicBench.detector(PageHinkley.self)
        let said = detector.run(Bench.total("60x100@85 20x100@70 20x100@85"))
        #expect(words(said) == [.dip, .recovered])
        #expect((63...66).contains(said[0].day))
        #expect(abs(Bench.day(of: said[0].said.onset) - 60) < 1)
        #expect(abs(said[0].said.baseline.score - 85) < 0.5)
    }

    @Test("a fall that stays is learnt, and a further one found") func newNormal() throws {
        var detector = try ClassicBench.detector(Shewhart.self)
        let said = detector.run(Bench.total("60x100@85 80x100@65 10x100@45"))
        #expect(words(said) == [.dip, .newNormal, .dip])
        #expect(abs(said.last!.said.baseline.score - 65) < 1)
        #expect(said.last!.day == 141)
    }

    @Test("what grows worse is said again, once a day at most") func revisions() throws {
        var detector = try ClassicBench.detector(CumulativeSum.self)
        let said = detector.run(Bench.total("60x100@85 5x100@75 10x100@55"))
        let revised = said.filter { $0.said.verdict == .revised }
        #expect(!revised.isEmpty && Set(revised.map(\.day)).count == revised.count)
        for (one, next) in zip(revised, revised.dropFirst()) { #expect(next.said.drop > one.said.drop) }
    }

    @Test("falls below the smallest worth saying are not said") func smallestDip() throws {
        var detector = try ClassicBench.detector(CumulativeSum.self, ["shift": 0.02, "baselineDays": 56])
        #expect(detector.run(Bench.total("60x1000@85 20x1000@83")).isEmpty)
        var eager = try ClassicBench.detector(
            CumulativeSum.self, ["shift": 0.02, "baselineDays": 56], ClassicBench.context(smallestDip: 1))
        #expect(words(eager.run(Bench.total("60x1000@85 20x1000@83"))) == [.dip])
    }

    @Test("late answers are evidence when they come for the CUSUM, and none for a day that is charted")
    func lateness() throws {
        func says<Chart: SegmentChart>(_ chart: Chart.Type) throws -> Bool {
            var detector = try ClassicBench.detector(chart)
            _ = detector.run(Bench.total("60x100@85"))
            var said: [Assessment] = []
            for minute in 0..<40 {
                let day = Bench.firstDay + 60
                let late = Bench.arrivals([], day: day - 5, minute: 600, satisfied: 0, dissatisfied: 2)
                said += detector.step(Bench.step(day: day, minute: Int64(minute) * 30, [late]))
            }
            said += detector.step(Bench.step(day: Bench.firstDay + 61, minute: 0, []))
            return said.contains { $0.verdict == .dip }
        }
        #expect(try says(CumulativeSum.self))
        #expect(try !says(Shewhart.self))
    }
}

@Suite("What all plain detectors do")
struct ClassicDetectorsTests {
    private static let types = Array(DetectorPlugins.all.dropFirst())

    private func detector(_ place: Int, _ context: DetectorContext) throws -> any Detector {
        let type = Self.types[place]
        let settings: JSONTree = type.plugin.name == "fixed-threshold" ? type.plugin.example : .null
        return try type.init(configuration: PluginConfiguration(settings, for: type.plugin), context: context)
    }

    private func run(_ detector: inout any Detector, _ steps: [StepArrivals]) -> [Assessment] {
        var said: [Assessment] = []
        for arrivals in steps { said += detector.step(arrivals) }
        return said
    }

    @Test("holidays and bursts are no evidence", arguments: types.indices) func noEvidence(place: Int) throws {
        let steps = Bench.total("60x100@85 8x100@20 20x100@85")
        var plain = try detector(place, ClassicBench.context())
        #expect(run(&plain, steps).contains { $0.verdict == .dip })
        let holidays = Set((60..<68).map { Bench.firstDay + $0 })
        var festive = try detector(place, ClassicBench.context(holidays: holidays))
        #expect(run(&festive, steps).isEmpty)
        var burst = try detector(place, ClassicBench.context())
        let suspect = steps.map { step in
            var step = step
            for cell in step.cells.indices { step.cells[cell].isSuspect = holidays.contains(step.cells[cell].day) }
            return step
        }
        #expect(run(&burst, suspect).isEmpty)
    }

    @Test("a lower-is-better mean falls by rising", arguments: types.indices) func polarity(place: Int) throws {
        let watched = WatchedAnswers.mean(on: Scale("1..5")!, worstFirst: false, best: 1, points: -4)
        let bands = Bands([Band("hard", .from(2.2)), Band("bearable", .from(1.8)), Band("easy", .rest)])!
        func means(_ text: String) -> [StepArrivals] {
            Bench.total(text).map { step in
                StepArrivals(
                    step: step.step, day: step.day,
                    cells: step.cells.map {
                        CellArrivals(
                            cell: $0.cell, day: $0.day, answers: $0.answers, harms: [$0.harms[1]],
                            firstBucket: $0.firstBucket, lastBucket: $0.lastBucket)
                    })
            }
        }
        let type = Self.types[place]
        let settings: JSONTree = type.plugin.name == "fixed-threshold" ? ["limit": 1.9] : .null
        let context = ClassicBench.context(smallestDip: 0.1, bands: bands, watched: watched)
        func said(_ text: String) throws -> [Assessment] {
            var detector: any Detector = try type.init(
                configuration: PluginConfiguration(settings, for: type.plugin), context: context)
            return run(&detector, means(text))
        }
        let worse = try said("60x100@85 10x100@55")
        let dip = try #require(worse.first)
        #expect(dip.verdict == .dip && dip.drop > 0 && dip.current.score > dip.baseline.score)
        #expect(abs(dip.baseline.score - 1.6) < 0.05)
        #expect(try said("60x100@85 10x100@99").isEmpty)
    }

    @Test("every segment that fell speaks for itself", arguments: types.indices) func segments(place: Int) throws {
        let steps = Bench.steps([
            ["chat", "eu"]: SeriesText("60x100@85 14x100@35"), ["mail", "us"]: SeriesText("74x100@85"),
            ["mail", "eu"]: SeriesText("74x100@85"),
        ])
        var detector = try detector(place, ClassicBench.context(dimensions: ["channel", "region"]))
        let dips = run(&detector, steps).filter { $0.verdict == .dip }
        let fell = Set(dips.map { "\($0.segment)" })
        #expect(fell.isSuperset(of: ["total", "channel:chat", "region:eu"]))
        #expect(fell.isDisjoint(with: ["channel:mail", "region:us", "channel:mail,region:us"]))
        for dip in dips { #expect(dip.causes == [Cause(segment: dip.segment, share: 1)]) }
        #expect(detector.standings.contains { $0.state == .unwatched })
    }

    @Test("a restored detector goes on bit by bit", arguments: types.indices, [1, 700, 8_700, 9_300])
    func restore(place: Int, cut: Int) throws {
        let steps = Bench.steps(
            [
                ["chat", "eu"]: SeriesText("62x30@85 20x30@45 10x30@85"), ["mail", "us"]: SeriesText("92x40@80"),
                ["mail", "eu"]: SeriesText("62x20@80 30x50@82"),
            ], seed: 31)
        let context = ClassicBench.context(dimensions: ["channel", "region"])
        var whole = try detector(place, context)
        let before = run(&whole, Array(steps.prefix(cut)))
        let state = whole.encodeState()
        var restored = try detector(place, context)
        try restored.restore(state)
        #expect(restored.encodeState() == state)
        let rest = Array(steps.dropFirst(cut))
        let expected = run(&whole, rest)
        #expect(run(&restored, rest).map { "\($0)" } == expected.map { "\($0)" })
        #expect(restored.encodeState() == whole.encodeState() && restored.standings == whole.standings)
        #expect((before + expected).contains { $0.verdict == .dip })
    }

    @Test("a damaged or foreign state is refused or harmless", arguments: types.indices) func hostile(place: Int) throws
    {
        let context = ClassicBench.context(dimensions: ["channel"])
        var source = try detector(place, context)
        let series = [["chat"]: SeriesText("50x60@85 12x60@40"), ["mail"]: SeriesText("62x60@85")]
        _ = run(&source, Bench.steps(series, seed: 3))
        let state = source.encodeState()
        var other = try detector((place + 1) % Self.types.count, context)
        #expect(throws: DetectorStateError.self) { try other.restore(state) }
        for length in stride(from: 0, to: state.count, by: 11) {
            #expect(throws: DetectorStateError.self) { try source.restore(Array(state.prefix(length))) }
        }
        #expect(source.encodeState() == state)
        var generator = SeededGenerator(state: 7)
        for _ in 0..<400 {
            var damaged = state
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                damaged[Int.random(in: 70..<damaged.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            var victim = try detector(place, context)
            guard (try? victim.restore(damaged)) != nil else { continue }
            for day in 62..<66 {
                let cells = [
                    Bench.arrivals(
                        ["chat"], day: Bench.firstDay + Int32(day), minute: 0, satisfied: 30, dissatisfied: 40)
                ]
                _ = victim.step(Bench.step(day: Bench.firstDay + Int32(day), minute: 0, cells))
                _ = victim.standings
            }
            _ = victim.encodeState()
        }
    }

    @Test("what comes apart is looked at by whole days", arguments: types.indices) func comesApart(place: Int) throws {
        let watched = WatchedAnswers(
            answers: [1, 0], channels: [.init(name: "did not act", harms: [1, -1], unit: 1, points: 100)], best: 100,
            comesApart: true)
        /// Visits in the morning, sales in the evening.
        func days(_ range: Range<Int32>, sales: Int64) -> [StepArrivals] {
            range.flatMap { day in
                [(Int64(60), Int64(200), Int64(200)), (1_200, 0, -sales)].map { minute, answers, harm in
                    let bucket = Bucket(containing: (Int64(Bench.firstDay + day) * 1_440 + minute) * 60_000)
                    return Bench.step(
                        day: Bench.firstDay + day, minute: minute,
                        [
                            CellArrivals(
                                cell: [], day: Bench.firstDay + day, answers: answers, harms: [harm],
                                firstBucket: bucket, lastBucket: bucket)
                        ])
                }
            }
        }
        let context = ClassicBench.context(watched: watched)
        var quiet = try detector(place, context)
        #expect(run(&quiet, days(0..<90, sales: 170)).isEmpty)
        var falling = try detector(place, context)
        let said = run(&falling, days(0..<60, sales: 170) + days(60..<80, sales: 120))
        #expect(said.first?.verdict == .dip)
    }
}
