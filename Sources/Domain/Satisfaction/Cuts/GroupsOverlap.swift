/// Why two segments cannot be compared as two groups: some answers may stand in both.
public enum GroupsOverlap: Error, Hashable, Sendable, CustomStringConvertible {
    case same(Segment)
    /// Every answer of `inner` is also one of `outer`.
    case contained(inner: Segment, outer: Segment)
    /// They speak of different dimensions, so that one answer may be in both.
    case unrelated(Segment, Segment)

    /// Accepts two segments that share no answer: they name different values of one dimension, of which an answer has
    /// at most one.
    public static func check(_ first: Segment, _ second: Segment) throws(GroupsOverlap) {
        let isDisjoint = first.parts.contains { part in
            second[part.dimension].map { $0 != part.value } ?? false
        }
        if isDisjoint { return }
        switch (first.contains(second), second.contains(first)) {
        case (true, true): throw .same(first)
        case (true, false): throw .contained(inner: second, outer: first)
        case (false, true): throw .contained(inner: first, outer: second)
        case (false, false): throw .unrelated(first, second)
        }
    }

    /// One sentence that says what to ask for instead.
    public var description: String {
        switch self {
        case .same(let segment):
            "\(segment) was named for both groups; name two values of one dimension, such as region:eu and region:us"
        case .contained(let inner, let outer):
            "all answers of \(inner) are also answers of \(outer); compare \(inner) with another value of "
                + "\(inner.parts.first { outer[$0.dimension] == nil }?.dimension ?? "the dimension") instead"
        case .unrelated(let first, let second):
            "an answer may be in both \(first) and \(second); compare two values of one dimension, adding "
                + "\(first.parts.first?.dimension ?? "the dimension") to both or leaving it out of both"
        }
    }
}
