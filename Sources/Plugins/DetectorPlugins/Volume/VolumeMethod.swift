/// Constants of the watch over volumes; `docs/volume.md` says where they come from.
enum VolumeMethod {
    /// Days of history before anything is said.
    static let learningDays: Int32 = 28
    /// Days kept of each segment, and the most of them a baseline is made of.
    static let daysKeptMax = 70
    static let baselineDaysMax = 56
    /// Days a baseline needs, of which none was an exception.
    static let baselineDaysMin = 21
    /// Days between two fits of a baseline.
    static let refitDays: Int32 = 7
    /// Newest days that stay out of a baseline: the beginning of a change must not become what is usual.
    static let quarantineDays = 14
    /// Answers a day below which a segment is left alone.
    static let volumeMin = 3.0
    /// Answers of everybody's weekdays that stand behind a segment's own.
    static let weekdayPrior = 10.0
    /// Standard deviations to which days are drawn in when a baseline is fitted.
    static let clampDeviations = 3.0
    /// Least and greatest relative variance of a day beyond chance: no volume is as even as a Poisson count.
    static let overdispersionRange = 0.02...1.0
    /// Rates against the usual that are looked for, falls and rises.
    static let falls = [0.33, 0.5, 0.67]
    static let rises = [1.5, 2.0, 3.0]
    /// Days of one segment between two false breaks of one direction; both together: 2,000.
    static let patienceDays = 4_000.0
    /// Days an otherwise overwhelming break must last: one day's evidence counts for no more than a share of the threshold.
    static let lastingDays = 4.0
    /// Smallest change, as a factor either way, that is worth a word.
    static let smallestFactor = 1.4
    /// Days before a firing in which its onset is sought.
    static let onsetDaysMax = 35
    /// Share of a segment's change (of logarithms) its complement must show for the change to be everybody's.
    static let sharedChange = 0.5
    /// Share of the total's change that may be left without the segment that explains it.
    static let leftChange = 0.3
    /// Standard deviations of chance that may be left beside it.
    static let leftDeviations = 1.5
    /// Days of one segment between two false recoveries of an open break.
    static let recoveryPatienceDays = 60.0
    /// Days after which an open break is the new normal.
    static let newNormalDays: Int32 = 45

    /// Answers in an hour, at least, of a burst.
    static let burstAnswersMin: Int64 = 30
    /// Times the busiest hour of the last four weeks.
    static let burstFactor: Int64 = 3
    /// Hours after which a burst is a change of volume.
    static let burstHoursMax: Int64 = 48
    /// Weeks whose busiest hours and longest silences are remembered.
    static let weeksRemembered = 4

    /// Answers that must be missing for a silence to be told.
    static let silentAnswersMin = 20.0
    /// Times the longest silence of the last four weeks, in answers that were to be expected in it.
    static let silentFactor = 2.0
    /// Steps a silence lasts at least.
    static let silentStepsMin: Int64 = 3
    /// Days in which an hour's weight in the profile of a day halves.
    static let profileHalfLifeDays = 28.0

    /// Days for which an incident that is over is remembered, to be named beside dips that began in it.
    static let rememberedDays: Int32 = 14
}

/// Bounds that keep the watch's memory and time finite whatever arrives.
enum VolumeLimits {
    /// Segments watched for breaks: the total and single values; later ones count in the total alone.
    static let segmentsMax = 1_025
    /// Model cells and sources watched for bursts; later ones count in the total alone.
    static let cellsMax = 1_024
    static let sourcesMax = 256
    /// Incidents open at once, and over but remembered.
    static let incidentsMax = 64
    static let rememberedMax = 32
    /// Answers of one cell and step that are counted.
    static let answersMax: Int64 = 1_000_000_000
    /// Moments before and after 1970 that are told apart, in milliseconds.
    static let momentMax: Int64 = 150_000_000_000_000
    /// Days a gap in the journal is walked through one by one; a longer one is cut to this.
    static let gapDaysMax: Int32 = 400
}
