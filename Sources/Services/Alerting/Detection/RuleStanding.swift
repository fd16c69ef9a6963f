import Messages
import PluginKit

/// How a rule's detector stands to the segments it watches, at one moment.
package struct RuleStanding: Sendable {
    package let rule: RuleDefinition
    /// Arrival clock when the detector began without a past, ms since 1970: its days are counted since.
    package let began: Int64
    /// Segments by state, of all that there are.
    package let states: [SeriesStanding.State: Int]
    /// Days on which a segment could have raised an alarm, summed over the segments.
    package let segmentDays: Int64
    /// In the order of the detector; may be fewer than there are.
    package let series: [SeriesStanding]
    package let leftOut: Int

    package init(_ rule: RuleDefinition, began: Int64, standings: [SeriesStanding], seriesMax: Int) {
        self.rule = rule
        self.began = began
        var states: [SeriesStanding.State: Int] = [:]
        var days: Int64 = 0
        for standing in standings {
            states[standing.state, default: 0] += 1
            days &+= max(0, standing.daysWatched)
        }
        self.states = states
        segmentDays = days
        series = Array(standings.prefix(max(0, seriesMax)))
        leftOut = standings.count - series.count
    }

    /// Segments that can raise an alarm now, or have one open.
    package var watched: Int {
        [.watching, .suspected, .open].reduce(0) { $0 + (states[$1] ?? 0) }
    }

    /// False alarms the budget allows, per 1,000 days of a segment.
    package var promised: Double { 1000 / rule.budget.patienceDays(watched: watched) }
}
