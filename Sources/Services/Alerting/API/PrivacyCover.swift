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

    private var withheld: Set<Key> = []

    /// Nothing is withheld.
    static let open = PrivacyCover()

    private init() {}

    /// Decides cells together: those asked for and those one could subtract from them.
    init(_ cells: [Suppression.Cell], minimumAnswers: Int64) {
        let decisions = Suppression(minimumAnswers: minimumAnswers).decide(cells)
        for (cell, decision) in zip(cells, decisions) where decision != .published {
            withheld.insert(Key(segment: cell.segment, window: cell.window))
        }
    }

    func withholds(_ segment: Segment, _ window: Range<Int64>) -> Bool {
        !withheld.isEmpty && withheld.contains(Key(segment: segment, window: window))
    }
}

/// What of an alert may be shown where segments of few answers must not be.
enum AlertPrivacy {
    /// The alert without the days of its trend that have too few answers.
    static func covered(_ alert: JSONTree, minimumAnswers: Int64) -> JSONTree {
        guard minimumAnswers > 1, let members = alert.object else { return alert }
        return .object(
            members.map { name, value in
                guard name == "trend", let points = value.array else { return (name, value) }
                return (name, .array(points.map { point(of: $0, minimumAnswers) }))
            })
    }

    /// A day of the trend is `[start, score, responses]`.
    private static func point(of point: JSONTree, _ minimumAnswers: Int64) -> JSONTree {
        guard let start = point[0], let responses = point[2]?.int64, responses > 0, responses < minimumAnswers else {
            return point
        }
        return [start, nil, nil]
    }
}
