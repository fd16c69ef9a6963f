import JSON
import PluginKit
import Satisfaction

@testable import DetectorPlugins

/// Days of answers written as text: `30x100@85` is thirty days of a hundred answers, 85 % of them satisfied.
///
/// Satisfied answers are spread over a day as evenly as they go (Bresenham), so a constant series has no chance in it;
/// with a seed they are drawn instead.
struct SeriesText {
    struct Stretch {
        let days: Int
        let responses: Int
        let satisfied: Double
    }

    let stretches: [Stretch]

    init(_ text: String) {
        stretches = text.split(separator: " ").map { word in
            let parts = word.split { $0 == "x" || $0 == "@" }
            return Stretch(days: Int(parts[0])!, responses: Int(parts[1])!, satisfied: Double(parts[2])! / 100)
        }
    }

    var days: Int { stretches.reduce(0) { $0 + $1.days } }

    subscript(day: Int) -> Stretch {
        var rest = day
        for stretch in stretches {
            if rest < stretch.days { return stretch }
            rest -= stretch.days
        }
        preconditionFailure("day \(day) is beyond the series")
    }
}

/// SplitMix64: the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

enum Bench {
    /// A Monday.
    static let firstDay: Int32 = 19_723
    static let minutesPerDay: Int64 = 1_440

    static let rating = Rating(scale: Scale("1..5")!, satisfied: 4...5, neutral: .dissatisfied)
    static let watched = WatchedAnswers.share(of: 4...5, on: rating.scale)
    /// NPS: those who are no promoters, and the detractors among them.
    static let promoters = WatchedAnswers(
        answers: [Int64](repeating: 1, count: 11),
        channels: [
            .init(name: "others", harms: (0...10).map { $0 <= 8 ? 1 : 0 }, unit: 1, points: 100),
            .init(name: "detractors", harms: (0...10).map { $0 <= 6 ? 1 : 0 }, unit: 1, points: 100),
        ], best: 100)
    /// A mean of 1 to 7 that is better the lower it is.
    static let effort = WatchedAnswers.mean(on: Scale("1..7")!, worstFirst: false, best: 1, points: -6)
    static let contract = ScoreContract(kind: "csat", rating: rating, unit: "%")

    static func detector(
        dimensions: [String] = [], smallestDip: Double = 3, patienceDays: Double = 2_000, settings: JSONTree = .null
    ) throws -> ShiryaevRobertsDetector {
        try ShiryaevRobertsDetector(
            configuration: PluginConfiguration(settings, for: ShiryaevRobertsDetector.plugin),
            context: DetectorContext(
                rule: "csat-dip", contract: contract, watched: watched, dimensions: dimensions,
                stepMilliseconds: 60_000,
                budget: FalseAlarmBudget(scope: .segment, days: patienceDays), smallestDip: smallestDip))
    }

    static func arrivals(
        _ cell: [String], day: Int32, minute: Int64, satisfied: Int64, dissatisfied: Int64
    ) -> CellArrivals {
        let bucket = Bucket(containing: (Int64(day) * minutesPerDay + minute) * 60_000)
        return CellArrivals(
            cell: cell, day: day, answers: satisfied &+ dissatisfied, harms: [dissatisfied, dissatisfied &* 4],
            firstBucket: bucket,
            lastBucket: bucket)
    }

    static func step(day: Int32, minute: Int64, _ cells: [CellArrivals]) -> StepArrivals {
        StepArrivals(
            step: Int64(day) * minutesPerDay + minute, day: day,
            cells: cells.sorted { $0.cell.lexicographicallyPrecedes($1.cell) })
    }

    /// Steps of ten minutes over the series of each cell.
    static func steps(_ series: [[String]: SeriesText], seed: UInt64? = nil) -> [StepArrivals] {
        let cells = series.keys.sorted { $0.lexicographicallyPrecedes($1) }
        var generator = SeededGenerator(state: seed ?? 0)
        var steps: [StepArrivals] = []
        var carried: [[String]: Double] = [:]
        for day in 0..<series.values.map(\.days).min()! {
            for slice in 0..<144 {
                var arrived: [CellArrivals] = []
                for cell in cells {
                    let stretch = series[cell]![day]
                    let count = stretch.responses * (slice + 1) / 144 - stretch.responses * slice / 144
                    guard count > 0 else { continue }
                    var satisfied = 0
                    for _ in 0..<count {
                        if seed != nil {
                            satisfied += Double.random(in: 0..<1, using: &generator) < stretch.satisfied ? 1 : 0
                        } else {
                            carried[cell, default: 0.5] += stretch.satisfied
                            if carried[cell]! >= 1 {
                                carried[cell]! -= 1
                                satisfied += 1
                            }
                        }
                    }
                    arrived.append(
                        arrivals(
                            cell, day: firstDay + Int32(day), minute: Int64(slice) * 10, satisfied: Int64(satisfied),
                            dissatisfied: Int64(count - satisfied)))
                }
                guard !arrived.isEmpty else { continue }
                steps.append(step(day: firstDay + Int32(day), minute: Int64(slice) * 10, arrived))
            }
        }
        return steps
    }

    static func total(_ text: String, seed: UInt64? = nil) -> [StepArrivals] {
        steps([[]: SeriesText(text)], seed: seed)
    }

    /// Days since the series' beginning.
    static func day(of bucket: Bucket) -> Double { Double(bucket.start) / 86_400_000 - Double(firstDay) }
}

extension ShiryaevRobertsDetector {
    /// Takes all steps; what was said, with the day of the series on which it was.
    mutating func run(_ steps: [StepArrivals]) -> [(day: Int, said: Assessment)] {
        steps.flatMap { arrivals in step(arrivals).map { (Int(arrivals.day - Bench.firstDay), $0) } }
    }
}
