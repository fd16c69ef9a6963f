import Messages
import PluginKit
import Satisfaction

/// How long a detector takes to find a drop, tried out with the very plugin: on answers of the line's volume, score and
/// scatter, after a history as long as the line's own.
///
/// Deterministic: the same line and seed give the same figures. Bounded by the steps fed, not by a clock.
struct DelaySimulation {
    /// What was found of one size of drop.
    struct Outcome: Sendable, Equatable {
        /// Mean days to the alarm; those not found within ``daysMax`` count as that.
        let days: Double
        /// Standard error of the mean.
        let error: Double
        let runs: Int
        /// Runs in which nothing was found within ``daysMax``.
        let missed: Int
    }

    /// Days after which a drop counts as not found.
    static let daysMax = 180
    /// Steps of one day at most, so that a delay is known to the hour.
    static let stepsPerDayMax = 24
    static let runsMin = 24
    static let runsMax = 400
    /// Standard error at which the mean is good enough: with 95 % within a tenth.
    static let relativeErrorMax = 0.05
    /// Steps fed for one size of drop.
    static let stepsMax = 260_000
    /// Days of the longest history made.
    private static let historyDaysMax = 500
    /// Runs that begin from one history, each a day later than the one before.
    private static let runsPerHistory = 8

    private let make: () throws(MessageError) -> any Detector
    private let model: AnswerModel
    private let stepMilliseconds: Int64
    private let volume: Double
    private let dispersion: Double
    private let historyDays: Int
    private let stepsPerDay: Int
    private var generator: SplitMix
    private var steps = 0
    private static let firstDay: Int32 = 19_723

    /// A detector that has seen a history, and where it stands.
    private struct Trained {
        var detector: any Detector
        var day: Int32
        var carried: Double
        /// Whether it believes in a dip that is none, so that nothing can be tried with it.
        var isOpen: Bool
    }

    /// - Parameters:
    ///   - volume: answers a day, above 0.
    ///   - historyDays: before the drop.
    ///   - make: gives a detector without a past, for one line.
    init(
        model: AnswerModel, volume: Double, dispersion: Double, historyDays: Double, stepMilliseconds: Int64,
        seed: UInt64, make: @escaping () throws(MessageError) -> any Detector
    ) {
        precondition(volume > 0)
        self.make = make
        self.model = model
        self.volume = volume
        self.dispersion = dispersion
        self.historyDays = Int(min(max(historyDays.rounded(), 1), Double(Self.historyDaysMax)))
        self.stepMilliseconds = stepMilliseconds
        let perDay = Int(min(Double(Self.stepsPerDayMax), max(1, volume.rounded(.up))))
        stepsPerDay = min(perDay, Int(max(1, 86_400_000 / stepMilliseconds)))
        generator = SplitMix(state: seed)
    }

    /// - Returns: nil when the score cannot fall so far, or the detector fires on every history as it is.
    mutating func delay(of points: Double) throws(MessageError) -> Outcome? {
        guard let fallen = model.falling(by: points) else { return nil }
        steps = 0
        var days: [Double] = []
        var missed = 0
        var spoiled = 0
        while days.count < Self.runsMax, days.count < Self.runsMin || steps < Self.stepsMax {
            guard var trained = try train() else {
                spoiled += 1
                // It fires on what is usual: its delay means nothing.
                guard spoiled < 8 else { return nil }
                continue
            }
            for _ in 0..<Self.runsPerHistory {
                if let found = run(trained, fallen) {
                    days.append(found)
                } else {
                    days.append(Double(Self.daysMax))
                    missed += 1
                }
                _ = advance(&trained, model)
                if trained.isOpen { break }
            }
            if days.count >= Self.runsMin, isSure(days) { break }
            // Two windows without a find say enough of a drop too small.
            if missed >= Self.runsMin, missed == days.count { break }
        }
        let (mean, error) = Self.mean(days)
        return Outcome(days: mean, error: error, runs: days.count, missed: missed)
    }

    private func isSure(_ days: [Double]) -> Bool {
        let (mean, error) = Self.mean(days)
        return error <= Self.relativeErrorMax * mean
    }

    private static func mean(_ values: [Double]) -> (mean: Double, error: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / max(1, count - 1) / count).squareRoot())
    }

    // MARK: Time

    /// A detector after its history; nil when it fires on it.
    private mutating func train() throws(MessageError) -> Trained? {
        var trained = Trained(detector: try make(), day: Self.firstDay, carried: 0, isOpen: false)
        var days = 0
        while days < historyDays || (Self.isLearning(trained.detector) && days < Self.historyDaysMax) {
            _ = advance(&trained, model)
            days += 1
        }
        return trained.isOpen ? nil : trained
    }

    private static func isLearning(_ detector: any Detector) -> Bool {
        detector.standings.contains { $0.segment == .total && $0.state == .learning }
    }

    /// Days from the drop to the alarm.
    private mutating func run(_ trained: Trained, _ fallen: AnswerModel) -> Double? {
        var trained = trained
        for day in 0..<Self.daysMax {
            if let share = advance(&trained, fallen) { return Double(day) + share }
        }
        return nil
    }

    /// One day of answers.
    /// - Returns: the part of the day after which a dip was said.
    private mutating func advance(_ trained: inout Trained, _ model: AnswerModel) -> Double? {
        let share = generator.share(around: model.badShare, dispersion: dispersion, answers: volume)
        let perDay = Int64(86_400_000) / stepMilliseconds
        var found: Double?
        for slice in 0..<stepsPerDay {
            steps += 1
            trained.carried += volume / Double(stepsPerDay)
            let answers = Int(trained.carried)
            guard answers > 0 else { continue }
            trained.carried -= Double(answers)
            let offset = Int64(slice) * perDay / Int64(stepsPerDay)
            let step = Int64(trained.day) * perDay + offset
            let bucket = Bucket(containing: step * stepMilliseconds)
            let arrivals = StepArrivals(
                step: step, day: trained.day,
                cells: [
                    CellArrivals(
                        cell: [], day: trained.day, answers: Int64(answers),
                        harms: model.draw(answers, badShare: share, &generator), firstBucket: bucket,
                        lastBucket: bucket)
                ])
            for said in trained.detector.step(arrivals) where said.segment == .total && said.kind == .dip {
                switch said.verdict {
                case .dip:
                    trained.isOpen = true
                    if found == nil { found = (Double(slice) + 1) / Double(stepsPerDay) }
                case .recovered, .newNormal, .withdrawn: trained.isOpen = false
                case .suspected, .cleared, .revised: break
                }
            }
        }
        trained.day += 1
        return found
    }
}
