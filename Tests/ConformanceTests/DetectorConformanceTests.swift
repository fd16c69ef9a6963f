import DetectorPlugins
import JSON
import JournalTestKit
import PluginKit
import Satisfaction
import Testing

/// The battery of detectors: a pure fold, quiet on a constant, the same after a restore.
@Suite struct DetectorConformanceTests {
    private static let firstDay: Int32 = 20_000

    private func detector(_ place: Int, _ given: JSONTree = nil) throws -> any Detector {
        let type = DetectorPlugins.all[place]
        return try type.init(
            configuration: PluginConfiguration(given, for: type.plugin), context: ConformanceTests.context)
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
        for slot in 0..<120 * 2 {
            let said = detector.step(step(slot * 12, Self.cells.map { ($0, AnswerCounts(counts)) }))
            #expect(said.isEmpty, "slot \(slot)")
        }
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
}
