import Foundation
import PluginKit

/// One channel of the watched answers: what is usual, how answers scatter, and the evidence that they have become worse.
///
/// A harm is counted as a part of the worst there is, 0 ... 1. For such a value x with mean q, `E[e^(x·d)] ≤ 1 − q + q·eᵈ`
/// (convexity), so the likelihood ratio of a yes-or-no answer is a bet that does not gain on average for any x in [0, 1]:
/// one machine serves shares, scales and bounded means (G. R. Waudby-Smith and A. Ramdas, JRSS B 86, 2024).
struct ChannelModel: Sendable {
    /// Harm of the worst answer.
    let unit: Double
    /// Points of the score lost when every answer is the worst.
    let points: Double
    /// Share in the mean of the channels' evidence.
    let weight: Double
    var baseline = Baseline()
    var dispersion = Dispersion()
    var scatter: AnswerScatter
    var evidence = MixtureEvidence()
    /// By segment: standard deviation of the baseline's offset, and how much log-likelihoods are to be divided by.
    var deviations: [Double] = []
    var dispersions: [Double] = []
    /// By cell: how much open incidents raise the expected logit of harm.
    var lowered: [Double] = []

    // Prepared between steps; never part of the state.
    var tables = LikelihoodTables()

    /// The models of all channels: those the score does not know together have ``Method/unscoredWeight``.
    static func all(_ watched: WatchedAnswers) -> [ChannelModel] {
        let unscored = watched.channels.count { $0.points == 0 }
        let scored = watched.channels.count - unscored
        let share = unscored == 0 ? 0 : scored == 0 ? 1 : Method.unscoredWeight
        return watched.channels.map {
            ChannelModel($0, weight: $0.points == 0 ? share / Double(unscored) : (1 - share) / Double(scored))
        }
    }

    private init(_ channel: WatchedAnswers.Channel, weight: Double) {
        self.weight = weight
        unit = Double(channel.unit / max(1, channel.unit / DetectionLimits.unitMax))
        points = channel.points
        scatter = AnswerScatter(isBinary: channel.unit == 1)
    }

    /// Logit of the harm expected of a cell on a weekday, open incidents included.
    @inline(__always)
    func expectation(_ cell: Int, _ weekday: Int) -> Double {
        baseline.expectation(cell: cell, weekday: weekday) + lowered[cell]
    }

    mutating func admit(_ lattice: SegmentLattice) {
        baseline.admitCells(of: lattice)
        evidence.admit(segments: lattice.nodes.count)
        tables.admit(memberships: lattice.membershipCount)
        let segments = lattice.nodes.count - deviations.count
        deviations += [Double](repeating: Self.unknownDeviation, count: segments)
        dispersions += [Double](repeating: 1, count: segments)
    }

    private static let unknownDeviation = (1 / 4 + Method.driftDeviation * Method.driftDeviation).squareRoot()

    /// Volumes have changed: what follows for the scatter of every segment's days.
    mutating func disperse(volumes: [Double], total: Double) {
        let answer = scatter.ratio
        let correlation = dispersion.correlation(volume: total, ofAnswers: answer)
        var hasChanged = false
        for segment in volumes.indices {
            let dispersion = answer * (1 + correlation * max(0, volumes[segment] - 1))
            guard abs(dispersion - dispersions[segment]) > Self.tolerance * dispersions[segment] else { continue }
            dispersions[segment] = dispersion
            hasChanged = true
        }
        if hasChanged { tables.forget() }
    }

    /// Relative change of a dispersion that is worth preparing all tables anew.
    private static let tolerance = 0.03

    /// Uncertainty of every segment's baseline: its counts', and the drift that its age allows.
    mutating func measureDeviations(_ lattice: SegmentLattice, age: Double) {
        let drift = Method.driftDeviation * Method.driftDeviation * min(1, age / Double(Method.matureDays))
        // Errors of single weekdays average out over the days a small dip takes to be found.
        let weekdays =
            baseline.weekdayVariance / Method.weekdaysAveraged * max(0, 1 - age / Double(Method.weekdayLearningDays))
        for segment in deviations.indices {
            let information = baseline.information(of: lattice.nodes[segment].cells)
            deviations[segment] = (dispersions[segment] / (information + 4) + drift + weekdays).squareRoot()
        }
        tables.forget()
    }
}

/// How much single answers scatter, against a yes-or-no answer of the same mean: 1 for those, less on finer scales.
///
/// The mean of squared Pearson residuals of what arrives together, older ones weighing less.
struct AnswerScatter: Sendable, Equatable {
    /// Residuals of prior belief in 1.
    static let prior = 50.0
    static let termMax = 16.0
    static let memory = 5_000.0
    static let ratioMin = 0.2

    let isBinary: Bool
    var sum = AnswerScatter.prior
    var weight = AnswerScatter.prior

    init(isBinary: Bool) { self.isBinary = isBinary }

    var ratio: Double { isBinary ? 1 : min(1, max(Self.ratioMin, sum / weight)) }

    mutating func add(answers: Double, harm: Double, expected share: Double) {
        guard !isBinary, answers > 0 else { return }
        let residual = harm - answers * share
        sum += min(residual * residual / (answers * share * (1 - share)), Self.termMax)
        weight += 1
        if weight > Self.memory {
            sum *= 0.5
            weight *= 0.5
        }
    }
}
