/// How many false alarms somebody is willing to hear, as a sentence: "1 per segment per 2000 days", "1 per month".
public struct FalseAlarmBudget: Hashable, Sendable {
    public enum Scope: String, Hashable, Sendable {
        /// Each watched segment has the budget for itself.
        case segment
        /// All watched segments of a rule share it.
        case all
    }

    public let scope: Scope
    /// Days between two false alarms, on average, 1 ... 1,000,000.
    public let days: Double

    public static let daysRange = 1.0...1_000_000.0
    public static let perSegmentDefault = FalseAlarmBudget(scope: .segment, days: 2_000)

    public init(scope: Scope, days: Double) {
        self.scope = scope
        self.days = days
    }

    /// Reads `N per [segment per] [M] day|week|month|year[s]`; a month has 30.4375 days, a year 365.25.
    /// - Returns: nil for anything else, and for budgets outside ``daysRange``.
    public init?(_ sentence: String) {
        var words = sentence.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)[...]
        guard let count = words.popFirst().flatMap(Double.init), count > 0, words.popFirst() == "per" else {
            return nil
        }
        var scope = Scope.all
        if words.first == "segment" {
            words.removeFirst()
            guard words.popFirst() == "per" else { return nil }
            scope = .segment
        }
        var units = 1.0
        if let number = words.first.flatMap(Double.init) {
            units = number
            words.removeFirst()
        }
        guard words.count == 1, let unit = Self.daysOfUnit(words[words.startIndex]) else { return nil }
        let days = units * unit / count
        guard days.isFinite, Self.daysRange.contains(days) else { return nil }
        self.init(scope: scope, days: days)
    }

    private static func daysOfUnit(_ word: String) -> Double? {
        switch word {
        case "day", "days": 1
        case "week", "weeks": 7
        case "month", "months": 30.4375
        case "quarter", "quarters": 91.3125
        case "year", "years": 365.25
        default: nil
        }
    }

    /// What a sentence must look like, for error messages.
    public static let forms =
        #""1 per segment per 2000 days", "1 per segment per 6 months" or "1 per month" (over all watched series)"#

    /// Days of one segment between two false alarms, where `watched` segments share what is to be shared.
    public func patienceDays(watched: Int) -> Double {
        switch scope {
        case .segment: days
        case .all: days * Double(max(1, watched))
        }
    }
}

extension FalseAlarmBudget: CustomStringConvertible {
    /// The sentence, with days as the unit.
    public var description: String {
        let number = days == days.rounded() ? "\(Int(days))" : "\(days)"
        return scope == .segment ? "1 per segment per \(number) days" : "1 per \(number) days"
    }
}
