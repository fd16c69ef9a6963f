import JSON
import PluginKit
import Satisfaction

@testable import DetectorPlugins

/// Plain detectors over series written as text.
enum ClassicBench {
    static let bands = Bands([Band("good", .from(80)), Band("average", .from(70)), Band("critical", .rest)])!

    static func context(
        dimensions: [String] = [], smallestDip: Double = 3, budget: FalseAlarmBudget = .perSegmentDefault,
        bands: Bands = bands, watched: WatchedAnswers = Bench.watched, holidays: Set<Int32> = [],
        stepMilliseconds: Int64 = 60_000
    ) -> DetectorContext {
        DetectorContext(
            rule: "csat-dip",
            contract: ScoreContract(kind: "csat", rating: Bench.rating, bands: bands, unit: "%"), watched: watched,
            dimensions: dimensions, stepMilliseconds: stepMilliseconds, budget: budget, smallestDip: smallestDip,
            holidays: holidays)
    }

    static func detector<Chart: SegmentChart>(
        _ chart: Chart.Type, _ settings: JSONTree = .null, _ context: DetectorContext = context()
    ) throws -> ChartDetector<Chart> {
        try ChartDetector(configuration: PluginConfiguration(settings, for: Chart.plugin), context: context)
    }

    /// Answers drawn by chance, in steps of which a day has `slices`.
    static func stream(
        days: Int, answers: Int, satisfied: Double, slices: Int = 1, seed: UInt64
    ) -> some Sequence<StepArrivals> {
        var generator = SeededGenerator(state: seed)
        return (0..<days * slices).lazy.map { number in
            let day = Bench.firstDay + Int32(number / slices)
            let minute = Int64(number % slices) * (1_440 / Int64(slices))
            var good: Int64 = 0
            for _ in 0..<answers / slices where Double.random(in: 0..<1, using: &generator) < satisfied { good += 1 }
            let bad = Int64(answers / slices) - good
            return StepArrivals(
                step: Int64(Bench.firstDay) * Int64(slices) + Int64(number), day: day,
                cells: [Bench.arrivals([], day: day, minute: minute, satisfied: good, dissatisfied: bad)])
        }
    }

    /// Days watched between two alarms on streams in which nothing happens.
    static func measuredSpacing<Chart: SegmentChart>(
        _ chart: Chart.Type, _ settings: JSONTree, budgetDays: Double, days: Int, streams: Int, slices: Int = 1
    ) throws -> (days: Double, alarms: Int) {
        var alarms = 0
        var watched: Int64 = 0
        for seed in 1...UInt64(streams) {
            var detector = try detector(
                chart, settings,
                context(
                    smallestDip: 0, budget: FalseAlarmBudget(scope: .segment, days: budgetDays),
                    stepMilliseconds: 86_400_000 / Int64(slices)))
            for step in stream(days: days, answers: 100, satisfied: 0.85, slices: slices, seed: seed) {
                alarms += detector.step(step).count { $0.verdict == .dip }
            }
            watched += detector.standings[0].daysWatched
        }
        return (Double(watched) / Double(max(1, alarms)), alarms)
    }
}

extension ChartDetector {
    /// Takes all steps; what was said, with the day of the series on which it was.
    mutating func run(_ steps: some Sequence<StepArrivals>) -> [(day: Int, said: Assessment)] {
        var all: [(Int, Assessment)] = []
        for arrivals in steps { for said in step(arrivals) { all.append((Int(arrivals.day - Bench.firstDay), said)) } }
        return all
    }
}
