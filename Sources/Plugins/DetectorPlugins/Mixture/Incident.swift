import Satisfaction

/// An open dip.
struct Incident: Sendable, Equatable {
    /// The segment the dip was said of; its alert keeps it whatever is learnt later.
    let announced: Int
    /// The segment whose statistic passed its threshold, and the channel that spoke loudest.
    let firing: Int
    let channel: Int
    /// Day of the firing, and hour before which its onset is not sought.
    let opened: Int32
    let scanFrom: Int32
    /// Evidence and threshold at the firing.
    let evidence: Double
    let threshold: Double
    /// The segment that explains the fall best.
    var cause: Int
    var onset: Int32
    var onsetDay: Int32
    var onsetRange: ClosedRange<Int32>
    /// Fall of the cause's cells on the logit scale of harm, by channel: by it their expectation is lowered.
    var shifts: SIMD4<Double>
    /// The same as it is known today, in the incident's channel; the recovery is tested against it.
    var recoveryShift: Double
    /// CUSUM of "back at the baseline" against "still down", the threshold at which the dip is over, and the hour since
    /// which the statistic has been above zero.
    var recovery = 0.0
    var recoveryThreshold: Double
    var recoveringSince: Int32
    /// Log-likelihood that the fall gained by the answers up to the firing's day, when it was last explained: what late,
    /// edited and erased answers may take away.
    var gain: Double
    /// Whether such answers have come since.
    var isContested = false
    /// Segments that fell with it and have no alert of their own.
    var members: [Int] = []
    /// What was said last: the fall in points and the day.
    var saidDrop: Double
    var saidDay: Int32
}
