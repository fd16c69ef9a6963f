/// Something that is known to happen: a holiday, a release, any other entry of a calendar.
public struct CalendarNote: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// People answer differently: what arrives for these days is no evidence of a dip, and not what is usual.
        case holiday
        /// Something changed on purpose: dips that begin near it say so.
        case release
        /// Worth naming beside a dip that overlaps it.
        case note
    }

    public let name: String
    public let kind: Kind
    /// First moment and first moment after the end, ms since 1970; the end is after the start.
    public let start: Int64
    public let end: Int64

    public init(name: String, kind: Kind, start: Int64, end: Int64) {
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
    }
}
