import JSON
import Messages
import PluginKit
import Satisfaction

/// An alert with all its present revision says.
package struct AlertRecord: Sendable {
    /// Hash of rule, segment and onset bucket at first firing, and of the kind unless it is a dip: stays for life.
    package let id: String
    /// Hash of rule and segment, and of the kind unless it is a dip: the same for every alert of that kind of this line.
    package let fingerprint: String
    package let rule: String
    package let metric: String
    package let contract: String
    package let segment: Segment
    package let kind: AlertKind
    package internal(set) var revision: Int
    package internal(set) var state: AlertState
    package internal(set) var status: AlertStatus
    package internal(set) var resolution: Resolution?
    package internal(set) var severity: Severity
    package internal(set) var onset: Bucket
    /// Buckets between which the change began, with 95 % confidence.
    package internal(set) var onsetRange: ClosedRange<Bucket>
    /// When the step closed that passed the threshold, ms since 1970.
    package internal(set) var detected: Int64
    /// When the present revision was made, ms since 1970 of the arrival clock.
    package internal(set) var changed: Int64
    package internal(set) var baseline: Level
    package internal(set) var current: Level
    package internal(set) var drop: Double
    package internal(set) var evidence: Evidence
    package internal(set) var causes: [Cause]
    package internal(set) var split: Split
    /// Whether the whole moved one way while the segments it is made of moved the other.
    package internal(set) var isSimpson: Bool
    /// Segments that fell with this one and get no alert of their own.
    package internal(set) var members: [Segment]
    /// Sentences for people that belong beside the numbers.
    package internal(set) var remarks: [String]
    /// Comment themes that rose with the dip, the largest rise first.
    package internal(set) var themes: [RisenTheme] = []
    /// What the calendar has beside the beginning.
    package internal(set) var calendar: [CalendarNote] = []
    /// All of it as a person would say it; empty for revisions of releases that did not say it.
    package internal(set) var sentence = ""
    package internal(set) var trend: [TrendPoint]

    /// A day of the line as the alert shows it.
    package struct TrendPoint: Sendable {
        package let start: Int64
        package let score: Double?
        package let responses: Int64
    }

    /// Opens an alert for an assessment that passed the threshold or half of it.
    init(rule: RuleDefinition, contract: ScoreContract, assessment: Assessment, at moment: Int64, firing: Bool) {
        let line = "\(rule.name)\n\(assessment.segment)"
        // Dips had no kind in their names when they were the only ones; theirs must not change.
        let suffix = assessment.kind == .dip ? "" : "\n\(assessment.kind.rawValue)"
        fingerprint = Digest(of: line + suffix).text
        id = Digest(of: "\(line)\n\(assessment.onset.index)\(suffix)").text
        self.rule = rule.name
        metric = rule.metric
        self.contract = contract.hash.text
        segment = assessment.segment
        kind = assessment.kind
        revision = 1
        state = firing ? .firing : .pending
        status = firing ? .firing : .pending
        severity =
            firing ? Self.severity(assessment.kind, drop: assessment.drop, smallestDip: rule.smallestDip) : .info
        onset = assessment.onset
        onsetRange = assessment.onsetRange
        detected = moment
        changed = moment
        baseline = assessment.baseline
        current = assessment.current
        drop = assessment.drop
        evidence = assessment.evidence
        causes = assessment.causes
        split = assessment.split
        isSimpson = assessment.isSimpson
        members = assessment.members
        remarks = assessment.remarks
        trend = []
    }

    /// Whether the worse scores of its metric are the higher ones, as far as the alert itself tells.
    var isRise: Bool { current.score > baseline.score }

    /// A dip three times the smallest worth a word is critical; what is no dip is information.
    static func severity(_ kind: AlertKind, drop: Double, smallestDip: Double) -> Severity {
        guard kind == .dip else { return .info }
        return drop >= 3 * (smallestDip > 0 ? smallestDip : 1) ? .critical : .warning
    }

    /// Takes over what the detector says now.
    mutating func update(with assessment: Assessment, smallestDip: Double, at moment: Int64) {
        onset = assessment.onset
        onsetRange = assessment.onsetRange
        baseline = assessment.baseline
        current = assessment.current
        drop = assessment.drop
        evidence = assessment.evidence
        causes = assessment.causes
        split = assessment.split
        isSimpson = assessment.isSimpson
        members = assessment.members
        remarks = assessment.remarks
        severity = max(severity, Self.severity(kind, drop: drop, smallestDip: smallestDip))
        changed = moment
    }
}

extension Severity: Comparable {
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .critical: 2
        }
    }
}
