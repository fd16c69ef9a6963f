import JSON
import Messages
import Satisfaction

/// A theme that dissatisfied comments name more often since a dip began than before it.
package struct RisenTheme: Sendable, Equatable {
    package let theme: String
    /// Dissatisfied comments since the onset that name it, in per cent of those there are.
    package let share: Double
    /// The same over the 28 days before the onset.
    package let usual: Double
    /// Dissatisfied comments since the onset that name it.
    package let comments: Int64

    package init(theme: String, share: Double, usual: Double, comments: Int64) {
        self.theme = theme
        self.share = share
        self.usual = usual
        self.comments = comments
    }

    /// Share divided by the usual one; nil where it was never named before.
    package var times: Double? { usual > 0 ? share / usual : nil }

    var tree: JSONTree {
        .object([
            ("theme", .string(theme)), ("share", .number(share)), ("usual", .number(usual)),
            ("times", times.map { .number($0) } ?? .null), ("comments", .integer(comments)),
        ])
    }

    init(tree: JSONTree) throws(MessageError) {
        let reader = TreeReader(tree, place: "alert/themes")
        theme = try reader.string("theme")
        share = try reader.number("share")
        usual = try reader.number("usual")
        comments = try reader.integer("comments")
    }

    /// "name 'delivery' three times as often"
    var words: String {
        guard let times else { return "\(SpokenText.quoted(theme)), which none did before" }
        return "\(SpokenText.quoted(theme)) \(NumberWords.times(times))"
    }
}

/// The themes that rose, and where they were counted.
struct RisenThemes {
    let segment: Segment
    let themes: [RisenTheme]
}
