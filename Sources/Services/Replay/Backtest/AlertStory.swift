import Alerting
import JSON
import Messages
import Satisfaction

/// An alert from its first word to its last, as a replay told it.
package struct AlertStory: Sendable {
    /// What it said last.
    package fileprivate(set) var last: AlertRecord
    /// When it first fired, ms since 1970.
    package let detected: Int64
    /// The largest drop it ever stated, points; positive is worse.
    package fileprivate(set) var drop: Double

    package var rule: String { last.rule }
    package var segment: Segment { last.segment }
    package var isDip: Bool { last.kind == .dip }
    package var onset: Int64 { last.onset.start }

    /// When it was over; nil while it is open.
    package var end: Int64? { last.state == .resolved || last.state == .withdrawn ? last.changed : nil }

    /// Such as "recovered", "new normal", "withdrawn", "open".
    package var ending: String {
        switch (last.state, last.resolution) {
        case (.resolved, .recovered): "recovered"
        case (.resolved, .newNormal): "new normal"
        case (.firing, _): "open"
        default: last.state.rawValue
        }
    }

    /// The segment it blames most, with its share of the drop; its own where it names none.
    package var blamed: Cause { last.causes.first ?? Cause(segment: segment, share: 1) }

    /// What a person would say of it, where the alert carries such a sentence.
    package var sentence: String? { last.data["sentence"]?.string }
}

/// Gathers the revisions of a replay's alerts.
final class AlertStories {
    private var places: [String: Int] = [:]
    private(set) var all: [AlertStory] = []

    func take(_ alert: AlertRecord) {
        guard let place = places[alert.id] else {
            places[alert.id] = all.count
            all.append(AlertStory(last: alert, detected: alert.detected, drop: alert.drop))
            return
        }
        all[place].drop = max(all[place].drop, alert.drop)
        all[place].last = alert
    }
}
