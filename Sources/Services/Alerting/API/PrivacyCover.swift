import JSON
import PluginKit
import Satisfaction

/// Which cells of a report must not be shown.
///
/// Only that they are withheld is said, not whether they have too few answers themselves or would give away another:
/// who knew could narrow them down.
struct PrivacyCover {
    private struct Key: Hashable {
        let segment: Segment
        let window: Range<Int64>
    }

    /// Nil where nothing is withheld; else what may be shown, so that what was not decided is not.
    private var published: Set<Key>?

    /// Nothing is withheld.
    static let open = PrivacyCover()

    private init() {}

    /// Decides cells together: those asked for and those one could subtract from them.
    init(_ cells: [Suppression.Cell], minimumAnswers: Int64) {
        let decisions = Suppression(minimumAnswers: minimumAnswers).decide(cells)
        var shown: Set<Key> = []
        for (cell, decision) in zip(cells, decisions) where decision == .published {
            shown.insert(Key(segment: cell.segment, window: cell.window))
        }
        published = shown
    }

    func withholds(_ segment: Segment, _ window: Range<Int64>) -> Bool {
        published.map { !$0.contains(Key(segment: segment, window: window)) } ?? false
    }
}

/// What of an alert may be shown where segments of few answers must not be.
enum AlertPrivacy {
    /// The alert without levels, themes and days of its trend that have too few answers; where a level or theme is
    /// withheld, the sentence tells of neither.
    static func covered(_ alert: JSONTree, minimumAnswers: Int64) -> JSONTree {
        guard minimumAnswers > 1, let members = alert.object else { return alert }
        func isFew(_ count: JSONTree?) -> Bool { count?.int64.map { $0 < minimumAnswers } ?? true }
        let isSmall = ["baseline", "current"].contains { isFew(alert[$0]?["responses"]) }
        let isWithheld = isSmall || (alert["themes"]?.array ?? []).contains { isFew($0["comments"]) }
        return .object(
            members.map { name, value in
                switch name {
                // Sentences may tell the numbers that are withheld beside them.
                case "remarks" where isSmall: (name, [])
                // With a baseline beside it, a difference tells the level that is withheld.
                case "drop" where isSmall: (name, .null)
                case "split" where isSmall:
                    (name, .object((value.object ?? []).map { ($0.0, .null) }))
                case "trend": (name, .array((value.array ?? []).map { point(of: $0, minimumAnswers) }))
                case "baseline", "current": (name, level(of: value, minimumAnswers))
                case "themes": (name, .array((value.array ?? []).filter { !isFew($0["comments"]) }))
                case "sentence" where isWithheld: (name, .string(WithheldSentence.text(alert)))
                default: (name, value)
                }
            })
    }

    /// `{score, interval, responses}` of the baseline or of the present.
    private static func level(of level: JSONTree, _ minimumAnswers: Int64) -> JSONTree {
        guard let responses = level["responses"]?.int64, responses < minimumAnswers else { return level }
        return .object((level.object ?? []).map { ($0.0, .null) })
    }

    /// A day of the trend is `[start, score, responses]`.
    private static func point(of point: JSONTree, _ minimumAnswers: Int64) -> JSONTree {
        guard let start = point[0], let responses = point[2]?.int64, responses > 0, responses < minimumAnswers else {
            return point
        }
        return [start, nil, nil]
    }
}
