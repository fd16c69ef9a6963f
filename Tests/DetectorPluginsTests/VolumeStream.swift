import Foundation
import PluginKit
import Satisfaction

@testable import DetectorPlugins

/// A simulated stream of answers of three regions and three channels, hour by hour.
struct VolumeStream {
    enum Kind: String, CaseIterable {
        case steady
        case weekdays
        case overdispersed
        case growing
        case yearly
        case holidays
    }

    let kind: Kind
    /// Answers a day at the beginning.
    let volume: Double
    /// Rate of everybody or of one value from a day on, and until when.
    var change: (day: Int, until: Int, rate: Double, value: String?)?
    /// Hours since the beginning without any answer.
    var outage: Range<Int> = 0..<0
    var generator: SeededGenerator

    static let hour: Int64 = 3_600_000
    static let regions = [("eu", 0.5), ("us", 0.3), ("asia", 0.2)]
    static let channels = [("chat", 0.5), ("mail", 0.3), ("phone", 0.2)]
    private static let week = [0.35, 1.2, 1.2, 1.15, 1.15, 1.1, 0.5]
    /// Answers come from seven in the morning to eleven at night.
    private static let hours: [Double] = {
        let shape = (0..<24).map { (7..<23).contains($0) ? 1 + sin(Double($0 - 7) / 16 * .pi) : 0.05 }
        let sum = shape.reduce(0, +)
        return shape.map { $0 / sum }
    }()

    init(_ kind: Kind, volume: Double, seed: UInt64) {
        self.kind = kind
        self.volume = volume
        generator = SeededGenerator(state: seed)
    }

    static var watch: VolumeWatch {
        VolumeWatch(
            context: VolumeContext(
                metric: "csat", watched: Bench.watched, dimensions: ["region", "channel"], stepMilliseconds: hour,
                zone: .utc))
    }

    private mutating func rate(ofDay day: Int) -> Double {
        let weekday = DetectionCalendar.weekday(of: Bench.firstDay + Int32(day))
        switch kind {
        case .steady: return volume
        case .weekdays: return volume * Self.week[weekday]
        // Gamma with shape 10: days scatter by a third beside chance.
        case .overdispersed: return volume * Self.week[weekday] * generator.gamma(shape: 10) / 10
        case .growing: return volume * Self.week[weekday] * pow(2, Double(day) / 365)
        case .yearly: return volume * Self.week[weekday] * (1 + 0.2 * sin(2 * .pi * Double(day) / 365))
        // A dozen days a year, some of them two in a row, with a fifth of the answers.
        case .holidays:
            let isHoliday = [0, 1, 40, 95, 98, 99, 121, 140, 220, 275, 304, 305].contains(day % 365 - 20)
            return volume * Self.week[weekday] * (isHoliday ? 0.2 : 1)
        }
    }

    /// Hands over a day's steps, all twenty-four of them.
    mutating func forEachStep(ofDay day: Int, _ body: (inout StepArrivals) -> Void) {
        let rate = rate(ofDay: day)
        for hour in 0..<24 {
            let step = (Int64(Bench.firstDay) + Int64(day)) * 24 + Int64(hour)
            var cells: [CellArrivals] = []
            for (region, share) in Self.regions {
                for (channel, part) in Self.channels where !outage.contains(day * 24 + hour) {
                    var mean = rate * Self.hours[hour] * share * part
                    if let change, day >= change.day, day < change.until,
                        change.value == nil || change.value == region || change.value == channel
                    {
                        mean *= change.rate
                    }
                    let answers = generator.poisson(mean)
                    guard answers > 0 else { continue }
                    let bad = Int64((0..<answers).count { _ in Double.random(in: 0..<1, using: &generator) < 0.15 })
                    cells.append(
                        Bench.arrivals(
                            [region, channel], day: Bench.firstDay + Int32(day), minute: Int64(hour) * 60,
                            satisfied: Int64(answers) - bad, dissatisfied: bad))
                }
            }
            cells.sort { $0.cell.lexicographicallyPrecedes($1.cell) }
            var arrivals = StepArrivals(step: step, day: Bench.firstDay + Int32(day), cells: cells)
            body(&arrivals)
        }
    }

    /// All that the watch says over some days, with the day on which it is said.
    mutating func notes(days: Range<Int>, of watch: inout VolumeWatch) -> [(day: Int, note: VolumeNote)] {
        var said: [(Int, VolumeNote)] = []
        for day in days {
            forEachStep(ofDay: day) { arrivals in
                said += watch.step(&arrivals, sources: []).map { (day, $0) }
            }
        }
        return said
    }
}

extension SeededGenerator {
    mutating func normal() -> Double {
        let u = Double.random(in: Double.leastNormalMagnitude..<1, using: &self)
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }

    /// G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26 (2000); shape at least 1.
    mutating func gamma(shape: Double) -> Double {
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = pow(1 + c * x, 3)
            let u = Double.random(in: Double.leastNormalMagnitude..<1, using: &self)
            if v > 0, log(u) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }

    /// By counting exponentials: fine for the means of hours.
    mutating func poisson(_ mean: Double) -> Int {
        guard mean > 0 else { return 0 }
        var count = 0
        var product = Double.random(in: 0..<1, using: &self)
        let bound = exp(-mean)
        while product > bound {
            count += 1
            product *= Double.random(in: 0..<1, using: &self)
        }
        return count
    }
}
