/// Two groups side by side, component by component: how far apart their means are, and whether chance alone would do.
///
/// The groups share no answer. That is for the caller to see to, with ``GroupsOverlap/check(_:_:)``: answers that stood
/// in both would be counted twice, and the interval would be that of another question.
public struct Profile: Hashable, Sendable {
    /// One group's answers to one component.
    public struct Group: Hashable, Sendable {
        public let mean: Double
        /// Standard deviation of a single answer, with Bessel's correction (divided by n - 1).
        public let deviation: Double
        public let answers: Int64
        /// Percent of the answers on each step of the scale, lowest step first; nil where they are not known.
        public let shares: [Double]?

        public init(mean: Double, deviation: Double, answers: Int64, shares: [Double]? = nil) {
            self.mean = mean
            self.deviation = deviation
            self.answers = answers
            self.shares = shares
        }

        fileprivate var hasMean: Bool { answers > 0 && mean.isFinite }
    }

    public struct Component: Hashable, Sendable {
        public let name: String
        /// What the answers could have been; a difference is given in percent of its highest answer.
        public let scale: Scale
        public let first: Group
        public let second: Group

        public init(name: String, scale: Scale, first: Group, second: Group) {
            self.name = name
            self.scale = scale
            self.first = first
            self.second = second
        }
    }

    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// The interval of the difference lies on one side of 0.
        case differs
        /// The interval holds 0: chance alone may have done it.
        case mayBeEqual
        /// A group has fewer than two answers, or a deviation that is no number: there is no interval.
        case tooFewAnswers
        /// Neither group's answers differ among themselves, so that nothing says how much chance would do.
        case noSpread
    }

    public struct Line: Hashable, Sendable {
        public let component: Component
        /// Mean of the second group less that of the first, in steps of the scale; nil where one has no answers.
        public let difference: Double?
        /// The difference in percent of the scale's highest answer: half a point on a five-point scale is 10 %. Nil
        /// where that answer is not above 0.
        public let percent: Double?
        /// 95 % interval of the difference; nil where ``verdict`` says why there is none.
        public let interval: Interval?
        public let verdict: Verdict
        /// Second less first, percentage points by step; nil unless both give a share for every step of the scale.
        public let shareDifferences: [Double]?
    }

    /// In the order of the components given.
    public let lines: [Line]

    public init(_ components: [Component]) { lines = components.map(Self.line) }

    private static func line(_ component: Component) -> Line {
        let hasBoth = component.first.hasMean && component.second.hasMean
        let difference = hasBoth ? component.second.mean - component.first.mean : nil
        let highest = Double(component.scale.highest)
        let (interval, verdict) = welch(component.first, component.second, difference)
        return Line(
            component: component, difference: difference,
            percent: highest > 0 ? difference.map { 100 * $0 / highest } : nil, interval: interval, verdict: verdict,
            shareDifferences: shareDifferences(component))
    }

    /// B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
    /// involved", Biometrika 34 (1947): the groups need not spread alike.
    private static func welch(_ first: Group, _ second: Group, _ difference: Double?) -> (Interval?, Verdict) {
        guard let difference, first.answers > 1, second.answers > 1, first.deviation.isFinite,
            second.deviation.isFinite
        else { return (nil, .tooFewAnswers) }
        let firstFreedom = Double(first.answers) - 1
        let secondFreedom = Double(second.answers) - 1
        let largest = max(first.deviation.magnitude, second.deviation.magnitude)
        guard largest > 0 else { return (nil, .noSpread) }
        // Variance of each mean, in units of the larger deviation, so that no square leaves the range of numbers.
        let u = first.deviation / largest * (first.deviation / largest) / Double(first.answers)
        let w = second.deviation / largest * (second.deviation / largest) / Double(second.answers)
        let degrees = (u + w) * (u + w) / (u * u / firstFreedom + w * w / secondFreedom)
        let half = StudentT.quantile(0.975, degrees: max(1, degrees)) * largest * (u + w).squareRoot()
        let interval = Interval(low: difference - half, high: difference + half)
        return (interval, interval.low > 0 || interval.high < 0 ? .differs : .mayBeEqual)
    }

    private static func shareDifferences(_ component: Component) -> [Double]? {
        guard let first = component.first.shares, let second = component.second.shares,
            first.count == component.scale.steps, second.count == component.scale.steps
        else { return nil }
        return zip(first, second).map { $1 - $0 }
    }
}
