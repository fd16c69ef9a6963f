/// Bounds that keep a detector's memory and time finite whatever arrives, and constants of the method that no setting
/// changes.
enum DetectionLimits {
    /// Model cells; later ones are counted under "other" in every dimension.
    static let cellsMax = 4_096
    /// Cells up to which combinations of two dimensions are segments of their own.
    static let pairedCellsMax = 64
    /// Days whose counts are kept: quarantine, longest suspicion and one refresh interval.
    static let daysKeptMax = 92
    /// Days kept hour by hour; older ones are merged into one record a cell, so an onset before them is known to the
    /// day.
    static let hourlyDaysMax: Int32 = 7
    /// Records (hour or day × cell) kept; beyond it the oldest hours are merged first, then the oldest days given up.
    static let recordsMax = 262_144
    /// Days before a firing in which its onset is sought.
    static let onsetDaysMax: Int32 = 45
    /// Days the cells of a suspicion stay out of the baseline.
    static let suspicionDaysMax: Int32 = 56
    /// Prepared likelihood tables held at once by a channel, 1.6 kB each.
    static let tablesMax = 16_384
    /// Answers of one cell and step that are counted; more is an accident of the sender.
    static let answersPerStepMax: Int64 = 1_000_000_000_000
    /// Parts in which the harm of the worst answer is counted; finer ones are rounded. Times the answers of a record or
    /// step it stays an Int64.
    static let unitMax: Int64 = 1_000_000
    /// Days before and after 1970 that are told apart.
    static let dayMax: Int32 = 2_000_000
    /// Incidents open at once; further firings stay suspected.
    static let incidentsMax = 256
}

/// Constants of the method; `docs/detection.md` says where they come from.
enum Method {
    /// Days after which a history is no longer young.
    static let matureDays: Int32 = 42
    /// Baseline answers below which nothing is said, of a mature history or of a single segment.
    static let learningResponses = 30.0
    /// Pseudo-answers that pull a cell toward its parent.
    static let cellShrinkage = 20.0
    /// Precision of a weekday's effect around zero.
    static let weekdayPrecision = 11.0
    /// Standard deviation of a mature baseline's drift, on the logit scale.
    static let driftDeviation = 0.1
    /// Days after which every weekday has been seen often enough to be no surprise.
    static let weekdayLearningDays: Int32 = 28
    static let weekdaysAveraged = 3.0
    /// Days over which volumes are averaged.
    static let volumeDays: Int32 = 28
    /// Share of the threshold above which cells stay out of the baseline.
    static let freezeShare = 0.25
    /// Shares of the threshold between which a suspicion comes and goes.
    static let suspicionShare = 0.5
    static let clearanceShare = 0.25
    /// Log-likelihood the best beginning must gain before a suspicion is said.
    static let suspicionGain = 2.0
    /// Days of one segment between two false recoveries of an open incident.
    static let recoveryPatienceDays = 60.0
    /// Days of one segment between two false rises, and the weight the old level keeps after one.
    static let risePatienceDays = 10_000.0
    static let riseWeightKept = 0.05
    /// Days in which an incident's explanation is looked at again.
    static let refinementDays: Int32 = 3
    /// Smallest fall, on the logit scale, an incident is taken to have.
    static let smallestShift = 0.3
    /// Standard deviations by which a fall may be smaller than it looks.
    static let leastShiftDeviations = 0.5
    /// Answers a segment needs since the onset to explain a firing.
    static let explainingResponses = 5.0
    /// Standard deviations by which a fall must exceed the smallest one worth a word: 95 % of certainty, one-sided.
    static let smallestDipDeviations = 1.645
    /// Weight of what the score does not show, such as fives becoming fours: it is watched, and costs the rest little.
    static let unscoredWeight = 0.15
    /// Factor by which the budget is not used up where segments overlap: what drift, seasons and scatter beyond the
    /// model take of it.
    static let caution = 3.0
    /// Change of the fall that is worth a revision, in points of a score from 0 to 100.
    static let materialPoints = 2.0
    /// Least mean number of answers between two false alarms.
    static let patienceResponsesMin = 20.0
}
