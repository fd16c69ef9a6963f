/// The hours of a cell, a source or everybody: what has come in the present one, and the busiest of the last weeks.
struct HourlyVolume: Sendable, Equatable {
    /// Values of the cell, or the source; empty for everybody.
    let name: [String]
    /// In the present hour of the arrival clock.
    var answers: Int64 = 0
    var harms: [Int64]
    /// Decayed sums of usual days, for what is usual of these answers' harm.
    var usualAnswers = 0.0
    var usualHarms: [Double]
    /// Answers of the busiest usual hour, by week.
    var peaks = [Int64](repeating: 0, count: VolumeMethod.weeksRemembered)

    init(name: [String], channels: Int) {
        self.name = name
        harms = [Int64](repeating: 0, count: channels)
        usualHarms = [Double](repeating: 0, count: channels)
    }

    var peak: Int64 { peaks.max() ?? 0 }

    /// Answers in an hour from which on it is a burst.
    var bound: Int64 { max(VolumeMethod.burstAnswersMin, peak * VolumeMethod.burstFactor) }

    mutating func add(_ count: Int64, _ harm: [Int64]) {
        answers += min(max(count, 0), VolumeLimits.answersMax)
        for channel in harms.indices where channel < harm.count {
            harms[channel] += min(max(harm[channel], 0), VolumeLimits.answersMax * 64)
        }
    }

    /// Ends the hour; one that belongs to a burst is no example of what is usual.
    mutating func closeHour(week: Int, isUsual: Bool) {
        if isUsual {
            peaks[week] = max(peaks[week], answers)
            usualAnswers += Double(answers)
            for channel in harms.indices { usualHarms[channel] += Double(harms[channel]) }
        }
        answers = 0
        for channel in harms.indices { harms[channel] = 0 }
    }

    mutating func forgetHarms() {
        usualAnswers = 0
        for channel in harms.indices {
            usualHarms[channel] = 0
            harms[channel] = 0
        }
    }

    mutating func decay(by factor: Double) {
        usualAnswers *= factor
        for channel in usualHarms.indices { usualHarms[channel] *= factor }
    }
}
