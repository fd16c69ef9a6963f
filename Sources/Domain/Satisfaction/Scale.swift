/// The whole numbers an answer may take, both ends included, such as 1..5.
public struct Scale: Hashable, Sendable, CustomStringConvertible {
    public let lowest: Int
    public let highest: Int

    /// Most steps a scale may have: every step is one count of every tally.
    public static let stepsMax = 101

    /// - Returns: nil unless `lowest < highest` and the scale has at most ``stepsMax`` steps.
    public init?(lowest: Int, highest: Int) {
        let (span, overflows) = highest.subtractingReportingOverflow(lowest)
        guard lowest < highest, !overflows, span < Scale.stepsMax else { return nil }
        self.lowest = lowest
        self.highest = highest
    }

    /// Reads "1..5" or "1-5".
    public init?(_ text: String) {
        let parts =
            text.contains("..")
            ? text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
            : text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let lowest = Int(parts[0].trimmed), let highest = Int(parts[1].trimmed) else {
            return nil
        }
        self.init(lowest: lowest, highest: highest)
    }

    /// Number of different answers.
    public var steps: Int { highest - lowest + 1 }

    public func contains(_ answer: Int) -> Bool { lowest <= answer && answer <= highest }

    public var description: String { "\(lowest)..\(highest)" }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
