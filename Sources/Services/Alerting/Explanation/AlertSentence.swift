import Satisfaction

/// An alert as the sentence a person would write.
///
/// Made of the alert, its metric and the time zone alone: the same revision always reads the same.
package struct AlertSentence {
    /// Why an alert is taken back.
    package enum Withdrawal: Sendable {
        /// Late, edited or erased answers took the evidence away.
        case answers
        /// Its rule has changed or is gone.
        case rule
    }

    let alert: AlertRecord
    let metric: MetricWording
    let moments: MomentWording
    let themesSegment: Segment
    let withdrawal: Withdrawal

    /// - Parameters:
    ///   - themesSegment: where the alert's themes were counted.
    ///   - withdrawal: why, where the alert is withdrawn.
    package init(
        _ alert: AlertRecord, metric: MetricWording, zone: TimeZoneTable, themesSegment: Segment,
        withdrawal: Withdrawal = .answers
    ) {
        self.alert = alert
        self.metric = metric
        moments = MomentWording(zone: zone, now: alert.changed)
        self.themesSegment = themesSegment
        self.withdrawal = withdrawal
    }

    package var text: String {
        let sentence =
            switch alert.state {
            case .withdrawn: withdrawn
            case .resolved: alert.resolution == .newNormal ? newNormal : recovered
            case .pending, .firing: open
            }
        let remarks = alert.state == .withdrawn && withdrawal == .answers ? [] : alert.remarks
        return ([sentence + "."] + remarks.map(SpokenText.sentence)).filter { !$0.isEmpty }.joined(separator: " ")
    }

    // MARK: States

    private var open: String {
        let main =
            switch alert.kind {
            case .dip: fall
            case .mix: otherCustomers
            case .volume: otherNumbers
            }
        guard alert.state == .firing else { return "\(main); a suspicion, of which nobody was told" }
        return ([main] + AlertClauses(self).all).joined(separator: "; ")
    }

    private var recovered: String {
        let after = "after \(MomentWording.span(alert.changed - alert.onset.start))"
        if alert.kind == .volume {
            return "Answers to \(metric.name)\(place) come in their usual numbers again, \(after)"
        }
        let (usual, now) = metric.scores(alert.baseline.score, alert.current.score)
        return "\(subject) is back at \(now), \(after) (usually \(usual))"
    }

    private var newNormal: String {
        let span = MomentWording.span(alert.changed - alert.onset.start)
        if alert.kind == .volume {
            return
                "The other numbers of answers to \(metric.name)\(place) have lasted \(span) and are taken as the new normal"
        }
        let (usual, now) = metric.scores(alert.baseline.score, alert.current.score)
        return "\(subject) has stayed at \(now) for \(span) and is taken as the new normal; it was \(usual) before"
    }

    private var withdrawn: String {
        let what =
            switch alert.kind {
            case .dip: "The \(direction.noun) of \(metric.name)"
            case .mix: "The change of \(metric.name)"
            case .volume: "The change in the number of answers to \(metric.name)"
            }
        let reason =
            switch withdrawal {
            case .rule: "the rule \(SpokenText.quoted(alert.rule)) has changed or is gone"
            case .answers where !alert.remarks.isEmpty: alert.remarks.map(Self.clause).joined(separator: "; ")
            case .answers: "late, edited or erased answers have taken its evidence away"
            }
        return "\(what)\(place) since \(moments.moment(alert.onset.start)) is taken back: \(reason)"
    }

    private static func clause(_ remark: String) -> String {
        let line = SpokenText.sentence(remark)
        let words = line.hasSuffix(".") ? line.dropLast() : line[...]
        // A remark's first word keeps its capital only where it had one.
        return remark.first.map { String($0) + words.dropFirst() } ?? ""
    }

    // MARK: Kinds

    private var fall: String {
        guard isWorse else {
            let (usual, now) = metric.scores(alert.baseline.score, alert.current.score)
            let score = usual == now ? "stayed at \(now)" : "went from \(usual) to \(now)"
            return
                "Answers to \(metric.name)\(place) have grown worse \(since), although the score \(score)\(onAnswers)"
        }
        let (usual, now) = metric.scores(alert.baseline.score, alert.current.score)
        let verb = alert.state == .pending ? "seems to have \(direction.participle)" : direction.past
        let remark = metric.isLowerBetter ? ", which is worse" : ""
        return "\(subject) \(verb) from \(usual) to \(now) \(since)\(remark)\(onAnswers)"
    }

    private var otherCustomers: String {
        let (usual, now) = metric.scores(alert.baseline.score, alert.current.score)
        return
            "\(subject) went from \(usual) to \(now) \(since) because other customers answer, not because they answer "
            + "differently\(onAnswers)"
    }

    private var otherNumbers: String {
        alert.current.responses == 0
            ? "There are no answers to \(metric.name)\(place) \(since)"
            : "Answers to \(metric.name)\(place) come in other numbers than usual \(since)"
    }

    // MARK: Parts

    /// Whether the score itself moved to the worse side.
    private var isWorse: Bool {
        metric.isLowerBetter
            ? alert.current.score > alert.baseline.score : alert.current.score < alert.baseline.score
    }

    var direction: Direction { metric.isLowerBetter ? .rise : .fall }

    private var subject: String { metric.nameAtStart + place }

    private var place: String { alert.segment.parts.isEmpty ? "" : " in \(alert.segment.words)" }

    /// "since Tuesday 14:00 (probably between Monday 20:00 and Tuesday 18:00)"
    private var since: String {
        let onset = alert.onset.start
        let range = alert.onsetRange.lowerBound.start..<alert.onsetRange.upperBound.end
        guard alert.onsetRange.lowerBound < alert.onsetRange.upperBound else {
            return "since \(moments.moment(onset))"
        }
        return "since \(moments.moment(onset)) (probably \(moments.range(range, near: onset)))"
    }

    private var onAnswers: String {
        guard alert.current.responses < metric.fewAnswers, alert.current.responses > 0 else { return "" }
        return ", on \(alert.current.responses) \(alert.current.responses == 1 ? "answer" : "answers")"
    }

    /// Which way is the worse one.
    struct Direction {
        let noun: String
        let past: String
        let participle: String
        /// Where the bad scores are.
        let worse: String

        static let fall = Direction(noun: "fall", past: "fell", participle: "fallen", worse: "lower")
        static let rise = Direction(noun: "rise", past: "rose", participle: "risen", worse: "higher")
    }
}
