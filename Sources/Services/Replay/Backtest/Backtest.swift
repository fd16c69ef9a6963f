import Alerting
import Journal
import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// What rules would have said of a recorded history, and of drops planted in it.
package struct Backtest {
    package let history: History
    /// The set to replay under; nil for those the message files name.
    private let configured: DefinitionSet?
    private let furtherRules: [RuleDefinition]
    private let seed: UInt64

    /// Called with every line that ingest refuses: its number and why.
    package var onRejection: (Int, Rejection) -> Void = { _, _ in }
    /// Called now and then with the events read so far and the run, from 1.
    package var onProgress: (Int, Int) -> Void = { _, _ in }

    /// - Parameters:
    ///   - set: the configured set; nil to follow the sets of message files.
    ///   - rules: to be tried beside those of the set.
    ///   - seed: of planted drops.
    /// - Throws: ``MessageError`` when the rules do not go with the sets.
    package init(
        history: History, set: DefinitionSet?, rules: [RuleDefinition] = [], seed: UInt64 = 1
    ) throws(MessageError) {
        self.history = history
        configured = set
        furtherRules = rules
        self.seed = seed
        if case .messageFiles(let files) = history {
            if let set { try ScaleAgreement.check(set, against: files.newest) }
            _ = try (set ?? files.newest).adding(rules)
        } else {
            guard let set else { preconditionFailure("lines name no set") }
            _ = try set.adding(rules)
        }
    }

    /// The set at the end of the history, with every rule.
    package var set: DefinitionSet {
        get throws(MessageError) { try full(configured ?? newest) }
    }

    private var newest: DefinitionSet {
        guard case .messageFiles(let files) = history else { preconditionFailure("lines have a configured set") }
        return files.newest
    }

    private func full(_ set: DefinitionSet) throws(MessageError) -> DefinitionSet {
        // Earlier sets may lack the metric of a rule made for the newest.
        try set.adding(furtherRules.filter { rule in set.metrics.contains { $0.name == rule.metric } })
    }

    // MARK: Drops

    /// Gives every request its moments and chances, by a look through the history.
    /// - Returns: the drops that all share, and for each request with `times` above 1 one drop a replay.
    package func plan(_ requests: [DropRequest]) throws -> (shared: [PlantedDrop], repeated: [PlantedDrop]) {
        guard !requests.isEmpty else { return ([], []) }
        let set = try set
        var wanted: [(segment: Segment, harms: AnswerHarms)] = []
        var metrics: [String] = []
        for request in requests {
            let metric = request.metric ?? set.rules.first?.metric ?? set.metrics.first?.name ?? ""
            metrics.append(metric)
            wanted.append((request.segment, try AnswerHarms(metric: metric, in: set)))
        }
        let survey = try HistorySurvey(history, wanted)
        var shared: [PlantedDrop] = []
        var repeated: [PlantedDrop] = []
        for (place, request) in requests.enumerated() {
            var moments = SplitMix(state: seed &+ UInt64(place) &* 0x9E37_79B9_7F4A_7C15)
            for _ in 0..<request.times {
                let begin: Int64
                if case .at(let moment) = request.begin {
                    begin = moment
                } else {
                    begin = Self.moment(survey, &moments)
                }
                let drop = try PlantedDrop(
                    request, place: place, metric: metrics[place], harms: wanted[place].harms, from: begin,
                    survey: survey, seed: moments.next())
                if request.times > 1 { repeated.append(drop) } else { shared.append(drop) }
            }
        }
        return (shared, repeated)
    }

    /// A full hour after the first quarter of the history, by when rules have learned, and before its last fifth, so that
    /// there is time to find what begins then.
    private static func moment(_ survey: HistorySurvey, _ generator: inout SplitMix) -> Int64 {
        let length = Double(survey.span.upperBound - survey.span.lowerBound)
        let moment = survey.span.lowerBound + Int64((0.25 + 0.55 * generator.unit()) * length)
        return moment.flooredQuotient(3_600_000) * 3_600_000
    }

    // MARK: Runs

    /// Replays the history once.
    /// - Parameters:
    ///   - run: number of this replay, for progress.
    ///   - onAlert: takes every revision of every alert, in order.
    ///   - finally: sees the replay at its end, for scores.
    package func run(
        planting drops: [PlantedDrop], run: Int = 1, onAlert: @escaping (AlertRecord) throws -> Void = { _ in },
        finally: (borrowing Replay) throws -> Void = { _ in }
    ) throws -> BacktestOutcome {
        let stories = AlertStories()
        var replay = try Replay.open(set: try full(configured ?? newest)) { alert in
            stories.take(alert)
            try onAlert(alert)
        }
        var outcome = BacktestOutcome(drops: drops, set: replay.set)
        var planter = Planter(drops)
        try feed(&replay, &planter, &outcome, run)
        try replay.finish()
        outcome.set = replay.set
        outcome.stories = stories.all
        outcome.standings = replay.standings
        outcome.answered = planter.answered
        outcome.changed = planter.changed
        try outcome.takeLines(replay)
        try finally(replay)
        return outcome
    }

    /// Events between two words of progress.
    private static let eventsPerProgress = 4096

    private func feed(
        _ replay: inout Replay, _ planter: inout Planter, _ outcome: inout BacktestOutcome, _ run: Int
    ) throws {
        switch history {
        case .lines(let source):
            try source { number, line in
                take(try replay.take(bytes: planter.planted(line)), number, &outcome, run)
            }
        case .messageFiles(let files):
            var full: [String: DefinitionSet] = [:]
            try files.forEachBlock { block, set, skipped in
                if configured != nil {
                    guard skipped == nil else { return }
                    for line in block.payload.split(separator: UInt8(ascii: "\n")) {
                        let planted = planter.planted(Array(line))
                        take(try replay.take(bytes: planted), outcome.events + 1, &outcome, run)
                    }
                    return
                }
                if full[set.hash.text] == nil { full[set.hash.text] = try self.full(set) }
                let set = full[set.hash.text]!
                var header = block.header
                let payload = planter.planted(payload: block.payload)
                header.set = set.hash.text
                header.bytes = payload.count
                try replay.take(block: SealedBlock(sealing: header, payload: payload), under: set, skipped: skipped)
                if skipped == nil { outcome.accepted += header.count }
                onProgress(outcome.events, run)
            }
        }
    }

    private func take(_ decision: ReplayDecision, _ number: Int, _ outcome: inout BacktestOutcome, _ run: Int) {
        switch decision {
        case .accepted: outcome.accepted += 1
        case .duplicate: outcome.duplicates += 1
        case .rejected(let rejection):
            outcome.rejected += 1
            outcome.reasons[rejection.reason.rawValue, default: 0] += 1
            onRejection(number, rejection)
        }
        if outcome.events.isMultiple(of: Self.eventsPerProgress) { onProgress(outcome.events, run) }
    }
}

extension Replay {
    /// Takes one line of input.
    mutating func take(bytes: [UInt8]) throws -> ReplayDecision {
        try bytes.withUnsafeBytes { try take(line: $0) }
    }
}

/// Whether plain answers recorded under one set mean the same under another: 4 of 5 is not 4 of 10.
enum ScaleAgreement {
    static func check(_ set: DefinitionSet, against recorded: DefinitionSet) throws(MessageError) {
        for definition in set.metrics {
            guard let former = recorded.metrics.first(where: { $0.name == definition.name }),
                let scale = try definition.metric().contract.rating?.scale,
                let formerScale = try former.metric().contract.rating?.scale, scale != formerScale
            else { continue }
            throw MessageError(
                "answers of \(definition.name) were given on \(formerScale) in these message files, but the configuration says "
                    + "\(scale): configure \(formerScale), or leave the configuration out to use the files' own")
        }
    }
}
