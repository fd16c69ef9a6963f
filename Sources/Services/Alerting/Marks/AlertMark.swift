import JSON
import Messages
import Satisfaction

/// What somebody said of an alert, kept beside it: it never changes the alert's revision, and a replay knows nothing of it.
package struct AlertMark: Sendable, Equatable {
    package let kind: MarkOrder.Kind
    /// Id of the alert.
    package let alert: String
    /// Counts the marks of an alert from 1; not the alert's revision.
    package let counter: Int64
    /// Revision the alert had then.
    package let revision: Int
    /// False when the mark takes back an earlier one.
    package let isSet: Bool
    package let label: Bool?
    /// When a silence ends by itself, ms since 1970 of the wall clock.
    package let until: Int64?
    /// The silence of several alerts this mark comes from.
    package let silence: String?
    /// When it was made, ms since 1970 of the wall clock.
    package let at: Int64
    package let by: String?
    package let note: String?

    /// What has happened, as one word.
    var change: String {
        switch (kind, isSet) {
        case (.acknowledgement, true): "acknowledged"
        case (.acknowledgement, false): "unacknowledged"
        case (.silence, true): "silenced"
        case (.silence, false): "unsilenced"
        case (.label, true): label == true ? "labelledTrue" : "labelledFalse"
        case (.label, false): "unlabelled"
        }
    }

    /// Who, when and why: what all places that show a mark have in common.
    private var saying: [(String, JSONTree)] {
        var members: [(String, JSONTree)] = [("at", .string(Timestamp.text(at)))]
        if let by { members.append(("by", .string(by))) }
        if let until { members.append(("until", .string(Timestamp.text(until)))) }
        if let note { members.append(("note", .string(note))) }
        if let silence { members.append(("silence", .string(silence))) }
        return members
    }

    /// As a member of an alert: the state it reads, and the rest.
    func shown(as state: String) -> JSONTree { .object([("state", .string(state))] + saying) }

    var shownLabel: JSONTree { .object([("true", .bool(label ?? false))] + saying) }

    /// A line of the alert's history, and what `markreply` confirms.
    package var data: JSONTree {
        .object(
            [
                ("alert", .string(alert)), ("counter", .integer(counter)), ("revision", .integer(Int64(revision))),
                ("change", .string(change)),
            ] + saying)
    }

    /// Reads what ``data`` wrote.
    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "mark")
        alert = try reader.string("alert")
        counter = try reader.integer("counter")
        revision = Int(clamping: try reader.integer("revision"))
        switch try reader.string("change") {
        case "acknowledged": (kind, isSet, label) = (.acknowledgement, true, nil)
        case "unacknowledged": (kind, isSet, label) = (.acknowledgement, false, nil)
        case "silenced": (kind, isSet, label) = (.silence, true, nil)
        case "unsilenced": (kind, isSet, label) = (.silence, false, nil)
        case "labelledTrue": (kind, isSet, label) = (.label, true, true)
        case "labelledFalse": (kind, isSet, label) = (.label, true, false)
        case "unlabelled": (kind, isSet, label) = (.label, false, nil)
        case let other: throw MessageError("mark: \(other) is no change")
        }
        at = Timestamp.read(try reader.string("at")) ?? 0
        until = reader.optional("until")?.string.flatMap(Timestamp.read)
        by = reader.optional("by")?.string
        note = reader.optional("note")?.string
        silence = reader.optional("silence")?.string
    }

    init(
        _ order: MarkOrder, alert: String, counter: Int64, revision: Int, silence: String? = nil, at moment: Int64
    ) {
        kind = order.kind
        self.alert = alert
        self.counter = counter
        self.revision = revision
        isSet = !order.isUndo
        label = order.label
        until = order.until
        self.silence = silence
        at = moment
        by = order.by
        note = order.note
    }
}

/// A silence of all alerts of a kind, those to come included.
package struct AlertSilence: Sendable, Equatable {
    package let id: String
    package let matcher: AlertMatcher
    /// Milliseconds since 1970 of the wall clock.
    package let at: Int64
    package let until: Int64
    /// When somebody ended it before its time.
    package var ended: Int64?
    package let by: String?
    package let note: String?

    package func holds(at moment: Int64) -> Bool { ended == nil && moment < until }

    /// What alerts that begin under it are marked with.
    var order: MarkOrder {
        MarkOrder(kind: .silence, target: .matching(matcher), until: until, by: by, note: note)
    }

    package var data: JSONTree {
        var members: [(String, JSONTree)] = [
            ("id", .string(id)), ("match", matcher.tree), ("at", .string(Timestamp.text(at))),
            ("until", .string(Timestamp.text(until))),
        ]
        if let ended { members.append(("ended", .string(Timestamp.text(ended)))) }
        if let by { members.append(("by", .string(by))) }
        if let note { members.append(("note", .string(note))) }
        return .object(members)
    }

    package init(id: String, matcher: AlertMatcher, at: Int64, until: Int64, by: String?, note: String?) {
        self.id = id
        self.matcher = matcher
        self.at = at
        self.until = until
        self.by = by
        self.note = note
    }

    /// Reads what ``data`` wrote.
    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "silence")
        id = try reader.string("id")
        matcher = try AlertMatcher(try reader.tree("match"))
        at = Timestamp.read(try reader.string("at")) ?? 0
        until = Timestamp.read(try reader.string("until")) ?? 0
        ended = reader.optional("ended")?.string.flatMap(Timestamp.read)
        by = reader.optional("by")?.string
        note = reader.optional("note")?.string
    }
}

/// The marks of an alert that count now.
package struct PresentMarks: Sendable {
    /// Number of marks the alert ever had.
    package private(set) var counter: Int64 = 0
    package private(set) var acknowledgement: AlertMark?
    package private(set) var silence: AlertMark?
    package private(set) var label: AlertMark?
    /// Silences of several alerts that have marked the alert's present life, whether or not somebody took that back.
    private(set) var coveredBy: Set<String> = []

    /// - Parameters:
    ///   - marks: in order of their counters.
    ///   - firstRevision: of the alert's present life: an alert that came again is no longer acknowledged.
    init(_ marks: [AlertMark], firstRevision: Int) {
        for mark in marks {
            counter = max(counter, mark.counter)
            let isOfThisLife = mark.revision >= firstRevision
            if let silence = mark.silence, isOfThisLife { coveredBy.insert(silence) }
            switch mark.kind {
            case .acknowledgement: acknowledgement = mark.isSet && isOfThisLife ? mark : nil
            case .silence: silence = mark.isSet && isOfThisLife ? mark : nil
            case .label: label = mark.isSet ? mark : nil
            }
        }
    }

    /// The mark that a firing alert reads now: a silence while it lasts, else an acknowledgement.
    func holding(at moment: Int64) -> (state: String, mark: AlertMark)? {
        if let silence, let until = silence.until, moment < until { return ("silenced", silence) }
        return acknowledgement.map { ("acknowledged", $0) }
    }

    /// The alert as people read it: its state is that of the mark while it fires and the mark holds.
    func shown(_ alert: JSONTree, at moment: Int64) -> JSONTree {
        guard counter > 0, var members = alert.object else { return alert }
        if alert["state"]?.string == AlertState.firing.rawValue, let (state, mark) = holding(at: moment) {
            members = members.map { $0.0 == "state" ? ($0.0, .string(state)) : $0 }
            members.append(("mark", mark.shown(as: state)))
        }
        if let label { members.append(("label", label.shownLabel)) }
        return .object(members)
    }
}
