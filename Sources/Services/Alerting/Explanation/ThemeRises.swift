import MetricPlugins
import Satisfaction

/// Which themes dissatisfied comments name more often than before.
///
/// The share of dissatisfied comments that name a theme is compared between two spans of time by Fisher's exact test, one
/// side, and the tests of all themes are held together by Holm's procedure (S. Holm, Scandinavian Journal of Statistics 6,
/// 1979): where no theme has risen, one is named in at most ``errorRate`` of comparisons. A dip is compared anew at each
/// revision, so over its life the rate may be a few times that.
enum ThemeRises {
    static let errorRate = 0.01
    /// Dissatisfied comments naming a theme below which nothing is said of it.
    static let commentsMin: Int64 = 5
    static let themesMax = 5
    /// Days before the onset that are the usual.
    static let usualDays: Int64 = 28

    /// - Parameters:
    ///   - since: sums of `metric` from the onset on.
    ///   - before: the same over the usual days.
    /// - Returns: the largest rise in points first.
    static func find(_ metric: ThemeCounts, since: Tally, before: Tally) -> [RisenTheme] {
        let comments = metric.dissatisfiedComments(since)
        let earlier = metric.dissatisfiedComments(before)
        // Erasures can leave a span with less than it had.
        guard comments > 0, earlier > 0 else { return [] }
        let usual = metric.counts(before)
        let candidates = metric.counts(since).indices.map { place in
            Candidate(
                theme: usual[place].theme,
                rise: RiseOfShare(
                    part: metric.counts(since)[place].dissatisfied, of: comments,
                    before: usual[place].dissatisfied, of: earlier))
        }
        return significant(candidates.filter { $0.rise.part >= commentsMin })
            .sorted { ($0.share - $0.usual, $1.theme) > ($1.share - $1.usual, $0.theme) }
            .prefix(themesMax).map { $0 }
    }

    private struct Candidate {
        let theme: String
        let rise: RiseOfShare
    }

    /// Holm: the smallest of m probabilities must lie below rate/m, the next below rate/(m − 1), until one does not.
    private static func significant(_ candidates: [Candidate]) -> [RisenTheme] {
        let ordered = candidates.map { ($0, $0.rise.probability) }.sorted { $0.1 < $1.1 }
        var found: [RisenTheme] = []
        for (place, (candidate, probability)) in ordered.enumerated() {
            guard probability <= errorRate / Double(ordered.count - place) else { break }
            let rise = candidate.rise
            found.append(
                RisenTheme(
                    theme: candidate.theme, share: 100 * Double(rise.part) / Double(rise.whole),
                    usual: 100 * Double(rise.partBefore) / Double(rise.wholeBefore), comments: rise.part))
        }
        return found
    }
}
