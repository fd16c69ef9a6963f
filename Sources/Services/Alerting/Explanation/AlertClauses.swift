import Satisfaction

/// What a sentence says of an open alert after its main clause: where, of what, with whom, and beside what.
struct AlertClauses {
    private let sentence: AlertSentence
    private var alert: AlertRecord { sentence.alert }
    private var metric: MetricWording { sentence.metric }

    /// Causes, themes, members and calendar notes that are named; further ones stand in the alert alone.
    static let causesMax = 3
    static let themesMax = 3
    static let membersMax = 2
    static let notesMax = 2
    /// Parts of a change that are worth a word.
    private static let shareMin = 0.15
    private static let mixShareMin = 0.1

    init(_ sentence: AlertSentence) { self.sentence = sentence }

    var all: [String] {
        var clauses: [String] = []
        if alert.kind != .volume { clauses += [causes, mix, simpson].compactMap { $0 } }
        clauses += [members, calendar].compactMap { $0 }
        return clauses
    }

    // MARK: Where, and of what

    private var named: [Cause] {
        let others = alert.causes.filter { $0.segment != alert.segment && $0.share >= Self.shareMin }
        return Array(others.prefix(Self.causesMax))
    }

    private var causes: String? {
        guard let first = named.first else { return themes(where: alert.segment.parts.isEmpty ? "" : " there") }
        if alert.kind == .mix {
            return "\(NumberWords.share(first.share)) because other numbers of answers come from "
                + NumberWords.list(named.map { $0.segment.words(beyond: alert.segment) })
        }
        let isWider = first.segment.contains(alert.segment)
        let places = named.map { cause in
            cause.segment.contains(alert.segment)
                ? "it is part of a \(sentence.direction.noun) in \(cause.segment.words)"
                : "\(NumberWords.share(cause.share)) in \(cause.segment.words(beyond: alert.segment))"
        }
        // With several places, "where" would point at the last.
        let place = NumberWords.list(places)
        guard let themes = themes(where: "") else { return place }
        let isPlain = named.count == 1 && !isWider && sentence.themesSegment == first.segment
        if isPlain { return "\(place), where \(themes)" }
        let at = sentence.themesSegment == alert.segment ? "" : " in \(sentence.themesSegment.words)"
        return "\(place); \(self.themes(where: at) ?? themes)"
    }

    private func themes(where place: String) -> String? {
        guard alert.kind == .dip, !alert.themes.isEmpty else { return nil }
        let words = alert.themes.prefix(Self.themesMax).map(\.words)
        return "dissatisfied answers\(place) name \(NumberWords.list(words))"
    }

    /// The part of a dip that comes of other proportions of answers.
    private var mix: String? {
        guard alert.kind == .dip, !alert.isSimpson else { return nil }
        let change = alert.split.total
        guard change != 0, alert.split.mix / change >= Self.mixShareMin,
            let amount = metric.difference(alert.split.mix)
        else { return nil }
        return
            "\(amount) of it because more answers come from segments that usually score \(sentence.direction.worse)"
    }

    private var simpson: String? {
        guard alert.isSimpson else { return nil }
        let verb = sentence.direction.past
        return alert.kind == .mix
            ? "no single segment \(verb)"
            : "although no single segment \(verb): more answers come from segments that usually score "
                + sentence.direction.worse
    }

    // MARK: With whom, and beside what

    private var members: String? {
        let others = alert.members.filter { member in
            member != alert.segment && !named.contains { $0.segment == member }
        }
        guard !others.isEmpty else { return nil }
        let verb = alert.kind == .dip ? sentence.direction.past : "changed"
        guard others.count > Self.membersMax else {
            return "\(NumberWords.list(others.map { $0.words(beyond: alert.segment) })) \(verb) with it"
        }
        return "\(others.count) further segments \(verb) with it"
    }

    private var calendar: String? {
        let notes = alert.calendar.prefix(Self.notesMax).map { note in note.words(at: alert.onset.start) }
        return notes.isEmpty ? nil : "it began \(NumberWords.list(Array(notes)))"
    }
}
