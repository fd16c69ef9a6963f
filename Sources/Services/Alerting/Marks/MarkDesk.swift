import JSON
import Messages
import Satisfaction

/// What became of an order.
package enum MarkDecision: Sendable {
    package enum Reason: String, Sendable {
        /// The order itself is wrong.
        case wrong
        case unknownAlert, unknownSilence
        /// The alert is over, or nobody was told of it.
        case notFiring
        case badUntil, nothingToUndo, tooManySilences
        /// The store cannot be written or alerting stops; to be sent again.
        case unavailable
    }

    /// Durable: the marks made, and the silence of several alerts where one was begun or ended.
    case done([AlertMark], AlertSilence?)
    case refused(Reason, String)

    /// The `data` of a `tideline.markreply.v1`.
    package var data: JSONTree {
        switch self {
        case .done(let marks, let silence):
            var members: [(String, JSONTree)] = [("status", "done"), ("marks", .array(marks.map(\.data)))]
            if let silence { members.append(("silence", silence.data)) }
            return .object(members)
        case .refused(let reason, let sentence):
            return ["status": "refused", "reason": .string(reason.rawValue), "sentence": .string(sentence)]
        }
    }
}

/// Takes orders for marks, writes them and says what is to be published.
///
/// Beside ``AlertingMachine``, never inside it: marks change no revision and no fold. Used by the one thread that writes the
/// store.
struct MarkDesk {
    /// How long a silence may last.
    static let silenceMillisecondsMax: Int64 = 366 * 86_400_000

    private let store: TrendStore
    private var feed: Feed
    /// Silences that hold, so that beginning alerts are covered without reading the store.
    private var silences: [AlertSilence]

    init(store: TrendStore, contents: StoreContents) throws {
        self.store = store
        let topics = "\(MessageType.alertmark.name)."
        feed = Feed(epoch: contents.epoch, sequences: contents.sequences.filter { $0.key.hasPrefix(topics) })
        silences = try store.silences().filter { $0.ended == nil }
    }

    /// Carries an order out.
    ///
    /// - Parameters:
    ///   - now: wall clock, ms since 1970.
    ///   - clock: arrival clock, by which the feed forgets.
    /// - Returns: what to answer, and the messages to publish; everything is durable.
    mutating func take(_ order: MarkOrder, now: Int64, clock: Int64) -> (MarkDecision, [FeedMessage]) {
        do {
            if let until = order.until, !order.isUndo, let sentence = Self.fault(of: until, now: now) {
                return (.refused(.badUntil, sentence), [])
            }
            switch order.target {
            case .alert(let id): return try mark(id, order, now: now, clock: clock)
            case .matching(let matcher): return try silence(matcher, order, now: now, clock: clock)
            case .silence(let id): return try end(id, order, now: now, clock: clock)
            }
        } catch {
            return (.refused(.unavailable, "the mark cannot be written: \(error); send it again"), [])
        }
    }

    private static func fault(of until: Int64, now: Int64) -> String? {
        guard until > now else {
            return "until is \(Timestamp.text(until)), but it is \(Timestamp.text(now)) already; name a later time"
        }
        guard until - now <= silenceMillisecondsMax else {
            return "until is \(Timestamp.text(until)), but a silence lasts at most 366 days"
        }
        return nil
    }

    // MARK: One alert

    private mutating func mark(
        _ id: String, _ order: MarkOrder, now: Int64, clock: Int64
    ) throws -> (MarkDecision, [FeedMessage]) {
        guard let alert = try store.alert(id) else {
            return (.refused(.unknownAlert, "there is no alert \(id)"), [])
        }
        let present = try store.presentMarks(of: id)
        if let refusal = Self.refusal(of: order, alert, present, now: now) { return (refusal, []) }
        return try write([(alert, present.counter)], order, silence: nil, origin: nil, now: now, clock: clock)
    }

    private static func refusal(
        of order: MarkOrder, _ alert: AlertRecord, _ present: PresentMarks, now: Int64
    ) -> MarkDecision? {
        guard alert.state != .pending else {
            return .refused(
                .notFiring, "alert \(alert.id) is a suspicion nobody was told of; wait until it fires or goes away")
        }
        if order.isUndo {
            switch order.kind {
            case .acknowledgement where present.acknowledgement == nil:
                return .refused(.nothingToUndo, "alert \(alert.id) is not acknowledged")
            case .silence where (present.silence?.until ?? .min) <= now:
                return .refused(.nothingToUndo, "alert \(alert.id) is not silenced")
            case .label where present.label == nil:
                return .refused(.nothingToUndo, "alert \(alert.id) has no label")
            default: return nil
            }
        }
        guard order.kind == .label || alert.state == .firing else {
            return .refused(
                .notFiring,
                "alert \(alert.id) is \(alert.state.rawValue) since \(Timestamp.text(alert.changed)): there is nothing to "
                    + (order.kind == .silence ? "silence" : "acknowledge") + "; it can still be labelled")
        }
        return nil
    }

