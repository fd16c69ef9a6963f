import DetectorPlugins
import JSON
import JournalTestKit
import PluginKit
import Satisfaction
import Testing

/// The battery of detectors: a pure fold, quiet on a constant, the same after a restore.
@Suite struct DetectorConformanceTests {
    private static let firstDay: Int32 = 20_000

    /// With its defaults, or its example where these leave something to be said.
    private func detector(_ place: Int, _ given: JSONTree = nil) throws -> any Detector {
        let type = DetectorPlugins.all[place]
        func build(_ tree: JSONTree) throws -> any Detector {
            try type.init(configuration: PluginConfiguration(tree, for: type.plugin), context: ConformanceTests.context)
        }
        if given != .null { return try build(given) }
        return try (try? build(.null)) ?? build(type.plugin.example)
    }

    private func step(_ hour: Int, _ cells: [([String], AnswerCounts)]) -> StepArrivals {
        let day = Self.firstDay + Int32(hour / 24)
        let bucket = Bucket(index: (Self.firstDay * 24 + Int32(hour)) * 4)
        return StepArrivals(
            step: Int64(Self.firstDay) * 24 + Int64(hour), day: day,
            cells: cells.map { cell, counts in
                let watched = ConformanceTests.context.watched
                func sum(_ weights: [Int64]) -> Int64 { zip(counts.steps, weights).reduce(0) { $0 &+ $1.0 &* $1.1 } }
                return CellArrivals(
                    cell: cell, day: day, answers: sum(watched.answers), harms: watched.channels.map { sum($0.harms) },
                    firstBucket: bucket, lastBucket: bucket)
            })
    }

    private static let cells = [["eu", "chat"], ["eu", "mail"], ["us", "mail"]]

    /// Random answers, with a fall in one cell after 60 days.
    private func story(days: Int) -> [StepArrivals] {
        var generator = SeededGenerator(seed: 8)
        return (0..<days * 4).map { slot in
            step(
                slot * 6,
                Self.cells.map { cell in
                    var counts = AnswerCounts(steps: 5)
                    for _ in 0..<8 {
                        let share = slot >= 240 && cell == ["eu", "chat"] ? 0.4 : 0.85
                        counts.add(1, at: generator.chance(share) ? 4 : 0)
                    }
                    return (cell, counts)
                })
        }
    }

    @Test(
        arguments: DetectorPlugins.all.indices,
        [[1, 0, 0, 0, 9], [10, 0, 0, 0, 0], [0, 0, 0, 0, 10], [2, 2, 2, 2, 2]] as [[Int64]])
    func quietOnAConstant(place: Int, counts: [Int64]) throws {
        var detector = try detector(place)
        var dips = 0
        for slot in 0..<120 * 2 {
            let said = detector.step(step(slot * 12, Self.cells.map { ($0, AnswerCounts(counts)) }))
            // A constant below the limit is what a limit is there for: said once, until it is the new normal.
            if DetectorPlugins.all[place].plugin.name == "fixed-threshold", counts[3] + counts[4] < 7 {
                #expect(said.allSatisfy { $0.verdict == .dip || $0.verdict == .newNormal }, "slot \(slot)")
                dips += said.count { $0.verdict == .dip }
            } else {
                #expect(said.isEmpty, "slot \(slot)")
            }
        }
        #expect(dips <= detector.standings.count)
    }

    @Test(arguments: DetectorPlugins.all.indices) func deterministicAndTheSameAfterARestore(place: Int) throws {
        let story = story(days: 75)
        var whole = try detector(place)
        var twin = try detector(place)
        var said: [String] = []
        for (number, arrivals) in story.enumerated() {
            let words = whole.step(arrivals).map { "\($0)" }
            said += words
            #expect(twin.step(arrivals).map { "\($0)" } == words)
            if number % 37 == 0 {
                let state = twin.encodeState()
                #expect(state == whole.encodeState())
                twin = try detector(place)
                try twin.restore(state)
            }
        }
        #expect(twin.encodeState() == whole.encodeState())
        #expect(said.contains { $0.contains("dip") }, "the fall is found")
    }

