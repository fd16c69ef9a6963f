import Messages
import PluginKit
import Satisfaction

/// The life of every alert: pending → firing → resolved or withdrawn, each change a revision.
///
/// Fed by the detectors' assessments alone, so a replay tells the same life.
struct AlertBook {
    /// Alerts not yet over, by rule, segment and kind.
    private var open: [Key: AlertRecord] = [:]
    /// Revisions made since the last ``markStored()``, in order; pending ones are stored but not told.
    private(set) var changes: [AlertRecord] = []
    /// Pending alerts that came to nothing since the last ``markStored()``.
    private(set) var removed: [String] = []

    /// Last revision of each alert that was told, so that an id that comes again goes on counting.
    private var revisions: [String: Int] = [:]

    private struct Key: Hashable, Comparable {
        let rule: String
        let segment: Segment
        let kind: AlertKind

        static func < (left: Key, right: Key) -> Bool {
            (left.rule, left.segment, left.kind.rawValue) < (right.rule, right.segment, right.kind.rawValue)
        }
    }

    /// Takes up the alerts that were open when the store was last written.
    mutating func restore(_ stored: [AlertRecord], revisions: [String: Int]) {
        self.revisions = revisions
        for alert in stored where alert.state == .pending || alert.state == .firing {
            open[Key(rule: alert.rule, segment: alert.segment, kind: alert.kind)] = alert
        }
    }

    var openAlerts: [AlertRecord] { open.sorted { $0.key < $1.key }.map(\.value) }

    /// Moves the alert of the assessment's segment and kind, or opens one.
    /// - Parameter telling: what the revision says besides.
    mutating func take(
        _ assessment: Assessment, rule: RuleDefinition, contract: ScoreContract, at moment: Int64,
        telling: AlertTelling
    ) {
        let key = Key(rule: rule.name, segment: assessment.segment, kind: assessment.kind)
        switch assessment.verdict {
        case .suspected:
            guard open[key] == nil else { return }
            var alert = AlertRecord(rule: rule, contract: contract, assessment: assessment, at: moment, firing: false)
            // What has been told under this name is not to be overwritten by a suspicion.
            guard revisions[alert.id] == nil else { return }
            telling.complete(&alert)
            open[key] = alert
            changes.append(alert)
        case .cleared:
            forgetPending(key)
        case .dip:
            forgetPending(key)
            var alert = AlertRecord(rule: rule, contract: contract, assessment: assessment, at: moment, firing: true)
            alert.revision = (revisions[alert.id] ?? 0) + 1
            telling.complete(&alert)
            open[key] = alert
            tell(alert)
        case .revised:
            guard var alert = open[key], alert.state == .firing else { return }
            alert.update(with: assessment, smallestDip: rule.smallestDip, at: moment)
            alert.revision += 1
            alert.status = .updated
            telling.complete(&alert)
            open[key] = alert
            tell(alert)
        case .recovered, .newNormal:
            guard var alert = open.removeValue(forKey: key), alert.state == .firing else { return }
            alert.update(with: assessment, smallestDip: rule.smallestDip, at: moment)
            alert.revision += 1
            alert.state = .resolved
            alert.status = .resolved
            alert.resolution = assessment.verdict == .recovered ? .recovered : .newNormal
            telling.complete(&alert)
            tell(alert)
        case .withdrawn:
            forgetPending(key)
            guard var alert = open.removeValue(forKey: key) else { return }
            alert.update(with: assessment, smallestDip: rule.smallestDip, at: moment)
            alert.revision += 1
            alert.state = .withdrawn
            alert.status = .withdrawn
            telling.complete(&alert)
            tell(alert)
        }
    }

    /// Ends the alerts of rules whose detectors have begun anew or are gone: nobody would ever resolve them.
    /// - Parameters:
    ///   - volumes: rules for which volumes go on being watched.
    ///   - zone: in which the revisions speak.
    mutating func withdraw(
        rulesOtherThan continued: Set<String>, volumesOtherThan volumes: Set<String> = [], at moment: Int64,
        zone: TimeZoneTable
    ) {
        for key in open.keys.sorted() where !(key.kind == .volume ? volumes : continued).contains(key.rule) {
            forgetPending(key)
            guard var alert = open.removeValue(forKey: key) else { continue }
            alert.revision += 1
            alert.state = .withdrawn
            alert.status = .withdrawn
            alert.changed = max(alert.changed, moment)
            // The metric may be gone with its rule; a withdrawal speaks of no scores.
            alert.sentence =
                AlertSentence(
                    alert,
                    metric: MetricWording(metric: alert.metric, unit: "", digits: 1, isLowerBetter: alert.isRise),
                    zone: zone, themesSegment: alert.segment, withdrawal: .rule
                ).text
            tell(alert)
        }
    }

    private mutating func tell(_ alert: AlertRecord) {
        revisions[alert.id] = alert.revision
        changes.append(alert)
    }

    private mutating func forgetPending(_ key: Key) {
        guard let alert = open[key], alert.state == .pending else { return }
        open[key] = nil
        changes.removeAll { $0.id == alert.id && $0.state == .pending }
        removed.append(alert.id)
    }

    mutating func markStored() {
        changes.removeAll()
        removed.removeAll()
    }
}
