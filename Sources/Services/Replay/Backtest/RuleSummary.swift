import Messages
import PluginKit
import Satisfaction

/// What a rule's backtest comes to.
package struct RuleSummary: Sendable {
    package let rule: RuleDefinition
    package let alerts: [AlertStory]
    package let days: Double
    package let answers: Int64
    /// What the detector says of its series; empty where it says nothing.
    package let standings: [SeriesStanding]
    package let findings: [DropFinding]
    /// Dips that no planted drop explains.
    package let unexplained: Int

    package static let daysPerMonth = 30.4375

    package init(of rule: RuleDefinition, in outcome: BacktestOutcome) {
        self.rule = rule
        alerts = outcome.stories.filter { $0.rule == rule.name }
        let extent = outcome.extent(of: rule.metric)
        days = extent.days
        answers = extent.answers
        standings = outcome.standings[rule.name] ?? []
        findings = outcome.drops.indices.filter { outcome.drops[$0].metric == rule.metric }
            .map { outcome.finding(of: $0, by: rule.name) }
        unexplained = alerts.count { story in
            story.isDip && !outcome.drops.contains { outcome.isOf(story, $0) }
        }
    }

    package var dips: Int { alerts.count(where: \.isDip) }
    package var dipsPerMonth: Double { days > 0 ? Double(dips) / days * Self.daysPerMonth : 0 }
    package var unexplainedPerMonth: Double { days > 0 ? Double(unexplained) / days * Self.daysPerMonth : 0 }

    /// Days on which a segment could have raised an alarm, over all segments.
    package var segmentDays: Int64 { standings.reduce(0) { $0 + $1.daysWatched } }
    package var learning: Int { standings.count { $0.state == .learning } }
    package var watched: Int { standings.count { $0.state != .learning && $0.state != .unwatched } }

    /// False alarms that the rule's budget allows over this history.
    package var promised: Double {
        switch rule.budget.scope {
        case .segment: Double(segmentDays) / rule.budget.days
        case .all: days / rule.budget.days
        }
    }

    /// Answers from which the rule is armed; nil where its detector does not say.
    package var armedFrom: Int64? { rule.configuration["armedResponses"]?.int64 }

    /// Whether the rule never came to watch anything.
    package var neverArmed: Bool {
        guard alerts.isEmpty, answers > 0 else { return false }
        if !standings.isEmpty { return standings.allSatisfy { $0.state == .learning } }
        return armedFrom.map { answers < $0 } ?? false
    }
}

/// How a rule did on drops planted one a replay.
package struct DropDistribution: Sendable {
    package let rule: String
    package let points: Double
    package let segment: Segment
    package let planted: Int
    /// Days to detection of those found, ascending.
    package let days: [Double]
    package let rightlyBlamed: Int
    package let onsetErrors: [Double]

    package init(of rule: String, _ findings: [DropFinding]) {
        precondition(!findings.isEmpty)
        self.rule = rule
        points = findings[0].drop.points
        segment = findings[0].drop.segment
        planted = findings.count
        days = findings.compactMap(\.daysToDetection).sorted()
        rightlyBlamed = findings.count(where: \.isRightlyBlamed)
        onsetErrors = findings.compactMap(\.onsetErrorDays).map { abs($0) }.sorted()
    }

    init(rule: String, points: Double, segment: Segment, planted: Int, days: [Double]) {
        self.rule = rule
        self.points = points
        self.segment = segment
        self.planted = planted
        self.days = days
        rightlyBlamed = 0
        onsetErrors = []
    }

    /// The time within which a share of all drops was found; nil where that many never were.
    package func within(_ share: Double) -> Double? {
        let place = max(1, Int((share * Double(planted)).rounded(.up)))
        return place <= days.count ? days[place - 1] : nil
    }
}

/// The middle of sorted values, the mean of both middle ones for an even number.
package func median(_ sorted: [Double]) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
