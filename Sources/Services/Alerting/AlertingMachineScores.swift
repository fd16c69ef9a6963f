import JSON
import Messages
import PluginKit
import Satisfaction

extension AlertingMachine {
    /// Score messages of the civil days that have new answers, for the topics somebody reads, and the final scores of days
    /// that are complete by now.
    ///
    /// - Parameters:
    ///   - isWanted: whether a topic has a subscriber.
    ///   - isDue: whether a series' score may be published again; the rest waits.
    package mutating func scoreMessages(isWanted: (String) -> Bool, isDue: (Int32) -> Bool) -> [FeedMessage] {
        guard !board.isEmpty, let zone = plan?.zone else { return [] }
        let delay = plan?.set.completenessDelayMilliseconds ?? 0
        let clock = statistics.clock
        var messages: [FeedMessage] = []
        var covers = DayCovers(minimumAnswers: minimumAnswers)
        for entry in board.takeComplete({ zone.start(ofDay: $0 + 1) + delay <= clock }) {
            if let message = scoreMessage(entry, &covers) { messages.append(message) }
        }
        for entry in board.takeChanged() {
            let line = series.all[Int(entry.series)]
            guard isWanted(Feed.topic(.score, metric: line.metric, segment: line.segment)) else { continue }
            guard isDue(entry.series) else {
                board.putBack(entry)
                continue
            }
            if zone.start(ofDay: entry.day + 1) + delay > clock { board.await(entry) }
            if let message = scoreMessage(entry, &covers) { messages.append(message) }
        }
        return messages
    }

    private mutating func scoreMessage(_ entry: ScoreBoard.Entry, _ covers: inout DayCovers) -> FeedMessage? {
        let line = series.all[Int(entry.series)]
        guard let (key, data) = score(of: line, day: entry.day, &covers),
            board.mayPublish(entry, responses: data["responses"]?.int64 ?? 0, minimumAnswers: minimumAnswers)
        else { return nil }
        let message = scoreFeed.message(
            .score, metric: line.metric, segment: line.segment, key: key, at: statistics.clock, data: data)
        board.note(
            message, of: entry, responses: data["responses"]?.int64 ?? 0, minimumAnswers: minimumAnswers)
        return message
    }

    /// The score of a line's civil day, and the id its message gets: the same content has the same id.
    private mutating func score(
        of line: Series, day: Int32, _ covers: inout DayCovers
    ) -> (key: String, data: JSONTree)? {
        guard let plan, let metric = plan.metric(of: line) else { return nil }
        let window = plan.zone.start(ofDay: day)..<plan.zone.start(ofDay: day + 1)
        guard !covers.cover(line, window, { cells(like: line, metric, window) }).withholds(line.segment, window) else {
            return nil
        }
        let tally = lines.tally(of: line, in: window)
        let isProvisional = window.upperBound + plan.set.completenessDelayMilliseconds > statistics.clock
        let data = ScoreData.tree(of: line, metric: metric, tally: tally, step: "1d", provisional: isProvisional)
        return data.map { ("\(line.metric).\(line.segment).\(window.lowerBound).\(Digest(of: $0.text))", $0) }
    }

    /// All segments of a line's metric in one window.
    private mutating func cells(like line: Series, _ metric: any Metric, _ window: Range<Int64>) -> [Suppression.Cell] {
        series.all.filter { $0.contract == line.contract && $0.metric == line.metric }.map {
            Suppression.Cell(
                segment: $0.segment, window: window,
                answers: metric.score(lines.tally(of: $0, in: window).tally)?.responses ?? 0)
        }
    }

    /// The latest score of the lines whose topics begin with `prefix`, for a consumer that asks for a snapshot. Live
    /// subscribers notice nothing: the messages carry the sequence their topic has, and use up none.
    package mutating func scoreSnapshot(prefix: String, limit: Int) -> [FeedMessage] {
        guard let zone = plan?.zone else { return [] }
        let today = zone.day(of: statistics.clock)
        var messages: [FeedMessage] = []
        var covers = DayCovers(minimumAnswers: minimumAnswers)
        for line in series.all
        where messages.count < limit
            && Feed.topic(.score, metric: line.metric, segment: line.segment).hasPrefix(prefix)
        {
            if minimumAnswers > 1 {
                // No more than the subscribers were told.
                let entry = ScoreBoard.Entry(series: line.id, day: today)
                if let told = board.lastMessage(of: entry) { messages.append(told) }
                continue
            }
            guard let (key, data) = score(of: line, day: today, &covers) else { continue }
            messages.append(
                scoreFeed.snapshot(
                    .score, metric: line.metric, segment: line.segment, key: key, at: statistics.clock, data: data))
        }
        return messages
    }
}

/// What is withheld of each day of a metric, decided once a turn.
private struct DayCovers {
    private struct Key: Hashable {
        let contract: String
        let start: Int64
    }

    /// Segments of a day decided for the feed.
    private static let cellsMax = 500

    private let minimumAnswers: Int64
    private var covers: [Key: PrivacyCover] = [:]

    init(minimumAnswers: Int64) { self.minimumAnswers = minimumAnswers }

    mutating func cover(
        _ line: Series, _ window: Range<Int64>, _ cells: () -> [Suppression.Cell]
    ) -> PrivacyCover {
        guard minimumAnswers > 1 else { return .open }
        let key = Key(contract: line.contract, start: window.lowerBound)
        if let known = covers[key] { return known }
        let all = cells()
        // Beyond the bound nothing of the day is shown: deciding would hold up everything else.
        let cover = PrivacyCover(all.count > Self.cellsMax ? [] : all, minimumAnswers: minimumAnswers)
        covers[key] = cover
        return cover
    }
}

extension ActiveSet {
    /// The metric of a line; nil for lines of contracts that are no longer in force.
    fileprivate func metric(of line: Series) -> (any Metric)? {
        metrics.first { $0.metric.contract.hash.text == line.contract && $0.name == line.metric }?.metric
    }
}