    @Test(arguments: DetectorPlugins.all.indices) func extremesNeverTrap(place: Int) throws {
        for given in [nil, DetectorPlugins.all[place].plugin.example] as [JSONTree] {
            var detector = try detector(place, given)
            for arrivals in story(days: 50) { _ = detector.step(arrivals) }
            let wild: [[Int64]] = [
                [0, 0, 0, 0, 0], [.max, .max, .max, .max, .max], [.min, .min, .min, .min, .min], [-1, 0, 0, 0, 1],
                [0, 0, 0, 0, 1 << 40], [1 << 40, 0, 0, 0, 0],
            ]
            for (number, counts) in wild.enumerated() {
                for cell in [
                    [], [""], ["", ""], ["eu", "chat"], ["eu", "chat", "more"], ["other", "other"], ["\u{1F}", "\0"],
                ] {
                    _ = detector.step(step(50 * 24 + number, [(cell, AnswerCounts(counts))]))
                }
            }
            for (moment, day) in [(Int64.min, Int32.min), (.max, .max), (0, 0), (-1, -1)] {
                _ = detector.step(StepArrivals(step: moment, day: day, cells: []))
            }
            #expect(!detector.encodeState().isEmpty)
        }
    }

    @Test(arguments: DetectorPlugins.all.indices) func aStateThatIsNoneIsRefused(place: Int) throws {
        var detector = try detector(place)
        for arrivals in story(days: 40) { _ = detector.step(arrivals) }
        let state = detector.encodeState()
        for bytes in [[], [0], [255], Array(state.dropLast()), state + [0]] as [[UInt8]] {
            #expect(throws: DetectorStateError.self) { try detector.restore(bytes) }
        }
        #expect(detector.encodeState() == state)
    }

    /// Two years with a fall in one cell every four months, each of six weeks' length less three days.
    private func longStory() -> [StepArrivals] {
        var generator = SeededGenerator(seed: 21)
        return (0..<730 * 4).map { slot in
            let isDown = slot / 4 >= 60 && (slot / 4 - 60) % 120 < 39
            return step(
                slot * 6,
                Self.cells.map { cell in
                    var counts = AnswerCounts(steps: 5)
                    for _ in 0..<Int.random(in: 5...11, using: &generator) {
                        let share = isDown && cell == ["eu", "chat"] ? 0.4 : 0.85
                        counts.add(1, at: generator.chance(share) ? Int.random(in: 3...4, using: &generator) : 0)
                    }
                    return (cell, counts)
                })
        }
    }

    @Test(arguments: DetectorPlugins.all.indices) func itsNumbersHoldTogether(place: Int) throws {
        var detector = try detector(place)
        var open: Set<Segment> = []
        var halfway = 0
        var dips = 0
        for (number, arrivals) in longStory().enumerated() {
            for said in detector.step(arrivals) {
                #expect(abs(said.split.total - (said.current.score - said.baseline.score)) < 1e-9)
                #expect(abs(said.drop - (said.baseline.score - said.current.score)) < 1e-9)
                #expect(said.onsetRange.contains(said.onset))
                #expect(said.onset.start <= (arrivals.step + 1) * 3_600_000)
                for level in [said.baseline, said.current] {
                    #expect(level.low <= level.score && level.score <= level.high)
                    #expect((0...100).contains(level.low) && (0...100).contains(level.high))
                }
                #expect(said.evidence.log.isFinite && said.evidence.threshold.isFinite)
                #expect(said.evidence.expectedFalseAlarms >= 0)
                #expect(abs(said.causes.reduce(0) { $0 + $1.share }) <= 1 + 1e-9)
                switch said.verdict {
                case .dip:
                    #expect(open.insert(said.segment).inserted, "\(said.segment) is open already")
                    #expect(said.drop >= 3 && said.evidence.log >= said.evidence.threshold)
                    dips += 1
                case .revised: #expect(open.contains(said.segment))
                case .recovered, .newNormal, .withdrawn: #expect(open.remove(said.segment) != nil)
                case .suspected, .cleared: break
                }
            }
            if number % 40 == 0 { check(detector.standings, open, days: Int64(number / 4 + 1)) }
            if number == 365 * 4 { halfway = detector.encodeState().count }
        }
        #expect(dips >= 3, "falls are found")
        let bytes = detector.encodeState().count
        #expect(bytes < 8 * 4_096 + Self.cells.count * 1_024, "bytes of state after two years")
        #expect(bytes < halfway + halfway / 4, "the state grows")
    }

    private func check(_ standings: [SeriesStanding], _ open: Set<Segment>, days: Int64) {
        #expect(Set(standings.map(\.segment)).count == standings.count)
        for standing in standings {
            if open.contains(standing.segment) { #expect(standing.state == .open) }
            #expect(standing.volume >= 0 && standing.volume.isFinite && standing.dispersion >= 1)
            #expect((0...days).contains(standing.daysWatched))
            switch standing.state {
            case .learning: #expect(standing.threshold == nil)
            case .watching, .suspected: #expect(standing.baseline != nil && standing.threshold != nil)
            case .open, .unwatched: break
            }
        }
    }
}
