/// How long the windows of a score are.
public enum WindowLength: Hashable, Sendable, LosslessStringConvertible {
    /// 15 minutes: one ``Bucket``.
    case quarterHour
    case hour
    /// A civil day of the zone, as are the days of all that follow.
    case day
    /// Monday to Sunday (ISO 8601).
    case week
    case month
    case quarter
    case year
    /// One window over all time.
    case all
    /// The last N civil days, ``rollingDays``: such a window ends with the end of a civil day, and one ends with every
    /// civil day.
    case rolling(days: Int32)

    /// How many civil days a rolling window may cover; the calendar takes the nearest for numbers outside. One day is
    /// ``day``, and ten years are enough.
    public static let rollingDays: ClosedRange<Int32> = 2...3660

    /// The lengths with a name of their own, shortest first.
    public static let fixed: [WindowLength] = [.quarterHour, .hour, .day, .week, .month, .quarter, .year, .all]

    /// What ``init(_:)`` understands, for error messages: "15m, 1h, …".
    public static let known =
        fixed.map(\.description).joined(separator: ", ")
        + ", or the last N days as Nd with N in \(rollingDays.lowerBound)...\(rollingDays.upperBound), such as 7d, 28d, 90d"

    /// - Parameter text: as ``description`` writes it; "007d" and "+7d" are not.
    public init?(_ text: String) {
        if let length = WindowLength.fixed.first(where: { $0.description == text }) {
            self = length
            return
        }
        // Int32 accepts signs and leading zeros; one length has one text.
        guard text.utf8.last == UInt8(ascii: "d"), let days = Int32(text.dropLast()), "\(days)d" == text,
            WindowLength.rollingDays.contains(days)
        else { return nil }
        self = .rolling(days: days)
    }

    public var description: String {
        switch self {
        case .quarterHour: "15m"
        case .hour: "1h"
        case .day: "1d"
        case .week: "1w"
        case .month: "1mo"
        case .quarter: "1q"
        case .year: "1y"
        case .all: "all"
        case .rolling(let days): "\(days)d"
        }
    }

    /// Whether windows of this length overlap one another.
    public var isRolling: Bool {
        if case .rolling = self { true } else { false }
    }
}
