/// How much more the days of the total scatter than independent answers would: Pearson's dispersion, at least 1.
///
/// Measured on differences of neighbouring days' standardised residuals (von Neumann, Annals of Mathematical
/// Statistics 12, 1941), not on the residuals themselves: a lasting fall or a baseline that lies beside the truth
/// moves one difference only, so a dip cannot raise the very scatter it is judged against. Winsorised, so that one
/// strange day weighs like any other.
struct Dispersion: Sendable, Equatable {
    /// Days of prior belief in a dispersion of 1.
    static let priorDays = 8.0
    static let termMax = 16.0
    static let dailyDecay = 0.99
    /// Days two neighbours may lie apart.
    static let gapDaysMax: Int32 = 3
    /// Dispersion up to which the days are taken to scatter no more than they should.
    static let tolerated = 1.25

    var sum = Dispersion.priorDays
    var weight = Dispersion.priorDays
    /// Last day looked at, and the last with a residual.
    var lastDay: Int32?
    var residualDay: Int32 = 0
    var residual = 0.0

    var total: Double { sum / weight }

    mutating func add(day: Int32, residual standardised: Double) {
        if lastDay != nil, weight > 0, hasResidual, day - residualDay <= Self.gapDaysMax {
            let difference = standardised - residual
            sum = sum * Self.dailyDecay + min(difference * difference / 2, Self.termMax)
            weight = weight * Self.dailyDecay + 1
        }
        hasResidual = true
        residualDay = day
        residual = standardised
    }

    /// Days before an incident are no neighbours of those after it.
    mutating func interrupt() { hasResidual = false }

    var hasResidual = false

    /// Correlation of two answers of one day, for `volume` answers a day that alone would scatter by `answers`.
    func correlation(volume: Double, ofAnswers answers: Double) -> Double {
        let ratio = total / answers
        return ratio > Self.tolerated ? (ratio - 1) / max(volume - 1, 1) : 0
    }
}
