import PluginKit
import Satisfaction
import Testing

@testable import DetectorPlugins

/// Bursts, silence, changes of measurement, and the life of a break.
@Suite struct VolumeWatchTests {
    /// A hundred answers a day for six weeks, then a step of the seventh week's Tuesday at noon.
    private struct Learned {
        var watch = VolumeStream.watch
        var stream = VolumeStream(.weekdays, volume: 100, seed: 7)
        static let days = 43

        init(_ sources: Bool = true) {
            for day in 0..<Self.days { run(day: day) }
        }

        @discardableResult
        mutating func run(day: Int) -> [VolumeNote] {
            var notes: [VolumeNote] = []
            stream.forEachStep(ofDay: day) { arrivals in
                let answers = arrivals.cells.reduce(0) { $0 + $1.answers }
                let harm = arrivals.cells.reduce(0) { $0 + $1.harms[0] }
                notes += watch.step(
                    &arrivals,
                    sources: answers > 0 ? [SourceArrivals(source: "/web", answers: answers, harm: harm)] : [])
            }
            return notes
        }
    }

    private static func step(_ hour: Int, _ cells: [CellArrivals]) -> StepArrivals {
        let first = Int64(Bench.firstDay) * 24
        return StepArrivals(
            step: first + Int64(hour), day: Bench.firstDay + Int32(hour / 24), cells: cells)
    }

    private static func cell(_ names: [String], hour: Int, good: Int64, bad: Int64) -> CellArrivals {
        Bench.arrivals(
            names, day: Bench.firstDay + Int32(hour / 24), minute: Int64(hour % 24) * 60, satisfied: good,
            dissatisfied: bad)
    }

    @Test func aBurstFromOneSourceIsToldAndItsAnswersAreSuspect() throws {
        var learned = Learned()
        let noon = Learned.days * 24 + 12
        var burst = Self.step(
            noon,
            [
                Self.cell(["eu", "chat"], hour: noon, good: 3, bad: 200),
                Self.cell(["us", "mail"], hour: noon, good: 1, bad: 150),
            ])
        let notes = learned.watch.step(
            &burst,
            sources: [
                SourceArrivals(source: "/scanner", answers: 345, harm: 345),
                SourceArrivals(source: "/web", answers: 9, harm: 5),
            ])
        let told = try #require(notes.first)
        #expect(told.assessment.verdict == .dip && told.assessment.kind == .volume)
        #expect(told.assessment.segment == .total)
        let sentence = try #require(told.assessment.remarks.first)
        #expect(sentence.contains("345 answers from /scanner"))
        #expect(sentence.contains("none is usual") && sentence.contains("100 % of them dissatisfied (usually 1"))
        #expect(told.assessment.current.score == 0 && told.assessment.current.responses == 345)
        #expect(burst.cells.allSatisfy { $0.isSuspect })
        // The next hour is as ever: nothing is suspect, and the hour after says that it is over.
        var calm = Self.step(noon + 1, [Self.cell(["eu", "chat"], hour: noon + 1, good: 5, bad: 1)])
        var later = learned.watch.step(
            &calm, sources: [SourceArrivals(source: "/web", answers: 6, harm: 1)])
        #expect(calm.cells.allSatisfy { !$0.isSuspect })
        var next = Self.step(noon + 2, [])
        later += learned.watch.step(&next, sources: [])
        #expect(later.map(\.assessment.verdict) == [.recovered])
        // A dip that seems to begin then is told of it; one of a week later is not.
        let onset = Bucket(containing: Int64(Bench.firstDay) * 86_400_000 + Int64(noon) * 3_600_000)
        #expect(learned.watch.remarks(on: .total, since: onset).first?.contains("/scanner") == true)
        #expect(learned.watch.remarks(on: .total, since: Bucket(index: onset.index + 96 * 7)).isEmpty)
    }

