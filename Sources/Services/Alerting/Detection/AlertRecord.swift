import JSON
import Messages
import PluginKit
import Satisfaction

/// An alert with all its present revision says.
package struct AlertRecord: Sendable {
    /// Hash of rule, segment and onset bucket at first firing: stays for life.
    package let id: String
    /// Hash of rule and segment: the same for every dip of this line.
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
    package internal(set) var trend: [TrendPoint]

    /// A day of the line as the alert shows it.
    package struct TrendPoint: Sendable {
        package let start: Int64
        package let score: Double?
        package let responses: Int64
    }

    /// Opens an alert for an assessment that passed the threshold or half of it.
    init(rule: RuleDefinition, contract: ScoreContract, assessment: Assessment, at moment: Int64, firing: Bool) {
        fingerprint = Digest(of: "\(rule.name)\n\(assessment.segment)").text
        id = Digest(of: "\(rule.name)\n\(assessment.segment)\n\(assessment.onset.index)").text
        self.rule = rule.name
        metric = rule.metric
        self.contract = contract.hash.text
        segment = assessment.segment
        kind = assessment.kind
        revision = 1
        state = firing ? .firing : .pending
        status = .firing
        severity = Self.severity(drop: assessment.drop, smallestDip: rule.smallestDip)
        onset = assessment.onset
        detected = moment
        changed = moment
        baseline = assessment.baseline
        current = assessment.current
        drop = assessment.drop
        evidence = assessment.evidence
        causes = assessment.causes
        split = assessment.split
        trend = []
    }

    /// A dip three times the smallest worth a word is critical.
    static func severity(drop: Double, smallestDip: Double) -> Severity {
        drop >= 3 * max(smallestDip, 1) ? .critical : .warning
    }

    /// Takes over what the detector says now.
    mutating func update(with assessment: Assessment, smallestDip: Double, at moment: Int64) {
        onset = assessment.onset
        baseline = assessment.baseline
        current = assessment.current
        drop = assessment.drop
        evidence = assessment.evidence
        causes = assessment.causes
        split = assessment.split
        severity = max(severity, Self.severity(drop: drop, smallestDip: smallestDip))
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

// MARK: - The alert as a message

extension AlertRecord {
    /// The `data` of a `tideline.alert.v1` event, and an element of `/api/v1/alerts`.
    package var data: JSONTree {
        var members: [(String, JSONTree)] = [
            ("id", .string(id)), ("fingerprint", .string(fingerprint)), ("revision", .integer(Int64(revision))),
            ("rule", .string(rule)), ("state", .string(state.rawValue)), ("status", .string(status.rawValue)),
        ]
        if let resolution { members.append(("resolution", .string(resolution.rawValue))) }
        members += [
            ("severity", .string(severity.rawValue)), ("kind", .string(kind.rawValue)), ("metric", .string(metric)),
            ("contract", .string(contract)), ("segment", segment.tree),
            ("onset", .string(Timestamp.text(onset.start))), ("detected", .string(Timestamp.text(detected))),
            ("changed", .string(Timestamp.text(changed))), ("baseline", baseline.tree), ("current", current.tree),
            ("drop", .number(drop)),
            (
                "evidence",
                .object([
                    ("log", .number(evidence.log)), ("threshold", .number(evidence.threshold)),
                    ("expectedFalseAlarms", .number(evidence.expectedFalseAlarms)),
                ])
            ),
            (
                "causes",
                .array(causes.map { .object([("segment", $0.segment.tree), ("share", .number($0.share))]) })
            ),
            (
                "split",
                .object([
                    ("within", .number(split.within)), ("mix", .number(split.mix)), ("entry", .number(split.entry)),
                ])
            ),
            ("themes", .array([])),
            (
                "trend",
                .array(
                    trend.map { point in
                        .array([
                            .string(Timestamp.text(point.start)), point.score.map { .number($0) } ?? .null,
                            .integer(point.responses),
                        ])
                    })
            ),
        ]
        return .object(members)
    }

    /// Reads what ``data`` wrote.
    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "alert")
        id = try reader.string("id")
        fingerprint = try reader.string("fingerprint")
        revision = Int(clamping: try reader.integer("revision"))
        rule = try reader.string("rule")
        state = try Self.word(try reader.string("state"))
        status = try Self.word(try reader.string("status"))
        resolution = reader.optional("resolution") == nil ? nil : try Self.word(try reader.string("resolution"))
        severity = try Self.word(try reader.string("severity"))
        kind = try Self.word(try reader.string("kind"))
        metric = try reader.string("metric")
        contract = try reader.string("contract")
        segment = try Segment(tree: try reader.tree("segment"))
        onset = Bucket(containing: try Self.moment(reader, "onset"))
        detected = try Self.moment(reader, "detected")
        changed = try Self.moment(reader, "changed")
        baseline = try Level(tree: try reader.tree("baseline"))
        current = try Level(tree: try reader.tree("current"))
        drop = try reader.number("drop")
        let evidence = TreeReader(try reader.tree("evidence"), place: "alert/evidence")
        self.evidence = Evidence(
            log: try evidence.number("log"), threshold: try evidence.number("threshold"),
            expectedFalseAlarms: try evidence.number("expectedFalseAlarms"))
        var causes: [Cause] = []
        for element in try reader.array("causes") {
            let cause = TreeReader(element, place: "alert/causes")
            causes.append(
                Cause(segment: try Segment(tree: try cause.tree("segment")), share: try cause.number("share")))
        }
        self.causes = causes
        let split = TreeReader(try reader.tree("split"), place: "alert/split")
        self.split = Split(
            within: try split.number("within"), mix: try split.number("mix"), entry: try split.number("entry"))
        trend = try reader.array("trend").compactMap { point in
            guard case .array(let parts) = point, parts.count == 3, let start = parts[0].string.flatMap(Timestamp.read)
            else { return nil }
            return TrendPoint(start: start, score: parts[1].double, responses: parts[2].int64 ?? 0)
        }
    }

    private static func word<Word: RawRepresentable>(_ text: String) throws(MessageError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text) else { throw MessageError("alert: \(text) is no \(Word.self)") }
        return word
    }

    private static func moment(_ reader: TreeReader, _ name: String) throws(MessageError) -> Int64 {
        guard let moment = Timestamp.read(try reader.string(name)) else {
            throw MessageError("alert: \(name) is not a time")
        }
        return moment
    }
}

extension Segment {
    /// `{"region":"eu"}`; `{}` for the total.
    package var tree: JSONTree { .object(parts.map { ($0.dimension, .string($0.value)) }) }

    package init(tree: JSONTree) throws(MessageError) {
        guard case .object(let members) = tree else { throw MessageError("a segment must be an object") }
        var parts: [Part] = []
        for (dimension, value) in members {
            guard case .string(let value) = value else { throw MessageError("a segment's values must be texts") }
            parts.append(Part(dimension: dimension, value: value))
        }
        self.init(parts)
    }
}

extension Level {
    var tree: JSONTree {
        .object([
            ("score", .number(score)), ("interval", .array([.number(low), .number(high)])),
            ("responses", .integer(responses)),
        ])
    }

    init(tree: JSONTree) throws(MessageError) {
        let reader = TreeReader(tree, place: "level")
        let interval = try reader.array("interval")
        guard interval.count == 2, let low = interval[0].double, let high = interval[1].double else {
            throw MessageError("level/interval must be two numbers")
        }
        self.init(score: try reader.number("score"), low: low, high: high, responses: try reader.integer("responses"))
    }
}