    // MARK: Silences of several alerts

    private mutating func silence(
        _ matcher: AlertMatcher, _ order: MarkOrder, now: Int64, clock: Int64
    ) throws -> (MarkDecision, [FeedMessage]) {
        silences.removeAll { !$0.holds(at: now) }
        guard silences.count < TrendStore.silencesMax else {
            return (
                .refused(.tooManySilences, "\(TrendStore.silencesMax) silences hold already; end one of them"), []
            )
        }
        let number = UInt64.random(in: 0...UInt64.max)
        let silence = AlertSilence(
            id: Digest(of: "\(now)\n\(number)\n\(matcher.tree.text)").text, matcher: matcher, at: now,
            until: order.until ?? now, by: order.by, note: order.note)
        let covered = try firing(under: matcher)
        let written = try write(covered, silence.order, silence: silence, origin: silence.id, now: now, clock: clock)
        silences.append(silence)
        return written
    }

    private mutating func end(
        _ id: String, _ order: MarkOrder, now: Int64, clock: Int64
    ) throws -> (MarkDecision, [FeedMessage]) {
        guard var silence = try store.silences().first(where: { $0.id == id }) else {
            return (.refused(.unknownSilence, "there is no silence \(id)"), [])
        }
        guard silence.holds(at: now) else {
            return (.refused(.nothingToUndo, "silence \(id) has ended already"), [])
        }
        silence.ended = now
        let covered = try firing(under: silence.matcher).filter {
            try store.presentMarks(of: $0.alert.id).silence?.silence == id
        }
        let written = try write(covered, order, silence: silence, origin: id, now: now, clock: clock)
        silences.removeAll { $0.id == id }
        return written
    }

    private func firing(under matcher: AlertMatcher) throws -> [(alert: AlertRecord, counter: Int64)] {
        try store.firingAlerts().filter {
            matcher.matches(rule: $0.rule, metric: $0.metric, segment: $0.segment)
        }.map { ($0, try store.presentMarks(of: $0.id).counter) }
    }

    /// Marks the alerts that fire under a silence and do not have its mark yet: those of a transaction that has just been
    /// written, and at start those whose mark a crash took away.
    ///
    /// - Returns: messages to publish before those of the alerts.
    mutating func cover(_ alerts: [AlertRecord], now: Int64, clock: Int64) throws -> [FeedMessage] {
        guard silences.contains(where: { $0.holds(at: now) }) else { return [] }
        var messages: [FeedMessage] = []
        for alert in alerts where alert.state == .firing {
            let silence = silences.first {
                $0.holds(at: now)
                    && $0.matcher.matches(rule: alert.rule, metric: alert.metric, segment: alert.segment)
            }
            guard let silence else { continue }
            let present = try store.presentMarks(of: alert.id)
            guard (present.silence?.until ?? .min) <= now, !present.coveredBy.contains(silence.id) else { continue }
            messages += try write(
                [(alert, present.counter)], silence.order, silence: nil, origin: silence.id, now: now, clock: clock
            ).1
        }
        return messages
    }

    // MARK: Writing

    private mutating func write(
        _ alerts: [(alert: AlertRecord, counter: Int64)], _ order: MarkOrder, silence: AlertSilence?, origin: String?,
        now: Int64, clock: Int64
    ) throws -> (MarkDecision, [FeedMessage]) {
        let former = feed
        var changes = MarkChanges()
        changes.silence = silence
        for (alert, counter) in alerts {
            let mark = AlertMark(
                order, alert: alert.id, counter: counter + 1, revision: alert.revision, silence: origin, at: now)
            changes.marks.append(mark)
            let facts: [(String, JSONTree)] = [
                ("rule", .string(alert.rule)), ("metric", .string(alert.metric)), ("segment", alert.segment.tree),
            ]
            changes.feed.append(
                feed.message(
                    .alertmark, metric: alert.metric, segment: alert.segment, key: "\(alert.id).mark.\(mark.counter)",
                    at: clock, time: now, data: .object((mark.data.object ?? []) + facts)))
        }
        changes.sequences = feed.takeChangedSequences()
        do { try store.commit(changes) } catch {
            feed = former
            throw error
        }
        return (.done(changes.marks, silence), changes.feed)
    }
}