    @Test func aSourceWithANewNameInAnothersPlaceIsNoBurst() {
        var learned = Learned()
        var notes: [VolumeNote] = []
        var suspects = 0
        for day in Learned.days..<(Learned.days + 10) {
            learned.stream.forEachStep(ofDay: day) { arrivals in
                let answers = arrivals.cells.reduce(0) { $0 + $1.answers }
                notes += learned.watch.step(
                    &arrivals, sources: [SourceArrivals(source: "/web/v2", answers: answers, harm: 0)])
                suspects += arrivals.cells.count(where: \.isSuspect)
            }
        }
        #expect(notes.isEmpty && suspects == 0)
    }

    @Test func aCampaignIsABurstForTwoDaysAndThenABreak() {
        var learned = Learned()
        learned.stream.change = (Learned.days, Learned.days + 20, 40, "chat")
        var suspectDays: Set<Int> = []
        var notes: [(Int, VolumeNote)] = []
        for day in Learned.days..<(Learned.days + 8) {
            learned.stream.forEachStep(ofDay: day) { arrivals in
                notes += learned.watch.step(&arrivals, sources: []).map { (day - Learned.days, $0) }
                if arrivals.cells.contains(where: \.isSuspect) { suspectDays.insert(day - Learned.days) }
            }
        }
        #expect(notes.first?.1.reason == .burst)
        let breaks = notes.filter { $0.1.reason == .more && $0.1.assessment.verdict == .dip }.map(\.0)
        #expect(breaks.first.map { $0 <= 6 } == true, "\(notes.map { ($0.0, $0.1.assessment.remarks) })")
        #expect(suspectDays.contains(0) && !suspectDays.contains(4) && !suspectDays.contains(7))
    }

    @Test func silenceIsToldWithoutAScoreAndEndsWithTheNextAnswer() throws {
        var learned = Learned()
        var notes: [(hour: Int, note: VolumeNote)] = []
        let start = Learned.days * 24 + 9
        for hour in (Learned.days * 24)..<start {
            var step = Self.step(hour, [Self.cell(["eu", "chat"], hour: hour, good: 2, bad: 0)])
            notes += learned.watch.step(&step, sources: []).map { (hour, $0) }
        }
        for hour in start..<(start + 20) {
            var step = Self.step(hour, [])
            notes += learned.watch.step(&step, sources: []).map { (hour, $0) }
        }
        let first = try #require(notes.first)
        #expect(first.note.reason == .silence && first.note.assessment.verdict == .dip)
        #expect((start + 2..<start + 8).contains(first.hour))
        #expect(first.note.assessment.current == .unanswered)
        #expect(first.note.assessment.remarks[0].hasPrefix("no answers since 2024-02-13 09:00 (usually about "))
        var step = Self.step(start + 20, [Self.cell(["eu", "chat"], hour: start + 20, good: 1, bad: 0)])
        let end = learned.watch.step(&step, sources: [])
        #expect(end.map(\.assessment.verdict) == [.recovered])
        // The day that was silent is no example of what is usual, and no break either.
        for day in Learned.days + 1..<Learned.days + 10 {
            let said = learned.run(day: day)
            #expect(said.isEmpty)
        }
    }

    @Test func aBreakRecoversOrIsTheNewNormal() {
        var learned = Learned()
        learned.stream.change = (60, 80, 0.4, nil)
        var notes: [(Int, VolumeNote)] = []
        for day in Learned.days..<100 { notes += learned.run(day: day).map { (day, $0) } }
        #expect(notes.map(\.1.assessment.verdict) == [.dip, .recovered])
        #expect(
            notes.first.map { $0.1.assessment.remarks[0].contains("as usual since") && (62...66).contains($0.0) }
                == true)
        #expect(notes.last.map { (81...85).contains($0.0) } == true)

