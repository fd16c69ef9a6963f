import Satisfaction

/// What a revision says besides what its detector says: the line, the themes, the calendar, and all of it in words.
struct AlertTelling {
    let metric: MetricWording
    let zone: TimeZoneTable
    /// Of the set in force.
    let calendar: [CalendarNote]
    /// The last weeks of the segment's line; empty where nothing is told.
    var trend: [AlertRecord.TrendPoint] = []
    /// Nil leaves the alert's themes as they were last told.
    var themes: RisenThemes?

    /// Completes a revision whose detector's part is in place.
    func complete(_ alert: inout AlertRecord, withdrawal: AlertSentence.Withdrawal = .answers) {
        if !trend.isEmpty || alert.state != .pending { alert.trend = trend }
        if let themes { alert.themes = themes.themes }
        alert.calendar = AlertCalendar.notes(calendar, near: alert.onsetRange)
        alert.sentence =
            AlertSentence(
                alert, metric: metric, zone: zone, themesSegment: themes?.segment ?? alert.segment,
                withdrawal: withdrawal
            ).text
    }
}