        learned.stream.change = (110, 400, 0.4, nil)
        notes = []
        for day in 100..<230 { notes += learned.run(day: day).map { (day, $0) } }
        #expect(notes.map(\.1.assessment.verdict) == [.dip, .newNormal])
        // Back to the old volume is a break now.
        learned.stream.change = nil
        notes = []
        for day in 230..<245 { notes += learned.run(day: day).map { (day, $0) } }
        #expect(notes.first?.1.reason == .more)
    }

    @Test func aChangeOfMeasureIsToldOnceAndRemembered() {
        var learned = Learned()
        let moment = Int64(Bench.firstDay + 43) * 86_400_000
        let notes = learned.watch.measuredDifferently("scale 1..5 → 0..10", at: moment)
        #expect(
            notes.map(\.assessment.remarks) == [
                [
                    "csat is measured differently since 2024-02-13 00:00: scale 1..5 → 0..10; falls across the change are not dips"
                ]
            ])
        #expect(learned.watch.isMeasureNew)
        #expect(learned.watch.remarks(on: Segment("region:eu")!, since: Bucket(containing: moment)).count == 1)
        #expect(learned.watch.measureIsLearned(at: moment + 1).map(\.assessment.verdict) == [.recovered])
        #expect(!learned.watch.isMeasureNew)
    }

    @Test func streamsOfFewAnswersAreLeftAlone() {
        var watch = VolumeStream.watch
        var stream = VolumeStream(.steady, volume: 2, seed: 3)
        stream.change = (60, 200, 0, nil)
        #expect(stream.notes(days: 0..<120, of: &watch).isEmpty)
    }

    @Test func aStateThatIsTakenUpGoesOnBitByBit() throws {
        var learned = Learned()
        learned.stream.change = (50, 70, 0.3, "chat")
        learned.stream.outage = (80 * 24 + 8)..<(80 * 24 + 20)
        var copy = VolumeStream.watch
        var count = 0
        for day in Learned.days..<90 {
            try copy.restore(learned.watch.encodeState())
            #expect(copy.encodeState() == learned.watch.encodeState())
            learned.stream.forEachStep(ofDay: day) { arrivals in
                var other = arrivals
                let said = learned.watch.step(&arrivals, sources: [])
                let again = copy.step(&other, sources: [])
                #expect(arrivals == other && said.map(\.assessment.remarks) == again.map(\.assessment.remarks))
                count += said.count
            }
            #expect(copy.encodeState() == learned.watch.encodeState())
        }
        #expect(count >= 4)
        #expect(learned.watch.encodeState().count < 16 * 4_096)
    }

    @Test func aStateThatIsCutShortOrOfAnotherMetricIsRefused() throws {
        var learned = Learned()
        let state = learned.watch.encodeState()
        for length in stride(from: 0, to: state.count, by: 97) {
            #expect(throws: DetectorStateError.self) { try learned.watch.restore(Array(state.prefix(length))) }
        }
        for place in stride(from: 0, to: state.count, by: 13) {
            var spoiled = state
            spoiled[place] ^= 0xFF
            var watch = VolumeStream.watch
            // It may read as another state, but neither traps nor leaves anything behind when it does not.
            if (try? watch.restore(spoiled)) == nil { #expect(watch.encodeState() == VolumeStream.watch.encodeState()) }
        }
        #expect(learned.watch.encodeState() == state)
    }

    @Test func absurdInputNeverTraps() throws {
        var watch = VolumeStream.watch
        for step in [0, Int64.max / 3_600_000, -5, 3, Int64.min / 3_600_000] {
            for answers in [Int64.max, Int64.min, -1, 0, 1] {
                let bucket = Bucket(index: 0)
                var arrivals = StepArrivals(
                    step: step, day: Int32(clamping: step / 24),
                    cells: [
                        CellArrivals(
                            cell: ["eu", ""], day: 0, answers: answers, harms: [answers, answers], firstBucket: bucket,
                            lastBucket: bucket)
                    ])
                _ = watch.step(
                    &arrivals, sources: [SourceArrivals(source: "/a", answers: answers, harm: answers)])
            }
        }
        var copy = VolumeStream.watch
        try copy.restore(watch.encodeState())
        #expect(copy.encodeState() == watch.encodeState())
    }
}

extension StepArrivals: Equatable {
    public static func == (left: StepArrivals, right: StepArrivals) -> Bool {
        left.step == right.step && left.day == right.day && left.cells == right.cells
    }
}
